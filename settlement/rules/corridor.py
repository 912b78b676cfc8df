"""One side of a sharing rule as exact arithmetic: the band a rate falls in, what the insurer gets or bears there."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from core.policy.model import Base, Basis, Cause, SharingBand, SharingRule, Side


class SharingInvalid(ValueError):
    """What cannot be shared: a negative amount, no base for the rate, a reading or a rate the rule does not know."""


@dataclass(frozen=True)
class Corridor:
    """The bands of one side, lowest first, under one reading and cause, over a base in yuan."""

    rule: SharingRule
    reading: str
    side: Side
    bands: Sequence[SharingBand]
    base: Fraction

    def place(self, rate: Fraction) -> int:
        """The place of the band that holds a rate's distance from zero. Raises SharingInvalid where none does."""
        for place, band in enumerate(self.bands):
            above = rate >= band.lower if band.lower_closed else rate > band.lower
            below = band.upper is None or (rate <= band.upper if band.upper_closed else rate < band.upper)
            if above and below:
                return place
        raise SharingInvalid(f"the rule has no band for a rate of {rate}")

    def line(self, place: int, size: Fraction) -> Fraction:
        """What a band's own line gives for a balance of `size`, before floor and bounds; positive also for a loss."""
        band = self.bands[place]
        if band.basis is Basis.FIXED:
            return Fraction(band.amount or 0)
        if band.basis is Basis.NEGOTIATED:
            raise SharingInvalid(f"band {band.key!r} is negotiated: nothing can be computed from it")
        share = Fraction(band.share or 0)
        if band.basis is Basis.WHOLE:
            return share * (size if band.base is Base.BALANCE else self.base)
        edge = Fraction(band.lower) * self.base
        below = self.line(place - 1, edge) if place else Fraction(0)
        return below + share * (size - edge)

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
        least, most = self.rule.insurer_min_rate, self.rule.insurer_max_rate
        return (
            None if least is None else Fraction(least) * self.base,
            None if most is None else Fraction(most) * self.base,
        )

    def insurer(self, place: int, size: Fraction) -> Fraction | None:
        """What the insurer gets (positive) or bears (negative), unrounded; None where the band is negotiated.

        `size` may lie on the band's open edge: then this is the value the band tends to.
        """
        if self.bands[place].basis is Basis.NEGOTIATED:
            return None
        part = max([self.line(place, size), *self.floors(place)])
        least, most = self.bounds()
        part = part if most is None else min(part, most)
        part = part if least is None else max(part, least)
        return part if self.side is Side.SURPLUS else -part


def corridor(rule: SharingRule, reading: str | None, side: Side, cause: Cause, base: Fraction) -> Corridor:
    """One side of a rule; reading None is the rule's default. Raises SharingInvalid for a reading it does not know."""
    try:
        name = rule.reading(reading).name
    except KeyError:
        known = ", ".join(known.name for known in rule.readings)
        raise SharingInvalid(f"unknown reading {reading!r}; the rule knows: {known}") from None
    return Corridor(rule, name, side, rule.bands_for(name, side, cause), base)
