"""What the contract side decides without a database: stages, premium, instalments, last days (J1, J12, J16)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from fractions import Fraction

from core.calendar import china
from core.clock import local_date
from core.money import ZERO, round_fen, split, yuan
from core.policy import PolicyView
from core.policy.procurement import LimitUnit, TimeLimit, limits


class AgreementStage(Enum):
    """Where a service agreement stands."""

    DRAFT = "draft"
    INSURER_SIGNED = "insurer_signed"
    SIGNED = "signed"
    IN_FORCE = "in_force"
    ENDED = "ended"
    TERMINATED = "terminated"


class ContractStage(Enum):
    """Where an annual contract stands."""

    DRAFT = "draft"
    INSURER_SIGNED = "insurer_signed"
    SIGNED = "signed"
    IN_FORCE = "in_force"
    RUN_OFF = "run_off"
    CLOSED = "closed"
    TERMINATED = "terminated"


@dataclass(frozen=True)
class AgreementFacts:
    """The facts an agreement's stage follows from."""

    term_from: date
    term_until: date
    insurer_signed_at: datetime | None
    agency_signed_at: datetime | None
    terminated_at: datetime | None
    #: The last day of cover of a bridge contract (J11), where one was signed.
    extended_until: date | None = None


@dataclass(frozen=True)
class ContractFacts:
    """The facts an annual contract's stage follows from; `cutoff` ends the payment of the year's claims."""

    year: int
    cutoff: date
    insurer_signed_at: datetime | None
    agency_signed_at: datetime | None
    terminated_at: datetime | None
    covered_until: date | None = None


def agreement_stage(facts: AgreementFacts, now: datetime) -> AgreementStage:
    """The stage of a service agreement at an instant."""
    if facts.terminated_at is not None:
        return AgreementStage.TERMINATED
    if facts.agency_signed_at is None:
        return AgreementStage.DRAFT if facts.insurer_signed_at is None else AgreementStage.INSURER_SIGNED
    today = local_date(now)
    if today < facts.term_from:
        return AgreementStage.SIGNED
    return AgreementStage.IN_FORCE if today <= (facts.extended_until or facts.term_until) else AgreementStage.ENDED


def contract_stage(facts: ContractFacts, now: datetime) -> ContractStage:
    """The stage of an annual contract at an instant; after the year its claims run off until the cut-off day."""
    if facts.terminated_at is not None:
        return ContractStage.TERMINATED
    if facts.agency_signed_at is None:
        return ContractStage.DRAFT if facts.insurer_signed_at is None else ContractStage.INSURER_SIGNED
    today = local_date(now)
    if today.year < facts.year:
        return ContractStage.SIGNED
    if today <= (facts.covered_until or date(facts.year, 12, 31)):
        return ContractStage.IN_FORCE
    return ContractStage.RUN_OFF if today <= facts.cutoff else ContractStage.CLOSED


def premium(insured_count: int, funding_standard: Decimal) -> Decimal:
    """Premium in yuan: persons × funding standard (yuan a person a year), exact to the fen (J1)."""
    return yuan(insured_count * funding_standard)


class BridgeGround(Enum):
    """Why cover is extended without a new tender's result, so that it never lapses (J11)."""

    TENDER_FAILED = "tender_failed"
    DECISION_PENDING = "decision_pending"
    RESULT_PENDING = "result_pending"


def covers(area: str, offered: Iterable[str]) -> bool:
    """Whether areas cover an area, each a name or several districts joined by 、, as awards write them.

    >>> covers("甲市、乙市", ["乙市", "甲市、丙市"])
    True
    >>> covers("甲市、乙市", ["甲市"])
    False
    """
    districts = {name for one in offered for name in one.split("、")}
    return set(area.split("、")) <= districts


class PartYear(Enum):
    """How the premium of a contract that ended in its year is counted; stated where it ends, printed on the sheet."""

    DAY = "day"  # days of cover over the days of the year
    MONTH = "month"  # months of cover over twelve; a month begun counts whole


@dataclass(frozen=True)
class Cover:
    """The part of its year for which a contract ran: `of` so many days or months of `whole`."""

    of: int
    whole: int
    basis: PartYear
    until: date

    @property
    def share(self) -> Fraction:
        """The part of the year's premium that is due."""
        return Fraction(self.of, self.whole)


def cover(year: int, until: date, basis: PartYear) -> Cover:
    """The cover from 1 January to the last day, both included. Raises ValueError for a day outside the year."""
    if until.year != year:
        raise ValueError(f"{until} is not in {year}")
    if basis is PartYear.MONTH:
        return Cover(until.month, 12, basis, until)
    first, last = date(year, 1, 1), date(year, 12, 31)
    return Cover((until - first).days + 1, (last - first).days + 1, basis, until)


class TargetPart(Enum):
    """What an end within the year does to the agreed cost; stated in the annual contract, printed in it."""

    SHARE = "share"  # as much of it as of the premium: by the days or months covered
    AMENDMENT = "amendment"  # both sides state it anew; nothing is settled before


