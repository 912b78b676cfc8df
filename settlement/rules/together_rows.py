"""The rows of a sheet beyond its own contract year: pool, term, carry-over, reserve, score (rows 26 to 32)."""

from collections.abc import Iterator
from decimal import Decimal

from core.money import ZERO, show_yuan
from settlement.rules.carrying import Carried
from settlement.rules.retention import Retained
from settlement.rules.sheet import SheetDoesNotAddUp, SheetRow
from settlement.rules.together import Together


def together_rows(found: Together) -> Iterator[SheetRow]:
    """The rows in order. Raises SheetDoesNotAddUp where members and pool disagree."""
    if found.members:
        _check(found)
        yield from _pool(found)
    if found.carried is not None:
        yield from _carried(found)
    if found.reserve is not None:
        yield from _reserve(found)
    if found.score is not None:
        score, source = found.score
        yield SheetRow("29", "考核得分", "分", f"{score:f}", source, clause="J18")
    if found.retention is not None:
        yield from _retention(found)
    if found.quality is not None:
        amount, source = found.quality
        yield SheetRow("30", "质量改进费用", "元", str(amount), source, clause=found.clause)
    if found.attributable is not None:
        amount, source = found.attributable
        yield SheetRow("31", "认定政策性亏损", "元", str(amount), source, clause="J15")
    if found.target is not None:
        one = found.target
        yield SheetRow("32", "约定赔付成本", "元", str(one.amount), one.source, one.formula, clause=found.clause)


def _pool(found: Together) -> Iterator[SheetRow]:
    clause, count = found.clause, len(found.members)
    yield SheetRow("26", "合并核算盈亏", "元", str(found.balance), f"行26.1至行26.{count}合计", clause=clause)
    for place, one in enumerate(found.members, start=1):
        source = f"保费{show_yuan(one.premium)}元；{one.source}"
        yield SheetRow(f"26.{place}", f"其中：{one.label}", "元", str(one.balance), source)
    yield SheetRow("26a", "合并核算承保人份额", "元", _amount(found.insurer), "见计算过程", clause=clause)
    yield SheetRow("26b", "合并核算基金份额", "元", _amount(found.fund), "行26－行26a", clause=clause)
    for place, one in enumerate(found.members, start=1):
        yield SheetRow(f"26c.{place}", f"分配承保人份额：{one.label}", "元", _amount(one.insurer),
                       "行26a按保费分配，最大余数法到分", one.formula, clause)  # fmt: skip
    for place, sheet in enumerate(found.settled, start=1):
        words = f"已结算承保人份额：{sheet.label}"
        source = f"同一协议以前年度决算，盈亏{show_yuan(sheet.balance)}元，基金份额{show_yuan(sheet.fund)}元"
        yield SheetRow(f"26d.{place}", words, "元", str(sheet.insurer), source, clause=clause)


def _carried(found: Together) -> Iterator[SheetRow]:
    entries = found.carried or ()
    total = sum((one.used for one in entries), ZERO)
    source = f"行27.1至行27.{len(entries)}合计" if entries else "协议内无可结转的以前年度盈亏"
    whole = "（合并核算）" if found.members else ""
    yield SheetRow("27", f"以前年度结转本年度盈亏{whole}", "元", str(total), source, clause=found.clause)
    for place, one in enumerate(entries, start=1):
        yield SheetRow(f"27.{place}", f"其中：{one.year}年度结转", "元", str(one.used), _left(one))
    if found.members:
        yield SheetRow("27c", "其中：本合同按保费计入", "元", str(found.own_carried), "行27按保费分配，最大余数法到分")
    taken = "行27c" if found.members else "行27"
    yield SheetRow("27a", "本年度盈亏（结转前）", "元", str(found.own), f"行17－{taken}")
    onward = sum((one.brought for one in found.onward), ZERO)
    source = "、".join(f"{one.year}年度{show_yuan(one.brought)}元" for one in found.onward) or "无余额"
    yield SheetRow("27b", f"结转以后年度{whole}", "元", str(onward), source, clause=found.clause)


def _left(one: Carried) -> str:
    lapsed = "，此后不再结转" if one.lapses and one.left else ""
    return f"年初余额{show_yuan(one.brought)}元，结余{show_yuan(one.left)}元{lapsed}"


def _reserve(found: Together) -> Iterator[SheetRow]:
    move = found.reserve
    if move is None:
        return
    whole = "（合并核算）" if found.members else ""
    for letter, words, amount, source in (
        ("1", "年初余额", move.opening, "上年度决算表行28.4；协议首年为专账余额"),
        ("2", "本年度转入", move.paid_in, "见计算过程，已含于基金份额"),
        ("3", "本年度支出", move.drawn, "见计算过程，已含于基金份额"),
        ("4", "年末余额", move.closing, "行28.1＋行28.2－行28.3"),
    ):
        yield SheetRow(f"28.{letter}", f"风险调节金{whole}{words}", "元", str(amount), source, clause=found.clause)


def _retention(found: Together) -> Iterator[SheetRow]:
    held = found.retention
    if held is None:
        return
    where = "已在收入中扣除" if held.in_balance else "不计入盈亏，随本次决算记账划转"
    whole = "（合并核算）" if found.own_retention is not None else ""
    yield from retention_rows(held, where, whole)
    if found.own_retention is not None:
        how = "按保费分配，最大余数法到分" + ("，减以前年度已办理" if found.settled else "")
        yield from retention_rows(found.own_retention, how, "（本合同）", first=4)


def retention_rows(held: Retained, source: str, whose: str = "", *, first: int = 1) -> Iterator[SheetRow]:
    """The three rows of a retention: held back, released by the score, not released."""
    named = (("考核预留", held.held), ("按考核返还", held.released), ("未返还，归基金", held.forfeited))
    for number, (words, amount) in enumerate(named, start=first):
        yield SheetRow(f"29.{number}", f"{words}{whose}", "元", str(amount), source, clause="J18")


def _amount(amount: Decimal | None) -> str:
    return "—" if amount is None else str(amount)


def _check(found: Together) -> None:
    """The members add up to the pool, balance and parts."""
    if sum((one.balance for one in found.members), ZERO) != found.balance:
        raise SheetDoesNotAddUp("rows 26.n do not add up to row 26")
    if found.insurer is None:
        return
    if sum((one.insurer or ZERO for one in found.members), ZERO) != found.insurer:
        raise SheetDoesNotAddUp("rows 26c.n do not add up to row 26a")
    if found.fund is None or found.insurer + found.fund != found.balance:
        raise SheetDoesNotAddUp("rows 26a and 26b do not add up to row 26")
