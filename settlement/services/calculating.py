"""The calculation of a contract year under every reading: alone, or counted with others as its rule says (J3, J14)."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import cast

from sqlmodel import Session, select

from contracts.models import AnnualContract, Assessment, ServiceAgreement
from contracts.services.dues import agreed_for, cover_of, premium_due, target_due
from core.clock import local_date
from core.errors import N_, Refused
from core.money import ZERO, show_yuan, split
from core.policy import view
from core.policy.model import Cause as PolicyCause
from core.policy.model import Item, Period, SharingRule
from settlement.models import AnnualFigures, Cause, Settlement
from settlement.rules.account import ClaimsBasis, RateDefinition, YearAccount, contract_rule, sharing_inputs
from settlement.rules.balance import allowed_expense, own_balance, target_of
from settlement.rules.carrying import Carried, YearBalance, carried_into
from settlement.rules.corridor import SharingInvalid
from settlement.rules.figures import times
from settlement.rules.pooling import Member, Pooled, pooled_inputs, pooled_rule, settle_together
from settlement.rules.retention import Retained
from settlement.rules.sharing import SharingInputs, SharingResult, compare_readings
from settlement.rules.together import (
    AgreedCost,
    Part,
    Settled,
    Together,
    carried_on,
    counts,
    part_of,
    part_of_pool,
    pooled,
    retained_part,
    scored,
)
from settlement.rules.together import Counted as ShownMember
from settlement.services.awaiting import NO_TARGET, family
from settlement.services.pools import Basis, Counted, basis_named, basis_of, score_of


@dataclass(frozen=True)
class Calculation:
    """A contract year under every reading, and the account it rests on; what pages, sheets and disclosures show.

    written: the contract's rule; rule, inputs: as they were applied, to the sum where several contract years are
    counted together; own: the figures of this one; results: of that sum, by reading; parts: what this sheet divides of
    it; allowed: the expense allowed to this contract year, in yuan; pools: where there is one, by reading; carried:
    what each earlier year gives, None where the rule carries nothing; years: the balances that this follows from;
    retention: what of a retention this sheet carries out under the contract's reading.
    """

    written: SharingRule
    rule: SharingRule
    account: YearAccount
    inputs: SharingInputs
    own: SharingInputs
    results: dict[str, SharingResult]
    parts: dict[str, Part]
    reading: str
    allowed: Decimal
    basis: Basis
    pools: dict[str, Pooled] | None = None
    settled: tuple[Settled, ...] = ()
    interim: bool = False
    carried: tuple[Carried, ...] | None = None
    years: tuple[YearBalance, ...] = ()
    retention: Retained | None = None

    @property
    def chosen(self) -> SharingResult:
        """The result under the contract's reading: the pool's, where there is one."""
        return self.results[self.reading]

    @property
    def part(self) -> Part:
        """What this sheet divides under the contract's reading."""
        return self.parts[self.reading]


def rule_of(contract: AnnualContract) -> SharingRule:
    """The sharing rule in force at the end of the contract's year, with the contract's own definitions."""
    rule = rule_if_any(contract)
    if rule is None:
        raise Refused(N_("Policy pack %(pack)s has no sharing rule"), pack=contract.pack, clause="G7")
    return rule


def rule_if_any(contract: AnnualContract) -> SharingRule | None:
    """As `rule_of`; None where the paper leaves sharing to the contract."""
    rule = view(contract.pack, date(contract.year, 12, 31)).sharing
    if rule is None:
        return None
    return contract_rule(rule, RateDefinition(contract.rate_definition), ClaimsBasis(contract.claims_basis))


def account_of(session: Session, contract: AnnualContract, figures: AnnualFigures, claims: Decimal) -> YearAccount:
    """The year's account from confirmed figures and the accepted claim file's recomputed total (yuan)."""
    deductions = session.scalars(select(Assessment.deduction).where(Assessment.contract_id == contract.id)).all()
    return YearAccount(
        premium_due=premium_due(contract),
        claims_paid=claims,
        recoveries=figures.recoveries,
        reserve_open=figures.reserve_open,
        reserve_close=figures.reserve_close,
        direct_expense=figures.direct_expense,
        allocated_expense=figures.allocated_expense,
        interest=figures.interest,
        assessment_deduction=sum(deductions, ZERO),
        taxes=figures.taxes,
        quality_expense=figures.quality_expense or ZERO,
    )


