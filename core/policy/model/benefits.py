"""Benefits: what a paper fixes about deductible, ratios and tilt, and what a contract year writes down."""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Literal

from core.policy.model.base import Clause, Rate, Yuan


@dataclass(frozen=True)
class Parameter:
    """A number the paper leaves to be set each year in the annual contract, and the rule for setting it."""

    key: str
    title: str
    rule: str
    clause: Clause


@dataclass(frozen=True)
class Tilt:
    """Better terms for named groups of poor people.

    deductible_cut: fraction taken off the deductible; ratio_points: added to each band's ratio (0.05 is 5 points);
    ratio_floor: the least ratio; at_least: the cut is a minimum, not a fixed number;
    lifts_maximum: no yearly maximum payout for these groups.
    """

    groups: tuple[str, ...]
    clause: Clause
    deductible_cut: Rate | None = None
    ratio_points: Rate | None = None
    ratio_floor: Rate | None = None
    at_least: bool = False
    lifts_maximum: bool = False


@dataclass(frozen=True)
class RatioRule:
    """Bounds on the banded payment ratios: ratio of the lowest band, highest ratio allowed, whether they rise."""

    clause: Clause
    start: Rate | None = None
    highest: Rate | None = None
    rising: bool = False
    maximum_required: bool = False


@dataclass(frozen=True)
class BenefitRule:
    """What a critical-illness scheme must pay; numbers left to the yearly contract are `parameters`."""

    covers: str
    clause: Clause
    period: str | None = None
    ratios: RatioRule | None = None
    parameters: tuple[Parameter, ...] = ()
    tilts: tuple[Tilt, ...] = ()

    def tilt_for(self, group: str) -> Tilt | None:
        """The tilt of a group ('registered_poor', 'destitute', 'low_income' …), or None."""
        return next((tilt for tilt in self.tilts if group in tilt.groups), None)


@dataclass(frozen=True)
class BenefitBand:
    """Ratio paid on yearly compliant costs above `lower` up to `upper` yuan (counted by `band_basis`); None: no end."""

    lower: Yuan
    upper: Yuan | None
    ratio: Rate


@dataclass(frozen=True)
class TiltTerms:
    """A tilt as a contract year writes it down; ratio_floor lifts lower ratios to this one."""

    deductible_cut: Rate
    ratio_points: Rate = Decimal(0)
    ratio_floor: Rate | None = None
    cap_lifted: bool = False


@dataclass(frozen=True)
class BenefitTerms:
    """The benefit terms of one contract year, in yuan, as the department sets them within the policy.

    in_force_from: the day they begin where terms change within the year, None for 1 January; band_basis: whether the
    band limits count from the deductible of the person's group ('excess') or from the first yuan ('cost'), which
    papers often leave open; clause: where the terms are laid down, for the explanations of the recomputation.
    """

    year: int
    deductible: Yuan
    bands: tuple[BenefitBand, ...]
    cap: Yuan | None
    tilts: dict[str, TiltTerms] = field(default_factory=dict)
    in_force_from: date | None = None
    band_basis: Literal["excess", "cost"] = "excess"
    clause: str = ""
