"""Procurement law as dated data: time limits T01–T31, price weight, securities, committee size, low-price review."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

from core.errors import FileInvalid
from core.policy.library import POLICIES, UNUSABLE, parse
from core.policy.model.base import Count, Rate, Yuan
from core.policy.reading import Reader

OPEN_TENDER = POLICIES / "procurement" / "open-tender.toml"


class LimitUnit(StrEnum):
    WORKDAY = "workday"
    DAY = "day"
    YEAR = "year"
    INSTANT = "instant"


class Bound(StrEnum):
    AT_LEAST = "at_least"
    AT_MOST = "at_most"
    EXACTLY = "exactly"


@dataclass(frozen=True)
class Law:
    """A law or order and its days of force. checked: its words were read for this data, not recalled."""

    key: str
    title: str
    in_force_from: date
    in_force_until: date | None = None
    checked: bool = True

    def covers(self, day: date) -> bool:
        """Whether the law is in force on that day."""
        return self.in_force_from <= day and (self.in_force_until is None or day <= self.in_force_until)


@dataclass(frozen=True)
class Article:
    """A law's key and an article of it; empty where the whole paper is meant."""

    law: str
    article: str = ""


@dataclass(frozen=True)
class TimeLimit:
    """One limit of the procedure. number and unit: None where it is a rule without a number (`note` says it).

    step: its name as documents print it; english: the same on English pages.

    backwards: it is counted back from a later day; only: the way of procurement it belongs to, where not to every one;
    rolls: the articles that carry a last day on a holiday over, in favour of suppliers; suppliers: below so many.
    """

    id: str
    step: str
    english: str
    articles: tuple[Article, ...]
    number: Count | None = None
    unit: LimitUnit | None = None
    bound: Bound | None = None
    counted: str | None = None
    note: str | None = None
    backwards: bool = False
    only: str | None = None
    rolls: tuple[Article, ...] = ()
    suppliers: Count | None = None

    @property
    def clause(self) -> str:
        """The articles in force, as they are cited: 《…》第三十五条 in figures."""
        return "；".join(cite(article) for article in self.articles)


@dataclass(frozen=True)
class PriceWeight:
    """The weight of price in scoring services: at least, and at most where the order sets an upper limit."""

    least: Rate
    article: Article
    most: Rate | None = None


@dataclass(frozen=True)
class SecurityCap:
    """The most a security may be, as a fraction of the budget or of the contract amount."""

    most: Rate
    of: str
    article: Article


