"""What critical-illness insurance pays one person in one insurance year, claim by claim, exact to the fen (J4, J6, J7).

A claim pays the difference of the benefit curve after and before it, so that the claims of a person add up to the
benefit of the year whatever their number, and rounding never drifts.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

from core.money import from_fen, round_fen, show_yuan, to_fen
from core.policy.model import BenefitTerms, TiltTerms

#: Whole basis points in one: a ratio of 0.55 is 5,500 basis points.
BASIS_POINTS = 10_000

#: Whom a claim file may name; those who are not general may have a tilt (J7, G5, N3).
GROUPS = ("general", "registered_poor", "destitute", "low_income", "returned_poor")


class TermsInvalid(ValueError):
    """Benefit terms that contradict themselves: bands that do not join, a ratio outside 0 to 1, dates that do not cover
    the year."""


@dataclass(frozen=True)
class YearTerms:
    """All terms of one insurance year in the order of their days; a claim falls under those in force on its day."""

    year: int
    versions: tuple[BenefitTerms, ...]

    def __post_init__(self) -> None:
        for terms in self.versions:
            if terms.year != self.year or _first_day(terms).year > self.year:
                raise TermsInvalid(f"benefit terms of {terms.year} from {_first_day(terms)} are not of {self.year}")
            _check(terms)
        days = self.days()
        if not days or days[0] > date(self.year, 1, 1):
            raise TermsInvalid(f"no benefit terms are in force on {self.year}-01-01")
        if any(earlier >= later for earlier, later in zip(days, days[1:], strict=False)):
            raise TermsInvalid("two versions of the benefit terms begin on the same day or stand in the wrong order")

    def days(self) -> list[date]:
        """The day each version begins."""
        return [_first_day(terms) for terms in self.versions]

    def version_on(self, day: date) -> int:
        """The place in `versions` of the terms in force on a day of the year. Raises TermsInvalid for another year."""
        if day.year != self.year:
            raise TermsInvalid(f"{day} is not in the insurance year {self.year}")
        return max(index for index, terms in enumerate(self.versions) if _first_day(terms) <= day)


@dataclass(frozen=True)
class Slice:
    """One straight piece of a curve: of the burden from `lower` to `upper` fen, `ratio` basis points are paid."""

    lower: int
    upper: int | None
    ratio: int


@dataclass(frozen=True)
class Curve:
    """The benefit of one group under one version of the terms, in whole fen and basis points.

    deductible: fen, after the tilt; slices: in order, the first begins at the deductible; maximum: fen or None.
    """

    deductible: int
    slices: tuple[Slice, ...]
    maximum: int | None

    def parts(self, burden: int) -> tuple[int, ...]:
        """How many fen of a person's yearly burden lie in each slice."""
        return tuple(
            max(0, (burden if piece.upper is None else min(burden, piece.upper)) - piece.lower) for piece in self.slices
        )

    def uncut(self, burden: int) -> int:
        """The benefit of a yearly burden in fen before the maximum; rounded once, half up to the fen."""
        exact = sum(part * piece.ratio for part, piece in zip(self.parts(burden), self.slices, strict=True))
        return (exact + BASIS_POINTS // 2) // BASIS_POINTS


def curve(terms: BenefitTerms, group: str) -> Curve:
    """The curve of a group: its tilt applied to deductible, ratios and maximum."""
    tilt = _tilt(terms, group)
    deductible = to_fen(round_fen(Fraction(terms.deductible) * (1 - Fraction(tilt.deductible_cut))))
    shift = deductible if terms.band_basis == "excess" else 0
    slices = []
    for band in terms.bands:
        upper = None if band.upper is None else to_fen(band.upper) + shift
        if upper is not None and upper <= deductible:
            continue  # on the basis of cost, a band may lie wholly under the deductible
        lower = max(to_fen(band.lower) + shift, deductible)
        slices.append(Slice(lower, upper, _basis_points(_tilted(band.ratio, tilt))))
    maximum = None if terms.cap is None or tilt.cap_lifted else to_fen(terms.cap)
    return Curve(deductible, tuple(slices), maximum)


@dataclass(frozen=True)
class Claim:
    """What the benefit of a claim depends on; burden: the personal compliant burden in fen (self_paid_compliant)."""

    claim_id: str
    settled_on: date
    group: str
    burden: int


@dataclass(frozen=True)
class ClaimBenefit:
    """How one claim's benefit came about; amounts in fen.

    before, after: the person's yearly burden around the claim; parts: of the yearly burden in each slice after the
    claim; uncut: what the claim would pay without the maximum; benefit: what it pays; version: place of the terms.
    """

    claim: Claim
    before: int
    after: int
    curve: Curve
    parts: tuple[int, ...]
    uncut: int
    benefit: int
    version: int
    clause: str

    def formula(self) -> str:
        """The calculation of the claim in one line that a desk calculator can follow."""
        return f"B({show_yuan(from_fen(self.after))}) − B({show_yuan(from_fen(self.before))})" + (
            f", maximum {show_yuan(from_fen(self.curve.maximum or 0))}" if self.benefit < self.uncut else ""
        )


def person_year(terms: YearTerms, claims: Iterable[Claim]) -> list[ClaimBenefit]:
    """The benefit of every claim of one person in one year, in the order of settlement day, then claim id.

    Each claim is paid from the curve of its own day and group, at the place on it that the year's burden has reached;
    what is cut off by the maximum is not paid later. Raises TermsInvalid for a claim of another year.
    """
    rows: list[ClaimBenefit] = []
    burden = total = 0
    curves: dict[tuple[int, str], Curve] = {}
    for claim in sorted(claims, key=lambda claim: (claim.settled_on, claim.claim_id)):
        version = terms.version_on(claim.settled_on)
        if (version, claim.group) not in curves:
            curves[version, claim.group] = curve(terms.versions[version], claim.group)
        group_curve = curves[version, claim.group]
        before, burden = burden, burden + claim.burden
        uncut = group_curve.uncut(burden) - group_curve.uncut(before)
        benefit = _capped(total + uncut, group_curve.maximum) - _capped(total, group_curve.maximum)
        total += uncut
        clause = terms.versions[version].clause
        rows.append(
            ClaimBenefit(claim, before, burden, group_curve, group_curve.parts(burden), uncut, benefit, version, clause)
        )
    return rows


def yearly_benefit(terms: BenefitTerms, group: str, burden: int) -> int:
    """B(x): the benefit in fen of a yearly burden x in fen, where terms and group stay the same all year."""
    group_curve = curve(terms, group)
    return _capped(group_curve.uncut(burden), group_curve.maximum)


def _capped(amount: int, maximum: int | None) -> int:
    return amount if maximum is None else min(amount, maximum)


def _first_day(terms: BenefitTerms) -> date:
    return terms.in_force_from or date(terms.year, 1, 1)


def _tilt(terms: BenefitTerms, group: str) -> TiltTerms:
    return terms.tilts.get(group, TiltTerms(Decimal(0)))


def _tilted(ratio: Decimal, tilt: TiltTerms) -> Decimal:
    raised = ratio + tilt.ratio_points
    return raised if tilt.ratio_floor is None else max(raised, tilt.ratio_floor)


def _basis_points(ratio: Decimal) -> int:
    points = ratio * BASIS_POINTS
    if points != int(points):
        raise TermsInvalid(f"a payment ratio has at most four decimals: {ratio}")
    return int(points)


def _check(terms: BenefitTerms) -> None:
    if terms.deductible < 0 or (terms.cap is not None and terms.cap < 0):
        raise TermsInvalid("deductible and maximum are not negative")
    if terms.band_basis not in ("excess", "cost"):
        raise TermsInvalid(f"band limits count from 'excess' or 'cost', not {terms.band_basis!r}")
    if not terms.bands or terms.bands[0].lower != 0:
        raise TermsInvalid("the first band begins at 0")
    for band, following in zip(terms.bands, (*terms.bands[1:], None), strict=True):
        if following is None and band.upper is not None:
            raise TermsInvalid("the last band has no upper limit; a yearly maximum is given as such")
        if following is not None and band.upper != following.lower:
            raise TermsInvalid(f"gap or overlap between bands: {band.upper} and {following.lower}")
        if band.upper is not None and band.upper <= band.lower:
            raise TermsInvalid(f"a band ends after it begins: {band.lower} to {band.upper}")
    for group, tilt in terms.tilts.items():
        if group not in GROUPS:
            raise TermsInvalid(f"unknown group: {group}")
        if not 0 <= tilt.deductible_cut <= 1:
            raise TermsInvalid(f"a cut of the deductible lies between 0 and 1: {tilt.deductible_cut}")
    for tilt in (TiltTerms(Decimal(0)), *terms.tilts.values()):
        for band in terms.bands:
            ratio = _tilted(band.ratio, tilt)
            _basis_points(ratio)
            if not 0 <= ratio <= 1:
                raise TermsInvalid(f"a payment ratio lies between 0 and 1: {ratio}")
