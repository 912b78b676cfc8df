"""One side of a sharing rule as exact arithmetic: the band a rate falls in, what the insurer gets or bears there."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from core.policy.model import Base, Basis, Cause, Scored, SharingBand, SharingRule, Side


class SharingInvalid(ValueError):
    """What cannot be shared: a negative amount, no base for the rate, a reading or a rate the rule does not know."""


@dataclass(frozen=True)
class Corridor:
    """The bands of one side, lowest first, under one reading and cause, over a base in yuan.

    score: the assessment as a fraction of full marks; spent: the expense allowed, in yuan, for a combined limit.
    """

    rule: SharingRule
    reading: str
    side: Side
    bands: Sequence[SharingBand]
    base: Fraction
    score: Fraction
    spent: Fraction

    def place(self, rate: Fraction) -> int:
        """The place of the band that holds a rate's distance from zero. Raises SharingInvalid where none does."""
        for place, band in enumerate(self.bands):
            above = rate >= band.lower if band.lower_closed else rate > band.lower
            below = band.upper is None or (rate <= band.upper if band.upper_closed else rate < band.upper)
            if above and below:
                return place
        raise SharingInvalid(f"the rule has no band for a rate of {rate}")

    def share(self, place: int) -> Fraction:
        """The insurer's share in a band, after the score."""
        band = self.bands[place]
        share = Fraction(band.share or 0)
        if band.scored is Scored.SHARE:
            share = share * self.score
        elif band.scored is Scored.COMPLEMENT:
            share = 1 - share * self.score
        share = share if band.share_most is None else min(share, Fraction(band.share_most))
        return share if band.share_least is None else max(share, Fraction(band.share_least))

    def line(self, place: int, size: Fraction) -> Fraction:
        """What a band's own line gives for a balance of `size`, before floor and bounds; positive also for a loss."""
        band = self.bands[place]
        if band.basis is Basis.FIXED:
            return Fraction(band.amount or 0)
        if band.basis is Basis.NEGOTIATED:
            raise SharingInvalid(f"band {band.key!r} is negotiated: nothing can be computed from it")
        if band.basis is Basis.WHOLE:
            return self.share(place) * (size if band.base is Base.BALANCE else self.base)
        edge = Fraction(band.lower) * self.base
        below = self.line(place - 1, edge) if place else Fraction(0)
        return below + self.share(place) * (size - edge)

    def floors(self, place: int) -> list[Fraction]:
        """What each band below gives at its upper edge, where the reading says never less than at a lower rate."""
        if self.side not in self.rule.reading(self.reading).floor:
            return []
        return [
            self.line(lower, Fraction(band.upper) * self.base)
            for lower, band in enumerate(self.bands[:place])
            if band.upper is not None and band.basis is not Basis.NEGOTIATED
        ]

    def bounds(self) -> tuple[Fraction | None, Fraction | None]:
        """The least and the most the insurer gets or bears by the rule, in yuan, without sign."""
        rule, mine = self.rule, [bound for bound in self.rule.bounds if bound.side is self.side]
        least = self._in_yuan(rule.insurer_min_rate, [(one.least_rate, one.least_amount) for one in mine])
        most = self._in_yuan(rule.insurer_max_rate, [(one.most_rate, one.most_amount) for one in mine])
        if rule.combined_max_rate is not None and self.side is Side.SURPLUS:
            most.append(max(Fraction(rule.combined_max_rate) * self.base - self.spent, Fraction(0)))
        return max(least, default=None), min(most, default=None)

    def _in_yuan(self, rate: Decimal | None, more: list[tuple[Decimal | None, Decimal | None]]) -> list[Fraction]:
        rates, amounts = [rate, *(one for one, _ in more)], [amount for _, amount in more]
        found = [Fraction(one) * self.base for one in rates if one is not None]
        return found + [Fraction(amount) for amount in amounts if amount is not None]

    def unbounded(self, place: int, size: Fraction) -> Fraction | None:
        """What the insurer gets or bears before the rule's bounds, without sign; None where the band is negotiated."""
        if self.bands[place].basis is Basis.NEGOTIATED:
            return None
        return max([self.line(place, size), *self.floors(place)])

    def bounded(self, part: Fraction) -> Fraction:
        """A part without sign, kept within the rule's bounds; the least prevails where they cross."""
        least, most = self.bounds()
        part = part if most is None else min(part, most)
        return part if least is None else max(part, least)

    def insurer(self, place: int, size: Fraction) -> Fraction | None:
        """What the insurer gets (positive) or bears (negative), unrounded; None where the band is negotiated.

        `size` may lie on the band's open edge: then this is the value the band tends to.
        """
        part = self.unbounded(place, size)
        if part is None:
            return None
        return self.bounded(part) if self.side is Side.SURPLUS else -self.bounded(part)


def corridor(
    rule: SharingRule,
    reading: str | None,
    side: Side,
    cause: Cause,
    base: Fraction,
    *,
    score: Fraction = Fraction(1),
    spent: Fraction = Fraction(0),
) -> Corridor:
    """One side of a rule; reading None is the rule's default. Raises SharingInvalid for a reading it does not know."""
    try:
        name = rule.reading(reading).name
    except KeyError:
        known = ", ".join(known.name for known in rule.readings)
        raise SharingInvalid(f"unknown reading {reading!r}; the rule knows: {known}") from None
    return Corridor(rule, name, side, rule.bands_for(name, side, cause), base, score, spent)
