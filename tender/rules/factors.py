"""The scoring table line by line: closed lists, forbidden and doubtful factors, conditions scored twice."""

import re
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from itertools import pairwise
from typing import Any

from core.errors import N_
from core.policy.procurement import FactorRule
from tender.rules.checking import Check, Level, LineFacts
from tender.rules.words import CriterionKind, ScoreBlock

#: What is wrong with the words of a kind, as message ids.
WHY = {
    "scale": N_("“%(word)s”: the size of a company may be neither a condition nor a factor"),
    "rank": N_("“%(word)s” comes close to judging a company by its size; give the reason or change it"),
    "place": N_(
        "“%(word)s”: nobody may be preferred for a seat or a branch held beforehand; ask for a promise instead"
    ),
    "vague": N_("“%(word)s” is no measure: say what a bid must hold for these points"),
    "minimum_price": N_("“%(word)s”: a minimum price is not allowed, only a ceiling"),
}
#: Points given as a range inside the words of a level: 8—10分.
_RANGE = re.compile(r"\d+(?:\.\d+)?\s*(?:[-—–~～至到])\s*\d+(?:\.\d+)?\s*分")
#: What every condition and factor of this trade says; it is no sign that the same thing is asked twice.
_COMMON = ("城乡居民大病保险", "大病保险", "商业保险机构", "保险公司", "投标人", "具有", "具备", "提供")
#: Before a word, they deny it.
_DENIALS = ("不设", "不设定", "不设置", "不得设定", "不得规定", "不以")
#: So many signs in a row are the same thing said again.
_SAME = 5


def table_checks(
    lines: Sequence[LineFacts], conditions: Sequence[str], factors: Sequence[FactorRule], clause: str
) -> Iterator[Check]:
    """Every check of single lines; `clause`: the article on quantified factors."""
    for number, line in enumerate(lines, 1):
        where = f"criterion-{number}"
        yield from _closed_list(line, where, clause)
        yield from _words(line, where, factors)
        yield from _ranges(line, where, clause)
        yield from _scored_twice(line, where, conditions, clause)


def word_checks(
    what: str, text: str, where: str, kinds: Sequence[str], factors: Sequence[FactorRule],
    params: Mapping[str, str | int],
) -> Iterator[Check]:  # fmt: skip
    """Forbidden and doubtful words of some kinds in a text of the tender."""
    for factor in factors:
        word = next((word for word in factor.words if word in _without_denials(text, word)), None)
        if factor.kind in kinds and word is not None:
            level = Level.BLOCK if factor.forbidden else Level.WARN
            yield Check(level, what, WHY[factor.kind], factor.clause, where, {**params, "word": word})


def _without_denials(text: str, word: str) -> str:
    """A text that says there is no such thing is no offence: 不设最低限价."""
    for denial in _DENIALS:
        text = text.replace(f"{denial}{word}", "")
    return text


def _words(line: LineFacts, where: str, factors: Sequence[FactorRule]) -> Iterator[Check]:
    if line.kind is CriterionKind.FORMULA:
        return  # the price itself: a profit rate that is bid is no profit that is scored
    what = N_("Factor “%(name)s”")
    text = " ".join([line.name, *(str(option.get("when", "")) for option in line.options)])
    yield from word_checks(what, line.name, where, ("scale", "rank", "place"), factors, {"name": line.name})
    yield from word_checks(what, text, where, ("vague", "minimum_price"), factors, {"name": line.name})


def _closed_list(line: LineFacts, where: str, clause: str) -> Iterator[Check]:
    named = {"name": line.name}
    if line.block is ScoreBlock.PRICE or line.kind is CriterionKind.FORMULA:
        good = line.block is ScoreBlock.PRICE and line.kind is CriterionKind.FORMULA
        why = N_("Price is scored by the statutory formula, and only price is")
        yield Check(Level.PASS if good else Level.BLOCK, N_("Formula of “%(name)s”"), "" if good else why, clause,
                    where, named)  # fmt: skip
        return
    best = max((Decimal(str(option["points"])) for option in line.options), default=Decimal(-1))
    what, why = N_("Levels of “%(name)s”"), N_("List the levels; the best one must give all %(points)s points")
    good = best == line.points
    params = {**named, "points": format(line.points, "f")}
    yield Check(Level.PASS if good else Level.BLOCK, what, "" if good else why, clause, where, params)
    if line.kind is CriterionKind.INTERVALS:
        yield from _intervals(line, where, clause)


def _intervals(line: LineFacts, where: str, clause: str) -> Iterator[Check]:
    what = N_("Intervals of “%(name)s”")
    ends = [(_end(option.get("from")), _end(option.get("to"))) for option in line.options]
    ordered = sorted(ends, key=lambda pair: (pair[0] is not None, pair[0] or Decimal(0)))
    for low, high in ordered:
        if low is not None and high is not None and low >= high:
            why = N_("An interval from %(low)s to below %(high)s holds nothing")
            params = {"name": line.name, "low": str(low), "high": str(high)}
            yield Check(Level.BLOCK, what, why, clause, where, params)
            return
    for (_low, high), (low, _high) in pairwise(ordered):
        params = {"name": line.name, "high": str(high), "low": str(low)}
        if high is None or low is None or high > low:
            yield Check(Level.BLOCK, what, N_("Two intervals overlap: a value could get two scores"), clause, where,
                        {"name": line.name})  # fmt: skip
        elif high < low:
            why = N_("There is a gap between %(high)s and %(low)s: a value there gets no score")
            yield Check(Level.BLOCK, what, why, clause, where, params)
    if ordered and (ordered[0][0] is not None or ordered[-1][1] is not None):
        why = N_("The list is not closed: say what the lowest and the highest values get")
        yield Check(Level.WARN, what, why, clause, where, {"name": line.name})


def _end(value: Any) -> Decimal | None:
    return Decimal(str(value)) if value not in (None, "") else None


def _ranges(line: LineFacts, where: str, clause: str) -> Iterator[Check]:
    for option in line.options:
        found = _RANGE.search(str(option.get("when", "")))
        if found:
            why = N_("“%(range)s” leaves the points open: each level gives one number of points")
            yield Check(Level.BLOCK, N_("Levels of “%(name)s”"), why, clause, where,
                        {"name": line.name, "range": found.group()})  # fmt: skip


def _scored_twice(line: LineFacts, where: str, conditions: Sequence[str], clause: str) -> Iterator[Check]:
    if line.kind is CriterionKind.FORMULA:
        return
    text = "|".join([line.name, *(str(option.get("when", "")) for option in line.options)])
    for condition in conditions:
        same = longest_common(_bare(condition), _bare(text))
        if len(same) >= _SAME:
            why = N_("“%(words)s” is a qualification condition already: what decides on admission is not scored again")
            yield Check(Level.WARN, N_("Factor “%(name)s”"), why, clause, where, {"name": line.name, "words": same})
            return


def _bare(text: str) -> str:
    for common in _COMMON:
        text = text.replace(common, "|")
    return re.sub(r"[\s，。；、（）“”：,;:()]", "|", text)


def longest_common(one: str, other: str) -> str:
    """The longest run of signs that both texts hold, breaks ('|') left out."""
    best = ""
    for piece in filter(None, one.split("|")):
        for start in range(len(piece)):
            end = start + len(best) + 1
            while end <= len(piece) and piece[start:end] in other:
                best, end = piece[start:end], end + 1
    return best
