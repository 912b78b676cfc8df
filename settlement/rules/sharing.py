"""Who keeps a contract year's surplus and who bears its loss, for any corridor of bands written as data (J14, J15).

Bands are found on the exact rate, never on a rounded one. The insurer's part is rounded half up to the fen and the
fund takes the rest, so that the parts always add up. Where the text allows several readings, the reading is given.
"""

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Literal

from core.money import ZERO, round_fen, show_yuan
from core.policy.model import Cause, Metric, RoundTo, SharingBand, SharingRule, Side
from settlement.rules.balance import Account, account, allowed_expense, own_balance
from settlement.rules.corridor import Corridor, SharingInvalid, corridor
from settlement.rules.figures import Line, SharingInputs, Step, exact_text
from settlement.rules.formulas import band_formula, insurer_formula
from settlement.rules.reserve import ReserveMove, drawn_first, drawn_lines, moved
from settlement.rules.retention import Retained, retained

__all__ = [
    "Line",
    "Outcome",
    "Portion",
    "SharingInputs",
    "SharingInvalid",
    "SharingResult",
    "Step",
    "allowed_expense",
    "compare_readings",
    "exact_text",
    "own_balance",
    "settle",
]

Outcome = Literal["shared", "provisional", "negotiated"]


@dataclass(frozen=True)
class Portion:
    """A part of the balance with one cause and one band: the whole balance, save for a loss of two causes.

    amount: yuan, negative for a loss; insurer: what the insurer gets or bears of it before the rule's bounds and before
    rounding, without sign; None where the band is negotiated.
    """

    cause: Cause
    amount: Decimal
    band: SharingBand
    insurer: Fraction | None


