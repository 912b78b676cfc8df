"""The rows of a settlement sheet to the fen, their words, and what stops a sheet that does not add up (F.3)."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from contracts.rules import PartYear, cover
from core.policy.model import Basis, Cause, SharingBand, Side
from settlement.rules.account import YearAccount, sharing_inputs
from settlement.rules.sharing import SharingResult, settle
from settlement.rules.sheet import ClaimTotals, Part, Receipt, SheetDoesNotAddUp, SheetFacts, SheetRow, band_text, rows
from settlement.rules.together import Part as OwnPart
from tests.factories.sharing import band, jilin_rule

D = Decimal
ACCOUNT = YearAccount(
    premium_due=D("3000.00"), claims_paid=D("2700.00"), recoveries=D("30.00"), reserve_open=D("20.00"),
    reserve_close=D("50.00"), direct_expense=D("100.00"), allocated_expense=D("80.00"), interest=D("3.00"),
    assessment_deduction=D("5.00"),
)  # fmt: skip
CLAIMS = ClaimTotals(
    persons=2, cases=3, total_cost=D("9000.00"), compliant_cost=D("8000.00"), basic_fund_paid=D("5000.00"),
    benefit=D("2700.00"),
    by_channel=(Part("即时结算", 2, D("2000.00")), Part("手工报销", 1, D("700.00"))),
    by_group=(Part("一般人员", 3, D("2700.00")),),
    by_band=(Part("第一段", 0, D("2700.00")),),
)  # fmt: skip
FACTS = SheetFacts(
    contract="HT-2017-01", contract_count=90, cleared_count=100, cleared_on=date(2017, 7, 1), standard=D("30.00"),
    receipts=(
        Receipt("第一期", D("1500.00"), date(2017, 3, 1), "R1"), Receipt("第二期", D("1200.00"), date(2017, 9, 1), "R2")
    ),
    claims=CLAIMS, claim_file="F1", recovery_cases=4, expense_cap_rate=D("0.05"), expense_counts=True, taxes=D("0.00"),
    commission=D("0.00"), assessment="考核92分", sources={},
)  # fmt: skip


def shared(account: YearAccount = ACCOUNT) -> SharingResult:
    return settle(jilin_rule(), sharing_inputs(account, Cause.OPERATING, FACTS.expense_cap_rate))


def sheet(facts: SheetFacts = FACTS, account: YearAccount = ACCOUNT, result: SharingResult | None = None):  # type: ignore[no-untyped-def]
    return {row.row: row for row in rows(facts, account, result or shared(account))}


@pytest.mark.parametrize(
    ("row", "value"),
    [
        ("1.1", "90"), ("1.2", "100"), ("2", "30.00"), ("3", "3000.00"), ("3.1", "2700.00"),
        ("4", "2700.00"), ("4.1", "1500.00"), ("4.2", "1200.00"), ("5", "300.00"), ("6", "300.00"),
        ("7", "2700.00"), ("7.1", "2"), ("7.2", "3"), ("7.3", "9000.00"), ("7.4", "8000.00"), ("7.5", "5000.00"),
        ("7.6", "1300.00"),  # 9000 − 5000 − 2700
        ("7a.1", "2000.00"), ("7a.2", "700.00"), ("7b.1", "2700.00"), ("7c.1", "2700.00"),
        ("8", "30.00"), ("9.1", "20.00"), ("9.2", "50.00"), ("10", "100.00"), ("11", "80.00"),
        ("12", "150.00"),  # 180 cut to 5 % of 3000
        ("13", "3.00"), ("16", "5.00"),
        ("17", "150.00"),  # 3000 − (2700 − 30) − (50 − 20) − 150
        ("18", "+5.0000%"), ("20", "45.00"), ("21", "105.00"),
    ],
)  # fmt: skip
def test_the_rows_of_a_sheet(row: str, value: str) -> None:
    assert sheet()[row].value == value


def test_rows_are_numbered_from_one_and_in_order() -> None:
    found = rows(FACTS, ACCOUNT, shared())
    assert [row.row for row in found if row.row[0] in "47"][:3] == ["4", "4.1", "4.2"]
    assert len(found) == len({row.row for row in found})


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("17", "盈余"), ("18", "盈余率"), ("7a.1", "赔付：即时结算（2人次）"), ("7c.1", "赔付：第一段"),
        ("6", "人数清算补差（已含于行3）"),
    ],
)  # fmt: skip
def test_the_words_of_a_row(row: str, words: str) -> None:
    assert sheet()[row].label == words


@pytest.mark.parametrize(
    ("claims", "kind", "value"),
    [("2849.99", "盈余", "0.01"), ("2850.00", "盈余", "0.00"), ("2850.01", "亏损", "-0.01")],
)
def test_an_even_year_is_no_loss(claims: str, kind: str, value: str) -> None:
    account = replace(ACCOUNT, claims_paid=D(claims), recoveries=D(0), reserve_close=D("20.00"))
    parts = (Part("全部", 3, D(claims)),)
    facts = replace(
        FACTS, claims=replace(CLAIMS, benefit=D(claims), by_channel=parts, by_group=parts, by_band=parts)
    )  # fmt: skip
    row = sheet(facts, account)["17"]
    assert (row.label, row.value) == (kind, value)


def test_the_expense_says_its_limit_or_that_it_does_not_count() -> None:
    assert sheet()["12"].source == "行10＋行11，以行3×5%为限"
    assert sheet(replace(FACTS, expense_counts=False))["12"].source == "盈亏率定义不计费用"


def test_negotiated_parts_stay_open() -> None:
    result = replace(shared(), insurer=None, fund=None)
    assert [sheet(result=result)[row].value for row in ("20", "21")] == ["—", "—"]


def test_a_part_of_the_year_is_in_the_formula() -> None:
    part = cover(2017, date(2017, 6, 30), PartYear.MONTH)
    account = replace(ACCOUNT, premium_due=D("1500.00"))
    found = sheet(replace(FACTS, cover=part), account)
    assert (found["1.3"].unit, found["1.3"].value) == ("月", "6")
    assert (found["3"].value, found["3"].formula, found["3"].source) == (
        "1500.00", "100×30.00×6/12", "行1.2×行2×行1.3÷12",
    )  # fmt: skip
    assert (found["6"].label, found["6"].value) == ("人数清算和承保期间补差（已含于行3）", "-1200.00")
    by_day = cover(2017, date(2017, 6, 30), PartYear.DAY)
    account = replace(ACCOUNT, premium_due=D("1487.67"))
    assert sheet(replace(FACTS, cover=by_day), account)["1.3"].unit == "天"
    assert "1.3" not in sheet()


def test_a_bridge_contract_is_signed_for_its_part_only() -> None:
    part = cover(2017, date(2017, 6, 30), PartYear.MONTH)
    account = replace(ACCOUNT, premium_due=D("1500.00"))
    found = sheet(replace(FACTS, cover=part, bridge=True), account)
    assert (found["1.3"].source, found["1.3"].clause) == ("过渡期保险合同，承保至 2017-06-30，全年12月", "J11")
    assert (found["3.1"].value, found["3.1"].formula) == ("1350.00", "90×30.00×6/12")
    assert found["3.1"].source == "行1.1×行2×行1.3÷12"
    assert (found["6"].label, found["6"].value) == ("人数清算补差（已含于行3）", "150.00")
    early = sheet(replace(FACTS, cover=part), account)
    assert (early["1.3"].source, early["1.3"].clause) == ("合同提前终止，承保至 2017-06-30，全年12月", "J13")
    assert (early["3.1"].value, early["3.1"].formula) == ("2700.00", "90×30.00")


def test_what_a_pool_hands_back_stands_in_the_rows_of_the_result() -> None:
    own = OwnPart(D("-50.00"), D("20.00"), D("-70.00"), "shared", "40.00 × 3,000.00 ÷ 6,000.00")
    told = {row.row: row for row in rows(FACTS, ACCOUNT, shared(), own, D("120.00"))}
    assert [told[row].value for row in ("12", "17", "18", "20", "21")] == [
        "120.00", "-50.00", "+5.0000%", "20.00", "-70.00",
    ]  # fmt: skip
    assert (told["17"].label, told["18"].label) == ("亏损", "盈余率"), "its own loss, the pool's surplus"
    assert told["18"].source == "见计算过程，显示四位小数，按精确分数判断"
    assert (told["20"].source, told["20"].formula) == (
        "行26c本合同部分，减行26d", "40.00 × 3,000.00 ÷ 6,000.00",
    )  # fmt: skip
    alone = sheet()
    assert (alone["18"].source, alone["20"].source) == (
        "行17÷行3，显示四位小数，按精确分数判断", "见计算过程，四舍五入到分",
    )  # fmt: skip
    assert alone["20"].formula is None


def a_band(side: Side, lower: str, upper: str | None, *closed: bool) -> SharingBand:
    return band("b", side, lower, upper, Basis.WHOLE, "1", closed=closed)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("told", "words"),
    [
        (a_band(Side.SURPLUS, "0.03", "0.05", False, True), "盈余3%—5%（含）"),
        (a_band(Side.LOSS, "0.03", "0.05", False, False), "亏损3%—5%（不含）"),
        (a_band(Side.SURPLUS, "0", "0.03", True, True), "盈余率在3%（含）以内"),
        (a_band(Side.LOSS, "0", "0.025", True, False), "亏损率在2.5%以内"),
        (a_band(Side.LOSS, "0.05", None, True, True), "亏损5%（含）以上"),
        (a_band(Side.SURPLUS, "0.1", None, False, True), "盈余10%以上"),
    ],
)
def test_a_band_in_words(told: SharingBand, words: str) -> None:
    assert band_text(told) == words


SHORT = (Part("全部", 3, D("2699.99")),)


@pytest.mark.parametrize(
    ("facts", "account", "result", "rows_named"),
    [
        (replace(FACTS, cleared_count=101), ACCOUNT, shared(), "row 3"),
        (replace(FACTS, claims=replace(CLAIMS, benefit=D("2700.01"))), ACCOUNT, shared(), "row 7"),
        (replace(FACTS, claims=replace(CLAIMS, by_channel=SHORT)), ACCOUNT, shared(), "rows 7a"),
        (replace(FACTS, claims=replace(CLAIMS, by_group=SHORT)), ACCOUNT, shared(), "rows 7b"),
        (replace(FACTS, claims=replace(CLAIMS, by_band=SHORT)), ACCOUNT, shared(), "rows 7c"),
        (FACTS, ACCOUNT, replace(shared(), fund=D("105.01")), "row 20 and row 21"),
    ],
    ids=["premium", "claims", "channels", "groups", "bands", "parts"],
)
def test_a_sheet_that_does_not_add_up_names_the_rows(
    facts: SheetFacts, account: YearAccount, result: SharingResult, rows_named: str
) -> None:
    with pytest.raises(SheetDoesNotAddUp, match=rows_named):
        rows(facts, account, result)


def test_the_source_of_a_row_is_the_insurers_where_it_named_one() -> None:
    told = sheet(replace(FACTS, sources={"recoveries": "台账A", "interest": "对账单B"}))
    row: SheetRow = told["8"]
    assert (row.source, told["13"].source, sheet()["13"].source) == ("台账A，4笔", "对账单B", "银行对账单")
