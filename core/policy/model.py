"""The words of a policy pack: frozen rules as the papers state them, each carrying the clause it comes from.

Rates are `Decimal` fractions (0.03 is 3 %), amounts `Decimal` yuan. None means that the paper is silent.
"""

from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Literal


@dataclass(frozen=True)
class Clause:
    """Where a value comes from: document number (or title), article, and the quoted Chinese sentence.

    row: the row of CLAUSES.md it answers ('J14'), empty where there is none.
    """

    document: str
    article: str
    quote: str
    row: str = ""

    def __str__(self) -> str:
        return f"{self.document} {self.article}"


@dataclass(frozen=True)
class HouseDefault:
    """What the house does where the paper is silent: never law, always printed as the house's own choice."""

    value: Decimal | int | str
    unit: str
    reason: str


# --- benefits -----------------------------------------------------------------------------------------------------


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
    deductible_cut: Decimal | None = None
    ratio_points: Decimal | None = None
    ratio_floor: Decimal | None = None
    at_least: bool = False
    lifts_maximum: bool = False


@dataclass(frozen=True)
class RatioRule:
    """Bounds on the banded payment ratios: ratio of the lowest band, highest ratio allowed, whether they rise."""

    clause: Clause
    start: Decimal | None = None
    highest: Decimal | None = None
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

    lower: Decimal
    upper: Decimal | None
    ratio: Decimal


@dataclass(frozen=True)
class TiltTerms:
    """A tilt as a contract year writes it down; ratio_floor lifts lower ratios to this one."""

    deductible_cut: Decimal
    ratio_points: Decimal = Decimal(0)
    ratio_floor: Decimal | None = None
    cap_lifted: bool = False


@dataclass(frozen=True)
class BenefitTerms:
    """The benefit terms of one contract year, in yuan, as the department sets them within the policy.

    in_force_from: the day they begin where terms change within the year, None for 1 January; band_basis: whether the
    band limits count from the deductible of the person's group ('excess') or from the first yuan ('cost'), which
    papers often leave open; clause: where the terms are laid down, for the explanations of the recomputation.
    """

    year: int
    deductible: Decimal
    bands: tuple[BenefitBand, ...]
    cap: Decimal | None
    tilts: dict[str, TiltTerms] = field(default_factory=dict)
    in_force_from: date | None = None
    band_basis: Literal["excess", "cost"] = "excess"
    clause: str = ""


# --- surplus/loss sharing -----------------------------------------------------------------------------------------


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
    lower: Decimal
    lower_closed: bool
    upper: Decimal | None
    upper_closed: bool
    basis: Basis
    clause: Clause
    share: Decimal | None = None
    amount: Decimal | None = None
    base: Base = Base.BALANCE
    causes: tuple[Cause, ...] = (Cause.OPERATING, Cause.POLICY)
    provisional: bool = False
    house: str | None = None


@dataclass(frozen=True)
class BandTreatment:
    """How one reading departs from a band as written."""

    band: str
    basis: Basis | None = None
    share: Decimal | None = None


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
    expense_cap_rate: Decimal | None = None
    insurer_max_rate: Decimal | None = None
    insurer_min_rate: Decimal | None = None
    period: Period = Period.YEAR
    scope: Scope = Scope.CONTRACT
    carry_over: bool = False
    house: tuple[HouseDefault, ...] = ()

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


# --- funding, tender, disclosure, filing, milestones ---------------------------------------------------------------


@dataclass(frozen=True)
class FundingRule:
    """How the per-head funding standard is set and where the money comes from, first source first.

    share_of_fund_income: a guideline (fraction of the year's basic-insurance fund income), None where not stated.
    """

    standard: str
    sources: tuple[str, ...]
    clause: Clause
    further_sources: tuple[str, ...] = ()
    share_of_fund_income: Decimal | None = None
    share_is_guideline: bool = False


@dataclass(frozen=True)
class NamedItem:
    """A thing that must be there: its code word and its Chinese name in the paper."""

    key: str
    title: str


@dataclass(frozen=True)
class TenderDocumentRule:
    """What the tender document must state and supply."""

    fields: tuple[NamedItem, ...]
    attachments: tuple[NamedItem, ...]
    clause: Clause


@dataclass(frozen=True)
class QualificationRule:
    """What an insurer must hold to bid."""

    requires: tuple[NamedItem, ...]
    clause: Clause


@dataclass(frozen=True)
class FallbackRule:
    """What happens when the tender yields no insurer."""

    decided_by: str
    clause: Clause


@dataclass(frozen=True)
class AgreementRule:
    """The contracts that follow the award. years: term of the service agreement."""

    years: int
    contract_period: str
    policyholder: str
    insured: str
    beneficiary: str
    clause: Clause


@dataclass(frozen=True)
class TerminationRule:
    """When the contract ends early."""

    grounds: tuple[NamedItem, ...]
    at_once: bool
    clause: Clause


@dataclass(frozen=True)
class TenderRule:
    """How the insurer is found. schemes: one lot each; winners: insurers for each lot, None where not stated."""

    method: str
    clause: Clause
    schemes: tuple[NamedItem, ...] = ()
    winners: int | None = None
    organisers: tuple[str, ...] = ()
    document: TenderDocumentRule | None = None
    qualification: QualificationRule | None = None
    fallback: FallbackRule | None = None
    agreement: AgreementRule | None = None
    termination: TerminationRule | None = None


@dataclass(frozen=True)
class DisclosureRule:
    """What is published, by whom and when. days: the paper's own number, None where it only says 及时 (`wording`)."""

    by: str
    items: tuple[NamedItem, ...]
    clause: Clause
    moments: tuple[NamedItem, ...] = ()
    wording: str | None = None
    days: int | None = None
    unit: str | None = None
    house_days: HouseDefault | None = None


@dataclass(frozen=True)
class FilingRule:
    """What is filed (备案) or reported, by whom, to whom; due: the paper's date, None where it names none."""

    key: str
    title: str
    by: str
    contents: tuple[str, ...]
    to: tuple[str, ...]
    clause: Clause
    copied_to: tuple[str, ...] = ()
    due: date | None = None
    wording: str | None = None


@dataclass(frozen=True)
class Milestone:
    """A result that must be there on a date; responsible: the offices named for it."""

    key: str
    title: str
    responsible: tuple[str, ...]
    clause: Clause
    due: date | None = None


@dataclass(frozen=True)
class Duty:
    """A standing duty and who carries it."""

    key: str
    title: str
    owners: tuple[str, ...]
    clause: Clause
