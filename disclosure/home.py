"""What the room puts on the desk: disclosures and filings that are due, and packages that came back."""

from collections.abc import Iterator
from datetime import datetime

from flask import url_for
from flask_babel import gettext
from sqlmodel import Session, col, select

from core.clock import local_date
from core.home.items import BlockedItem, DueItem
from core.identity.actor import Actor
from core.web.filters import named
from disclosure.models import DisclosureKind, Filing
from disclosure.rules.stages import FilingStage
from disclosure.services.filings import stage_of
from disclosure.services.pending import contract_copies_due, disclosures_due
from disclosure.views.labels import DISCLOSURES


def due(session: Session, actor: Actor, now: datetime) -> list[DueItem]:
    """Disclosures for the insurer that owes them, filings for the department, received packages for who takes them."""
    items: list[DueItem] = []
    if actor.is_insurer and (actor.may("disclosure:prepare") or actor.may("disclosure:approve")):
        items += _disclosures(session, actor)
    if actor.may("disclosure:file"):
        items += _copies(session)
    if actor.may("disclosure:receive_filing"):
        items += _received(session)
    return items


def blocked(session: Session, actor: Actor, now: datetime) -> list[BlockedItem]:
    """Disclosures that insurers owe past their day, filings that came back for correction."""
    watching = not actor.is_insurer and (actor.may("disclosure:file") or actor.may("disclosure:receive_filing"))
    late = list(_late(session, actor, now)) if watching else []
    return [*late, *(_returned(session) if actor.may("disclosure:file") else [])]


def _late(session: Session, actor: Actor, now: datetime) -> Iterator[BlockedItem]:
    """The department answers for the contract (J19): what the public waits for stands on its desk."""
    for duty in disclosures_due(session, actor):
        if duty.is_open and duty.last_day is not None and duty.last_day < local_date(now):
            yield BlockedItem(
                gettext("%(kind)s not published", kind=DISCLOSURES[duty.kind]),
                f"{duty.contract.number}　{named(duty.insurer)}",
                gettext("The insurer had until %(day)s; it prepares and publishes.", day=duty.last_day.isoformat()),
                url_for("disclosure.duty", contract_id=duty.contract.id, kind=duty.kind.value),
                gettext("See"),
                duty.clause,
            )


def _returned(session: Session) -> list[BlockedItem]:
    returned = session.exec(select(Filing).where(col(Filing.returned_at).is_not(None)).order_by(col(Filing.id)))
    return [
        BlockedItem(
            gettext("Filing %(number)s came back", number=row.number),
            row.addressee,
            row.return_reason or "",
            url_for("disclosure.filing", filing_id=row.id),
            gettext("Correct"),
            row.clause,
        )
        for row in returned
        if stage_of(session, row) is FilingStage.RETURNED
    ]


def _disclosures(session: Session, actor: Actor) -> Iterator[DueItem]:
    for duty in disclosures_due(session, actor):
        if not duty.is_open:
            continue
        rule = (
            gettext("after the annual contract is signed, within the contract's working days")
            if duty.kind is DisclosureKind.SIGNING
            else gettext("after the annual accounts are settled, within the contract's working days")
        )
        yield DueItem(
            title=gettext("Publish: %(kind)s", kind=DISCLOSURES[duty.kind]),
            context=duty.contract.number,
            url=url_for("disclosure.duty", contract_id=duty.contract.id, kind=duty.kind.value),
            clause=duty.clause,
            rule=rule,
            last_day=duty.last_day,
            provisional=duty.provisional,
            action=gettext("Prepare") if duty.row is None or duty.outdated else gettext("Open"),
        )


def _copies(session: Session) -> Iterator[DueItem]:
    for copy in contract_copies_due(session):
        drafted = copy.filing is not None
        url = (
            url_for("disclosure.filing", filing_id=copy.filing.id)
            if copy.filing is not None
            else url_for("disclosure.new_filing", kind="contract_copy", subject=copy.contract.id)
        )
        yield DueItem(
            title=gettext("File the contract copy with the finance department"),
            context=copy.contract.number,
            url=url,
            clause=copy.clause,
            rule=gettext("within seven working days of signing"),
            last_day=copy.last_day,
            provisional=copy.provisional,
            action=gettext("Open") if drafted else gettext("Prepare"),
        )


def _received(session: Session) -> Iterator[DueItem]:
    sent = select(Filing).where(
        col(Filing.submitted_at).is_not(None), col(Filing.returned_at).is_(None), col(Filing.accepted_at).is_(None)
    )
    for row in session.exec(sent.order_by(col(Filing.submitted_at))):
        yield DueItem(
            title=gettext("Answer filing %(number)s", number=row.number),
            context=row.addressee,
            url=url_for("disclosure.filing", filing_id=row.id),
            clause=row.clause,
            rule=gettext("take it on file or return it for correction"),
            waiting=gettext("no limit in the rule"),
            action=gettext("Open"),
        )