@dataclass(frozen=True)
class SharingResult:
    """What becomes of the balance. Amounts in yuan; a loss is negative; insurer + fund = balance.

    rate: what is shared (the balance less what the reserve paid first) over `base`, exact; shown_rate: the same in the
    rule's own metric (a payout ratio, say); insurer, fund: None where nothing is computed ('negotiated', J15);
    'provisional' may be shown, not paid (J9); band: that of the larger portion. reserve, retention: what the year does
    to the reserve (within the fund's part) and to money held back (beside the balance), where the rule has them.
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
    portions: tuple[Portion, ...] = ()
    reserve: ReserveMove | None = None
    retention: Retained | None = None


def settle(rule: SharingRule, inputs: SharingInputs, reading: str | None = None) -> SharingResult:
    """Share one balance by a rule under a reading (None: the rule's default).

    Raises SharingInvalid for a reading the rule does not know, a rate that has no base, or more policy loss than loss.
    """
    year = account(rule, inputs)
    drawn = drawn_first(rule, inputs, year.balance)
    shared = year.balance + drawn
    rate = Fraction(shared) / Fraction(year.base)
    side = Side.SURPLUS if shared >= 0 else Side.LOSS
    causes = _by_cause(rule, inputs, shared)
    found = [_portion(_bands(rule, reading, side, cause, inputs, year), cause, amount) for cause, amount in causes]
    bands, portions = [one for one, _, _ in found], tuple(portion for _, _, portion in found)
    lines = list(year.lines)
    lines += drawn_lines(rule, inputs, year.balance, drawn)
    lines.append(_rate_line(rule, shared, year.base, rate))
    lines += [_band_line(portion, year.base) for portion in portions]
    insurer = _insurer(bands[0], portions)
    fund = None if insurer is None else year.balance - insurer
    if insurer is not None:
        written = [(corridor_, place, portion.amount) for corridor_, place, portion in found]
        lines += _part_lines(rule, portions, insurer_formula(written, year.base), year, insurer)
    move, reserve_lines = moved(rule, inputs, year.balance, drawn, fund)
    held, retention_lines = retained(rule, inputs, year.expense, insurer)
    return SharingResult(
        rate,
        Fraction(year.cost) / Fraction(year.base) if rule.metric in (Metric.PAYOUT_RATIO, Metric.MLR) else rate,
        year.base,
        year.expense,
        year.balance,
        insurer,
        fund,
        _outcome(portions),
        side,
        _largest(portions).band,
        bands[0].reading,
        (*lines, *reserve_lines, *retention_lines),
        portions,
        move,
        held,
    )


def compare_readings(rule: SharingRule, inputs: SharingInputs) -> dict[str, SharingResult]:
    """The same figures under every reading of the rule, by the reading's name, in the rule's order."""
    return {reading.name: settle(rule, inputs, reading.name) for reading in rule.readings}


def _by_cause(rule: SharingRule, inputs: SharingInputs, shared: Decimal) -> list[tuple[Cause, Decimal]]:
    """The amounts that are shared by themselves: a loss of two causes is two of them where the rule says so (J12)."""
    policy = inputs.attributable
    if not rule.split_causes or not policy or shared >= 0:
        return [(inputs.cause, shared)]
    if policy > -shared:
        raise SharingInvalid(f"the loss put down to policy ({policy}) is larger than the loss ({-shared})")
    both = [(Cause.OPERATING, shared + policy), (Cause.POLICY, -policy)]
    return [(cause, amount) for cause, amount in both if amount]


def _bands(
    rule: SharingRule, reading: str | None, side: Side, cause: Cause, inputs: SharingInputs, year: Account
) -> Corridor:
    base, score, spent = Fraction(year.base), Fraction(inputs.score), Fraction(year.expense)
    return corridor(rule, reading, side, cause, base, score=score, spent=spent)


def _portion(bands: Corridor, cause: Cause, amount: Decimal) -> tuple[Corridor, int, Portion]:
    size = abs(Fraction(amount))
    place = bands.place(size / bands.base)
    return bands, place, Portion(cause, amount, bands.bands[place], bands.unbounded(place, size))


def _insurer(bands: Corridor, portions: tuple[Portion, ...]) -> Decimal | None:
    """The insurer's part in whole fen (or yuan, where the rule says so); None where one portion is negotiated."""
    parts = [portion.insurer for portion in portions if portion.insurer is not None]
    if len(parts) < len(portions):
        return None
    part = bands.bounded(sum(parts, Fraction(0)))
    whole = round_fen(part / 100) * 100 if bands.rule.round_to is RoundTo.YUAN else round_fen(part)
    return whole if bands.side is Side.SURPLUS else -whole


def _outcome(portions: tuple[Portion, ...]) -> Outcome:
    if any(portion.insurer is None for portion in portions):
        return "negotiated"
    return "provisional" if any(portion.band.provisional for portion in portions) else "shared"


def _largest(portions: tuple[Portion, ...]) -> Portion:
    return max(portions, key=lambda portion: abs(portion.amount))


def _rate_line(rule: SharingRule, shared: Decimal, base: Decimal, rate: Fraction) -> Line:
    formula = f"{show_yuan(shared)} ÷ {show_yuan(base)}"
    return Line("rate", rule.clause, formula, (("balance", shared), ("base", base)), None, rate=rate)


def _band_line(portion: Portion, base: Decimal) -> Line:
    band, pairs = portion.band, (("portion", portion.amount),)
    return Line("band", band.clause, band_formula(band, portion.amount, base), pairs, None, note=band.house)


def _part_lines(
    rule: SharingRule, portions: tuple[Portion, ...], formula: str, year: Account, insurer: Decimal
) -> list[Line]:
    band, balance = _largest(portions).band, year.balance
    rest = f"{show_yuan(balance)} − {show_yuan(insurer)}".replace("− −", "+ ")
    shared = sum((portion.amount for portion in portions), ZERO)
    inputs = (("balance", shared), ("base", year.base))
    return [
        Line("insurer", band.clause, formula, inputs, insurer, "half_up", note=band.house),
        Line("fund", band.clause, rest, (("balance", balance), ("insurer", insurer)), balance - insurer, "residue"),
    ]
