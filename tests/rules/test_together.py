"""What a sheet divides of a pool or a term, what waits for later years, and the rows it prints beside its own."""

from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from core.policy.library import load_sharing_rule
from core.policy.model import Item, Period, Scope
from settlement.rules.carrying import Carried, YearBalance
from settlement.rules.pooling import Allotment, Member, Pooled, pooled_rule, settle_together
from settlement.rules.reserve import ReserveMove
from settlement.rules.retention import Retained
from settlement.rules.sharing import SharingInputs, settle
from settlement.rules.sheet import SheetDoesNotAddUp
from settlement.rules.together import (
    Counted,
    Part,
    Settled,
    Together,
    alone,
    carried_on,
    counts,
    part_of,
    part_of_pool,
    pooled,
    retained_part,
    scored,
)
from settlement.rules.together_rows import together_rows
from settlement.rules.words import explain_part
from tests.factories.sharing import jilin_rule

SHAPES = Path(__file__).parents[1] / "data" / "sharing"


def years(*balances: int, premium: int = 100) -> list[Member]:
    """The years of a term in millions, by what they leave."""
    return [
        Member(str(2017 + place), SharingInputs(Decimal(premium) * 10**6, Decimal(premium - balance) * 10**6))
        for place, balance in enumerate(balances)
    ]


def settled(balance: int, insurer: int) -> Settled:
    """What an earlier sheet has settled, in millions."""
    return Settled("JS-01 第1版", *(Decimal(one) * 10**6 for one in (balance, insurer, balance - insurer)))


def millions(part: Part) -> tuple[str, ...]:
    amounts = (part.balance, part.insurer, part.fund)
    return tuple(f"{(amount / 10**6).normalize():f}" for amount in amounts if amount is not None)


#: Own members, settled before, still going on → balance, insurer, fund, outcome. The term: 2 + 4 − 3 = 3 m of 300 m.
PARTS = [
    (("2017", "2018", "2019"), (), False, ("3", "3", "0"), "shared"),
    (("2017", "2018", "2019"), (), True, ("3", "3", "0"), "provisional"),
    (("2017", "2018", "2019"), ((2, 1),), False, ("1", "2", "-1"), "shared"),
    (("2017", "2018", "2019"), ((2, 1), (4, 5)), False, ("-3", "-3", "0"), "shared"),
    (("2018",), (), False, ("4", "1", "3"), "shared"),
]


@pytest.mark.parametrize(("own", "before", "goes_on", "expected", "outcome"), PARTS)
def test_a_sheet_divides_its_own_less_what_is_settled(
    own: tuple[str, ...], before: tuple[tuple[int, int], ...], goes_on: bool, expected: tuple[str, ...], outcome: str
) -> None:
    pool = settle_together(jilin_rule(), years(2, 4, -3))
    part = part_of_pool(pool, own, [settled(*one) for one in before], interim=goes_on)
    assert millions(part) == expected
    assert part.outcome == outcome
    assert part.insurer + part.fund == part.balance


def test_the_formula_of_a_part_can_be_redone() -> None:
    pool = settle_together(jilin_rule(), years(2, 4, -3))
    part = part_of_pool(pool, ("2017", "2018", "2019"), [settled(2, 1), settled(4, -5)], interim=False)
    assert part.formula == "1,000,000.00 + 1,000,000.00 + 1,000,000.00 − 1,000,000.00 + 5,000,000.00"
    one = part_of_pool(pool, ("2018",), [settled(2, 1)], interim=False)
    assert one.formula == "3,000,000.00 × 100,000,000.00 ÷ 300,000,000.00 − 1,000,000.00"
    loss = settle_together(jilin_rule(), years(-2, -1))
    assert part_of_pool(loss, ("2017", "2018"), [], interim=False).formula == "−1,500,000.00 − 1,500,000.00"


