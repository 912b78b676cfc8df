"""Charts: the picture says what its table says, in one accessible SVG, with the same bytes every time."""

import itertools
import re
import subprocess
import sys
from decimal import Decimal
from fractions import Fraction
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.charts import monthly_payments, premium_split, rate_ruler, sharing_curve, svg, tender_timeline
from core.charts.premium_split import per_hundred
from core.charts.scale import show, step_for
from tests.factories.charts import curve, every_chart, months, rate, ruler, split, timeline

SVG = "{http://www.w3.org/2000/svg}"
CHARTS = sorted(every_chart())
PLACES = list(itertools.product(("page", "report"), ("wide", "narrow")))


def texts(drawn: str) -> list[str]:
    return [element.text or "" for element in ElementTree.fromstring(drawn).iter(f"{SVG}text")]


@pytest.mark.parametrize(("theme", "width"), PLACES)
@pytest.mark.parametrize("name", CHARTS)
def test_every_chart_is_one_image_with_title_and_description(name: str, theme: str, width: str) -> None:
    draw, data = every_chart()[name]
    chart = draw(data, theme, width)
    root = ElementTree.fromstring(chart.svg)
    assert root.tag == f"{SVG}svg"
    assert root.get("role") == "img"
    assert [child.tag for child in root][:2] == [f"{SVG}title", f"{SVG}desc"]
    assert [child.text for child in root][:2] == [chart.title, chart.description]
    assert root.get("aria-labelledby", "").split() == [child.get("id") for child in root][:2]
    assert [element.get("role") for element in root.iter()].count("img") == 1
    assert root.get("font-family") == "Noto Sans CJK SC, sans-serif"
    assert not re.search(r"NaN|undefined|Infinity", chart.svg)


@pytest.mark.parametrize(("theme", "width"), PLACES)
@pytest.mark.parametrize("name", CHARTS)
def test_no_word_starts_outside_the_picture(name: str, theme: str, width: str) -> None:
    draw, data = every_chart()[name]
    root = ElementTree.fromstring(draw(data, theme, width).svg)
    right, bottom = (float(number) for number in root.get("viewBox", "").split()[2:])
    for word in root.iter(f"{SVG}text"):
        x, y = (float(number) for number in re.findall(r"-?[\d.]+", word.get("transform", ""))[:2])
        assert 0 <= x <= right, word.text
        assert 0 <= y <= bottom, word.text


@pytest.mark.parametrize("name", CHARTS)
def test_the_table_is_rectangular_and_has_the_given_headings(name: str) -> None:
    draw, data = every_chart()[name]
    table = draw(data).table
    assert table[0] == data.headings
    assert {len(row) for row in table} == {len(data.headings)}


def test_the_same_figures_give_the_same_bytes_whatever_was_drawn_before() -> None:
    first = {name: draw(data).svg for name, (draw, data) in every_chart().items()}
    svg._drawn.cache_clear()
    again = {name: draw(data).svg for name, (draw, data) in reversed(every_chart().items())}
    assert first == again


def test_another_process_draws_the_same_bytes() -> None:
    program = (
        "import sys; from core.charts import sharing_curve; from tests.factories.charts import curve;"
        "sys.stdout.buffer.write(sharing_curve(curve()).svg.encode())"
    )
    drawn = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True).stdout.decode()
    assert drawn == sharing_curve(curve()).svg


def test_a_library_that_names_the_svg_namespace_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    before = sharing_curve(curve()).svg
    monkeypatch.setitem(ElementTree._namespace_map, SVG.strip("{}"), "svg")
    assert sharing_curve(curve()).svg == before
    assert "<g" in before


def test_two_charts_on_one_page_share_no_id() -> None:
    ids = [
        re.findall(r'\bid="([^"]+)"', draw(data, "page", width).svg)
        for draw, data in every_chart().values()
        for width in ("wide", "narrow")
    ]
    flat = list(itertools.chain.from_iterable(ids))
    assert len(flat) == len(set(flat))


def test_a_hostile_label_stays_text() -> None:
    data = months().__class__("<script>alert(1)</script>", months().months, ("a", "b"))
    chart = monthly_payments(data)
    assert "<script" not in chart.svg
    assert chart.title == "<script>alert(1)</script>"


