"""What a contract year still waits for, its own and that of the years counted with it; read for many in few queries."""

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, cast

from sqlmodel import Session, col, select

from contracts.models import AnnualContract, Assessment, ContractAmendment, ServiceAgreement
from contracts.services.dues import in_force, target_due
from core.errors import N_
from core.policy import view
from core.policy.model import Item, Period, Scope, SharingRule
from settlement.models import AnnualFigures, ClaimFile, Settlement
from settlement.rules.account import ClaimsBasis, RateDefinition, contract_rule
from settlement.rules.together import alone, counts, pooled, scored


@dataclass(frozen=True)
class Lack:
    """What a contract year still needs before one can be settled; what: a message id with the contract's number.

    of: who has to bring it: 'insurer' (of that contract), 'department' or 'both'.
    """

    contract: AnnualContract
    what: str
    of: str = "department"


NO_FIGURES = N_("Contract %(number)s: the annual figures are not confirmed")
NO_FILE = N_("Contract %(number)s: no claim file is accepted")
NO_COUNT = N_("Contract %(number)s: the head count is not cleared")
NO_SHEET = N_("Contract %(number)s: the settlement sheet is not issued yet, and this year rests on it")
NO_SCORE = N_("Contract %(number)s: not assessed yet, and the rule counts the score")
NO_QUALITY = N_("Contract %(number)s: the quality expense is not reported, and the rule counts it")
NO_TARGET = N_("Contract %(number)s: no agreed cost applies; both sides have to agree it by an amendment")
NO_RESERVE = N_("Contract %(number)s: the opening balance of the risk reserve is not reported")

#: Whose it is to bring; what is not named here is the department's.
_OF = {NO_FIGURES: "insurer", NO_FILE: "insurer", NO_QUALITY: "insurer", NO_RESERVE: "insurer", NO_TARGET: "both"}


def refused_for(refusal: str | None, contract: AnnualContract) -> Lack | None:
    """The lack that a calculation was refused for, by its message id; None where it was something else."""
    known_lacks = (NO_FIGURES, NO_FILE, NO_COUNT, NO_SHEET, NO_SCORE, NO_QUALITY, NO_TARGET, NO_RESERVE)
    return Lack(contract, refusal, _OF.get(refusal, "department")) if refusal in known_lacks else None


@dataclass(frozen=True)
class Known:
    """What there is of many contract years, by contract: newest confirmed figures and signed amendment, and which have
    a claim file received or accepted, an assessment, an issued sheet."""

    figures: dict[int, AnnualFigures]
    amendments: dict[int, ContractAmendment]
    received: frozenset[int]
    accepted: frozenset[int]
    assessed: frozenset[int]
    issued: frozenset[int]


def known(session: Session, contracts: Sequence[AnnualContract]) -> Known:
    """Read what there is of these contract years."""
    ids = [one.id for one in contracts]

    def rows(model: Any, *which: Any, order: Any = None) -> list[Any]:
        query = select(model).where(col(model.contract_id).in_(ids), *which)
        return list(session.exec(query if order is None else query.order_by(order)))

    def keys(model: Any, *which: Any) -> frozenset[int]:
        return frozenset(session.exec(select(model.contract_id).where(col(model.contract_id).in_(ids), *which)))

    figures = rows(AnnualFigures, col(AnnualFigures.confirmed_at).is_not(None), order=AnnualFigures.version)
    signed = rows(ContractAmendment, col(ContractAmendment.agency_signed_at).is_not(None), order=ContractAmendment.id)
    return Known(
        {row.contract_id: row for row in figures},
        {row.contract_id: row for row in signed},
        keys(ClaimFile),
        keys(ClaimFile, col(ClaimFile.accepted_at).is_not(None)),
        keys(Assessment),
        keys(Settlement, col(Settlement.issued_at).is_not(None)),
    )


def family(session: Session, contract: AnnualContract, rule: SharingRule) -> list[AnnualContract]:
    """Every signed contract year that may be counted with this one, the oldest first: of the agreement, or of all
    agreements of the same policyholder in the rule's scheme or area (over the same term, where the term counts)."""
    own = cast(ServiceAgreement, session.get(ServiceAgreement, contract.agreement_id))
    query = (
        select(AnnualContract)
        .join(ServiceAgreement, col(ServiceAgreement.id) == AnnualContract.agreement_id)
        .where(col(AnnualContract.agency_signed_at).is_not(None))
        .order_by(AnnualContract.year, AnnualContract.number)
    )
    if rule.scope is Scope.CONTRACT:
        query = query.where(AnnualContract.agreement_id == contract.agreement_id)
    else:
        query = query.where(ServiceAgreement.policyholder_id == own.policyholder_id)
        if rule.scope is Scope.SCHEME:
            query = query.where(ServiceAgreement.scheme == own.scheme)
        if rule.period is Period.TERM:
            query = query.where(ServiceAgreement.term_from == own.term_from)
    return [one for one in session.exec(query) if in_force(one)]


def members_of(contract: AnnualContract, rule: SharingRule, every: Sequence[AnnualContract]) -> list[AnnualContract]:
    """The contract years counted with this one, itself among them."""
    if not pooled(rule):
        return [contract]
    term = rule.period is Period.TERM
    return [one for one in every if one.year == contract.year or (term and one.year < contract.year)]