def test_a_provisional_or_negotiated_pool_stays_what_it_is() -> None:
    loss = settle_together(jilin_rule(), years(-9, -9))
    assert part_of_pool(loss, ("2017",), [], interim=True).outcome == "provisional"
    members = [replace(one, inputs=replace(one.inputs, cause="policy")) for one in years(-9, -9)]
    talks = part_of_pool(settle_together(jilin_rule(), members), ("2017",), [settled(-1, -1)], interim=True)
    assert (talks.outcome, talks.insurer, talks.fund, str(talks.balance)) == ("negotiated", None, None, "-8000000.00")


def test_a_pool_of_one_is_that_one() -> None:
    pool = settle_together(jilin_rule(), years(4))
    assert (str(pool.result.insurer), str(pool.parts[0].insurer)) == ("1200000.00", "1200000.00")
    alone_ = settle(jilin_rule(), years(4)[0].inputs)
    assert part_of(alone_) == Part(alone_.balance, alone_.insurer, alone_.fund, "shared")


def test_which_rules_need_more_than_one_contract_year() -> None:
    plain = jilin_rule()
    assert (alone(plain), pooled(plain), scored(plain)) == (True, False, False)
    for change in ({"scope": Scope.AREA}, {"scope": Scope.SCHEME}, {"period": Period.TERM}):
        assert (alone(replace(plain, **change)), pooled(replace(plain, **change))) == (False, True)
    for change in ({"carry_over": True}, {"split_causes": True}):
        assert (alone(replace(plain, **change)), pooled(replace(plain, **change))) == (False, False)
    for name in ("d2-08-risk-reserve.toml", "d2-09-retention-of-fee.toml", "us-mssp-track-2.toml"):
        assert not alone(load_sharing_rule(SHAPES / name)), name
    assert scored(load_sharing_rule(SHAPES / "d2-09-retention-of-fee.toml"))
    assert scored(load_sharing_rule(SHAPES / "us-mssp-track-2.toml"))
    rebate = load_sharing_rule(SHAPES / "us-aca-mlr-rebate.toml")
    assert [counts(rebate, item) for item in (Item.PREMIUM, Item.QUALITY_EXPENSE, Item.TAXES, Item.TARGET)] == [
        True, True, True, False,
    ]  # fmt: skip
    assert pooled_rule(plain).expense_cap_rate is None


def test_what_waits_for_later_years() -> None:
    rule = load_sharing_rule(SHAPES / "d2-11-carried-two-years.toml")
    balances = [YearBalance(year, Decimal(amount), Decimal(100)) for year, amount in ((2017, -3), (2018, 1))]
    assert [(one.year, str(one.brought)) for one in carried_on(rule, balances)] == [(2017, "-2.00")]
    later = [*balances, YearBalance(2019, Decimal(0), Decimal(100))]
    assert carried_on(rule, later) == (), "after two years the loss has lapsed"
    assert carried_on(jilin_rule(), balances) == ()
    assert carried_on(rule, []) == ()
    assert [str(one.brought) for one in carried_on(rule, balances[:1])] == ["-3.00"]


def counted(number: int, balance: str, insurer: str | None) -> Counted:
    part = None if insurer is None else Decimal(insurer)
    key, formula = f"HT-0{number}", "5.00 × 100.00 ÷ 200.00"
    label = f"{key}（2017年）"
    return Counted(key, label, "年度数据第1版", number == 1, Decimal(100), Decimal(balance), part, formula)


POOL = Together(
    members=(counted(1, "7.00", "2.00"), counted(2, "-2.00", "2.00")),
    balance=Decimal("5.00"),
    insurer=Decimal("4.00"),
    fund=Decimal("1.00"),
    settled=(settled(2, 1),),
    clause="第一条",
)


def values(found: Together) -> dict[str, str]:
    return {row.row: row.value for row in together_rows(found)}


def test_the_rows_of_a_pool() -> None:
    assert values(POOL) == {
        "26": "5.00", "26.1": "7.00", "26.2": "-2.00", "26a": "4.00", "26b": "1.00", "26c.1": "2.00", "26c.2": "2.00",
        "26d.1": "1000000",
    }  # fmt: skip
    by_number = {row.row: row for row in together_rows(POOL)}
    assert by_number["26"].source == "行26.1至行26.2合计"
    assert (by_number["26c.2"].formula, by_number["26c.2"].clause) == ("5.00 × 100.00 ÷ 200.00", "第一条")
    assert by_number["26d.1"].source == "同一协议以前年度决算，盈亏2,000,000.00元，基金份额1,000,000.00元"
    talks = replace(POOL, insurer=None, fund=None, members=(counted(1, "7.00", None), counted(2, "-2.00", None)))
    assert [values(talks)[row] for row in ("26a", "26b", "26c.1")] == ["—", "—", "—"]


