"""Surplus/loss sharing (盈亏调控) as data: bands, readings of an ambiguous text, and what enters the balance."""

from dataclasses import dataclass, replace
from enum import StrEnum

from core.policy.model.base import Clause, Count, HouseChoice, Rate, Yuan


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
    QUALITY_EXPENSE = "quality_expense"
    TAXES = "taxes"


class RateBase(StrEnum):
    """What a surplus rate, payout ratio or MLR is taken of, where that is not the premium."""

    PREMIUM = "premium"
    INCOME = "income"  # all income items less those deducted: premium less taxes, say


class ExpenseTreatment(StrEnum):
    """How the insurer's expense enters the balance (regulation E, J1)."""

    EXCLUDED = "excluded"
    ACTUAL = "actual"
    CAPPED = "capped"  # min(actual, cap): `expense_cap_rate`, `expense_cap_amount`, or the contract's rate without both
    FIXED = "fixed"  # `expense_cap_rate` of the premium, or `expense_cap_amount`, whatever was spent


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


class Scored(StrEnum):
    """How the assessment score (0 to 1) moves a band's share."""

    SHARE = "share"  # the insurer's share is share × score
    COMPLEMENT = "complement"  # the insurer's share is 1 − share × score: the better, the less it bears


class RoundTo(StrEnum):
    """What the insurer's part is rounded to, half up; the fund takes the rest."""

    FEN = "fen"
    YUAN = "yuan"


class ReserveCovers(StrEnum):
    """What a risk reserve pays."""

    LOSS = "loss"  # the loss itself, before the rest of it is shared
    FUND_PART = "fund_part"  # the part of the loss that falls to the fund


class RetentionBase(StrEnum):
    """What a performance retention is a part of."""

    PREMIUM = "premium"
    EXPENSE = "expense"  # the expense (fee) that is allowed
    INSURER_PART = "insurer_part"  # what the insurer gets of a surplus


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
    fund_share: the other share where the paper names both; they must add up. scored: the share moves with the
    assessment score, kept between share_least and share_most.
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
    fund_share: Rate | None = None
    amount: Yuan | None = None
    scored: Scored | None = None
    share_least: Rate | None = None
    share_most: Rate | None = None
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
    lower_closed: bool | None = None
    upper_closed: bool | None = None


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
class Bound:
    """The least and the most the insurer gets (surplus) or bears (loss) on one side, of the rate's base or in yuan."""

    side: Side
    clause: Clause
    least_rate: Rate | None = None
    most_rate: Rate | None = None
    least_amount: Yuan | None = None
    most_amount: Yuan | None = None


@dataclass(frozen=True)
class CarryTerms:
    """What of earlier years' balances meets this year's: oldest first, never beyond zero.

    sides: which balances are carried; years: for how many years (None: without end); limit_rate: the most that is used
    in one year, of that year's premium.
    """

    sides: tuple[Side, ...]
    clause: Clause
    years: Count | None = None
    limit_rate: Rate | None = None


@dataclass(frozen=True)
class ReserveTerms:
    """A risk reserve (风险调节金). share: of the fund's part of a surplus that goes into it; most_rate: its greatest
    size, of the premium (None: unlimited); covers: what it pays in a later loss."""

    share: Rate
    covers: ReserveCovers
    clause: Clause
    most_rate: Rate | None = None


@dataclass(frozen=True)
class ReleaseStep:
    """From this score on (0 to 1), this part of the retention is released."""

    score_from: Rate
    release: Rate


@dataclass(frozen=True)
class RetentionTerms:
    """Money held back until the assessment (考核预留). rate of base is held; without steps the score itself is the part
    released; in_balance: what is not released lowers the income before the balance is shared (else it stays outside).
    """

    rate: Rate
    base: RetentionBase
    clause: Clause
    steps: tuple[ReleaseStep, ...] = ()
    in_balance: bool = False


@dataclass(frozen=True)
class SharingRule:
    """Surplus/loss sharing as data: any corridor of bands on any rate (regulation D.0).

    The rate is compared exactly, never rounded. deducted: items taken off the income (taxes, say). insurer_max_rate /
    insurer_min_rate bound what the insurer gets or bears on either side, as a fraction of the rate's base, `bounds` on
    one side; combined_max_rate bounds its surplus part together with the expense allowed. target_rate: the target as a
    rate of the premium, where no contract states one. split_causes: a loss that is partly policy-driven is shared in
    its two parts, each in the bands of its own cause. house: choices made where the paper is silent.
    """

    metric: Metric
    income: tuple[Item, ...]
    cost: tuple[Item, ...]
    expense: ExpenseTreatment
    bands: tuple[SharingBand, ...]
    readings: tuple[Reading, ...]
    clause: Clause
    deducted: tuple[Item, ...] = ()
    rate_base: RateBase | None = None
    target_rate: Rate | None = None
    expense_cap_rate: Rate | None = None
    expense_cap_amount: Yuan | None = None
    insurer_max_rate: Rate | None = None
    insurer_min_rate: Rate | None = None
    combined_max_rate: Rate | None = None
    bounds: tuple[Bound, ...] = ()
    period: Period = Period.YEAR
    scope: Scope = Scope.CONTRACT
    carry_over: bool = False
    carry: CarryTerms | None = None
    reserve: ReserveTerms | None = None
    retention: RetentionTerms | None = None
    split_causes: bool = False
    round_to: RoundTo | None = None
    house: tuple[HouseChoice, ...] = ()

    @property
    def needs_agreed_cost(self) -> bool:
        """Whether the balance is measured against a cost that each annual contract has to name."""
        return Item.TARGET in self.income and self.target_rate is None

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
        in_order = sorted(chosen, key=lambda band: (band.lower, not band.lower_closed))
        return tuple(_treated(band, treatments.get(band.key)) for band in in_order)


def _treated(band: SharingBand, treatment: BandTreatment | None) -> SharingBand:
    if treatment is None:
        return band
    given = {name: getattr(treatment, name) for name in ("basis", "share", "lower_closed", "upper_closed")}
    return replace(band, **{name: value for name, value in given.items() if value is not None})


@dataclass(frozen=True)
class ContractClauseRule:
    """Sharing that a paper does not compute but orders the contract to write down."""

    must_state: tuple[str, ...]
    clause: Clause