def lacking(
    session: Session, contract: AnnualContract, rule: SharingRule, every: Sequence[AnnualContract] | None = None
) -> list[Lack]:
    """What is missing before a contract year can be settled, its own and that of the years counted with it."""
    every = every if every is not None else [] if alone(rule) else family(session, contract, rule)
    concerned = {one.id: one for one in (*members_of(contract, rule, every), *every)}
    return _lacks(contract, rule, every, known(session, list(concerned.values())))


def awaited(session: Session, contracts: Iterable[AnnualContract]) -> dict[int, list[Lack]]:
    """The same for many contract years, by contract; only those that count more than their own figures are in it."""
    rules = _rules(contracts)
    if not rules:
        return {}
    own_agreements = col(ServiceAgreement.id).in_({contract.agreement_id for contract, _ in rules})
    query = (
        select(AnnualContract, ServiceAgreement)
        .join(ServiceAgreement, col(ServiceAgreement.id) == AnnualContract.agreement_id)
        .where(
            col(AnnualContract.agency_signed_at).is_not(None),
            col(ServiceAgreement.policyholder_id).in_(select(ServiceAgreement.policyholder_id).where(own_agreements)),
        )
        .order_by(AnnualContract.year, AnnualContract.number)
    )
    rows = [(contract, agreement) for contract, agreement in session.exec(query) if in_force(contract)]
    agreements = {contract.id: agreement for contract, agreement in rows}
    have = known(session, [contract for contract, _ in rows])
    found: dict[int, list[Lack]] = {}
    together: dict[Hashable, list[Lack]] = {}
    families: dict[Hashable, list[AnnualContract]] = {}
    for rule in {id(rule): rule for _, rule in rules}.values():
        for contract, agreement in rows:
            families.setdefault((id(rule), _kin(agreement, rule)), []).append(contract)
    for contract, rule in rules:
        own = agreements.get(contract.id)
        if own is None:
            continue
        kin = (id(rule), _kin(own, rule))
        # Whatever counts the same years waits for the same: a pool is looked through once, not once for each member.
        same: Hashable = (kin, contract.year, None if pooled(rule) else contract.id)
        if same not in together:
            together[same] = _lacks(contract, rule, families[kin], have)
        found[cast(int, contract.id)] = together[same]
    return found


def _rules(contracts: Iterable[AnnualContract]) -> list[tuple[AnnualContract, SharingRule]]:
    """Each contract year with its rule, where that counts more than its own figures; one object for equal rules."""
    found: dict[Hashable, SharingRule | None] = {}
    chosen = []
    for one in contracts:
        key = (one.pack, one.year, one.rate_definition, one.claims_basis)
        if key not in found:
            written = view(one.pack, date(one.year, 12, 31)).sharing
            rule = written and contract_rule(
                written, RateDefinition(one.rate_definition), ClaimsBasis(one.claims_basis)
            )
            found[key] = rule if rule is not None and not alone(rule) else None
        if (rule := found[key]) is not None:
            chosen.append((one, rule))
    return chosen


def _kin(agreement: ServiceAgreement, rule: SharingRule) -> Hashable:
    """What two agreements have in common whose contract years may be counted together."""
    if rule.scope is Scope.CONTRACT:
        return agreement.id
    scheme = agreement.scheme if rule.scope is Scope.SCHEME else None
    return agreement.policyholder_id, scheme, agreement.term_from if rule.period is Period.TERM else None


def _lacks(
    contract: AnnualContract, rule: SharingRule, every: Sequence[AnnualContract], have: Known
) -> list[Lack]:
    found = []
    for one in members_of(contract, rule, every):
        key = cast(int, one.id)
        figures = have.figures.get(key)
        missing = [
            (NO_FIGURES, figures is None),
            (NO_FILE, key not in have.accepted),
            (NO_COUNT, one.cleared_count is None),
            (NO_TARGET, rule.needs_agreed_cost and target_due(one, have.amendments.get(key)) is None),
            (NO_SCORE, scored(rule) and key not in have.assessed),
        ]
        if figures is not None:
            unstated = counts(rule, Item.QUALITY_EXPENSE) and figures.quality_expense is None
            missing.append((NO_QUALITY, unstated))
            missing.append((NO_RESERVE, opens_reserve(rule, one, every) and figures.risk_reserve_open is None))
        for what, is_missing in missing:
            if is_missing:
                received = what == NO_FILE and key in have.received
                found.append(Lack(one, what, "department" if received else _OF.get(what, "department")))
    return found + [Lack(one, NO_SHEET) for one in needed(contract, rule, every) if one.id not in have.issued]


def opens_reserve(rule: SharingRule, contract: AnnualContract, every: Sequence[AnnualContract]) -> bool:
    """Whether the risk reserve's opening balance has to be reported: nothing earlier has closed it."""
    return rule.reserve is not None and not any(one.year < contract.year for one in every)


def needed(contract: AnnualContract, rule: SharingRule, every: Sequence[AnnualContract]) -> list[AnnualContract]:
    """The earlier contract years whose sheets must be issued first: those that carry over, the one with the reserve."""
    if rule.period is Period.TERM:
        return []
    earlier = [one for one in every if one.year < contract.year]
    if rule.carry_over:
        return earlier
    if rule.reserve is None or not earlier:
        return []
    return [one for one in earlier if one.year == earlier[-1].year]
