"""The packs of the five papers: they load, every value has its clause, and every quotation stands in the paper."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from core.errors import NotFound
from core.policy import get, packs, view
from core.policy.model import Clause
from core.policy.model.sharing import Basis, Cause, Side
from core.policy.pack import SERIES, SETS, Pack

SEEDS = Path(__file__).parents[1] / "data" / "papers"
PAPERS = {
    "jilin-2016": "jilin-2016-57.txt",
    "guangdong-2016": "guangdong-2016-85.txt",
    "yunnan-2015": "yunnan-2015-rollout.txt",
    "yunnan-2022": "yunnan-2022-40.txt",
    "qujing-2016": "qujing-2016-100.txt",
}


def rules_of(pack: Pack) -> Iterator[Any]:
    """Every rule of a pack, of all dates, with the pack's own identity."""
    yield pack.identity
    for section in SERIES:
        yield from (entry.rule for entry in pack.series[section])
    for section in SETS:
        yield from pack.sets[section]


def clauses_in(value: Any) -> Iterator[Clause]:
    """Every clause found in a rule and in the rules it holds."""
    if isinstance(value, Clause):
        yield value
    elif isinstance(value, tuple):
        for entry in value:
            yield from clauses_in(entry)
    elif is_dataclass(value):
        for entry in fields(value):
            yield from clauses_in(getattr(value, entry.name))


#: The copy of Yunnan 2015 prints other marks for its digits, always alone on a line, and for its punctuation.
GARBLED = str.maketrans("\"#!($'&", "0123567")


def paper_text(paper: str) -> str:
    """The paper as it can be compared with a quotation; of Yunnan 2015 the digits are put back."""
    text = (SEEDS / PAPERS[paper]).read_text(encoding="utf-8")
    if paper == "yunnan-2015":
        text = re.sub(r"-\s+\S+\s+-", "", text)  # page numbers
        text = re.sub(r"^[\"#!($'&]+$", lambda line: line[0].translate(GARBLED), text, flags=re.MULTILINE)
    return comparable(text, paper)


def comparable(text: str, paper: str) -> str:
    """Text without spaces and widths; of Yunnan 2015 its characters and digits, for its punctuation is garbled too."""
    plain = unicodedata.normalize("NFKC", re.sub(r"\s", "", text))
    return re.sub(r"[^\u4e00-\u9fff0-9]", "", plain) if paper == "yunnan-2015" else plain


def test_the_five_papers_are_there() -> None:
    assert set(packs()) == set(PAPERS)


@pytest.mark.parametrize("paper", PAPERS)
def test_every_rule_carries_a_clause_with_article_and_quotation(paper: str) -> None:
    for rule in rules_of(packs()[paper]):
        clause = rule.clause
        assert clause.article, rule
        assert clause.quote, rule
        assert clause.document, rule


@pytest.mark.parametrize("paper", PAPERS)
def test_every_quotation_stands_in_the_paper(paper: str) -> None:
    text = paper_text(paper)
    quoted = {clause.quote for rule in rules_of(packs()[paper]) for clause in clauses_in(rule)}
    sentences = {sentence for quote in quoted for sentence in quote.split("……")}
    missing = {sentence for sentence in sentences if comparable(sentence, paper) not in text}
    assert not missing


#: The clause list of the five papers: letter of the paper → number of its rows.
ROWS = {"J": 22, "G": 10, "Y": 5, "Q": 5, "N": 9}


def test_every_row_of_the_clause_list_is_answered_by_a_value() -> None:
    named = {clause.row for pack in packs().values() for rule in rules_of(pack) for clause in clauses_in(rule)}
    answered = {row for rows in named if rows for row in rows.split(", ")}
    assert answered == {f"{letter}{number}" for letter, rows in ROWS.items() for number in range(1, rows + 1)}


@pytest.mark.parametrize(
    "day, start, highest",
    [
        (date(2016, 12, 31), Decimal("0.50"), None),  # silence of the paper on 2016 stays silence
        (date(2017, 1, 1), Decimal("0.55"), Decimal("0.80")),
        (date(2019, 6, 1), Decimal("0.55"), Decimal("0.80")),
    ],
)
def test_jilin_ratios_on_a_day(day: date, start: Decimal, highest: Decimal | None) -> None:
    benefits = view("jilin", day).benefits
    assert benefits is not None
    assert benefits.ratios is not None
    assert (benefits.ratios.start, benefits.ratios.highest) == (start, highest)