@dataclass(frozen=True)
class CommitteeRule:
    """Size of the evaluation committee: odd, at least so many, with this share (2, 3) of experts."""

    least: Count
    expert_share: tuple[Count, ...]
    article: Article
    large_least: Count | None = None
    large_from: Yuan | None = None

    def least_members(self, budget: Decimal, *, complex_or_social: bool = False) -> int:
        """The least number of members for a budget in yuan, or where technique or social impact asks for more."""
        large = complex_or_social or (self.large_from is not None and budget >= self.large_from)
        return self.large_least if large and self.large_least is not None else self.least

    def least_experts(self, members: int) -> int:
        """The least number of experts among so many members (2/3 of 7 is 5)."""
        share = Fraction(*self.expert_share)
        return -(-members * share.numerator // share.denominator)

    def allows(self, members: int, experts: int, budget: Decimal, *, complex_or_social: bool = False) -> bool:
        """Whether a committee of so many members and experts may evaluate a tender of this budget."""
        enough = members >= self.least_members(budget, complex_or_social=complex_or_social)
        return enough and members % 2 == 1 and experts >= self.least_experts(members)


@dataclass(frozen=True)
class LowPriceRule:
    """When a price is so low that the committee must ask (strictly below), and how long the bidder has to answer."""

    of_mean: Rate
    of_second_lowest: Rate
    of_ceiling: Rate
    raised_at_most: Rate
    minutes: Count
    article: Article


@dataclass(frozen=True)
class FactorRule:
    """Words that make a condition, a factor or a requirement unlawful or doubtful.

    kind: what is wrong with them (`tender.rules.factors` says it in words); forbidden: it blocks, else it warns.
    """

    kind: str
    forbidden: bool
    words: tuple[str, ...]
    articles: tuple[Article, ...]

    @property
    def clause(self) -> str:
        """The articles in force, as they are cited."""
        return "；".join(cite(article) for article in self.articles)


@dataclass(frozen=True)
class RuleSet:
    """What an open tender of services runs under from one day to another; a tender stores its name."""

    name: str
    title: str
    in_force_from: date
    price_weight: PriceWeight
    bid_security: SecurityCap
    performance_security: SecurityCap
    committee: CommitteeRule
    in_force_until: date | None = None
    low_price: LowPriceRule | None = None

    def covers(self, day: date) -> bool:
        """Whether the rule set applies to a tender whose notice is published on that day."""
        return self.in_force_from <= day and (self.in_force_until is None or day <= self.in_force_until)


@dataclass(frozen=True)
class ProcurementLaw:
    """The whole file: laws by key, limits by id with all their articles, rule sets in order of date."""

    laws: dict[str, Law]
    limits: dict[str, TimeLimit]
    rule_sets: tuple[RuleSet, ...]
    factors: tuple[FactorRule, ...] = ()


def factors(on: date) -> tuple[FactorRule, ...]:
    """The forbidden and doubtful words of a day, each with the articles in force then; none in force: left out."""
    law = open_tender()
    found = []
    for factor in law.factors:
        articles = tuple(article for article in factor.articles if law.laws[article.law].covers(on))
        if articles:
            found.append(replace(factor, articles=articles))
    return tuple(found)


def limits(on: date) -> dict[str, TimeLimit]:
    """The time limits in force on a day by id, each with the articles in force then.

    A limit none of whose laws is in force that day is absent: the law of the day does not know it.
    """
    law = open_tender()
    found = {}
    for limit in law.limits.values():
        articles = tuple(article for article in limit.articles if law.laws[article.law].covers(on))
        if articles:
            rolls = tuple(article for article in limit.rolls if law.laws[article.law].covers(on))
            found[limit.id] = replace(limit, articles=articles, rolls=rolls)
    return found


def rule_set_on(on: date) -> RuleSet:
    """The rule set for a tender of that day. Raises LookupError for a day before the first."""
    for rule_set in open_tender().rule_sets:
        if rule_set.covers(on):
            return rule_set
    raise LookupError(f"no procurement rule set is in force on {on.isoformat()}")


def rule_set(name: str) -> RuleSet:
    """A rule set by the name a tender stored. Raises KeyError for an unknown name."""
    for known in open_tender().rule_sets:
        if known.name == name:
            return known
    raise KeyError(name)


def cite(article: Article) -> str:
    """How an article is cited: 财政部令第87号 is the law's own title, then 第16条."""
    title = open_tender().laws[article.law].title
    return f"{title}第{article.article}条" if article.article else title


@cache
def open_tender() -> ProcurementLaw:
    """The open-tender data of policies/procurement."""
    return load(OPEN_TENDER)


def load(path: Path) -> ProcurementLaw:
    """Procurement data from a TOML file. Raises FileInvalid with every fault found."""
    raw = parse(path)
    reader = Reader(path.name)
    reader.known_keys(raw, {"laws", "limits", "rule_sets", "factors"}, "")
    laws = _all(reader, Law, raw, "laws")
    time_limits = _all(reader, TimeLimit, raw, "limits")
    rule_sets = sorted(_all(reader, RuleSet, raw, "rule_sets"), key=lambda rules: rules.in_force_from)
    found = _all(reader, FactorRule, raw, "factors")
    known = {law.key for law in laws}
    reader.faults.extend(
        (f"factors[{factor.kind}]", f"there is no law “{article.law}”")
        for factor in found
        for article in factor.articles
        if article.law not in known
    )
    reader.faults.extend(_unknown_laws(known, time_limits, rule_sets))
    reader.faults.extend(_gaps(rule_sets))
    ids = [limit.id for limit in time_limits]
    reader.faults.extend(
        (f"limits[{one}]", "the id appears twice") for one in sorted({i for i in ids if ids.count(i) > 1})
    )
    if reader.faults:
        raise FileInvalid(UNUSABLE, reader.faults, file=path.name)
    return ProcurementLaw({law.key: law for law in laws}, {limit.id: limit for limit in time_limits}, tuple(rule_sets),
                          tuple(found))  # fmt: skip


def _all(reader: Reader, kind: type, raw: dict[str, Any], name: str) -> list[Any]:
    read = [reader.read(kind, table, place) for place, table in reader.tables(raw.get(name, []), name)]
    return [entry for entry in read if entry is not None]


def _unknown_laws(known: set[str], time_limits: list[TimeLimit], rule_sets: list[RuleSet]) -> Iterator[tuple[str, str]]:
    cited = [(f"limits[{limit.id}]", article) for limit in time_limits for article in limit.articles + limit.rolls]
    for rules in rule_sets:
        parts = (rules.price_weight, rules.bid_security, rules.performance_security, rules.committee, rules.low_price)
        cited += [(f"rule_sets[{rules.name}]", part.article) for part in parts if part is not None]
    for place, article in cited:
        if article.law not in known:
            yield place, f"there is no law “{article.law}”"
    for limit in time_limits:
        if not limit.articles:
            yield f"limits[{limit.id}].articles", "no source: name the law and article"


def _gaps(rule_sets: list[RuleSet]) -> Iterator[tuple[str, str]]:
    for earlier, later in pairwise(rule_sets):
        ends = earlier.in_force_until
        if ends is None or (later.in_force_from - ends).days != 1:
            yield f"rule_sets[{later.name}]", f"gap or overlap: the one before it ends {ends or 'never'}"
