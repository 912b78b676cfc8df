"""Preparing a tender: made from a policy pack or an earlier tender, then its parts edited until it is published."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlmodel import Session, col, delete, select

from core import audit, policy
from core.clock import Clock, local_date
from core.errors import Invalid, N_, NotFound
from core.identity.actor import Actor, require
from core.identity.models import Organisation
from core.policy import PolicyView
from core.policy.procurement import rule_set_on
from tender.models import ContractTerms, Criterion, HistoricalYear, Lot, MandatoryField, QualificationCondition, Tender
from tender.rules.stages import Stage
from tender.services.drafts import BasicsDraft, LotDraft, TermsDraft, YearDraft
from tender.services.stage import at_stage, locked_tender, lot_and_tender, purchasers_own
from tender.starting import ConditionDraft, CriterionDraft, statutory_conditions, suggested_criteria


def create_tender(session: Session, actor: Actor, clock: Clock, *, pack: str, basics: BasicsDraft) -> Tender:
    """Begin a tender from a policy pack: mandatory fields, conditions and a first scoring table are filled in.

    The tender keeps the pack, its hash and the procurement rule set of this day (regulation A.1).
    Raises Invalid for a number that is taken, NotFound for an unknown pack.
    """
    require(actor, "tender:prepare")
    now = clock.now()
    view = policy.view(pack, local_date(now))
    tender = _new(session, actor, now, basics, view.pack, view.hash)
    cover = policy.view(pack, basics.term_from)  # what will be in force while the insurers carry the risk
    for key, text in prefilled_fields(cover).items():
        session.add(MandatoryField(tender_id=tender.id, key=key, text=text))
    _put_conditions(session, tender, (*qualifications(view), *statutory_conditions()))
    put_criteria(session, tender, suggested_criteria())
    audit.record(session, now, actor, "tender:tender:create", tender, pack=view.pack, pack_hash=view.hash)
    return tender


def _new(session: Session, actor: Actor, now: datetime, basics: BasicsDraft, pack: str, pack_hash: str) -> Tender:
    if session.exec(select(Tender.id).where(Tender.number == basics.number)).first() is not None:
        raise Invalid(N_("The tender number %(number)s is taken"), number=basics.number, field="number")
    purchaser = session.get(Organisation, actor.organisation_id)
    if purchaser is None:
        raise Invalid(N_("Only a person of an organisation can prepare a tender"))
    if session.get(Organisation, basics.policyholder_id) is None:
        raise Invalid(N_("There is no such policyholder"), field="policyholder_id")
    tender = Tender(
        **_plain(basics),
        purchaser_id=purchaser.id,
        pack=pack,
        pack_hash=pack_hash,
        rule_set=rule_set_on(local_date(now)).name,
        created_by=actor.user_id,
        created_at=now,
        demonstration=purchaser.demonstration,
    )
    session.add(tender)
    session.flush()
    return tender


def _plain(basics: BasicsDraft) -> dict[str, Any]:
    return {**asdict(basics), "media": list(basics.media)}


def prefilled_fields(view: PolicyView) -> dict[str, str]:
    """The mandatory fields a pack asks for (J10), with the paper's own words where it has any; '' is left to write."""
    rule = view.tender
    if rule is None or rule.document is None:
        return {}
    words = _words_of(view)
    return {item.key: words.get(item.key, "") for item in rule.document.fields}


def _words_of(view: PolicyView) -> dict[str, str]:
    words: dict[str, str] = {}
    rule = view.tender
    if rule and rule.qualification:
        words["access_conditions"] = rule.qualification.clause.quote
    if rule and rule.agreement:
        words["coverage_period"] = rule.agreement.clause.quote
    if view.benefits:
        for parameter in view.benefits.parameters:
            words[parameter.key] = parameter.clause.quote
        if view.benefits.ratios:
            words["payment_ratios"] = view.benefits.ratios.clause.quote
        words["liability_scope"] = view.benefits.clause.quote
    if view.sharing:
        words["sharing"] = view.sharing.clause.quote
    return words


def qualifications(view: PolicyView) -> tuple[ConditionDraft, ...]:
    """The conditions the pack itself sets for bidders (J9)."""
    rule = view.tender.qualification if view.tender else None
    if rule is None:
        return ()
    proof = "保险监管部门公布的名单"
    return tuple(ConditionDraft(f"具有{item.title}", proof, str(rule.clause)) for item in rule.requires)


