"""What the preparation verbs take: the parts of a tender as plain values, before they are rows."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from tender.rules.words import AwardRule, PriceObject, Scheme, SplitMethod


@dataclass(frozen=True, kw_only=True)
class BasicsDraft:
    """The head of a tender. Amounts in yuan; performance_security_rate is a fraction of the contract amount."""

    number: str
    title: str
    policyholder_id: int
    budget: Decimal
    term_from: date
    term_until: date
    bid_security: Decimal
    performance_security_rate: Decimal
    bid_valid_days: int
    contact_name: str
    contact_telephone: str
    purchaser_address: str
    opening_place: str
    media: tuple[str, ...] = ("本系统公共服务门户",)
    award_rule: AwardRule = AwardRule.WIN_ALL
    consortium_allowed: bool = False
    #: All queries on one step in one letter (94 art. 10).
    queries_once: bool = False
    #: Working days after the term and the handover within which the performance security goes back: the house's default
    #: is what the regulation gives for bid securities; None: the document names none.
    performance_return_days: int | None = 5
    #: Fewer than three valid bids left after both reviews: go on, or fail as the statute is read cautiously.
    few_valid_go_on: bool = False
    #: The ratios of the low-price review raised to this part (up to the rule set's most); None: the rule set's own.
    low_price_ratio: Decimal | None = None
    grace_minutes: int = 60
    key_quorum: int = 2
    key_officers: int = 3


@dataclass(frozen=True, kw_only=True)
class LotDraft:
    """A lot. ceiling in the unit of the price object (yuan or fraction); split as `tender.models.Lot` documents it."""

    name: str
    scheme: Scheme
    area: str
    insured_count: int
    price_object: PriceObject
    ceiling: Decimal
    budget: Decimal
    winners: int
    split_method: SplitMethod
    split: tuple[Mapping[str, Any], ...]


@dataclass(frozen=True, kw_only=True)
class TermsDraft:
    """The contract parameters the tender fixes for a lot; the ambiguous ones must be chosen (regulation E.2).

    instalments: {"share": "0.60", "by": "03-31"} of the yearly premium, shares adding up to 1.
    assessment: {"name": …, "weight": "0.40"}, weights adding up to 1; none: the paper's, weighted each year.
    """

    sharing_reading: str
    rate_definition: str
    expense_cap_rate: Decimal
    claims_basis: str
    instalments: tuple[Mapping[str, Any], ...]
    cutoff_month: int = 3
    cutoff_day: int = 31
    manual_settlement_days: int = 20
    disclosure_working_days: int = 20
    dispute_working_days: int = 10
    assessment: tuple[Mapping[str, Any], ...] = ()


@dataclass(frozen=True, kw_only=True)
class YearDraft:
    """A past year of a lot's scheme (历史数据); amounts in yuan."""

    year: int
    insured_count: int
    premium: Decimal
    claims_paid: Decimal
    beneficiaries: int
    cases: int
    compliant_cost: Decimal