#: What disagrees → the words of the refusal.
DISAGREEMENTS = [
    ({"balance": Decimal("5.01")}, "rows 26.n"),
    ({"insurer": Decimal("4.01")}, "rows 26c.n"),
    ({"fund": Decimal("-1.00")}, "rows 26a and 26b"),
    ({"fund": None}, "rows 26a and 26b"),
]


@pytest.mark.parametrize(("change", "said"), DISAGREEMENTS)
def test_members_that_do_not_add_up_are_refused(change: dict[str, Decimal | None], said: str) -> None:
    with pytest.raises(SheetDoesNotAddUp, match=said):
        values(replace(POOL, **change))


def test_the_rows_of_what_is_carried() -> None:
    found = Together(
        carried=(
            Carried(2016, Decimal("-3.00"), Decimal("-1.00"), Decimal("-2.00"), lapses=True),
            Carried(2017, Decimal("-1.00"), Decimal("-1.00"), Decimal("0.00"), lapses=True),
            Carried(2018, Decimal("-4.00"), Decimal("0.00"), Decimal("-4.00"), lapses=False),
        ),
        own=Decimal("2.00"),
        own_carried=Decimal("-2.00"),
        onward=(Carried(2018, Decimal("-4.00"), Decimal(0), Decimal("-4.00"), lapses=False),
                Carried(2019, Decimal("-0.50"), Decimal(0), Decimal("-0.50"), lapses=False)),
    )  # fmt: skip
    assert values(found) == {
        "27": "-2.00", "27.1": "-1.00", "27.2": "-1.00", "27.3": "0.00", "27a": "2.00", "27b": "-4.50",
    }  # fmt: skip
    sources = {row.row: row.source for row in together_rows(found)}
    assert sources["27"] == "行27.1至行27.3合计"
    assert [sources[f"27.{place}"] for place in (1, 2, 3)] == [
        "年初余额−3.00元，结余−2.00元，此后不再结转", "年初余额−1.00元，结余0.00元", "年初余额−4.00元，结余−4.00元",
    ]  # fmt: skip
    assert sources["27a"] == "行17－行27"
    assert sources["27b"] == "2018年度−4.00元、2019年度−0.50元"
    first = Together(carried=(), own=Decimal("2.00"))
    assert values(first) == {"27": "0.00", "27a": "2.00", "27b": "0.00"}
    whole = replace(POOL, carried=(), own=Decimal("7.00"), own_carried=Decimal("-1.00"))
    assert [row.label for row in together_rows(first)] == [
        "以前年度结转本年度盈亏",
        "本年度盈亏（结转前）",
        "结转以后年度",
    ]
    assert {row.row: row.label for row in together_rows(whole)}["27b"] == "结转以后年度（合并核算）"
    assert values(whole)["27c"] == "-1.00"
    assert {row.row: row.source for row in together_rows(whole)}["27a"] == "行17－行27c"


def test_the_rows_of_reserve_score_quality_and_finding() -> None:
    found = Together(
        reserve=ReserveMove(Decimal("5.00"), Decimal("2.00"), Decimal("1.00")),
        score=(Decimal("92.5"), "2017年度考核"),
        retention=Retained(Decimal("10.00"), Decimal("9.00"), Decimal("1.00"), in_balance=False),
        quality=(Decimal("3.00"), "专账"),
        attributable=(Decimal("4.00"), "联合认定"),
    )
    assert values(found) == {
        "28.1": "5.00", "28.2": "2.00", "28.3": "1.00", "28.4": "6.00", "29": "92.5", "29.1": "10.00", "29.2": "9.00",
        "29.3": "1.00", "30": "3.00", "31": "4.00",
    }  # fmt: skip
    assert {row.row: row.source for row in together_rows(found)}["29.3"] == "不计入盈亏，随本次决算记账划转"
    kept = {row.row: row.label for row in together_rows(found)}
    shared = {row.row: row.label for row in together_rows(replace(POOL, reserve=found.reserve))}
    assert (kept["28.4"], shared["28.4"]) == ("风险调节金年末余额", "风险调节金（合并核算）年末余额")
    inside = replace(found, retention=replace(found.retention, in_balance=True))
    assert {row.row: row.source for row in together_rows(inside)}["29.3"] == "已在收入中扣除"
    assert values(Together()) == {}


