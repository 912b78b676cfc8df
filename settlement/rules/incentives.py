"""What a sharing rule tempts the insurer to: its jumps, where more claims pay, where saving brings nothing (E.5).

The insurer's result is its part of the balance. Where a smaller balance, that is more claims, would give it more, the
rule pays for spending; everything here is computed on the exact curve, before anybody signs.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from typing import Literal

from core.money import round_fen
from core.policy.model import Clause, SharingRule, Side
from settlement.rules.curve import CurveSegment, curve_base, curve_points
from settlement.rules.sharing import SharingInputs, SharingResult, settle

#: Whether a part is reached at a rate, or only come near to: past it, by more claims; before it, by fewer.
Where = Literal["at", "past", "before"]
#: How far beyond the last boundary, and beyond the rate in hand, the curve is looked at.
REACH = Fraction(20, 100)


@dataclass(frozen=True)
class Jump:
    """A boundary at which the insurer's part jumps. inner, outer: at the side of zero and beyond it, yuan
    (at 0 itself: in the least loss, and at 0).

    edge: its signed rate; claims: the claims at which the year reaches it.
    """

    edge: Fraction
    inner: Decimal
    outer: Decimal
    claims: Decimal
    clause: Clause

    @property
    def size(self) -> Decimal:
        """How much the part changes at once, in yuan."""
        return abs(self.outer - self.inner)


@dataclass(frozen=True)
class Temptation:
    """A stretch of rates in which more claims would bring the insurer more.

    low, high: its signed rates (high None: and any rate above); fewest, most: the claims of the stretch, yuan (fewest
    None: and any less); best: the rate at which it would be best off, the nearest of several, and where: at it, or just
    past or before it; part: what it would get there; gain: the most it could win by moving there from the stretch.
    """

    low: Fraction
    high: Fraction | None
    fewest: Decimal | None
    most: Decimal
    best: Fraction
    where: Where
    part: Decimal
    gain: Decimal


@dataclass(frozen=True)
class Flat:
    """A stretch in which the insurer's part does not move: saving or spending is not its money (None: without end)."""

    low: Fraction | None
    high: Fraction | None
    part: Decimal


@dataclass(frozen=True)
class Incentives:
    """Everything about a rule under one reading that should be known before it is signed.

    excess: the signed rates at which the insurer gets more than the surplus, or bears more than the loss.
    """

    jumps: tuple[Jump, ...]
    temptations: tuple[Temptation, ...]
    flats: tuple[Flat, ...]
    excess: tuple[Fraction, ...]

    @property
    def sound(self) -> bool:
        """Whether nothing pays the insurer for spending more, and it never gets more than there is."""
        return not self.temptations and not self.excess


@dataclass(frozen=True)
class _Best:
    """The best part so far, its rate, and whether it is reached there."""

    value: Fraction
    rate: Fraction
    where: Where

    def or_better(self, other: "_Best") -> "_Best":
        """The better of two; of equal ones that of the higher rate, to which less has to be spent, and that reached."""
        return max(self, other, key=lambda each: (each.value, each.rate, each.where == "at"))


@dataclass(frozen=True)
class _Piece:
    """A straight piece of the curve, from the lower rate to the higher, in rates and yuan.

    open_start, open_end: whether its ends belong to a neighbour.
    """

    start: Fraction
    end: Fraction
    first: Fraction
    last: Fraction
    open_start: bool
    open_end: bool

    def at(self, value: Fraction) -> Fraction:
        """The rate at which the piece reaches a value."""
        return self.start + (value - self.first) / (self.last - self.first) * (self.end - self.start)


def incentives(rule: SharingRule, inputs: SharingInputs, reading: str | None = None) -> Incentives:
    """The jumps, temptations and flat stretches of a rule for a contract of this premium under a reading."""
    result = settle(rule, inputs, reading)
    reach = max([Fraction(band.lower) for band in rule.bands] + [abs(result.rate)]) + REACH
    segments = [one for one in _segments(rule, inputs, result, reach) if one.points]
    pieces = [piece for segment in segments for piece in _pieces(segment)]
    claims = _Claims(inputs, result, Fraction(curve_base(rule, result)), rule)
    return Incentives(
        tuple(_jumps(segments, claims)),
        tuple(_temptations(pieces, claims, reach)),
        tuple(_flats(pieces, reach)),
        tuple(dict.fromkeys(_excess(pieces, claims))),
    )


def of_premium(premium: Decimal) -> SharingInputs:
    """Figures that say only how large a contract is, to look at a rule before there is a year."""
    return SharingInputs(premium, premium, target=premium)


