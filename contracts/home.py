"""What the contract room puts on the desk: signatures, notices, premium, head counts and next year's contracts."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from flask import url_for
from flask_babel import gettext
from sqlmodel import Session, col, select

from contracts import labels
from contracts.models import AnnualContract, ContractAmendment, DedicatedAccount, ServiceAgreement
from contracts.rules import AgreementStage, ContractStage, LastDay
from contracts.services import bridging, standing
from contracts.services.securities import ARTICLE, LAW, security_standing
from contracts.services.standing import Standing
from core.clock import local_date
from core.home.items import BlockedItem, DueItem, Panel, PanelRow
from core.identity.actor import Actor
from core.identity.models import Organisation

#: From this month on the desk reminds of next year's contracts; how early is the desk's own choice, not the paper's.
REMINDER_MONTH = 10
#: How long before cover would lapse the desk warns: from 1 October for a year's end.
LAPSE_NOTICE = timedelta(days=91)
#: A panel shows the newest few; the list has them all.
SHOWN = 5


def due(session: Session, actor: Actor, now: datetime) -> list[DueItem]:
    """What this person has to do with agreements and annual contracts."""
    if not actor.may("contracts:view"):
        return []
    agreements = standing.agreements_for(session, actor)
    years = standing.standings(session, actor, local_date(now))
    return [
        *_drafts(session, actor),
        *_agreement_signatures(session, actor, now, agreements),
        *_contract_signatures(actor, now, years),
        *_amendment_signatures(session, actor, years),
        *_notices(actor, years),
        *_instalments(actor, years),
        *_head_counts(actor, now, years),
        *_next_contracts(session, actor, now, agreements),
        *_lapses(session, actor, now, agreements),
        *_accounts(session, actor, agreements),
        *_securities(session, actor, now, agreements),
    ]


def blocked(session: Session, actor: Actor, now: datetime) -> list[BlockedItem]:
    """For the department: what waits for an insurer."""
    if actor.is_insurer or not actor.may("contracts:issue"):
        return []
    waiting = []
    for agreement, insurer in standing.agreements_for(session, actor):
        if labels.agreement_standing(agreement, now) is AgreementStage.DRAFT:
            title = gettext("Service agreement %(number)s", number=agreement.number)
            waiting.append((title, insurer, _agreement_url(agreement)))
    for year in standing.standings(session, actor, local_date(now)):
        if labels.contract_standing(year.contract, now) is ContractStage.DRAFT:
            title = gettext("Annual contract %(number)s", number=year.contract.number)
            waiting.append((title, year.insurer, _contract_url(year.contract)))
    why = gettext("The insurer has not signed yet; the agency signs after it")
    return [BlockedItem(title, labels.named(insurer), why, url, gettext("Open")) for title, insurer, url in waiting]


def panels(session: Session, actor: Actor, now: datetime) -> list[Panel]:
    """The contracts under way: signed or being signed, claims not closed."""
    if not actor.may("contracts:view"):
        return []
    over = (ContractStage.CLOSED, ContractStage.TERMINATED)
    years = standing.standings(session, actor, local_date(now))
    going = [year for year in years if labels.contract_standing(year.contract, now) not in over]
    rows = tuple(
        PanelRow(
            year.contract.number,
            _contract_url(year.contract),
            note=labels.named(year.insurer),
            chip=labels.CONTRACT_STAGES[labels.contract_standing(year.contract, now)],
        )
        for year in going[:SHOWN]
    )
    return [Panel(gettext("Annual contracts under way"), rows, gettext("None under way"), url_for("contracts.index"))]


def _drafts(session: Session, actor: Actor) -> Iterator[DueItem]:
    if not actor.may("contracts:prepare"):
        return
    tenders = {tender.id: (tender, award) for tender, award in standing.awards_without_agreement(session)}
    for tender, award in tenders.values():
        limit = standing.signing_limit(session, award.id or 0)
        title, act = gettext("Draft the service agreements"), gettext("Draft")
        yield _timed(title, tender.number, url_for("contracts.index"), limit, act, gettext("award letters not sent"))


def _agreement_signatures(
    session: Session, actor: Actor, now: datetime, agreements: list[tuple[ServiceAgreement, Organisation]]
) -> Iterator[DueItem]:
    for agreement, insurer in agreements:
        if _signs(actor, labels.agreement_standing(agreement, now).value):
            limit = standing.signing_limit(session, agreement.award_id)
            title = gettext("Sign the service agreement")
            yield _timed(title, _context(agreement.number, insurer), _agreement_url(agreement), limit, gettext("Sign"))


def _contract_signatures(actor: Actor, now: datetime, years: list[Standing]) -> Iterator[DueItem]:
    for year in years:
        if _signs(actor, labels.contract_standing(year.contract, now).value):
            yield DueItem(
                title=gettext("Sign the annual contract"),
                context=_context(year.contract.number, year.insurer),
                url=_contract_url(year.contract),
                clause=standing.cite(year.agreement, "agreement"),
                rule=gettext("before the insurance year begins"),
                last_day=date(year.contract.year - 1, 12, 31),
                action=gettext("Sign"),
            )


def _amendment_signatures(session: Session, actor: Actor, years: list[Standing]) -> Iterator[DueItem]:
    """Amendments that wait for this person's side: the insurer first, then the agency."""
    open_ones = session.exec(select(ContractAmendment).where(col(ContractAmendment.agency_signed_at).is_(None))).all()
    waiting = {row.contract_id: row for row in open_ones}
    for year in (year for year in years if year.contract.id in waiting):
        row = waiting[year.contract.id or 0]
        stage = AgreementStage.INSURER_SIGNED if row.insurer_signed_at else AgreementStage.DRAFT
        if _signs(actor, stage.value):
            yield DueItem(
                title=gettext("Sign the amendment of the agreed cost"),
                context=_context(row.number, year.insurer),
                url=_contract_url(year.contract, "target"),
                rule=gettext("before the settlement, when claims are closed"),
                last_day=year.contract.cutoff,
                action=gettext("Sign"),
            )


