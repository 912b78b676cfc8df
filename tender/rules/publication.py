"""Ready to publish? Every check of a tender before its notice: what blocks, what warns, what passes, and why."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from core.errors import N_
from core.money import round_fen
from core.policy.procurement import FactorRule, RuleSet, TimeLimit, cite, factors
from tender.rules.checking import Check, Level, LineFacts, LotFacts
from tender.rules.factors import table_checks, word_checks
from tender.rules.splitting import parts_of, term_total
from tender.rules.timetable import Timetable
from tender.rules.words import PriceObject, ScoreBlock

__all__ = ["Check", "DraftFacts", "Level", "LineFacts", "LotFacts", "blocking", "checks", "too_few_takers"]


@dataclass(frozen=True)
class DraftFacts:
    """A tender in preparation as the checks see it."""

    budget: Decimal
    bid_security: Decimal
    performance_security_rate: Decimal
    term_from: date
    term_until: date
    fields: Mapping[str, str]
    conditions: Sequence[str]
    lots: Sequence[LotFacts]
    lines: Sequence[LineFacts]
    timetable: Timetable | None
    pack_winners: int | None
    pack_years: int | None
    keys_made: bool
    unconfirmed: int
    pack_clause: str = ""
    agreement_clause: str = ""
    low_price_ratio: Decimal | None = None
    #: The day whose law counts; None: the last day of the rule set.
    on: date | None = None


def too_few_takers(takers: int, limits: Mapping[str, TimeLimit]) -> bool:
    """Whether so few took the documents that their period may be extended (T03), where the law of the day knows it."""
    limit = limits.get("T03")
    return limit is not None and limit.suppliers is not None and takers < limit.suppliers


def checks(draft: DraftFacts, rules: RuleSet) -> tuple[Check, ...]:
    """Every check of a draft, blocking ones first."""
    known = factors(draft.on or rules.in_force_until or date.max)
    found = [
        *_fields(draft, known), *_lots(draft), *_scoring(draft, rules, known), *_securities(draft, rules),
        *_low_price(draft, rules),
        *_timetable(draft), *_keys(draft),
    ]  # fmt: skip
    return tuple(sorted(found, key=lambda check: list(Level).index(check.level)))


def blocking(found: Sequence[Check]) -> tuple[Check, ...]:
    """The checks that forbid publication."""
    return tuple(check for check in found if check.level is Level.BLOCK)


def _check(good: bool, what: str, why: str, clause: str, field: str, **params: Any) -> Check:
    return Check(Level.PASS if good else Level.BLOCK, what, "" if good else why, clause, field, params)


def _fields(draft: DraftFacts, known: Sequence[FactorRule]) -> Iterator[Check]:
    what = N_("Mandatory field %(key)s")
    for key, text in draft.fields.items():
        why = N_("The tender document must state it")
        yield _check(bool(text.strip()), what, why, draft.pack_clause, f"field-{key}", key=key)
        yield from word_checks(what, text, f"field-{key}", ("minimum_price",), known, {"key": key})
    why, what = N_("Name the conditions a bidder must meet"), N_("Qualification conditions")
    yield _check(bool(draft.conditions), what, why, "政府采购法第22条", "conditions")
    for text in draft.conditions:
        yield from word_checks(what, text, "conditions", ("scale", "rank", "place", "minimum_price"), known, {})


def _lots(draft: DraftFacts) -> Iterator[Check]:
    yield _check(bool(draft.lots), N_("Lots"), N_("A tender needs at least one lot"), draft.pack_clause, "lots")
    total = sum((lot.budget for lot in draft.lots), Decimal(0))
    why = N_("The lots' budgets add up to %(total)s yuan, not to the tender's budget")
    yield _check(total == draft.budget, N_("Budget of the lots"), why, "政府采购法第33条", "lots", total=str(total))
    for lot in draft.lots:
        yield from _lot(draft, lot)
    if draft.pack_years is not None:
        years = draft.term_until.year - draft.term_from.year + 1
        why = N_("The agreement runs %(asked)s years under the policy, the tender's term is %(years)s")
        yield _check(
            years == draft.pack_years and (draft.term_from.month, draft.term_from.day) == (1, 1),
            N_("Term of the service agreement"), why, draft.agreement_clause, "term_from",
            asked=draft.pack_years, years=years,
        )  # fmt: skip


def _lot(draft: DraftFacts, lot: LotFacts) -> Iterator[Check]:
    place = {"lot": lot.position}
    what, why = N_("Historical data of lot %(lot)s"), N_("The tender document must supply past years' data")
    yield _check(lot.historical_years > 0, what, why, draft.pack_clause, f"history-{lot.position}", **place)
    what, why = N_("Winners of lot %(lot)s"), N_("The policy asks for %(asked)s insurers a scheme")
    good = draft.pack_winners in (None, lot.winners)
    yield _check(good, what, why, draft.pack_clause, f"lot-{lot.position}", asked=draft.pack_winners or 0, **place)
    what = N_("Division of the insured of lot %(lot)s")
    why = N_("The parts must cover the insured exactly, one part a winner")
    yield _check(_divided(lot), what, why, draft.pack_clause, f"lot-{lot.position}", **place)
    what = N_("Contract parameters of lot %(lot)s")
    why = N_("Choose reading, rate definition, expense cap and instalments")
    yield _check(lot.has_terms, what, why, draft.pack_clause, f"terms-{lot.position}", **place)
    yield _ceiling(draft, lot)


def _ceiling(draft: DraftFacts, lot: LotFacts) -> Check:
    """A ceiling is above zero, a rate below one, and what it means over the term lies within the budget."""
    what, clause, where = N_("Ceiling of lot %(lot)s"), "政府采购法实施条例第30条", f"lot-{lot.position}"
    if lot.ceiling <= 0:
        return _check(False, what, N_("The ceiling must be above zero"), clause, where, lot=lot.position)
    if lot.price_object in (PriceObject.FEE_RATE, PriceObject.PROFIT_RATE) and lot.ceiling >= 1:
        return _check(False, what, N_("A rate must be below 100 per cent"), clause, where, lot=lot.position)
    years = draft.term_until.year - draft.term_from.year + 1
    total = term_total(lot.price_object, lot.ceiling, lot.insured, years, lot.budget)
    why = N_("At the ceiling the term costs %(total)s yuan, more than the budget of the lot")
    return _check(total <= lot.budget, what, why, clause, where, lot=lot.position, total=str(round_fen(total)))


def _divided(lot: LotFacts) -> bool:
    try:
        return len(parts_of(lot.split_method, lot.split, lot.insured, lot.area)) == lot.winners
    except (ValueError, KeyError, ArithmeticError):
        return False


def _scoring(draft: DraftFacts, rules: RuleSet, known: Sequence[FactorRule]) -> Iterator[Check]:
    clause = cite(rules.price_weight.article)
    total = sum((line.points for line in draft.lines), Decimal(0))
    why = N_("The points add up to %(total)s, not to 100")
    yield _check(total == 100, N_("Points of the scoring table"), why, clause, "criteria", total=format(total, "f"))
    kinds = {lot.price_object is PriceObject.FIXED for lot in draft.lots}
    if len(kinds) > 1:
        why = N_("Lots with a fixed price and lots that are bid cannot share one scoring table: tender them apart")
        yield Check(Level.BLOCK, N_("Weight of the price"), why, clause, "lots")
    fixed = kinds == {True}
    price = sum((line.points for line in draft.lines if line.block is ScoreBlock.PRICE), Decimal(0))
    least, most = rules.price_weight.least * 100, (rules.price_weight.most or Decimal(1)) * 100
    why = N_("Price weighs %(points)s points; %(least)s to %(most)s are allowed")
    yield _check(
        price == 0 if fixed else least <= price <= most, N_("Weight of the price"), why, clause, "criteria",
        points=format(price, "f"), least=f"{least:.0f}", most=f"{most:.0f}",
    )  # fmt: skip
    yield from table_checks(draft.lines, draft.conditions, known, clause)


def _securities(draft: DraftFacts, rules: RuleSet) -> Iterator[Check]:
    cap = rules.bid_security
    lots = max(len(draft.lots), 1)
    why = N_("%(lots)s times %(security)s yuan is more than %(cap)s %% of the budget")
    yield _check(
        draft.bid_security * lots <= draft.budget * cap.most, N_("Bid security"), why, cite(cap.article),
        "bid_security", lots=lots, security=str(draft.bid_security), cap=f"{cap.most * 100:.0f}",
    )  # fmt: skip
    cap = rules.performance_security
    why = N_("At most %(cap)s %% of the contract amount are allowed")
    yield _check(
        draft.performance_security_rate <= cap.most, N_("Performance security"), why, cite(cap.article),
        "performance_security_rate", cap=f"{cap.most * 100:.0f}",
    )  # fmt: skip


def _low_price(draft: DraftFacts, rules: RuleSet) -> Iterator[Check]:
    """A raised ratio lies between the rule's own and its most; a rule set without numbers knows none."""
    rule, ratio = rules.low_price, draft.low_price_ratio
    what = N_("Ratio of the low-price review")
    if ratio is None:
        return
    if rule is None:
        why = N_("The rule set of this tender knows no ratio: leave it empty")
        yield Check(Level.BLOCK, what, why, "财政部令第87号第60条", "low_price_ratio")
        return
    least = min(rule.of_mean, rule.of_second_lowest, rule.of_ceiling)
    why = N_("The ratio is raised above %(least)s %% and up to %(most)s %%")
    yield _check(
        least < ratio <= rule.raised_at_most, what, why, cite(rule.article), "low_price_ratio",
        least=f"{least * 100:.0f}", most=f"{rule.raised_at_most * 100:.0f}",
    )  # fmt: skip