@dataclass(frozen=True)
class _Claims:
    """How rates and claims go together in a year whose other figures stand."""

    inputs: SharingInputs
    result: SharingResult
    base: Fraction
    rule: SharingRule

    def balance(self, rate: Fraction) -> Fraction:
        """The balance at a signed rate, in yuan."""
        moves = self.rule.metric.value == "profit_on_cost"
        return rate * (self.base / (1 + rate) if moves else self.base)

    def at(self, rate: Fraction) -> Decimal:
        """The claims that give a signed rate, in yuan; nothing below none."""
        amount = Fraction(self.inputs.claims) + Fraction(self.result.balance) - self.balance(rate)
        return round_fen(max(amount, Fraction(0)))


def _segments(
    rule: SharingRule, inputs: SharingInputs, result: SharingResult, reach: Fraction
) -> tuple[CurveSegment, ...]:
    low = max(-reach, Fraction(-99, 100)) if rule.metric.value == "profit_on_cost" else -reach
    score, spent = Fraction(inputs.score), Fraction(result.expense_allowed)
    base = curve_base(rule, result)
    return curve_points(rule, base, result.reading, low, reach, inputs.cause, score=score, spent=spent)


def _pieces(segment: CurveSegment) -> Iterator[_Piece]:
    for one, other in pairwise(segment.points):
        yield _Piece(
            one.rate,
            other.rate,
            Fraction(one.insurer),
            Fraction(other.insurer),
            one.rate == segment.start and not segment.start_closed,
            other.rate == segment.end and not segment.end_closed,
        )


def _jumps(segments: Sequence[CurveSegment], claims: _Claims) -> Iterator[Jump]:
    for before, after in pairwise(segments):
        values = before.points[-1].insurer, after.points[0].insurer
        if before.end != after.start or values[0] == values[1]:
            continue
        outward = after.band.side is Side.SURPLUS
        inner, outer = values if outward else values[::-1]
        band = after.band if outward else before.band
        yield Jump(after.start, inner, outer, claims.at(after.start), band.clause)


def _temptations(pieces: Sequence[_Piece], claims: _Claims, reach: Fraction) -> Iterator[Temptation]:
    """From the largest loss up: wherever the part lies below the best that a smaller balance gives."""
    found: list[Temptation] = []
    best: _Best | None = None
    for piece in pieces:
        first = _Best(piece.first, piece.start, "before" if piece.open_start else "at")
        best = best.or_better(first) if best else first
        lowest = min(piece.first, piece.last)
        if lowest < best.value:
            high = piece.at(best.value) if piece.last > best.value else piece.end
            found.append(_temptation(piece.start, high, best, best.value - lowest, claims, reach))
        best = best.or_better(_Best(piece.last, piece.end, "past" if piece.open_end else "at"))
    yield from _joined(found)


def _temptation(
    low: Fraction, high: Fraction, best: _Best, gain: Fraction, claims: _Claims, reach: Fraction
) -> Temptation:
    open_ended = high >= reach
    return Temptation(
        low,
        None if open_ended else high,
        None if open_ended else claims.at(high),
        claims.at(low),
        best.rate,
        best.where,
        round_fen(best.value),
        round_fen(gain),
    )


def _joined(found: Sequence[Temptation]) -> Iterator[Temptation]:
    """Stretches that meet are one; the larger gain tells where the insurer would be best off."""
    joined: list[Temptation] = []
    for one in found:
        last = joined[-1] if joined else None
        if last is None or last.high != one.low:
            joined.append(one)
            continue
        top = max(last, one, key=lambda each: each.gain)
        joined[-1] = replace(top, low=last.low, high=one.high, fewest=one.fewest, most=last.most)
    return iter(joined)


def _flats(pieces: Sequence[_Piece], reach: Fraction) -> Iterator[Flat]:
    flat: list[Flat] = []
    for piece in pieces:
        if piece.first != piece.last:
            continue
        low, high = (None if piece.start <= -reach else piece.start), (None if piece.end >= reach else piece.end)
        part = round_fen(piece.first)
        if flat and flat[-1].high == low and flat[-1].part == part and low is not None:
            flat[-1] = Flat(flat[-1].low, high, part)
        else:
            flat.append(Flat(low, high, part))
    return iter(flat)


def _excess(pieces: Sequence[_Piece], claims: _Claims) -> Iterator[Fraction]:
    for piece in pieces:
        for rate, value in ((piece.start, piece.first), (piece.end, piece.last)):
            balance, part = claims.balance(rate), round_fen(value)
            if balance >= 0 and part > round_fen(balance) or balance <= 0 and part < round_fen(balance):
                yield rate