@pytest.mark.parametrize(
    "paper, day, group, cut, points, floor, lifts",
    [
        ("jilin", date(2017, 3, 1), "low_income", "0.40", "0.05", None, False),  # J7
        ("guangdong", date(2017, 3, 1), "destitute", "0.80", None, "0.80", True),  # G5
        ("guangdong", date(2017, 3, 1), "registered_poor", "0.70", None, "0.70", True),
        ("yunnan", date(2022, 7, 1), "destitute", "0.50", "0.05", None, True),  # N3
    ],
)
def test_tilts(paper: str, day: date, group: str, cut: str, points: str | None, floor: str | None, lifts: bool) -> None:
    benefits = view(paper, day).benefits
    assert benefits is not None
    tilt = benefits.tilt_for(group)
    assert tilt is not None
    assert tilt.deductible_cut == Decimal(cut)
    assert tilt.ratio_points == (points and Decimal(points))
    assert tilt.ratio_floor == (floor and Decimal(floor))
    assert tilt.lifts_maximum is lifts


@pytest.mark.parametrize(
    "reading, side, cause, expected",
    [
        (None, Side.SURPLUS, Cause.OPERATING, [("whole", "1"), ("whole", "0.30"), ("slice", "0")]),
        ("slice", Side.SURPLUS, Cause.OPERATING, [("whole", "1"), ("slice", "0.30"), ("slice", "0")]),
        (None, Side.LOSS, Cause.OPERATING, [("whole", "1"), ("whole", "0.50"), ("slice", "1")]),
        (None, Side.LOSS, Cause.POLICY, [("whole", "1"), ("whole", "0.50"), ("negotiated", None)]),
    ],
)
def test_jilin_bands_as_each_reading_takes_them(
    reading: str | None, side: Side, cause: Cause, expected: list[tuple[str, str | None]]
) -> None:
    rule = view("jilin-2016", date(2018, 1, 1)).sharing
    assert rule is not None
    bands = rule.bands_for(reading, side, cause)
    assert [(band.basis, band.share) for band in bands] == [
        (Basis(basis), None if share is None else Decimal(share)) for basis, share in expected
    ]


def test_jilin_loss_over_five_percent_is_provisional_because_the_paper_is_silent() -> None:
    rule = view("jilin", date(2018, 1, 1)).sharing
    assert rule is not None
    assert [band.key for band in rule.bands if band.provisional] == ["loss_over_5"]


def test_jilin_tender_names_ten_fields_and_two_winners() -> None:
    tender = view("jilin", date(2016, 9, 1)).tender
    assert tender is not None
    assert tender.document is not None
    assert (len(tender.document.fields), tender.winners, len(tender.schemes)) == (10, 2, 2)


@pytest.mark.parametrize("paper", ["jilin", "guangdong"])
def test_where_a_paper_says_only_soon_the_number_is_the_houses_own(paper: str) -> None:
    disclosure = view(paper, date(2017, 1, 1)).disclosure
    assert disclosure is not None
    assert (disclosure.days, disclosure.wording) == (None, "及时")
    assert disclosure.house_days is not None


def test_yunnan_2022_prevails_and_leaves_standing_what_it_is_silent_about() -> None:
    newer = view("yunnan", date(2022, 7, 1))
    assert newer.pack == "yunnan-2022"
    assert dict(newer.inherited) == {"pooling": "yunnan-2015", "tender": "yunnan-2015", "filings": "yunnan-2015"}
    assert view("yunnan", date(2022, 6, 30)).pack == "yunnan-2015"
    assert view("yunnan-2015", date(2022, 6, 30)).overridden_by == ()
    assert view("yunnan-2015", date(2022, 7, 1)).overridden_by == ("yunnan-2022",)


def test_qujing_has_ten_unifications_and_the_plans_before_them() -> None:
    milestones = view("qujing", date(2016, 12, 1)).milestones
    assert sum(milestone.title.startswith("统一") for milestone in milestones) == 10
    assert all(milestone.due and milestone.responsible for milestone in milestones)


def test_assistance_classes_of_yunnan() -> None:
    assistance = view("yunnan", date(2022, 7, 1)).assistance
    assert assistance is not None
    assert [(entry.number, entry.deductible_rate, entry.ratio) for entry in assistance.classes] == [
        (1, Decimal(0), None),
        (2, Decimal(0), Decimal("0.70")),
        (3, Decimal("0.10"), Decimal("0.60")),
        (4, Decimal("0.25"), Decimal("0.50")),
    ]


@pytest.mark.parametrize("name", ["", "hebei", "n", "jilin-2017"])
def test_an_unknown_name_is_answered_with_the_known_ones(name: str) -> None:
    with pytest.raises(NotFound, match="qujing-2016"):
        get(name)


def test_a_day_before_the_paper_is_refused_with_its_first_day() -> None:
    with pytest.raises(NotFound, match="2016-01-01"):
        view("jilin", date(2015, 12, 31))