def _signs(actor: Actor, stage: str) -> bool:
    """Whose turn it is: the insurer's signer on a draft, the department after the insurer."""
    if actor.is_insurer:
        return stage == AgreementStage.DRAFT.value and actor.may("contracts:sign")
    return stage == AgreementStage.INSURER_SIGNED.value and actor.may("contracts:issue")


def _notices(actor: Actor, years: list[Standing]) -> Iterator[DueItem]:
    if actor.is_insurer or not actor.may("contracts:issue"):
        return
    for year in years:
        if year.contract.agency_signed_at and not year.contract.notice_published_at:
            limit, url = standing.notice_limit(year.contract), _contract_url(year.contract, "notice")
            context = _context(year.contract.number, year.insurer)
            yield _timed(gettext("Publish the contract notice"), context, url, limit, gettext("Publish"))


def _instalments(actor: Actor, years: list[Standing]) -> Iterator[DueItem]:
    """The next instalment that is open in each signed contract year that runs."""
    if not actor.may("contracts:pay_premium"):
        return
    for year in years:
        part = next((part for part in year.premium.parts if part.open > 0), None)
        if part is None or not year.contract.agency_signed_at or year.contract.terminated_at:
            continue
        yield DueItem(
            title=gettext("Pay premium instalment %(number)s", number=part.position),
            context=_context(year.contract.number, year.insurer),
            url=url_for("contracts.pay", contract_id=year.contract.id),
            clause=standing.cite(year.contract, "funding"),
            rule=gettext("as the contract says"),
            last_day=part.due_on,
            action=gettext("Record"),
        )


def _head_counts(actor: Actor, now: datetime, years: list[Standing]) -> Iterator[DueItem]:
    """Contract years whose day of the head count has passed; the settlement after the cut-off day needs the count."""
    if not actor.may("contracts:prepare"):
        return
    for year in years:
        row, day = year.contract, standing.head_count_day(year.contract)
        signed = row.agency_signed_at is not None and row.terminated_at is None
        if signed and row.cleared_count is None and day is not None and day < local_date(now):
            yield DueItem(
                title=gettext("Clear the head count"),
                context=_context(row.number, year.insurer),
                url=url_for("contracts.clear", contract_id=row.id),
                clause=standing.cite(row, "funding"),
                rule=gettext("before the settlement, when claims are closed"),
                last_day=row.cutoff,
                action=gettext("Clear"),
            )


def _next_contracts(
    session: Session, actor: Actor, now: datetime, agreements: list[tuple[ServiceAgreement, Organisation]]
) -> Iterator[DueItem]:
    """Insurance years without a contract: this year's always, next year's from October on."""
    if not actor.may("contracts:prepare"):
        return
    today = local_date(now)
    reach = today.year + (1 if today.month >= REMINDER_MONTH else 0)
    for agreement, insurer in agreements:
        if labels.agreement_standing(agreement, now) not in (AgreementStage.SIGNED, AgreementStage.IN_FORCE):
            continue
        for year in standing.years_without_contract(session, agreement):
            if year <= reach:
                yield DueItem(
                    title=gettext("Prepare the contract of %(year)s", year=year),
                    context=_context(agreement.number, insurer),
                    url=url_for("contracts.prepare", agreement_id=agreement.id, year=year),
                    clause=standing.cite(agreement, "agreement"),
                    rule=gettext("before the insurance year begins"),
                    last_day=date(year - 1, 12, 31),
                    action=gettext("Prepare"),
                )


