"""A policy pack and the view of it on a day: one paper's rules, dated, hashed, each with its clause."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from core.policy.model import (
    AccountsRule,
    AssessmentRule,
    AssistanceRule,
    BenefitRule,
    Clause,
    ContractClauseRule,
    DisclosureRule,
    Duty,
    FilingRule,
    FundingRule,
    LevyRule,
    Milestone,
    NamedItem,
    PoolingRule,
    Reference,
    SharingRule,
    TenderRule,
    WorkFundingRule,
)

#: Sections of which one entry is in force on a day: [[benefits]] with `from` and, where needed, `until`.
SERIES: dict[str, type] = {
    "pooling": PoolingRule,
    "funding": FundingRule,
    "levies": LevyRule,
    "benefits": BenefitRule,
    "assistance": AssistanceRule,
    "tender": TenderRule,
    "accounts": AccountsRule,
    "sharing": SharingRule,
    "sharing_by_contract": ContractClauseRule,
    "assessment": AssessmentRule,
    "disclosure": DisclosureRule,
}
#: Sections whose entries stand side by side, each with its own key.
SETS: dict[str, type] = {
    "filings": FilingRule,
    "milestones": Milestone,
    "duties": Duty,
    "work_funding": WorkFundingRule,
    "references": Reference,
}


@dataclass(frozen=True)
class Identity:
    """Which paper this is. document: its number, None where the copy bears none; clause: why it is in force from then.

    jurisdiction: the place it rules, a folder name such as 'jilin'; overrides: names of earlier packs it prevails
    over from its first day; departments: the offices in the words of the time.
    """

    name: str
    title: str
    jurisdiction: str
    issuer: str
    in_force_from: date
    clause: Clause
    document: str | None = None
    in_force_until: date | None = None
    issued_on: date | None = None
    carries_out: tuple[str, ...] = ()
    overrides: tuple[str, ...] = ()
    departments: tuple[NamedItem, ...] = ()

    def covers(self, day: date) -> bool:
        """Whether the paper is in force on that day."""
        return self.in_force_from <= day and (self.in_force_until is None or day <= self.in_force_until)


@dataclass(frozen=True)
class Dated:
    """One entry of a series: a rule from its first day until its last (None: until the next entry or for good)."""

    start: date
    until: date | None
    rule: Any

    def covers(self, day: date) -> bool:
        """Whether the entry itself reaches over that day."""
        return self.start <= day and (self.until is None or day <= self.until)


@dataclass(frozen=True)
class PolicyView:
    """What a paper says on one day. A section is None or empty where the paper is silent.

    inherited: sections taken over from an earlier paper of the place, with that pack's name;
    overridden_by: later packs that prevail over this one on that day.
    """

    pack: str
    hash: str
    on: date
    identity: Identity
    pooling: PoolingRule | None = None
    funding: FundingRule | None = None
    levies: LevyRule | None = None
    benefits: BenefitRule | None = None
    assistance: AssistanceRule | None = None
    tender: TenderRule | None = None
    accounts: AccountsRule | None = None
    sharing: SharingRule | None = None
    sharing_by_contract: ContractClauseRule | None = None
    assessment: AssessmentRule | None = None
    disclosure: DisclosureRule | None = None
    filings: tuple[FilingRule, ...] = ()
    milestones: tuple[Milestone, ...] = ()
    duties: tuple[Duty, ...] = ()
    work_funding: tuple[WorkFundingRule, ...] = ()
    references: tuple[Reference, ...] = ()
    inherited: tuple[tuple[str, str], ...] = ()
    overridden_by: tuple[str, ...] = ()

    def department(self, key: str) -> str:
        """The name of an office in the words of this paper. Raises KeyError where it names none."""
        for office in self.identity.departments:
            if office.key == key:
                return office.title
        raise KeyError(key)


@dataclass(frozen=True)
class Pack:
    """One paper as data. hash: SHA-256 of its content, unmoved by comments, spaces and the order of keys."""

    name: str
    hash: str
    identity: Identity
    series: Mapping[str, tuple[Dated, ...]]
    sets: Mapping[str, tuple[Any, ...]]

    def on(self, day: date) -> PolicyView:
        """What the paper says on that day. Raises LookupError when it is not in force then."""
        if not self.identity.covers(day):
            raise LookupError(f"{self.name} is not in force on {day.isoformat()}")
        chosen: dict[str, Any] = {section: _in_force(entries, day) for section, entries in self.series.items()}
        chosen.update(self.sets)
        return PolicyView(pack=self.name, hash=self.hash, on=day, identity=self.identity, **chosen)


def _in_force(entries: tuple[Dated, ...], day: date) -> Any:
    return next((entry.rule for entry in entries if entry.covers(day)), None)


def closed(entries: list[Dated]) -> tuple[Dated, ...]:
    """The series in order of date, each entry ending the day before the next begins."""
    ordered = sorted(entries, key=lambda entry: entry.start)
    ends = [following.start - timedelta(days=1) for following in ordered[1:]]
    ends_known = [*ends, ordered[-1].until] if ordered else []
    return tuple(Dated(entry.start, end, entry.rule) for entry, end in zip(ordered, ends_known, strict=True))
