"""What a disclosure prints, decided without a database: exact values, changes found, bands and benefits in words."""

from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

from core.clock import beijing
from core.policy import view
from core.policy.model import BenefitBand, BenefitTerms, Cause, SharingRule, TiltTerms
from disclosure.rules.benefit_words import audiences, benefit_table, examples, in_one_sentence
from disclosure.rules.corrections import Change, changes
from disclosure.rules.frozen import freeze, thaw
from disclosure.rules.open_tables import OpenTable
from disclosure.rules.sharing_words import ruler, sharing_rows
from disclosure.rules.stages import (
    DisclosureStage,
    FilingFacts,
    FilingStage,
    disclosure_stage,
    filing_stage,
)

NOON = beijing(2018, 5, 14, 12)
TILT = TiltTerms(deductible_cut=Decimal("0.40"), ratio_points=Decimal("0.05"))


def terms(**tilts: TiltTerms) -> BenefitTerms:
    return BenefitTerms(
        year=2017,
        deductible=Decimal("24900.00"),
        bands=(
            BenefitBand(Decimal(0), Decimal(50_000), Decimal("0.55")),
            BenefitBand(Decimal(50_000), None, Decimal("0.60")),
        ),
        cap=Decimal("300000.00"),
        tilts=tilts,
        in_force_from=date(2017, 1, 1),
        clause="年度合同",
    )


def jilin() -> SharingRule:
    rule = view("jilin-2016", date(2017, 12, 31)).sharing
    assert rule is not None
    return rule


@pytest.mark.parametrize(
    "value",
    [
        Decimal("263252000.00"),
        Fraction(1, 3),
        date(2018, 5, 21),
        "＜10",
        17_946,
        None,
        [{"rows": [Decimal("0.10"), Fraction(-3, 7)], "decimal": "a word of one's own"}],
    ],
)
def test_what_is_frozen_thaws_to_the_same_value(value: Any) -> None:
    assert thaw(freeze(value)) == value


def test_exact_values_stay_of_their_kind() -> None:
    kept = thaw(freeze({"amount": Decimal("1.10"), "rate": Fraction(2, 6)}))
    assert str(kept["amount"]) == "1.10"
    assert kept["rate"] == Fraction(1, 3)


@pytest.mark.parametrize("value", [1.5, beijing(2018, 1, 1), object()])
def test_what_is_not_exact_or_plain_is_not_frozen(value: Any) -> None:
    with pytest.raises(TypeError, match="plain values"):
        freeze({"value": value})


def test_a_correction_names_every_value_that_changed() -> None:
    before = OpenTable("表4", "办结", ("方式", "按期", "金额"), (("手工报销", 3041, Decimal("1.00")),))
    after = OpenTable("表4", "办结", ("方式", "按期", "金额"), (("手工报销", 3057, Decimal("1.00")), ("即时", 9, None)))
    assert changes([before], [after]) == (
        Change("表4 手工报销 按期", "3041", "3057"),
        Change("表4 即时 按期", "—", "9"),
    )
    assert changes([after], [after]) == ()


@pytest.mark.parametrize(
    ("facts", "stage"),
    [
        (FilingFacts(None, None, None), FilingStage.DRAFT),
        (FilingFacts(NOON, None, None), FilingStage.SUBMITTED),
        (FilingFacts(NOON, NOON, None), FilingStage.RETURNED),
        (FilingFacts(NOON, None, NOON), FilingStage.ACCEPTED),
        (FilingFacts(NOON, NOON, None, has_successor=True), FilingStage.SUPERSEDED),
    ],
)
def test_the_stage_of_a_filing_follows_from_its_facts(facts: FilingFacts, stage: FilingStage) -> None:
    assert filing_stage(facts) is stage


def test_the_stage_of_a_disclosure_follows_from_its_facts() -> None:
    assert disclosure_stage(None, has_successor=False) is DisclosureStage.PREPARED
    assert disclosure_stage(NOON, has_successor=False) is DisclosureStage.PUBLISHED
    assert disclosure_stage(NOON, has_successor=True) is DisclosureStage.REPLACED


def test_groups_with_one_tilt_stand_together_and_others_apart() -> None:
    one = terms(destitute=TILT, low_income=TILT)
    assert [audience.name for audience in audiences(one)] == ["一般参保人员", "贫困人口"]
    two = terms(destitute=TILT, low_income=TiltTerms(deductible_cut=Decimal("0.20")))
    assert [audience.name for audience in audiences(two)] == ["一般参保人员", "特困供养人员", "最低生活保障对象"]


def test_the_table_of_benefits_applies_the_tilt() -> None:
    table = benefit_table([terms(destitute=TILT)])
    assert table["columns"] == ["一般参保人员", "贫困人口"]
    assert [row["values"] for row in table["rows"]] == [
        [Decimal("24900.00"), Decimal("14940.00")],
        ["55%", "60%"],
        ["60%", "65%"],
        [Decimal("300000.00"), Decimal("300000.00")],
    ]
    assert "起付标准下调40%，各段支付比例提高5个百分点" in table["note"]


def test_terms_that_change_within_the_year_have_a_column_each() -> None:
    later = BenefitTerms(**{**terms().__dict__, "in_force_from": date(2017, 7, 1), "deductible": Decimal("18400.00")})
    table = benefit_table([terms(), later])
    assert table["columns"] == ["一般人员（1月1日起）", "一般人员（7月1日起）"]
    assert table["rows"][0]["values"] == [Decimal("24900.00"), Decimal("18400.00")]
    assert "自2017年7月1日起" in table["note"]


def test_examples_add_up() -> None:
    rows = examples(terms(destitute=TILT))
    assert [str(row["pays"]) for row in rows] == ["13805.00", "102560.00", "21036.00", "117789.00"]
    assert all(row["pays"] + row["left"] == row["cost"] for row in rows)


def test_the_sentence_on_the_cover_names_area_deductible_and_ratios() -> None:
    sentence = in_one_sentence(2017, "长河市", "城镇居民大病保险", terms())
    assert sentence.startswith("2017年度，长河市的城镇居民大病保险参保人员")
    assert "超过24,900.00元的部分，由大病保险支付55%至60%" in sentence


@pytest.mark.parametrize(
    ("band", "insurer", "fund"),
    [
        ("盈余5%以上", "5%（含）以内部分按前档，超过部分不分享", "全部获得"),
        ("盈余3%—5%（含）", "盈余总额的30%", "盈余总额的70%"),
        ("盈余3%（含）以内", "全部获得", "不分享"),
        ("亏损3%（含）以内", "全部承担", "不分担"),
        ("亏损5%（含）以上，政策调整等不可抗力", "由有关部门商承办机构提出解决方案", "同左"),
    ],
)
def test_every_band_of_jilin_is_said_in_words(band: str, insurer: str, fund: str) -> None:
    rows = {row["band"]: row for row in sharing_rows(jilin(), "whole")}
    assert band in rows
    assert rows[band]["insurer"].replace("（含）", "") == insurer.replace("（含）", "")
    assert fund in rows[band]["fund"]


def test_the_ruler_joins_the_corridor_around_zero_and_covers_every_rate() -> None:
    bands = ruler(jilin(), "whole", Cause.POLICY)
    assert [band["label"] for band in bands] == [
        "亏损5%（含）以上",
        "亏损3%—5%",
        "±3%以内",
        "盈余3%—5%（含）",
        "盈余5%以上",
    ]
    assert (bands[0]["low"], bands[-1]["high"]) == (None, None)
    for left, right in zip(bands, bands[1:], strict=False):
        assert left["high"] == right["low"]
        assert left["includes_high"] != right["includes_low"]