def _lapses(
    session: Session, actor: Actor, now: datetime, agreements: list[tuple[ServiceAgreement, Organisation]]
) -> Iterator[DueItem]:
    """Agreements whose cover ends with nothing after it: a quarter ahead until the year after is over."""
    if not actor.may("contracts:prepare"):
        return
    today = local_date(now)
    for agreement, insurer in agreements:
        last = bridging.covered_until(agreement)
        over = date(agreement.term_until.year + 1, 12, 31)
        if not agreement.agency_signed_at or agreement.terminated_at or not last - LAPSE_NOTICE <= today <= over:
            continue
        if not bridging.followed(session, agreement, last):
            yield DueItem(
                title=gettext("Cover would lapse: nothing follows this agreement"),
                context=_context(agreement.number, insurer),
                url=_agreement_url(agreement),
                clause=standing.cite(agreement, "fallback"),
                rule=gettext("the last day of cover"),
                last_day=last,
                action=gettext("Open") if agreement.extended_until else gettext("Extend cover"),
            )


def _accounts(
    session: Session, actor: Actor, agreements: list[tuple[ServiceAgreement, Organisation]]
) -> Iterator[DueItem]:
    """For the insurer: signed agreements whose two accounts are not recorded."""
    if not actor.is_insurer or not actor.may("settlement:report"):
        return
    known = set(session.exec(select(DedicatedAccount.agreement_id)))
    for agreement, _ in agreements:
        if agreement.agency_signed_at and not agreement.terminated_at and agreement.id not in known:
            yield DueItem(
                title=gettext("Record the two dedicated accounts"),
                context=agreement.number,
                url=url_for("contracts.accounts", agreement_id=agreement.id),
                clause=standing.cite(agreement, "accounts"),
                last_day=agreement.term_from,
                rule=gettext("before the agreement begins"),
                action=gettext("Record"),
            )


def _securities(
    session: Session, actor: Actor, now: datetime, agreements: list[tuple[ServiceAgreement, Organisation]]
) -> Iterator[DueItem]:
    """The performance security: to be given before signing, the handover after the end, the return after both."""
    for agreement, insurer in agreements:
        stand = security_standing(session, agreement, local_date(now))
        stage = labels.agreement_standing(agreement, now)
        over = stage in (AgreementStage.ENDED, AgreementStage.TERMINATED)
        context, url = _context(agreement.number, insurer), _agreement_url(agreement, "security")
        if stand.open > 0 and not over:
            gives = actor.is_insurer and actor.may("contracts:sign")
            if gives or actor.may("contracts:keep_security"):
                title = gettext("Give the performance security") if gives else gettext("Take the performance security")
                limit = standing.signing_limit(session, agreement.award_id)
                yield DueItem(
                    title, context, url, LAW, gettext("before the agreement is signed"), limit and limit.date,
                    provisional=bool(limit and limit.provisional), waiting="" if limit else gettext("no fixed day"),
                    action=gettext("Open"),
                )  # fmt: skip
        if not over or not stand.to_return:
            continue
        if agreement.handed_over_on is None and actor.may("contracts:prepare"):
            yield DueItem(
                gettext("Record the handover"), context, url, ARTICLE, waiting=gettext("no fixed day"),
                action=gettext("Record"),
            )  # fmt: skip
        if actor.may("contracts:keep_security"):
            waiting = gettext("until the handover is recorded")
            if agreement.handed_over_on is not None:
                waiting = "" if stand.limit.last_day else gettext("no fixed day")
            yield DueItem(
                gettext("Return the performance security"), context, url, ARTICLE,
                gettext("as the agreement says"), stand.limit.last_day, provisional=stand.limit.provisional,
                waiting=waiting, action=gettext("Record the return"),
            )  # fmt: skip


def _timed(title: str, context: str, url: str, limit: LastDay | None, action: str, waiting: str = "") -> DueItem:
    """A due item under a procurement time limit; one whose period has not begun says what it waits for."""
    if limit is None:
        return DueItem(title, context, url, action=action, waiting=waiting)
    return DueItem(
        title,
        context,
        url,
        clause=limit.clause,
        rule=labels.rule(limit),
        last_day=limit.date,
        provisional=limit.provisional,
        action=action,
    )


def _context(number: str, insurer: Organisation) -> str:
    return f"{number}  {labels.named(insurer)}"


def _agreement_url(agreement: ServiceAgreement, anchor: str | None = None) -> str:
    return url_for("contracts.agreement", agreement_id=agreement.id, _anchor=anchor)


def _contract_url(contract: AnnualContract, anchor: str | None = None) -> str:
    return url_for("contracts.contract", contract_id=contract.id, _anchor=anchor)