def clone_tender(session: Session, actor: Actor, clock: Clock, source_id: int, *, basics: BasicsDraft) -> Tender:
    """A new tender with the lots, fields, conditions, scoring table and terms of an earlier one of the purchaser.

    It runs under the same pack as the earlier one, in that pack's present version, and today's rule set.
    """
    require(actor, "tender:prepare")
    source = session.get(Tender, source_id)
    if source is None:
        raise NotFound(N_("There is no such tender"))
    purchasers_own(actor, source)
    now = clock.now()
    view = policy.view(source.pack, local_date(now))
    tender = _new(session, actor, now, basics, view.pack, view.hash)
    tender.cloned_from_id = source.id
    _copy(session, MandatoryField, source, tender)
    _copy(session, QualificationCondition, source, tender)
    _copy(session, Criterion, source, tender)
    for lot in lots_of(session, source_id):
        _copy_lot(session, lot, tender)
    audit.record(session, now, actor, "tender:tender:clone", tender, source=source_id, pack_hash=view.hash)
    return tender


def _copy(session: Session, model: type, source: Tender, tender: Tender) -> None:
    rows: Any = select(model).where(model.tender_id == source.id).order_by(model.id)  # type: ignore[attr-defined]
    for row in session.exec(rows).all():
        session.add(model(**{**row.model_dump(exclude={"id"}), "tender_id": tender.id}))


def _copy_lot(session: Session, lot: Lot, tender: Tender) -> None:
    fresh = {"id", "tender_id", "failed_at", "end_reason"}
    copy = Lot(**lot.model_dump(exclude=fresh), tender_id=tender.id)
    session.add(copy)
    session.flush()
    for model in (ContractTerms, HistoricalYear):
        for row in session.exec(select(model).where(model.lot_id == lot.id)).all():  # type: ignore[attr-defined]
            session.add(model(**{**row.model_dump(exclude={"id"}), "lot_id": copy.id}))


def lots_of(session: Session, tender_id: int) -> list[Lot]:
    """The lots of a tender in order."""
    return list(session.exec(select(Lot).where(Lot.tender_id == tender_id).order_by(col(Lot.position))))


def _editable(session: Session, actor: Actor, clock: Clock, tender_id: int) -> tuple[Tender, datetime]:
    """A tender this person may still edit, locked, and the clock read after the lock."""
    require(actor, "tender:prepare")
    tender = locked_tender(session, tender_id)
    purchasers_own(actor, tender)
    now = clock.now()
    at_stage(tender, now, Stage.PREPARATION)
    return tender, now


def edit_basics(session: Session, actor: Actor, clock: Clock, tender_id: int, basics: BasicsDraft) -> Tender:
    """Change the head of a tender in preparation. Raises Invalid for a number another tender has."""
    tender, now = _editable(session, actor, clock, tender_id)
    other = session.exec(select(Tender.id).where(Tender.number == basics.number, Tender.id != tender.id)).first()
    if other is not None:
        raise Invalid(N_("The tender number %(number)s is taken"), number=basics.number, field="number")
    for name, value in _plain(basics).items():
        setattr(tender, name, value)
    audit.record(session, now, actor, "tender:tender:edit", tender, part="basics")
    return tender


def set_lots(
    session: Session, actor: Actor, clock: Clock, tender_id: int, lots: Sequence[LotDraft]
) -> list[Lot]:
    """Write the lots in order; a lot at the same place keeps its terms and historical data, surplus lots go."""
    tender, now = _editable(session, actor, clock, tender_id)
    known = lots_of(session, tender_id)
    for position, draft in enumerate(lots, 1):
        values = {**asdict(draft), "split": [dict(entry) for entry in draft.split]}
        if position <= len(known):
            for name, value in values.items():
                setattr(known[position - 1], name, value)
        else:
            session.add(Lot(tender_id=tender.id, position=position, **values))
    for surplus in known[len(lots) :]:
        for model in (ContractTerms, HistoricalYear):
            session.exec(delete(model).where(col(model.lot_id) == surplus.id))  # type: ignore[attr-defined]
        session.delete(surplus)
    session.flush()
    audit.record(session, now, actor, "tender:tender:edit", tender, part="lots", lots=len(lots))
    return lots_of(session, tender_id)


