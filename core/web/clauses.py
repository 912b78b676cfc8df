"""Where a clause named on a page can be read: its link, the short text shown for it, and finding its words again."""

import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from flask import Flask, url_for

from core.policy import packs
from core.policy.model import Clause
from core.policy.procurement import TimeLimit, cite, open_tender

#: How officials shorten the laws of procurement: 财政部令第87号 is 87号令, the law's implementing regulation 条例.
_SHORT = (
    (re.compile(r"[^；]*（财政部令第(\d+)号）"), r"\1号令"),
    (re.compile(r"(中华人民共和国)?政府采购法实施条例(（国务院令第658号）)?"), "条例"),
    (re.compile(r"中华人民共和国"), ""),
    (re.compile(r"[^；]*（(财库〔\d+〕\d+号)）"), r"\1"),
    (re.compile(r"；"), "、"),
)


def clause_text(clause: Any) -> str:
    """How a clause is cited on a page; '' for none.

    A row of the clause list (J15) is cited by the article it stands for; long titles of procurement law are shortened.
    """
    text = str(clause) if clause else ""
    text = _articles().get(text, text)
    for long, short in _SHORT:
        text = long.sub(short, text)
    return text


def clause_url(clause: Any) -> str:
    """The page that shows the words of the clause."""
    return url_for("policy.clause", ref=str(clause))


def limits_under(ref: str) -> list[TimeLimit]:
    """The procurement time limits that rest on a cited article, named in full, in short or by the limit's id."""
    wanted = {_plain(clause_text(part)) for part in re.split("[；、]", ref)}
    return [
        limit
        for limit in open_tender().limits.values()
        if wanted & {limit.id, *(_plain(clause_text(cite(article))) for article in limit.articles)}
    ]


def find(ref: str) -> list[tuple[Clause, tuple[str, ...]]]:
    """Every quotation of the clause, each with the packs that quote it; empty for a clause no pack quotes."""
    wanted = _plain(ref)
    found: dict[Clause, list[str]] = {}
    for clause, source in library():
        if wanted and wanted in (_plain(str(clause)), *_rows(clause)):
            sources = found.setdefault(Clause(clause.document, clause.article, clause.quote), [])
            if source not in sources:
                sources.append(source)
    return [(clause, tuple(sources)) for clause, sources in found.items()]


@cache
def library() -> tuple[tuple[Clause, str], ...]:
    """Every clause that a pack quotes, with the pack's name."""
    return tuple((clause, pack.name) for pack in packs().values() for clause in quoted(pack))


@cache
def _articles() -> Mapping[str, str]:
    """The article that each row of the clause list stands for; a quotation of one row alone speaks before others."""
    clauses = sorted((clause for clause, _ in library() if clause.row), key=lambda clause: "," in clause.row)
    found: dict[str, str] = {}
    for clause in clauses:
        for row in _rows(clause):
            found.setdefault(row, str(clause))
    return found


def _rows(clause: Clause) -> list[str]:
    """The rows of the clause list that a quotation answers: 'J5, J6' are two."""
    return clause.row.split(", ") if clause.row else []


def quoted(value: Any) -> Iterator[Clause]:
    """Every clause inside a pack, a rule or a collection of them."""
    if isinstance(value, Clause):
        yield value
    elif isinstance(value, (tuple, list)):
        for entry in value:
            yield from quoted(entry)
    elif isinstance(value, Mapping):
        yield from quoted(tuple(value.values()))
    elif hasattr(value, "__dataclass_fields__"):
        for name in value.__dataclass_fields__:
            yield from quoted(getattr(value, name))


def _plain(text: str) -> str:
    """Two citations are the same whatever their spaces and brackets: '57号 五（三）' is '57号五(三)'."""
    return re.sub(r"\s", "", text).translate(str.maketrans("（）〔〕［］", "()[][]"))


def init_app(app: Flask) -> None:
    """Give templates the two functions above."""
    app.jinja_env.globals.update(clause_text=clause_text, clause_url=clause_url)
