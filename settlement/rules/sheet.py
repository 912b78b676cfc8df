"""The rows of a settlement sheet (决算表): every figure with its unit, its formula and where it came from (F.3)."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from contracts.rules import Cover, PartYear, part_premium
from core.money import show_rate, show_yuan
from core.policy.model import SharingBand
from settlement.rules.account import YearAccount
from settlement.rules.sharing import SharingResult
from settlement.rules.together import Part as OwnPart
from settlement.rules.together import part_of


@dataclass(frozen=True)
class Part:
    """One part of the claims paid, by channel, group or band: cases and benefit in yuan."""

    label: str
    cases: int
    benefit: Decimal


@dataclass(frozen=True)
class ClaimTotals:
    """What the accepted claim file adds up to; each tuple of parts adds up to `benefit`."""

    persons: int
    cases: int
    total_cost: Decimal
    compliant_cost: Decimal
    basic_fund_paid: Decimal
    benefit: Decimal
    by_channel: tuple[Part, ...]
    by_group: tuple[Part, ...]
    by_band: tuple[Part, ...]


@dataclass(frozen=True)
class Receipt:
    """Premium that arrived: label of the instalment, yuan, day and bank reference."""

    label: str
    amount: Decimal
    paid_on: date
    reference: str


@dataclass(frozen=True)
class SheetFacts:
    """Everything a sheet prints besides the sharing itself; sources: evidence by key, as the insurer named it.

    expense_counts: whether the rule, or the contract's definition of the rate where it is silent, counts expense (J1);
    cover: the part of the year a contract covered that ended early; bridge: signed for that part only (J11).
    """

    contract: str
    contract_count: int
    cleared_count: int
    cleared_on: date
    standard: Decimal
    receipts: tuple[Receipt, ...]
    claims: ClaimTotals
    claim_file: str
    recovery_cases: int
    expense_cap_rate: Decimal
    expense_counts: bool
    taxes: Decimal
    commission: Decimal
    assessment: str
    sources: Mapping[str, str]
    cover: Cover | None = None
    bridge: bool = False


@dataclass(frozen=True)
class SheetRow:
    """One row: number, Chinese label as printed, unit, exact value, formula, source, clause."""

    row: str
    label: str
    unit: str
    value: str
    source: str
    formula: str | None = None
    clause: str | None = None


class SheetDoesNotAddUp(ValueError):
    """An invariant of F.3 fails: the message names the rows."""


def rows(
    facts: SheetFacts,
    account: YearAccount,
    result: SharingResult,
    part: OwnPart | None = None,
    allowed: Decimal | None = None,
) -> tuple[SheetRow, ...]:
    """Rows 1 to 21 in order. Raises SheetDoesNotAddUp where parts and wholes disagree.

    part, allowed: what of a result that counts several contract years this sheet divides, and the expense allowed to
    its own; the whole result where they are not given.
    """
    own = part or part_of(result)
    _check(facts, account, own)
    return (
        *_premium_rows(facts, account),
        *_claim_rows(facts, account),
        *_expense_rows(facts, account, result.expense_allowed if allowed is None else allowed),
        *_result_rows(result, own, handed_back=part is not None),
    )


def _premium_rows(facts: SheetFacts, account: YearAccount) -> Iterator[SheetRow]:
    signed = part_premium(facts.contract_count, facts.standard, facts.cover if facts.bridge else None)
    received = sum((receipt.amount for receipt in facts.receipts), Decimal("0.00"))
    yield SheetRow("1.1", "签约参保人数", "人", f"{facts.contract_count}", f"年度合同 {facts.contract}")
    yield SheetRow("1.2", "清算参保人数", "人", f"{facts.cleared_count}", f"参保人数清算，{facts.cleared_on}")
    part, part_words = "", ""
    if facts.cover is not None:
        part, part_words = f"×{facts.cover.of}/{facts.cover.whole}", f"×行1.3÷{facts.cover.whole}"
        unit = "天" if facts.cover.basis is PartYear.DAY else "月"
        why, clause = ("过渡期保险合同", "J11") if facts.bridge else ("合同提前终止", "J13")
        source = f"{why}，承保至 {facts.cover.until}，全年{facts.cover.whole}{unit}"
        yield SheetRow("1.3", "实际承保期间", unit, f"{facts.cover.of}", source, clause=clause)
    yield SheetRow("2", "筹资标准", "元/人", str(facts.standard), f"年度合同 {facts.contract}", clause="J1")
    formula = f"{facts.cleared_count:,}×{facts.standard}{part}"
    yield SheetRow("3", "应收保费", "元", str(account.premium_due), f"行1.2×行2{part_words}", formula)
    kept, kept_words = (part, part_words) if facts.bridge else ("", "")
    counted = f"{facts.contract_count:,}×{facts.standard}{kept}"
    yield SheetRow("3.1", "其中：签约保费", "元", str(signed), f"行1.1×行2{kept_words}", counted)
    yield SheetRow("4", "实收保费", "元", str(received), "行4.1起各期合计")
    for number, receipt in enumerate(facts.receipts, start=1):
        yield SheetRow(
            f"4.{number}", receipt.label, "元", str(receipt.amount), f"银行回单 {receipt.reference}，{receipt.paid_on}"
        )
    yield SheetRow("5", "欠拨保费", "元", str(account.premium_due - received), "行3－行4")
    ended_early = facts.cover is not None and not facts.bridge
    trued_up = "人数清算和承保期间补差（已含于行3）" if ended_early else "人数清算补差（已含于行3）"
    yield SheetRow("6", trued_up, "元", str(account.premium_due - signed), "行3－行3.1")


def _claim_rows(facts: SheetFacts, account: YearAccount) -> Iterator[SheetRow]:
    totals, source = facts.claims, f"理赔明细 {facts.claim_file}"
    yield SheetRow("7", "赔付支出", "元", str(account.claims_paid), f"{source}，按年度待遇重新核算", clause="J6")
    yield SheetRow("7.1", "受益人数", "人", f"{totals.persons}", f"{source}，按人去重")
    yield SheetRow("7.2", "赔付人次", "人次", f"{totals.cases}", f"{source}，按结算单计")
    yield SheetRow("7.3", "医疗总费用", "元", str(totals.total_cost), source)
    yield SheetRow("7.4", "其中：合规医疗费用", "元", str(totals.compliant_cost), source, clause="J5")
    yield SheetRow("7.5", "基本医保基金支付", "元", str(totals.basic_fund_paid), source)
    personal = totals.total_cost - totals.basic_fund_paid - totals.benefit
    yield SheetRow("7.6", "个人负担（含医疗救助）", "元", str(personal), "行7.3－行7.5－行7")
    for letter, parts, how in (
        ("a", totals.by_channel, "按结算方式"),
        ("b", totals.by_group, "按人员类别"),
        ("c", totals.by_band, "按费用段"),
    ):
        for number, part in enumerate(parts, start=1):
            label = f"赔付：{part.label}" + (f"（{part.cases:,}人次）" if part.cases else "")
            yield SheetRow(f"7{letter}.{number}", label, "元", str(part.benefit), f"{source}，{how}")
    recoveries = facts.sources.get("recoveries", "稽核台账")
    yield SheetRow("8", "追回和拒付", "元", str(account.recoveries), f"{recoveries}，{facts.recovery_cases}笔")
    yield SheetRow(
        "9.1", "未决赔款准备金期初数", "元", str(account.reserve_open), facts.sources.get("reserve_open", "上年决算")
    )
    yield SheetRow(
        "9.2", "未决赔款准备金期末数", "元", str(account.reserve_close), facts.sources.get("reserve_close", "精算报告")
    )


def _expense_rows(facts: SheetFacts, account: YearAccount, allowed: Decimal) -> Iterator[SheetRow]:
    told = facts.sources
    yield SheetRow("10", "直接费用", "元", str(account.direct_expense), told.get("direct_expense", "专账科目余额表"))
    yield SheetRow("11", "分摊费用", "元", str(account.allocated_expense), told.get("allocated_expense", "费用分摊表"))
    limit = f"行10＋行11，以行3×{_percent(facts.expense_cap_rate)}为限"
    yield SheetRow("12", "准予列支费用", "元", str(allowed), limit if facts.expense_counts else "盈亏率定义不计费用")
    yield SheetRow("13", "专户利息", "元", str(account.interest), told.get("interest", "银行对账单"))
    yield SheetRow("14", "税费", "元", str(facts.taxes), "57号文五（一）", clause="J22")
    yield SheetRow("15", "佣金", "元", str(facts.commission), "不得列支")
    yield SheetRow(
        "16", "考核扣款（不计入盈亏）", "元", str(account.assessment_deduction), facts.assessment, clause="J18"
    )


def _result_rows(result: SharingResult, own: OwnPart, *, handed_back: bool) -> Iterator[SheetRow]:
    kind, rate_kind = ("盈余" if number >= 0 else "亏损" for number in (own.balance, result.rate))
    yield SheetRow("17", kind, "元", str(own.balance), "见计算过程", clause="J14")
    of = "见计算过程" if handed_back else "行17÷行3"
    shown = show_rate(result.rate)
    yield SheetRow("18", f"{rate_kind}率", "", shown, f"{of}，显示四位小数，按精确分数判断", clause="J14")
    yield SheetRow("19", "适用档次", "", band_words(result), str(result.band.clause), clause="J14")
    insurer = "—" if own.insurer is None else str(own.insurer)
    fund = "—" if own.fund is None else str(own.fund)
    how = "行26c本合同部分，减行26d" if handed_back else "见计算过程，四舍五入到分"
    yield SheetRow("20", "承保人份额", "元", insurer, how, own.formula or None, clause="J14")
    yield SheetRow("21", "基金份额", "元", fund, "行17－行20", clause="J14")


def band_words(result: SharingResult) -> str:
    """The band of a result in words as the sheet and disclosure print it."""
    return band_text(result.band)


def band_text(band: SharingBand) -> str:
    """A band in words as printed: '盈余3%—5%（含）', '盈余率在3%（含）以内', '亏损5%（含）以上'."""
    side = "盈余" if band.side.value == "surplus" else "亏损"
    low, high = _percent(band.lower), None if band.upper is None else _percent(band.upper)
    if high is None:
        return f"{side}{low}" + ("（含）以上" if band.lower_closed else "以上")
    if band.lower == 0:
        return f"{side}率在{high}" + ("（含）以内" if band.upper_closed else "以内")
    return f"{side}{low}—{high}" + ("（含）" if band.upper_closed else "（不含）")


def _percent(rate: Decimal) -> str:
    return f"{(rate * 100).normalize():f}%"


def _check(facts: SheetFacts, account: YearAccount, own: OwnPart) -> None:
    """The invariants of F.3 that tie rows together."""
    if account.premium_due != part_premium(facts.cleared_count, facts.standard, facts.cover):
        raise SheetDoesNotAddUp("row 3 is not row 1.2 × row 2")
    if facts.claims.benefit != account.claims_paid:
        raise SheetDoesNotAddUp("row 7 is not the total of the claim file")
    for name, parts in (
        ("7a", facts.claims.by_channel), ("7b", facts.claims.by_group), ("7c", facts.claims.by_band)
    ):  # fmt: skip
        total = sum((part.benefit for part in parts), Decimal("0.00"))
        if total != account.claims_paid:
            raise SheetDoesNotAddUp(f"rows {name} add up to {show_yuan(total)}, row 7 is {account.claims_paid}")
    if own.insurer is not None and own.fund is not None and own.insurer + own.fund != own.balance:
        raise SheetDoesNotAddUp("row 20 and row 21 do not add up to row 17")
