"""Who keeps a contract year's surplus and who bears its loss, for any corridor of bands written as data (J14, J15).

Bands are found on the exact rate, never on a rounded one. The insurer's part is rounded half up to the fen and the
fund takes the rest, so that the parts always add up. Where the text allows several readings, the reading is given.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from typing import Literal

from core.money import round_fen, show_yuan, yuan
from core.policy.model import (
    Base,
    Basis,
    Cause,
    Clause,
    ExpenseTreatment,
    Item,
    Metric,
    SharingBand,
    SharingRule,
    Side,
)
from settlement.rules.corridor import Corridor, SharingInvalid, corridor

Outcome = Literal["shared", "provisional", "negotiated"]
Step = Literal["expense", "income", "cost", "balance", "rate", "band", "insurer", "fund"]
Rounding = Literal["exact", "half_up", "residue"]

ZERO = Decimal("0.00")


@dataclass(frozen=True)
class SharingInputs:
    """The figures of one contract year (or term, where the rule says so), in yuan; what does not exist is zero.

    reserve_change: closing less opening outstanding reserve; target: the agreed cost, for rules measured against one;
    carried: balance brought forward, counted only where the rule carries over; cause: as certified by the joint
    finding (J12); expense_cap_rate: the contract's own cap as a fraction of the premium.
    """

    premium: Decimal
    claims: Decimal
    expense: Decimal = ZERO
    reserve_change: Decimal = ZERO
    interest: Decimal = ZERO
    target: Decimal = ZERO
    carried: Decimal = ZERO
    cause: Cause = Cause.OPERATING
    expense_cap_rate: Decimal | None = None

    def __post_init__(self) -> None:
        for name in ("premium", "claims", "expense", "reserve_change", "interest", "target", "carried"):
            object.__setattr__(self, name, yuan(getattr(self, name)))
        for name in ("claims", "expense", "target"):
            if getattr(self, name) < 0:
                raise SharingInvalid(f"{name} is negative: {getattr(self, name)}")
        if self.premium <= 0:
            raise SharingInvalid(f"premium is not positive: {self.premium}")
        object.__setattr__(self, "cause", Cause(self.cause))


@dataclass(frozen=True)
class Line:
    """One step of the calculation, for the sheet and its explanation.

    formula: in numbers, the same in every language; inputs: (item, amount) pairs it used; amount: yuan, None where the
    step has none; rate: set on the rate's line only; note: the house's reason where the paper is silent.
    """

    step: Step
    clause: Clause
    formula: str
    inputs: tuple[tuple[str, Decimal], ...]
    amount: Decimal | None
    rounding: Rounding = "exact"
    rate: Fraction | None = None
    note: str | None = None


@dataclass(frozen=True)
class SharingResult:
    """What becomes of the balance. Amounts in yuan; a loss is negative; insurer + fund = balance.

    rate: balance over `base`, exact; shown_rate: the same in the rule's own metric (a payout ratio, say);
    insurer, fund: None where nothing is computed ('negotiated', J15); 'provisional' may be shown, not paid (J9).
    """

    rate: Fraction
    shown_rate: Fraction
    base: Decimal
    expense_allowed: Decimal
    balance: Decimal
    insurer: Decimal | None
    fund: Decimal | None
    outcome: Outcome
    side: Side
    band: SharingBand
    reading: str
    lines: tuple[Line, ...]


def settle(rule: SharingRule, inputs: SharingInputs, reading: str | None = None) -> SharingResult:
    """Share one balance by a rule under a reading (None: the rule's default).

    Raises SharingInvalid for a reading the rule does not know or a rate that has no base.
    """
    allowed = allowed_expense(rule, inputs)
    counted = replace(inputs, expense=allowed)
    income, cost = _total(rule.income, counted), _total(rule.cost, counted)
    balance = income - cost + (inputs.carried if rule.carry_over else ZERO)
    base = _rate_base(rule, inputs, cost)
    rate = Fraction(balance) / Fraction(base)
    side = Side.SURPLUS if balance >= 0 else Side.LOSS
    bands = corridor(rule, reading, side, inputs.cause, Fraction(base))
    place = bands.place(abs(rate))
    band = bands.bands[place]
    lines = [
        *_expense_lines(rule, inputs, allowed),
        _sum_line(rule, "income", rule.income, counted),
        _sum_line(rule, "cost", rule.cost, counted),
        _balance_line(rule, income, cost, inputs, balance),
        _rate_line(rule, balance, base, rate),
        Line("band", band.clause, _band_formula(band, balance, base), (), None, note=band.house),
    ]
    shown = Fraction(cost) / Fraction(base) if rule.metric in (Metric.PAYOUT_RATIO, Metric.MLR) else rate
    insurer = fund = None
    outcome: Outcome = "negotiated"
    part = bands.insurer(place, abs(Fraction(balance)))
    if part is not None:
        outcome = "provisional" if band.provisional else "shared"
        insurer = round_fen(part)
        fund = balance - insurer
        lines += _part_lines(bands, place, balance, base, insurer)
    return SharingResult(
        rate, shown, base, allowed, balance, insurer, fund, outcome, side, band, bands.reading, tuple(lines)
    )


def compare_readings(rule: SharingRule, inputs: SharingInputs) -> dict[str, SharingResult]:
    """The same figures under every reading of the rule, by the reading's name, in the rule's order."""
    return {reading.name: settle(rule, inputs, reading.name) for reading in rule.readings}


def exact_text(rate: Fraction) -> str:
    """A rate as a plain decimal: every digit where it terminates, else 20 significant digits."""
    rest, places = rate.denominator, 0
    for prime in (2, 5):
        power = 0
        while rest % prime == 0:
            rest, power = rest // prime, power + 1
        places = max(places, power)
    if rest != 1:
        places, size = 20, abs(rate)
        while size < Fraction(1, 10):
            size, places = size * 10, places + 1
        while size >= 1:
            size, places = size / 10, places - 1
    digits = str(round(abs(rate) * 10**places)).rjust(places + 1, "0")
    whole, decimals = digits[: len(digits) - places], digits[len(digits) - places :].rstrip("0")
    return ("-" if rate < 0 else "") + whole + ("." + decimals if decimals else "")


def _rate_base(rule: SharingRule, inputs: SharingInputs, cost: Decimal) -> Decimal:
    """What the balance is divided by, in yuan. Raises SharingInvalid where it is not positive."""
    base = {Metric.COST_TO_TARGET: inputs.target, Metric.PROFIT_ON_COST: cost}.get(rule.metric, inputs.premium)
    if base <= 0:
        raise SharingInvalid(f"no base for the rate ({rule.metric}): {base}")
    return base


def own_balance(rule: SharingRule, inputs: SharingInputs) -> Decimal:
    """The balance the rule counts for these figures alone, in yuan: income less cost, with what is carried over."""
    counted = replace(inputs, expense=allowed_expense(rule, inputs))
    carried = inputs.carried if rule.carry_over else ZERO
    return _total(rule.income, counted) - _total(rule.cost, counted) + carried


def allowed_expense(rule: SharingRule, inputs: SharingInputs) -> Decimal:
    """J1: what of the expense enters the balance; a rule that caps it, without a cap anywhere, allows all of it."""
    rate = _cap_rate(rule, inputs)
    if rule.expense is ExpenseTreatment.EXCLUDED:
        return ZERO
    if rule.expense is ExpenseTreatment.ACTUAL or (rule.expense is ExpenseTreatment.CAPPED and rate is None):
        return inputs.expense
    if rate is None:
        raise SharingInvalid("the rule fixes the expense: give its rate of the premium")
    cap = round_fen(Fraction(rate) * Fraction(inputs.premium))
    return cap if rule.expense is ExpenseTreatment.FIXED else min(inputs.expense, cap)


def _cap_rate(rule: SharingRule, inputs: SharingInputs) -> Decimal | None:
    return inputs.expense_cap_rate if rule.expense_cap_rate is None else rule.expense_cap_rate


def _total(items: Sequence[Item], inputs: SharingInputs) -> Decimal:
    return sum((amount for _, amount in _amounts(items, inputs)), ZERO)


def _amounts(items: Sequence[Item], inputs: SharingInputs) -> tuple[tuple[str, Decimal], ...]:
    return tuple((item.value, getattr(inputs, item.value)) for item in items)


def _expense_lines(rule: SharingRule, inputs: SharingInputs, allowed: Decimal) -> list[Line]:
    if rule.expense is ExpenseTreatment.EXCLUDED or Item.EXPENSE not in rule.cost:
        return []
    rate, spent = _cap_rate(rule, inputs), show_yuan(inputs.expense)
    pairs = (("expense", inputs.expense), ("premium", inputs.premium))
    if rate is None or rule.expense is ExpenseTreatment.ACTUAL:
        return [Line("expense", rule.clause, spent, pairs[:1], allowed)]
    cap = _times(rate, inputs.premium)
    formula = cap if rule.expense is ExpenseTreatment.FIXED else f"min({spent}, {cap})"
    return [Line("expense", rule.clause, formula, pairs, allowed, "half_up")]


def _sum_line(rule: SharingRule, step: Step, items: Sequence[Item], inputs: SharingInputs) -> Line:
    pairs = _amounts(items, inputs)
    formula = " + ".join(show_yuan(amount) for _, amount in pairs).replace("+ −", "− ")
    return Line(step, rule.clause, formula, pairs, _total(items, inputs))


def _balance_line(rule: SharingRule, income: Decimal, cost: Decimal, inputs: SharingInputs, balance: Decimal) -> Line:
    pairs: tuple[tuple[str, Decimal], ...] = (("income", income), ("cost", cost))
    formula = f"{show_yuan(income)} − {show_yuan(cost)}"
    if rule.carry_over:
        pairs += (("carried", inputs.carried),)
        formula += f" + {show_yuan(inputs.carried)}"
    return Line("balance", rule.clause, formula, pairs, balance)


def _rate_line(rule: SharingRule, balance: Decimal, base: Decimal, rate: Fraction) -> Line:
    formula = f"{show_yuan(balance)} ÷ {show_yuan(base)}"
    return Line("rate", rule.clause, formula, (("balance", balance), ("base", base)), None, rate=rate)


def _band_formula(band: SharingBand, balance: Decimal, base: Decimal) -> str:
    """The band's edges in yuan around the size of the balance, so that the comparison can be redone by hand."""
    lower = f"{_times(band.lower, base)} {'≤' if band.lower_closed else '<'} "
    upper = "" if band.upper is None else f" {'≤' if band.upper_closed else '<'} {_times(band.upper, base)}"
    return f"{lower}{show_yuan(abs(balance))}{upper}"


def _part_lines(bands: Corridor, place: int, balance: Decimal, base: Decimal, insurer: Decimal) -> list[Line]:
    band = bands.bands[place]
    formula = _share_formula(bands, place, show_yuan(abs(balance)), base)
    floors = bands.floors(place)
    if floors:
        formula = f"max({formula}, {show_yuan(round_fen(max(floors)))})"
    for word, bound in (("min", bands.rule.insurer_max_rate), ("max", bands.rule.insurer_min_rate)):
        if bound is not None:
            formula = f"{word}({formula}, {_times(bound, base)})"
    if band.side is Side.LOSS:
        formula = f"−({formula})"
    rest = f"{show_yuan(balance)} − {show_yuan(insurer)}".replace("− −", "+ ")
    return [
        Line(
            "insurer",
            band.clause,
            formula,
            (("balance", balance), ("base", base)),
            insurer,
            "half_up",
            note=band.house,
        ),
        Line("fund", band.clause, rest, (("balance", balance), ("insurer", insurer)), balance - insurer, "residue"),
    ]


def _share_formula(bands: Corridor, place: int, size: str, base: Decimal) -> str:
    band = bands.bands[place]
    if band.basis is Basis.FIXED:
        return show_yuan(band.amount)
    share = _percent(band.share or Decimal(0))
    if band.basis is Basis.WHOLE:
        return f"{share} × {size if band.base is Base.BALANCE else show_yuan(base)}"
    edge = _times(band.lower, base)
    below = _share_formula(bands, place - 1, edge, base) + " + " if place else ""
    return f"{below}{share} × ({size} − {edge})"


def _times(rate: Decimal, base: Decimal) -> str:
    return f"{_percent(rate)} × {show_yuan(base)}"


def _percent(rate: Decimal) -> str:
    """0.03 → '3%', with every digit there is and no more."""
    return f"{exact_text(Fraction(rate) * 100)}%".replace("-", "−")