def calculate(session: Session, contract: AnnualContract, cause: Cause = Cause.OPERATING) -> Calculation:
    """Share the contract year under every reading of its rule, on the newest of everything it counts.

    Raises Refused while something is missing, of its own or of the contract years counted with it.
    """
    rule = rule_of(contract)
    return calculation_from(session, contract, basis_of(session, contract, rule), cause, rule=rule)


def after_cutoff(contract: AnnualContract, today: date) -> None:
    """Raise Refused while claims of the contract year still count."""
    if today <= contract.cutoff:
        raise Refused(N_("Claims of the year still count until %(day)s"), day=contract.cutoff.isoformat())


def calculation_of(session: Session, sheet: Settlement) -> Calculation:
    """The calculation of one version of a sheet, again from the versions of everything that it names."""
    contract = session.get_one(AnnualContract, sheet.contract_id)
    return calculation_from(session, contract, basis_named(session, sheet), sheet.cause)


def calculation_from(
    session: Session,
    contract: AnnualContract,
    basis: Basis,
    cause: Cause,
    tried: SharingInputs | None = None,
    *,
    rule: SharingRule | None = None,
) -> Calculation:
    """Share a contract year on this basis, under every reading of its rule.

    tried: other figures for the contract year itself (what if); rule: the contract's, where the caller has it already.
    Raises Refused where the rule cannot be applied.
    """
    rule = rule or rule_of(contract)
    _one_rule(rule, contract, basis)
    try:
        return _calculated(session, rule, contract, basis, cause, tried)
    except SharingInvalid as wrong:
        raise Refused(N_("This cannot be shared: %(reason)s"), reason=str(wrong), clause=str(rule.clause)) from wrong


def _calculated(
    session: Session,
    rule: SharingRule,
    contract: AnnualContract,
    basis: Basis,
    cause: Cause,
    tried: SharingInputs | None,
) -> Calculation:
    inputs = _inputs(session, rule, basis, cause)
    if tried is not None:
        inputs[contract.number] = tried
    years, carried = _carry(rule, basis, inputs)
    if carried is not None:
        inputs = _handed_out(inputs, "carried", sum((one.used for one in carried), ZERO))
    own = basis.of(contract)
    account = account_of(session, contract, own.figures, cast(Decimal, own.file.recomputed_benefit))
    mine = inputs[own.key]
    allowed = allowed_expense(rule, mine)
    common = {"written": rule, "account": account, "reading": contract.sharing_reading, "allowed": allowed,
              "basis": basis, "own": mine, "carried": carried, "years": years}  # fmt: skip
    if not pooled(rule):
        results = compare_readings(rule, mine)
        parts = {name: part_of(result) for name, result in results.items()}
        held = results[contract.sharing_reading].retention
        return Calculation(rule=rule, inputs=mine, results=results, parts=parts, retention=held, **common)  # type: ignore[arg-type]
    settled = _settled(basis, rule)
    members = [Member(key, one) for key, one in inputs.items()]
    policy = PolicyCause(cause.value)
    pools = {one.name: settle_together(rule, members, one.name, policy) for one in rule.readings}
    own_keys = {one.key for one in basis.members if _divided_by(contract, rule, one)}
    interim, own_pool = _goes_on(session, contract, rule), pools[contract.sharing_reading]
    return Calculation(
        rule=pooled_rule(rule),
        inputs=pooled_inputs(rule, members, policy),
        results={name: pool.result for name, pool in pools.items()},
        parts={name: part_of_pool(pool, own_keys, settled, interim=interim) for name, pool in pools.items()},
        pools=pools,
        settled=settled,
        interim=interim,
        retention=retained_part(own_pool.result.retention, own_pool, own_keys, settled),
        **common,  # type: ignore[arg-type]
    )


def _inputs(session: Session, rule: SharingRule, basis: Basis, cause: Cause) -> dict[str, SharingInputs]:
    """The figures of every contract year counted, by number, before anything is carried in."""
    found = {one.key: _inputs_of(session, rule, one, cause) for one in basis.members}
    if rule.reserve is None:
        return found
    first = {one.key for one in basis.members if one.contract.year == basis.members[0].contract.year}
    if rule.period is Period.YEAR and basis.sources:
        return _handed_out(found, "reserve_opening", _reserve_left(basis))
    openings = {one.key: one.figures.risk_reserve_open or ZERO for one in basis.members if one.key in first}
    return {key: replace(one, reserve_opening=openings.get(key, ZERO)) for key, one in found.items()}


