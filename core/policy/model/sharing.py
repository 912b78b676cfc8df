"""Surplus/loss sharing (盈亏调控) as data: bands, readings of an ambiguous text, and what enters the balance."""

from dataclasses import dataclass, replace
from enum import StrEnum

from core.policy.model.base import Clause, HouseChoice, Rate, Yuan


class Metric(StrEnum):
    """What the balance S is divided by. Band edges are always written as |S| over that base.

    A payout ratio or MLR of 95 % is thus a surplus edge of 0.05; only the rate that is shown differs.
    """

    SURPLUS_RATE = "surplus_rate"  # S / premium
    COST_TO_TARGET = "cost_to_target"  # S / target cost, where S = target − cost
    PAYOUT_RATIO = "payout_ratio"  # shown as cost / premium
    PROFIT_ON_COST = "profit_on_cost"  # S / cost
    MLR = "mlr"  # shown as (claims + quality expense) / premium


class Item(StrEnum):
    """What may enter the balance: income items add, cost items take away."""

    PREMIUM = "premium"
    INTEREST = "interest"
    TARGET = "target"
    CLAIMS = "claims"
    RESERVE_CHANGE = "reserve_change"
    EXPENSE = "expense"


class ExpenseTreatment(StrEnum):
    """How the insurer's expense enters the balance (regulation E, J1)."""

    EXCLUDED = "excluded"
    ACTUAL = "actual"
    CAPPED = "capped"  # min(actual, cap); the cap is `expense_cap_rate`, or the contract's where that is None
    FIXED = "fixed"  # `expense_cap_rate` of the premium whatever was spent


class Side(StrEnum):
    SURPLUS = "surplus"  # r ≥ 0
    LOSS = "loss"  # r < 0; edges are written as positive loss rates


class Cause(StrEnum):
    OPERATING = "operating"
    POLICY = "policy"


class Basis(StrEnum):
    """How a band's share is applied."""

    WHOLE = "whole"  # share × the entire surplus or loss
    SLICE = "slice"  # what the band below gives at its upper edge, plus share × the part above the lower edge
    FIXED = "fixed"  # `amount` yuan
    NEGOTIATED = "negotiated"  # nothing is computed: a recorded decision of several parties


class Base(StrEnum):
    BALANCE = "balance"
    PREMIUM = "premium"


class Period(StrEnum):
    YEAR = "year"
    TERM = "term"


class Scope(StrEnum):
    CONTRACT = "contract"
    SCHEME = "scheme"
    AREA = "area"


@dataclass(frozen=True)
class SharingBand:
    """One band of rates and what the insurer gets (surplus) or bears (loss) in it; the fund takes the rest.

    For each side and cause the bands cover 0 to infinity without gap or overlap. `provisional`: the paper is
    silent, the amount is shown but may not be paid without a decision document; `house` says why it was chosen.
    """

    key: str
    side: Side
    lower: Rate
    lower_closed: bool
    upper: Rate | None
    upper_closed: bool
    basis: Basis
    clause: Clause
    share: Rate | None = None
    amount: Yuan | None = None
    base: Base = Base.BALANCE
    causes: tuple[Cause, ...] = (Cause.OPERATING, Cause.POLICY)
    provisional: bool = False
    house: str | None = None


@dataclass(frozen=True)
class BandTreatment:
    """How one reading departs from a band as written."""

    band: str
    basis: Basis | None = None
    share: Rate | None = None


@dataclass(frozen=True)
class Reading:
    """One way to read an ambiguous text; which one applies is a printed parameter of the contract.

    treatments: bands read otherwise than written. floor: on these sides the insurer never gets less than at any
    lower rate (max of the amount and of what each lower band gives at its upper edge).
    """

    name: str
    title: str
    explanation: str
    default: bool = False
    treatments: tuple[BandTreatment, ...] = ()
    floor: tuple[Side, ...] = ()


@dataclass(frozen=True)
class SharingRule:
    """Surplus/loss sharing as data: any corridor of bands on any rate (regulation D.0).

    The rate is compared exactly, never rounded. insurer_max_rate / insurer_min_rate bound what the insurer gets or
    bears, as a fraction of the rate's base. house: choices made where the paper is silent.
    """

    metric: Metric
    income: tuple[Item, ...]
    cost: tuple[Item, ...]
    expense: ExpenseTreatment
    bands: tuple[SharingBand, ...]
    readings: tuple[Reading, ...]
    clause: Clause
    expense_cap_rate: Rate | None = None
    insurer_max_rate: Rate | None = None
    insurer_min_rate: Rate | None = None
    period: Period = Period.YEAR
    scope: Scope = Scope.CONTRACT
    carry_over: bool = False
    house: tuple[HouseChoice, ...] = ()

    @property
    def default_reading(self) -> Reading:
        """The reading that applies where the contract names none."""
        return next(reading for reading in self.readings if reading.default)

    def reading(self, name: str | None) -> Reading:
        """A reading by name, the default for None. Raises KeyError for a name the rule does not know."""
        if name is None:
            return self.default_reading
        for reading in self.readings:
            if reading.name == name:
                return reading
        raise KeyError(name)

    def bands_for(self, reading: str | None, side: Side, cause: Cause) -> tuple[SharingBand, ...]:
        """The bands of one side and cause, lowest first, with the reading's treatments applied."""
        treatments = {treatment.band: treatment for treatment in self.reading(reading).treatments}
        chosen = (band for band in self.bands if band.side is side and cause in band.causes)
        return tuple(_treated(band, treatments.get(band.key)) for band in sorted(chosen, key=lambda band: band.lower))


def _treated(band: SharingBand, treatment: BandTreatment | None) -> SharingBand:
    if treatment is None:
        return band
    return replace(
        band,
        basis=treatment.basis or band.basis,
        share=band.share if treatment.share is None else treatment.share,
    )


@dataclass(frozen=True)
class ContractClauseRule:
    """Sharing that a paper does not compute but orders the contract to write down."""

    must_state: tuple[str, ...]
    clause: Clause
