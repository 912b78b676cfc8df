"""Procedure: funding, tender, contracts, disclosure, filing, milestones and duties as the papers order them."""

from dataclasses import dataclass
from datetime import date

from core.policy.model.base import Clause, Count, HouseDefault, NamedItem, Rate, Yuan


@dataclass(frozen=True)
class FundingRule:
    """How the per-head funding standard is set and where the money comes from, first source first.

    share_of_fund_income: a guideline (fraction of the year's basic-insurance fund income), None where not stated.
    """

    standard: str
    sources: tuple[str, ...]
    clause: Clause
    further_sources: tuple[str, ...] = ()
    share_of_fund_income: Rate | None = None
    share_is_guideline: bool = False


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

    years: Count
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
    winners: Count | None = None
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
    days: Count | None = None
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


@dataclass(frozen=True)
class LevyRule:
    """Levies the insurer's premium income is free of, so that they may not enter the settlement as cost."""

    exempt: tuple[NamedItem, ...]
    clause: Clause


@dataclass(frozen=True)
class AccountsRule:
    """How the money is kept: the accounts to open, closed operation, separate accounting, two lines (收支两条线)."""

    accounts: tuple[NamedItem, ...]
    principles: tuple[str, ...]
    clause: Clause


@dataclass(frozen=True)
class AssessmentRule:
    """What the assessment of the insurer (考核评价) is built on."""

    dimensions: tuple[NamedItem, ...]
    clause: Clause


@dataclass(frozen=True)
class PoolingRule:
    """The level at which risk and money are pooled, and the schemes kept there."""

    level: str
    clause: Clause
    unified: tuple[str, ...] = ()
    may_extend_to: tuple[str, ...] = ()


@dataclass(frozen=True)
class PopulationBracket:
    """At least `amount` yuan a year for an area with more than `above` and at most `up_to` people."""

    above: int
    up_to: int | None
    amount: Yuan


@dataclass(frozen=True)
class WorkFundingRule:
    """Work money of the agency at one level: by head (yuan) or by size of the area."""

    key: str
    payer: str
    clause: Clause
    per_head: Yuan | None = None
    brackets: tuple[PopulationBracket, ...] = ()


@dataclass(frozen=True)
class Reference:
    """Another paper that this one sends the reader to for a subject."""

    key: str
    subject: str
    document: str
    clause: Clause