def _timetable(draft: DraftFacts) -> Iterator[Check]:
    what = N_("Timetable")
    if draft.timetable is None:
        why = N_("Set the day of the notice and the deadline")
        yield Check(Level.BLOCK, what, why, "政府采购法第35条", "timetable")
        return
    for fault in draft.timetable.faults:
        yield Check(Level.BLOCK, what, fault.message, fault.clause, fault.field, fault.params)
    for warning in draft.timetable.warnings:
        yield Check(Level.WARN, what, warning.message, warning.clause, warning.field, warning.params)
    if draft.timetable.provisional:
        why = N_("Some dates are provisional: the holidays of that year are not published yet")
        yield Check(Level.WARN, what, why, "国务院办公厅节假日安排通知", "timetable")
    if not draft.timetable.faults:
        yield Check(Level.PASS, what, "", "政府采购法第35条", "timetable")


def _keys(draft: DraftFacts) -> Iterator[Check]:
    why = N_("Hold the key ceremony: no bid can be sealed without the keys")
    yield _check(draft.keys_made, N_("Keys of the envelopes"), why, "财政部令第87号第33条", "keys")
    if draft.keys_made:
        why = N_("%(missing)s opening officers have not confirmed that their shares open")
        yield _check(
            draft.unconfirmed == 0, N_("Confirmation by the opening officers"), why, "财政部令第87号第33条", "keys",
            missing=draft.unconfirmed,
        )  # fmt: skip