def agreed_cost(amount: Decimal, agreed: Cover | None, covered: Cover | None, how: TargetPart) -> Decimal | None:
    """The agreed cost in yuan for the part of the year that was covered; None where it has to be agreed anew.

    agreed: the part of the year for which the amount was agreed; None for a whole year, in both.
    """
    if covered is None or covered == agreed:
        return amount
    if how is TargetPart.AMENDMENT:
        return None
    return round_fen(Fraction(amount) * covered.share / (agreed.share if agreed else 1))


def part_premium(insured_count: int, funding_standard: Decimal, part: Cover | None) -> Decimal:
    """Premium in yuan for the part of the year that was covered, rounded half up to the fen; the whole without one."""
    whole = premium(insured_count, funding_standard)
    return whole if part is None else round_fen(Fraction(whole) * part.share)


def instalments(total: Decimal, shares: Sequence[Decimal]) -> list[Decimal]:
    """The contract premium split by shares; the parts add up to the premium to the fen."""
    return split(total, shares)


def instalment_day(year: int, month_and_day: str) -> date:
    """The due day in the insurance year of a term such as '03-31'."""
    return date.fromisoformat(f"{year}-{month_and_day}")


def true_up(contract_count: int, cleared_count: int, funding_standard: Decimal, part: Cover | None = None) -> Decimal:
    """What clearing the head count adds to (or takes from) the contract premium, in yuan (F.3 row 6)."""
    cleared = part_premium(cleared_count, funding_standard, part)
    return cleared - part_premium(contract_count, funding_standard, part)


def assessment_score(indicators: Sequence[Mapping[str, str]]) -> Decimal:
    """The weighted score of an assessment (J18): Σ weight × score; the weights add up to 1.

    Raises ValueError when they do not.
    """
    weights = [Decimal(indicator["weight"]) for indicator in indicators]
    if sum(weights, Decimal(0)) != 1:
        raise ValueError("the weights of an assessment add up to 1")
    scores = (Decimal(indicator["score"]) for indicator in indicators)
    return sum((weight * score for weight, score in zip(weights, scores, strict=True)), Decimal(0))


@dataclass(frozen=True)
class LastDay:
    """The lawful last day of an act. limit: the time limit it was counted by, with its articles."""

    limit: TimeLimit
    date: date
    provisional: bool

    @property
    def clause(self) -> str:
        """The articles the day rests on."""
        return self.limit.clause


def last_day(limit_id: str, start: date) -> LastDay | None:
    """The last day of a procurement time limit counted from `start` (T15 signing, T17 notice, T18 filing a copy).

    None where the law of that day does not know the limit.
    """
    limit = limits(start).get(limit_id)
    if limit is None or limit.number is None:
        return None
    found = china().add(start, limit.number, "workday" if limit.unit is LimitUnit.WORKDAY else "day")
    return LastDay(limit, found.date, found.provisional)


def clause_of(seen: PolicyView, matter: str) -> str | None:
    """Where the paper speaks of a matter, for example its termination or the accounts; None where it is silent."""
    tender = seen.tender
    rule = {
        "agreement": tender and tender.agreement,
        "fallback": tender and tender.fallback,
        "termination": tender and tender.termination,
        "accounts": seen.accounts,
        "assessment": seen.assessment,
        "funding": seen.funding,
    }[matter]
    return str(rule.clause) if rule else None


@dataclass(frozen=True)
class Part:
    """An instalment and what has been paid for it, in yuan."""

    position: int
    amount: Decimal
    due_on: date
    paid: Decimal

    @property
    def open(self) -> Decimal:
        """What is still to be paid, never negative."""
        return max(self.amount - self.paid, ZERO)

    def late(self, today: date) -> bool:
        """Whether its day has passed and something is still to be paid."""
        return self.open > 0 and self.due_on < today


@dataclass(frozen=True)
class PremiumStanding:
    """How the premium of a contract year stands on a day, in yuan (J2, J16; F.3 rows 3–6).

    contracted: insured at signing × funding standard; true_up: what the cleared head count adds or takes, None until
    it is cleared; received: everything that arrived; due_by_now: instalments whose day has come, and the true-up.
    """

    contracted: Decimal
    true_up: Decimal | None
    received: Decimal
    due_by_now: Decimal
    parts: tuple[Part, ...]

    @property
    def due(self) -> Decimal:
        """Premium finally due: by the cleared head count, by the contract's until then."""
        return self.contracted + (self.true_up or ZERO)

    @property
    def arrears(self) -> Decimal:
        """Due by now and not received, never negative."""
        return max(self.due_by_now - self.received, ZERO)

    @property
    def outstanding(self) -> Decimal:
        """What is missing to the premium finally due; negative where too much was paid."""
        return self.due - self.received


def premium_standing(
    parts: Sequence[Part], true_up_amount: Decimal | None, received: Decimal, today: date
) -> PremiumStanding:
    """The standing of a contract year's premium on `today`; an instalment is due on its day, a true-up at once."""
    contracted = sum((part.amount for part in parts), ZERO)
    due_by_now = sum((part.amount for part in parts if part.due_on <= today), ZERO) + (true_up_amount or ZERO)
    return PremiumStanding(contracted, true_up_amount, received, due_by_now, tuple(parts))
