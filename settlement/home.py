"""What settlement puts on the desk: figures, files and sheets that are due, and contract years that cannot go on."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

from flask import url_for
from flask_babel import gettext, ngettext
from sqlmodel import Session, col, select

from core.calendar import add_working_days
from core.clock import local_date
from core.home.items import BlockedItem, DueItem
from core.identity.actor import Actor
from core.web.filters import named
from settlement.models import MonthlyFigures
from settlement.rules.stages import YearStage
from settlement.services.pools import rest_on_older
from settlement.services.standing import Standing, standings
from settlement.views import labels
from settlement.views.figures import month_name

#: The day of the next month by which a month is reported; a house default, no paper names one (J17 wants monitoring).
MONTH_DAY = 10
#: Months that are reported: twelve of the year and three of run-off.
MONTHS = 15


def due(session: Session, actor: Actor, now: datetime) -> list[DueItem]:
    """What this person has to report, check, draft, confirm, issue or pay."""
    if not actor.may("settlement:view"):
        return []
    found = standings(session, actor)
    reported = _reported_months(session, [one.contract.id for one in found]) if actor.is_insurer else {}
    items: list[DueItem] = []
    for one in found:
        if actor.is_insurer:
            items += _of_insurer(actor, one, reported.get(one.contract.id or 0, set()), now)
        else:
            items += _of_department(actor, one, now)
    return items


def blocked(session: Session, actor: Actor, now: datetime) -> list[BlockedItem]:
    """Contract years that cannot go on: no decision, an open dispute, findings nobody resolved."""
    if not actor.may("settlement:view"):
        return []
    found = standings(session, actor)
    older = rest_on_older(session, [one.sheet.id for one in found if one.sheet is not None and one.sheet.id])
    seen = {one.contract.id for one in found}
    return [item for one in found for item in (*_blocks(actor, one), *_outdated(one, older), *_awaits(one, now, seen))]


def _context(one: Standing) -> str:
    return f"{one.contract.number}　{named(one.insurer)}"


def _sheet_url(one: Standing, anchor: str) -> str:
    return url_for("settlement.sheet", settlement_id=one.sheet.id if one.sheet else 0, _anchor=anchor)


def _of_insurer(actor: Actor, one: Standing, reported: set[int], now: datetime) -> Iterator[DueItem]:
    if actor.may("settlement:report"):
        yield from _months_due(one, reported, now)
        ended = one.contract.covered_until or date(one.contract.year, 12, 31)
        if local_date(now) > ended and one.issued is None:
            yield from _year_due(one)
    unconfirmed = one.figures is not None and one.figures.confirmed_at is None
    if actor.may("settlement:confirm_figures") and unconfirmed and one.figures.reported_by != actor.user_id:  # type: ignore[union-attr]
        figures = url_for("settlement.figures", contract_id=one.contract.id, _anchor="annual")
        yield _item(gettext("Confirm the annual figures"), one, figures, one.contract.cutoff, gettext("Confirm"),
                    rule=gettext("by the cut-off day of the contract"))  # fmt: skip
    sheet = one.sheet
    if sheet is not None and sheet.issued_at is None and sheet.insurer_confirmed_at is None and not one.open_disputes:
        last = add_working_days(local_date(sheet.prepared_at), one.contract.dispute_working_days)
        title = gettext("Confirm the settlement sheet or dispute its rows")
        yield _item(title, one, _sheet_url(one, "issue"), last.date, gettext("Check"), provisional=last.provisional,
                    rule=gettext("contract parameter 16: %(days)s working days from the draft",
                                 days=one.contract.dispute_working_days))  # fmt: skip


def _months_due(one: Standing, reported: set[int], now: datetime) -> Iterator[DueItem]:
    """The oldest month that has ended and is not reported; the others wait behind it."""
    today = local_date(now)
    for month in range(1, MONTHS + 1):
        ended = _first_day(one.contract.year, month + 1)
        if ended > today:
            return
        if month not in reported:
            url = url_for("settlement.report_month", contract_id=one.contract.id, month=month)
            title = gettext("Report the figures of %(month)s", month=month_name(one.contract.year, month))
            yield _item(title, one, url, ended + timedelta(days=MONTH_DAY - 1), gettext("Report"), clause="J17",
                        rule=gettext("by the %(day)sth of the next month; a house default, no paper names a day",
                                     day=MONTH_DAY))  # fmt: skip
            return


def _first_day(year: int, month: int) -> date:
    return date(year + (month - 1) // 12, (month - 1) % 12 + 1, 1)


def _year_due(one: Standing) -> Iterator[DueItem]:
    rule = gettext("by the cut-off day of the contract")
    if one.figures is None:
        url = url_for("settlement.report_year", contract_id=one.contract.id)
        yield _item(gettext("Report the annual figures"), one, url, one.contract.cutoff, gettext("Report"), rule=rule)
    if one.file is None:
        url = url_for("settlement.claims", contract_id=one.contract.id)
        yield _item(gettext("Upload the claim file of the year"), one, url, one.contract.cutoff, gettext("Upload"),
                    rule=rule)  # fmt: skip


def _of_department(actor: Actor, one: Standing, now: datetime) -> Iterator[DueItem]:
    if actor.may("settlement:prepare"):
        yield from _of_handler(one, now)
    waits = one.order is not None and one.order.paid_on is None
    if actor.may("settlement:post") and one.order is not None and waits:
        url = url_for("settlement.transfer", order_id=one.order.id)
        yield _item(gettext("Record the transfer of the settlement"), one, url, one.order.due_on, gettext("Record"),
                    rule=gettext("the day that the issued sheet names"))  # fmt: skip


def _of_handler(one: Standing, now: datetime) -> Iterator[DueItem]:
    """Checks and drafts have no lawful day; they wait for whoever drafts the sheet."""
    file, stage = one.file, one.stage(now)
    if file is not None and file.accepted_at is None:
        url = url_for("settlement.claim_file", claim_file_id=file.id)
        if file.recomputed_at is None:
            yield _waiting(gettext("Recompute the claim file"), one, url, gettext("Recompute"))
        elif not one.open_findings:
            yield _waiting(gettext("Accept the claim file"), one, url, gettext("Accept"))
    if stage is YearStage.READY:
        url = url_for("settlement.year", contract_id=one.contract.id, _anchor="prepare")
        yield _waiting(gettext("Draft the settlement sheet"), one, url, gettext("Draft it"))
    if stage is YearStage.TO_ISSUE:
        yield _waiting(gettext("Ask to issue the settlement sheet"), one, _sheet_url(one, "issue"), gettext("Issue"))
    if stage is YearStage.DISPUTED:
        yield _waiting(gettext("Answer the disputed rows"), one, _sheet_url(one, "disputes"), gettext("Answer"))


def _item(title: str, one: Standing, url: str, last_day: date, action: str, **more: Any) -> DueItem:
    return DueItem(title, _context(one), url, last_day=last_day, action=action, **more)


def _waiting(title: str, one: Standing, url: str, action: str) -> DueItem:
    return DueItem(title, _context(one), url, action=action, waiting=gettext("no fixed day"))


def _blocks(actor: Actor, one: Standing) -> Iterator[BlockedItem]:
    sheet = one.sheet
    if sheet is not None and sheet.issued_at is None and one.needs_decision:
        url = url_for("settlement.year", contract_id=one.contract.id, _anchor="decisions")
        why = gettext("The loss lies beyond the last band; only a decision of the departments settles it.")
        action = gettext("Record the decision") if actor.may("settlement:decide_policy_loss") else gettext("See")
        yield BlockedItem(gettext("Settlement without a decision"), _context(one), why, url, action, "J15")
    if sheet is not None and sheet.issued_at is None and one.open_disputes:
        why = ngettext("%(num)s row is disputed.", "%(num)s rows are disputed.", one.open_disputes)
        yield BlockedItem(gettext("Sheet in dispute"), _context(one), why, _sheet_url(one, "disputes"), gettext("See"))
    if one.open_findings and one.file is not None:
        url = url_for("settlement.findings", claim_file_id=one.file.id)
        why = ngettext(
            "%(num)s reported benefit is not what the rules give.",
            "%(num)s reported benefits are not what the rules give.",
            one.open_findings,
        )
        yield BlockedItem(gettext("Claim file with findings"), _context(one), why, url, gettext("Resolve"), "J6")


def _awaits(one: Standing, now: datetime, seen: set[int | None]) -> Iterator[BlockedItem]:
    """A year that is complete in itself and waits for others, once for each contract year that it waits for."""
    if one.stage(now) is not YearStage.AWAITING:
        return
    title = gettext("Settlement for which something is awaited")
    for number in dict.fromkeys(lack.contract.id for lack, _ in one.awaits):
        of_one = [(lack, insurer) for lack, insurer in one.awaits if lack.contract.id == number]
        why = gettext("; ").join(labels.awaited(lack, insurer) for lack, insurer in of_one)
        url = url_for("settlement.year", contract_id=number if number in seen else one.contract.id)
        yield BlockedItem(title, _context(one), why, url, gettext("See"))


def _outdated(one: Standing, older: set[int]) -> Iterator[BlockedItem]:
    """A sheet that counts others, of which something newer has come."""
    if one.sheet is not None and one.sheet.id in older:
        why = gettext(
            "Something that it counts has a newer version: what is counted together does not add up any more."
        )
        title = gettext("Sheet that rests on an older version")
        yield BlockedItem(title, _context(one), why, _sheet_url(one, "result"), gettext("See"))


def _reported_months(session: Session, contract_ids: list[int | None]) -> dict[int, set[int]]:
    query = select(MonthlyFigures.contract_id, MonthlyFigures.month)
    found: dict[int, set[int]] = {}
    for contract_id, month in session.exec(query.where(col(MonthlyFigures.contract_id).in_(contract_ids))):
        found.setdefault(contract_id, set()).add(month)
    return found