@pytest.mark.parametrize(("before", "how"), [((), ""), ((settled(2, 1),), "，减以前年度已办理")])
def test_the_rows_of_a_retention_that_a_pool_shares(before: tuple[Settled, ...], how: str) -> None:
    whole = Retained(Decimal("20.00"), Decimal("18.00"), Decimal("2.00"), in_balance=False)
    own = Retained(Decimal("10.00"), Decimal("9.00"), Decimal("1.00"), in_balance=False)
    rows = tuple(together_rows(Together(retention=whole, own_retention=own, settled=before)))
    mine = [row for row in rows if row.row.startswith("29.")]
    assert [(row.row, row.label, row.value) for row in mine] == [
        ("29.1", "考核预留（合并核算）", "20.00"), ("29.2", "按考核返还（合并核算）", "18.00"),
        ("29.3", "未返还，归基金（合并核算）", "2.00"), ("29.4", "考核预留（本合同）", "10.00"),
        ("29.5", "按考核返还（本合同）", "9.00"), ("29.6", "未返还，归基金（本合同）", "1.00"),
    ]  # fmt: skip
    assert mine[3].source == f"按保费分配，最大余数法到分{how}"
    (alone, *_rest) = together_rows(Together(retention=whole))
    assert alone.label == "考核预留"


def test_a_part_is_told_in_words() -> None:
    pool = settle_together(jilin_rule(), years(2, 4, -3))
    part = part_of_pool(pool, ("2017", "2018", "2019"), [settled(2, 1)], interim=True)
    said = [sentence.in_english() for sentence in explain_part(part, [settled(2, 1)], interim=True)]
    assert said == [
        "Of that the insurer's part is handed back by premium: "
        "1,000,000.00 + 1,000,000.00 + 1,000,000.00 − 1,000,000.00.",
        "Sheet JS-01 第1版 has settled 2,000,000.00 yuan of it already; that is taken off.",
        "This sheet divides 1,000,000.00 yuan: the insurer's part is 2,000,000.00 yuan, the fund's −1,000,000.00 yuan.",
        "The term goes on: the amounts are provisional, and the last year settles the term.",
    ]
    talks = Part(Decimal(-1), None, None, "negotiated")
    assert list(explain_part(talks, [], interim=False)) == []


def test_the_parts_of_a_pool_add_up_to_the_fen_and_a_term_takes_off_what_was_carried_out() -> None:
    whole = Retained(Decimal("100.00"), Decimal("66.67"), Decimal("33.33"), in_balance=False)
    members = [
        Allotment(key, Decimal(premium), Decimal(0), None, None, None, "", None)  # type: ignore[arg-type]
        for key, premium in (("a", 1), ("b", 1), ("c", 1))
    ]
    pool = Pooled(None, tuple(members))  # type: ignore[arg-type]
    parts = [retained_part(whole, pool, (one.key,), ()) for one in members]
    for name in ("held", "released", "forfeited"):
        assert sum(getattr(part, name) for part in parts) == getattr(whole, name), name
    before = Settled("2017", Decimal(0), Decimal(0), Decimal(0), Decimal("20.00"), Decimal("10.00"))
    last = retained_part(whole, pool, ("a", "b", "c"), (before,))
    assert last == Retained(Decimal("70.00"), Decimal("46.67"), Decimal("23.33"), in_balance=False)
    assert retained_part(whole, None, (), ()) is whole
    assert retained_part(None, pool, ("a",), ()) is None