def _inputs_of(session: Session, rule: SharingRule, counted: Counted, cause: Cause) -> SharingInputs:
    account = account_of(session, counted.contract, counted.figures, cast(Decimal, counted.file.recomputed_benefit))
    beside = {"score": score_of(counted)} if scored(rule) else {}
    if rule.split_causes:
        beside["attributable"] = _attributable(counted, cause)
    if rule.needs_agreed_cost:
        beside["target"] = _agreed_cost(rule, counted)
    return sharing_inputs(account, PolicyCause(cause.value), counted.contract.expense_cap_rate, **beside)


def _agreed_cost(rule: SharingRule, counted: Counted) -> Decimal:
    """What the contract year's cost is measured against. Raises Refused where nothing is agreed for its cover."""
    found = target_due(counted.contract, counted.amendment)
    if found is None:
        raise Refused(NO_TARGET, clause=str(rule.clause), number=counted.contract.number)
    return found


def _attributable(counted: Counted, cause: Cause) -> Decimal:
    """What the departments put down to policy. Raises Refused where cause and finding contradict one another."""
    found = counted.finding.attributable if counted.finding else ZERO
    if cause is Cause.OPERATING and found:
        message = N_("The departments put %(amount)s yuan down to policy: choose the policy change as the cause")
        raise Refused(message, clause="J15", amount=f"{found:,}")
    if cause is Cause.POLICY and counted.finding is None:
        message = N_("Contract %(number)s: a loss put down to policy needs the departments' finding of its amount")
        raise Refused(message, clause="J15", number=counted.contract.number)
    return found


def _reserve_left(basis: Basis) -> Decimal:
    """What the sheets of the year before left in the reserve. Raises Refused where they do not agree."""
    before = basis.sources[-1].year
    left = {one.sheet.reserve_closing for one in basis.sources if one.year == before}
    if len(left) != 1 or None in left:
        raise Refused(N_("The sheets of the year before do not agree on the risk reserve: correct them first"))
    return cast(Decimal, left.pop())


def _carry(
    rule: SharingRule, basis: Basis, inputs: dict[str, SharingInputs]
) -> tuple[tuple[YearBalance, ...], tuple[Carried, ...] | None]:
    """The own balances of the years so far, and what each earlier one gives this year; None without carry-over."""
    if not rule.carry_over:
        return (), None
    if rule.period is Period.TERM or rule.carry is None:
        message = N_("The rule carries balances over, but does not say which and for how long")
        raise Refused(message, clause=str(rule.clause))
    own = replace(rule, carry_over=False)
    earlier: dict[int, tuple[Decimal, Decimal]] = {}
    for source in basis.sources:
        balance, premium = earlier.get(source.year, (ZERO, ZERO))
        sheet = source.sheet
        earlier[source.year] = balance + sheet.balance - (sheet.carried or ZERO), premium + sheet.premium
    balance = sum((own_balance(own, one) for one in inputs.values()), ZERO)
    premium = sum((one.premium for one in inputs.values()), ZERO)
    years = [YearBalance(year, *found) for year, found in sorted(earlier.items())]
    years.append(YearBalance(basis.members[-1].contract.year, balance, premium))
    return tuple(years), carried_into(rule, years)[1]


def _handed_out(inputs: dict[str, SharingInputs], name: str, total: Decimal) -> dict[str, SharingInputs]:
    """An amount of the whole pool, given to its members by premium, to the fen."""
    shares = split(total, [one.premium for one in inputs.values()])
    return {key: replace(one, **{name: share}) for (key, one), share in zip(inputs.items(), shares, strict=True)}


def _settled(basis: Basis, rule: SharingRule) -> tuple[Settled, ...]:
    """What issued sheets of earlier years of the term have settled already."""
    if rule.period is not Period.TERM:
        return ()
    return tuple(
        Settled(
            f"{one.number} 第{one.version}版",
            one.balance,
            one.insurer_part or ZERO,
            one.fund_part or ZERO,
            one.retention_released or ZERO,
            one.retention_forfeited or ZERO,
        )
        for one in (source.sheet for source in basis.sources)
    )


def _divided_by(contract: AnnualContract, rule: SharingRule, counted: Counted) -> bool:
    """Whether a sheet divides the balance of a counted contract year: its own, over a term all of its agreement's."""
    if rule.period is Period.TERM:
        return counted.contract.agreement_id == contract.agreement_id
    return counted.contract.id == contract.id