class TestSharingCurve:
    def test_the_table_shows_both_amounts_at_a_jump(self) -> None:
        rows = {row[0]: row[1:] for row in sharing_curve(curve()).table[1:]}
        assert rows["+3.0000%"] == ("300.00 / 90.00", "300.00")
        assert rows["−3.0000%"] == ("−150.00 / −300.00", "−300.00")
        assert rows["+5.0000%"] == ("150.00", "360.00")

    def test_each_jump_has_a_full_and_an_open_point(self) -> None:
        root = ElementTree.fromstring(sharing_curve(curve()).svg)
        circles = [path for path in root.iter(f"{SVG}path") if path.get("stroke") == "#1c4274" and path.get("fill")]
        assert sorted(path.get("fill") for path in circles) == ["#1c4274", "#1c4274", "#ffffff", "#ffffff"]

    def test_this_year_is_named(self) -> None:
        assert "2025年度 +3.4182%，所得102.55万元" in texts(sharing_curve(curve()).svg)
        assert "所得102.55万元" in texts(sharing_curve(curve(), width="narrow").svg)


class TestPremiumSplit:
    def test_parts_of_a_hundred_are_printed_and_add_up(self) -> None:
        chart = premium_split(split())
        assert [row[2] for row in chart.table[1:]] == ["92.44", "1.34", "2.80", "2.39", "1.03"]
        assert "返还基金 2.39元" in texts(chart.svg)

    def test_a_year_of_loss_shows_where_the_premium_ends(self) -> None:
        assert "100" in texts(premium_split(split(loss=True)).svg)
        assert "100" not in texts(premium_split(split()).svg)

    @given(st.lists(st.integers(0, 10**12), min_size=1, max_size=6).filter(any), st.integers(1, 10**12))
    def test_the_parts_add_up_to_the_rounded_whole(self, fen: list[int], premium_fen: int) -> None:
        amounts = tuple(Decimal(amount).scaleb(-2) for amount in fen)
        whole = Fraction(sum(fen), premium_fen) * 100
        assert abs(Fraction(sum(per_hundred(Decimal(premium_fen).scaleb(-2), amounts))) - whole) <= Fraction(1, 200)


class TestRateRuler:
    @pytest.mark.parametrize(
        ("at", "band"),
        [
            pytest.param("3", "±3%（含）以内", id="exactly 3 % belongs to the insurer's own band (J4)"),
            pytest.param("3.000001", "盈余3%—5%（含）", id="just above it is shared"),
            pytest.param("5", "盈余3%—5%（含）", id="5 % is included"),
            pytest.param("5.01", "盈余5%以上", id="above 5 %"),
            pytest.param("-3", "±3%（含）以内", id="a loss of 3 %"),
            pytest.param("-5", "亏损3%—5%（含）", id="a loss of 5 %"),
            pytest.param("-12", "亏损5%以上", id="a deep loss"),
        ],
    )
    def test_the_exact_rate_decides_the_band(self, at: str, band: str) -> None:
        table = rate_ruler(ruler(rate(at))).table
        assert [row[0] for row in table[1:] if row[2]] == [band]


def test_every_month_is_printed_in_ten_thousand_yuan() -> None:
    shown = texts(monthly_payments(months()).svg)
    assert {"123.46", "1,481.48", "1,460.54"} <= set(shown)


def test_the_timeline_is_in_order_of_dates_with_its_basis() -> None:
    table = tender_timeline(timeline()).table
    assert [row[0] for row in table[1:]] == sorted(row[0] for row in table[1:])
    assert table[1] == ("2016-09-13", "发布公告", "87号令第13条")


@pytest.mark.parametrize(
    ("extent", "count", "step"), [("19980203.73", 3, "10000000"), ("760", 9, "100"), ("0", 3, "1")]
)
def test_steps_of_an_axis_are_round(extent: str, count: int, step: str) -> None:
    assert step_for(Decimal(extent), count) == Decimal(step)


@pytest.mark.parametrize(
    ("value", "shown"), [("1234.565", "1,234.57"), ("-0.5", "−0.50"), ("-0.001", "0.00"), ("0", "0.00")]
)
def test_figures_are_shown_half_up_with_a_true_minus(value: str, shown: str) -> None:
    assert show(Decimal(value)) == shown