def set_contract_terms(session: Session, actor: Actor, clock: Clock, lot_id: int, terms: TermsDraft) -> ContractTerms:
    """Fix the parameters of agreement and contracts for a lot, the ambiguous ones by name (regulation E.2).

    Raises Invalid where the weights of the assessment do not add up to 1.
    """
    lot, tender = lot_and_tender(session, lot_id)
    _tender, now = _editable(session, actor, clock, lot.tender_id)
    weights = [Decimal(str(entry["weight"])) for entry in terms.assessment]
    if weights and (sum(weights) != 1 or min(weights) < 0):
        raise Invalid(N_("The weights of the assessment must add up to 100"), field="assessment")
    lists = {name: [dict(entry) for entry in getattr(terms, name)] for name in ("instalments", "assessment")}
    values = {**asdict(terms), **lists}
    row = session.exec(select(ContractTerms).where(ContractTerms.lot_id == lot_id)).one_or_none()
    row = row or ContractTerms(lot_id=lot_id, **values)
    for name, value in values.items():
        setattr(row, name, value)
    session.add(row)
    audit.record(session, now, actor, "tender:tender:edit", tender, part="terms", lot=lot.position)
    return row


def set_mandatory_fields(
    session: Session, actor: Actor, clock: Clock, tender_id: int, texts: Mapping[str, str]
) -> None:
    """Write what the tender document must state (J10). Raises Invalid for a key the pack does not ask for."""
    tender, now = _editable(session, actor, clock, tender_id)
    rows = {row.key: row for row in mandatory_fields(session, tender_id)}
    for key, text in texts.items():
        if key not in rows:
            raise Invalid(N_("The policy pack asks for no field %(key)s"), key=key, field=key)
        rows[key].text = text.strip()
    audit.record(session, now, actor, "tender:tender:edit", tender, part="mandatory fields")


def mandatory_fields(session: Session, tender_id: int) -> list[MandatoryField]:
    """The mandatory fields of a tender in the pack's order."""
    rows = select(MandatoryField).where(MandatoryField.tender_id == tender_id).order_by(col(MandatoryField.id))
    return list(session.exec(rows))


def field_titles(tender: Tender) -> dict[str, str]:
    """The Chinese names of the mandatory fields, as the policy paper has them."""
    rule = policy.view(tender.pack, local_date(tender.created_at)).tender
    return {item.key: item.title for item in rule.document.fields} if rule and rule.document else {}


def set_historical_years(
    session: Session, actor: Actor, clock: Clock, lot_id: int, years: Sequence[YearDraft]
) -> None:
    """Replace the historical data of a lot (J10). Raises Invalid for a year given twice."""
    lot, tender = lot_and_tender(session, lot_id)
    _tender, now = _editable(session, actor, clock, lot.tender_id)
    if len({year.year for year in years}) != len(years):
        raise Invalid(N_("A year is given twice"), field="year")
    session.exec(delete(HistoricalYear).where(col(HistoricalYear.lot_id) == lot_id))
    for year in sorted(years, key=lambda draft: draft.year):
        session.add(HistoricalYear(lot_id=lot_id, **asdict(year)))
    audit.record(session, now, actor, "tender:tender:edit", tender, part="history", lot=lot.position)


def set_conditions(
    session: Session, actor: Actor, clock: Clock, tender_id: int, conditions: Sequence[ConditionDraft]
) -> None:
    """Replace the qualification conditions."""
    tender, now = _editable(session, actor, clock, tender_id)
    session.exec(delete(QualificationCondition).where(col(QualificationCondition.tender_id) == tender_id))
    _put_conditions(session, tender, conditions)
    audit.record(session, now, actor, "tender:tender:edit", tender, part="conditions")


def set_criteria(
    session: Session, actor: Actor, clock: Clock, tender_id: int, criteria: Sequence[CriterionDraft]
) -> None:
    """Replace the scoring table; whether it is lawful is said by the publication checks."""
    tender, now = _editable(session, actor, clock, tender_id)
    put_criteria(session, tender, criteria)
    audit.record(session, now, actor, "tender:tender:edit", tender, part="criteria")


def _put_conditions(session: Session, tender: Tender, conditions: Sequence[ConditionDraft]) -> None:
    for position, draft in enumerate(conditions, 1):
        session.add(QualificationCondition(tender_id=tender.id, position=position, **asdict(draft)))
    session.flush()


def put_criteria(session: Session, tender: Tender, criteria: Sequence[CriterionDraft]) -> None:
    """Write these lines in place of the scoring table; whoever calls has checked that it may change."""
    session.exec(delete(Criterion).where(col(Criterion.tender_id) == tender.id))
    for position, draft in enumerate(criteria, 1):
        values = {**asdict(draft), "options": [dict(option) for option in draft.options]}
        session.add(Criterion(tender_id=tender.id, position=position, **values))
    session.flush()