def _goes_on(session: Session, contract: AnnualContract, rule: SharingRule) -> bool:
    """Whether the term goes on after this year: then its sheet is provisional."""
    if rule.period is not Period.TERM:
        return False
    agreement = session.get_one(ServiceAgreement, contract.agreement_id)
    if agreement.terminated_at is not None:
        own = [one for one in family(session, contract, rule) if one.agreement_id == contract.agreement_id]
        return any(one.year > contract.year for one in own)
    return contract.year < (agreement.extended_until or agreement.term_until).year


def _one_rule(rule: SharingRule, contract: AnnualContract, basis: Basis) -> None:
    """Raise Refused unless everything counted together follows one rule under one reading."""
    for one in basis.members:
        if one.contract.id == contract.id:
            continue
        if one.contract.sharing_reading != contract.sharing_reading or rule_of(one.contract) != rule:
            message = N_("Contract %(number)s follows another rule or reading: it cannot be counted together")
            raise Refused(message, clause=str(rule.clause), number=one.contract.number)


def together_of(calculation: Calculation, contract: AnnualContract) -> Together:
    """What stands on the sheet beside the rows of the contract year itself."""
    rule, basis, chosen = calculation.written, calculation.basis, calculation.chosen
    own = basis.of(contract)
    onward = carried_on(rule, calculation.years)
    found = Together(
        carried=calculation.carried,
        own=calculation.part.balance - calculation.own.carried,
        own_carried=calculation.own.carried,
        onward=onward,
        reserve=chosen.reserve,
        retention=chosen.retention,
        clause=str(rule.clause),
    )
    if own.assessment is not None:
        decided = local_date(own.assessment.decided_at)
        found = replace(found, score=(own.assessment.score, f"{own.assessment.period}考核，{decided}"))
    if counts(rule, Item.QUALITY_EXPENSE):
        evidence = own.figures.sources.get("quality_expense", "年度数据上报")
        found = replace(found, quality=(calculation.account.quality_expense, evidence))
    if counts(rule, Item.TARGET):
        found = replace(found, target=_target_shown(rule, calculation, own))
    if rule.split_causes:
        found = replace(found, attributable=_found_words(basis.members))
    if calculation.pools is None:
        return found
    pool = calculation.pools[calculation.reading]
    return replace(
        found,
        members=tuple(_shown(contract, rule, basis.members, place, pool) for place in range(len(pool.parts))),
        balance=chosen.balance,
        insurer=chosen.insurer,
        fund=chosen.fund,
        settled=calculation.settled,
        own_retention=calculation.retention,
    )


def _target_shown(rule: SharingRule, calculation: Calculation, own: Counted) -> AgreedCost:
    """The agreed cost of the sheet's own contract year: by the contract, by an amendment, or by the paper's rate."""
    due = target_of(rule, calculation.own)
    if rule.target_rate is not None:
        return AgreedCost(due, f"{rule.clause}，按应收保费计算", times(rule.target_rate, calculation.own.premium))
    amount, agreed = agreed_for(own.contract, own.amendment)
    source = f"年度合同 {own.contract.number} 参数12.1"
    if own.amendment is not None:
        source = f"补充协议 {own.amendment.number}"
    covered = cover_of(own.contract)
    if covered is None or covered == agreed:
        return AgreedCost(due, source)
    whole = agreed.of if agreed else covered.whole
    return AgreedCost(due, f"{source}，按实际承保期间折算", f"{show_yuan(amount)} × {covered.of} ÷ {whole}")


def _found_words(members: Sequence[Counted]) -> tuple[Decimal, str]:
    findings = [one.finding for one in members if one.finding is not None]
    words = "；".join(f"{one.meeting_held_on}联合认定" for one in findings) or "无联合认定"
    return sum((one.attributable for one in findings), ZERO), words


def _shown(
    contract: AnnualContract, rule: SharingRule, members: Sequence[Counted], place: int, pool: Pooled
) -> ShownMember:
    one, part = members[place], pool.parts[place]
    return ShownMember(
        key=one.key,
        label=f"{one.key}（{one.contract.year}年）",
        source=f"年度数据第{one.figures.version}版、理赔明细第{one.file.version}版",
        own=_divided_by(contract, rule, one),
        premium=part.premium,
        balance=part.balance,
        insurer=part.insurer,
        formula=part.formula,
    )
