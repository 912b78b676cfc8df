"""The second disclosure of a contract year (D2, J20): income, expenditure, who was helped, how it is shared."""

from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any, cast

from sqlmodel import Session, select

from contracts.services.premiums import premium_received
from core.documents.show import cn_date, percent
from core.house import files_of
from core.money import ZERO, round_fen, show_yuan
from core.policy.model import Cause, Item, SharingRule
from disclosure.claim_figures import ClaimFigures, claim_figures
from disclosure.papers.counted_together import (
    agreed_cost,
    beyond_the_year,
    on_both_sides,
    parts_of_a_pool,
    rate_meaning,
    rows_of_a_pool,
)
from disclosure.papers.subject import GLOSSARY, Subject, payer
from disclosure.rules.benefit_words import POOR, band_words, benefit_table
from disclosure.rules.sharing_words import ruler
from disclosure.rules.small_cells import amounts_beside, is_withheld, suppress
from settlement.models import AnnualFigures, ClaimFile, PolicyLossDecision, Settlement, TransferOrder
from settlement.papers import definition
from settlement.rules.account import YearAccount
from settlement.rules.benefits import YearTerms
from settlement.rules.together import alone, counts
from settlement.services.calculating import account_of, rule_of
from settlement.services.claims import claim_totals
from settlement.sheet_facts import fund_posted

_CHANNELS = {"instant": "即时结算", "cross_region": "异地直接结算", "manual": "手工报销"}


def final_accounts(session: Session, year: Subject, sheet: Settlement, on: date) -> dict[str, Any]:
    """The plain values of the final-accounts disclosure, small cells withheld, without what its issue adds.

    on: the day on which it is prepared; a fund that was merged by then is named with its successor.
    """
    contract = year.contract
    figures = session.get_one(AnnualFigures, sheet.figures_id)
    file = session.get_one(ClaimFile, sheet.claim_file_id)
    account = account_of(session, contract, figures, cast(Decimal, file.recomputed_benefit))
    counted = claim_figures(
        files_of(session).path(file.parquet_sha256),
        YearTerms(contract.year, year.terms),
        contract.manual_settlement_days,
    )
    rule = rule_of(contract)
    surplus = Fraction(sheet.rate) >= 0
    return {
        "report": {
            "kind": "年度业务决算信息公开",
            "heading": [year.title, f"{contract.year}年度决算信息公开报告"],
            "insurer": year.insurer.name,
            "year": contract.year,
            "summary": _summary(session, sheet),
            "facts": [*year.facts(), ["赔付截止日", cn_date(contract.cutoff)]],
        },
        "figures": _key_figures(session, year, account, file, counted),
        "funding": _funding(year, account, payer(session, contract, on)),
        "benefits": benefit_table(year.terms),
        "beneficiaries": _beneficiaries(year, counted),
        "process": year.process(),
        "timeliness": {
            "rows": _timeliness(year, counted),
            "note": f"按期办结指承办机构自受理之日起{contract.manual_settlement_days}个工作日内付清款项；"
            "即时结算、异地直接结算的参保人员出院时已享受待遇。",
        },
        "accounts": _accounts(session, sheet, account, rule, figures),
        "split": _split(sheet, account, rule),
        "monthly": _monthly(year, counted),
        "result": _result(session, year, sheet, rule),
        "ruler": ruler(rule, sheet.reading, Cause(sheet.cause.value)),
        "contacts": year.contacts(),
        "glossary": [
            *GLOSSARY,
            {"term": "未决赔款准备金", "meaning": "年度内已发生、至截止日尚未支付的赔款估计数，含已发生未报告部分。"},
            {
                "term": "盈余率" if surplus else "亏损率",
                "meaning": rate_meaning(rule, surplus=surplus),
            },
            {"term": rule.reading(sheet.reading).title, "meaning": rule.reading(sheet.reading).explanation},
        ],
    }


def _summary(session: Session, sheet: Settlement) -> str:
    """How the balance is shared, for the cover; ends the sentence the template begins."""
    insurer, fund = sheet.insurer_part, sheet.fund_part
    if insurer is None or fund is None:
        return "由有关部门商承办机构提出解决方案。"
    if on_both_sides(sheet):
        return f"按合同约定合并核算，{parts_of_a_pool(sheet, fund_posted(session, sheet))}。"
    if sheet.balance >= 0:
        if not fund:
            return "按合同约定，全部归承办机构。"
        return f"按合同约定，{show_yuan(fund)}元返还{fund_posted(session, sheet)}，{show_yuan(insurer)}元归承办机构。"
    if not fund:
        return "按合同约定，全部由承办机构承担。"
    return f"由{fund_posted(session, sheet)}分担{show_yuan(-fund)}元，承办机构承担{show_yuan(-insurer)}元。"


def _key_figures(
    session: Session, year: Subject, account: YearAccount, file: ClaimFile, counted: ClaimFigures
) -> dict[str, Any]:
    totals = claim_totals(file)
    persons = sum(band.general + band.favoured for band in counted.bands)
    shown = suppress([[persons]], row_totals=False, column_totals=False)[0][0]
    on_time = sum(channel.on_time for channel in counted.channels)
    arrears = account.premium_due - premium_received(session, cast(int, year.contract.id))
    return {
        "insured": year.contract.cleared_count,
        "standard": year.contract.funding_standard,
        "premium": account.premium_due,
        "premium_note": "已全额到账" if arrears <= 0 else f"尚欠拨{show_yuan(arrears)}元",
        "claims": account.claims_paid,
        "claims_rate": Fraction(account.claims_paid) / Fraction(account.premium_due),
        "persons": shown,
        "cases": totals.cases,
        "average": round_fen(account.claims_paid / persons) if persons else ZERO,
        "on_time": on_time,
        "on_time_rate": Fraction(on_time, totals.cases) if totals.cases else Fraction(0),
        "spent_per_hundred": round_fen(Fraction(account.net_claims) * 100 / Fraction(account.premium_due)),
    }


def _funding(year: Subject, account: YearAccount, fund: str) -> dict[str, Any]:
    contract = year.contract
    cleared = cast(int, contract.cleared_count)
    day = date.fromisoformat(contract.service["headcount_on"])
    sources = year.policy.funding.sources if year.policy.funding else ()
    first = f"资金首先从{sources[0]}中筹集，" if sources else ""
    cleared_on = f"保费按{cn_date(day)}参保人数清算，多退少补"
    rows = [
        ("签约保费", contract.insured_count, contract.premium, False),
        ("人数清算补差", cleared - contract.insured_count, account.premium_due - contract.premium, False),
        ("应收保费", cleared, account.premium_due, True),
    ]
    return {
        "text": f"筹资标准由公开招标确定，全年不变。{cleared_on}；{first}由{fund}拨付。",
        "rows": [
            {
                "item": item,
                "insured": insured,
                "standard": contract.funding_standard,
                "amount": amount,
                "total": total,
            }
            for item, insured, amount, total in rows
        ],
    }


def _beneficiaries(year: Subject, counted: ClaimFigures) -> dict[str, Any]:
    bands = year.terms[-1].bands
    favoured = bool(year.terms[-1].tilts)
    counts = [[band.general, band.favoured] if favoured else [band.general] for band in counted.bands]
    marked = suppress(counts, row_totals=favoured)
    names = [*(band_words(band) for band in bands), "合计"]
    amounts = [band.amount for band in counted.bands]
    amounts.append(sum(amounts, ZERO))
    shown = amounts_beside(tuple(row[-1:] for row in marked), [[amount] for amount in amounts])
    before, after = counted.basic_fund, counted.basic_fund + counted.benefit
    return {
        "lift_before": _ratio(before, counted.compliant),
        "lift_after": _ratio(after, counted.compliant),
        "columns": ["一般参保人员", POOR, "人数合计"] if favoured else ["参保人员"],
        "rows": [
            {"name": name, "cells": list(cells), "amount": amount[0], "total": name == "合计"}
            for name, cells, amount in zip(names, marked, shown, strict=True)
        ],
        "withheld": is_withheld(marked),
        "note": "金额为该段人员全年赔付金额。",
    }


def _timeliness(year: Subject, counted: ClaimFigures) -> list[dict[str, Any]]:
    """Claims paid in time by channel; where few were late, how many were in time is withheld too."""
    counts = [[channel.on_time, channel.settled - channel.on_time] for channel in counted.channels]
    marked = suppress(counts)
    amounts = [channel.amount for channel in counted.channels]
    shown = amounts_beside(tuple(row[-1:] for row in marked), [[amount] for amount in (*amounts, sum(amounts, ZERO))])
    names = [*(_CHANNELS[channel.channel] for channel in counted.channels), "合计"]
    by_hand = f"受理后{year.contract.manual_settlement_days}个工作日内"
    promises = {"instant": "出院时结算", "cross_region": "出院时结算", "manual": by_hand}
    promised = [*(promises[channel.channel] for channel in counted.channels), "—"]
    return [
        {
            "mode": name,
            "promise": promise,
            "settled": cells[-1],
            "on_time": cells[0],
            "rate": _share(cells[0], cells[-1]),
            "amount": amount[0],
            "total": name == "合计",
        }
        for name, promise, cells, amount in zip(names, promised, marked, shown, strict=True)
    ]


def _share(part: int | str, whole: int | str) -> Fraction | None:
    if isinstance(part, str) or isinstance(whole, str) or not whole:
        return None
    return Fraction(part, whole)


def _ratio(part: Decimal, whole: Decimal) -> Fraction:
    return Fraction(part) / Fraction(whole) if whole else Fraction(0)


def _accounts(
    session: Session, sheet: Settlement, account: YearAccount, rule: SharingRule, figures: AnnualFigures
) -> dict[str, Any]:
    """Income and spending of the year, apart from what of the sheet's balance comes from earlier years."""
    beyond, target = beyond_the_year(session, sheet, rule), agreed_cost(session, sheet, rule)
    own = sheet.balance - beyond
    word = "盈余" if own >= 0 else "亏损"
    income: list[tuple[str, str, Decimal]] = [("应收保费", "参保人数×筹资标准", account.premium_due)]
    if target is not None:
        income = [("约定赔付成本", "年度决算表行32", target)]
    if Item.INTEREST in rule.income:
        income.append(("专户利息", "银行对账单", account.interest))
    spending = [
        ("赔付支出", "按年度待遇重新核算", account.claims_paid),
        ("减：追回和拒付", "", account.recoveries),
        ("赔付支出净额", f"行{len(income) + 1}－行{len(income) + 2}", account.net_claims),
    ]
    counted = [len(income) + 3]
    if Item.RESERVE_CHANGE in rule.cost:
        spending.append(("未决赔款准备金增加", "期末－期初", account.reserve_change))
        counted.append(len(income) + len(spending))
    if Item.EXPENSE in rule.cost:
        spending.append(("准予列支费用", f"实际费用{show_yuan(account.expense)}元", sheet.expense_allowed))
        counted.append(len(income) + len(spending))
    for item, name, amount in (
        (Item.QUALITY_EXPENSE, "质量改进费用", account.quality_expense),
        (Item.TAXES, "税费", account.taxes),
    ):
        if counts(rule, item):
            spending.append((name, "年度数据上报", amount))
            counted.append(len(income) + len(spending))
    earned = sum((amount for _, _, amount in income), ZERO)
    spent = earned - own
    spending.append(("支出合计", "＋".join(f"行{number}" for number in counted), spent))
    total_row = len(income) + len(spending)
    incomes = "＋".join(f"行{number}" for number in range(1, len(income) + 1))
    spending.append((f"年度{word}", f"{incomes}－行{total_row}", own))
    if beyond:
        spending.append(("以前年度转入本次决算", "年度决算表行26、行27", beyond))
        spending.append(("本次决算盈亏", f"行{total_row + 1}＋行{total_row + 2}", sheet.balance))
    numbered = [
        {"no": f"{number}", "item": item, "relation": relation, "amount": amount, "total": number >= total_row}
        for number, (item, relation, amount) in enumerate((*income, *spending), start=1)
    ]
    return {
        "income": numbered[: len(income)],
        "spending": numbered[len(income) :],
        "note": _measured(account, target) + _outside(sheet, account, rule, figures),
    }


def _measured(account: YearAccount, target: Decimal | None) -> str:
    """That the balance is not that of the premium, where it is measured against an agreed cost."""
    if target is None:
        return ""
    return f"应收保费{show_yuan(account.premium_due)}元；盈亏按合同以约定赔付成本为基准计算。"


def _outside(sheet: Settlement, account: YearAccount, rule: SharingRule, figures: AnnualFigures) -> str:
    """What the year's books hold and the balance does not count."""
    parts = []
    borne = account.expense - (sheet.expense_allowed if Item.EXPENSE in rule.cost else ZERO)
    if borne > 0:
        parts.append(f"未列支的费用{show_yuan(borne)}元由承办机构自行承担。")
    if Item.INTEREST not in rule.income:
        parts.append(f"专户利息{show_yuan(account.interest)}元按合同约定不计入盈亏。")
    parts.append(f"税费{show_yuan(figures.taxes)}元，佣金{show_yuan(figures.commission)}元。")
    if account.assessment_deduction:
        parts.append(f"考核扣款{show_yuan(account.assessment_deduction)}元另行处理，不计入盈亏。")
    if sheet.retention_forfeited is not None and sheet.retention_released is not None:
        held, kept = sheet.retention_released + sheet.retention_forfeited, show_yuan(sheet.retention_forfeited)
        parts.append(f"考核预留{show_yuan(held)}元，未返还的{kept}元归基金，不计入盈亏，随决算划转。")
    return "".join(parts)


def _split(sheet: Settlement, account: YearAccount, rule: SharingRule) -> list[dict[str, Any]]:
    """Where each hundred yuan of premium went; a release of reserve is taken off the claims it was kept for."""
    reserve = account.reserve_change if Item.RESERVE_CHANGE in rule.cost else ZERO
    parts: list[tuple[str, str, Decimal]] = [("赔付支出净额", "claims", account.net_claims)]
    if reserve > 0:
        parts.append(("未决赔款准备金", "reserve", reserve))
    elif reserve < 0:
        parts = [("已发生赔款", "claims", account.net_claims + reserve)]
    if Item.EXPENSE in rule.cost:
        parts.append(("准予列支费用", "expense", sheet.expense_allowed))
    insurer, fund = sheet.insurer_part, sheet.fund_part
    if sheet.balance >= 0 and insurer is not None and fund is not None and not on_both_sides(sheet) and alone(rule):
        parts += [("返还基金", "fund", fund), ("机构盈余", "insurer", insurer)]
    return [{"label": label, "kind": kind, "amount": amount} for label, kind, amount in parts]


def _monthly(year: Subject, counted: ClaimFigures) -> dict[str, Any]:
    """Payments by month of the year, those after it in one bar."""
    own = year.contract.year
    months = [
        (f"{month}月", [one for one in counted.months if (one.year, one.month) == (own, month)], False)
        for month in range(1, 13)
    ]
    last = year.contract.cutoff.month
    months.append((f"次年1—{last}月", [one for one in counted.months if one.year > own], True))
    cases = [[sum(one.cases for one in part)] for _, part, _ in months]
    marked = suppress(cases, row_totals=False)
    amounts = [sum((one.amount for one in part), ZERO) for _, part, _ in months]
    return {
        "rows": [
            {"label": label, "cases": shown[0], "amount": amount, "apart": apart}
            for (label, _, apart), shown, amount in zip(months, marked, amounts, strict=False)
        ],
        "cases": marked[-1][0],
        "amount": sum(amounts, ZERO),
    }


def _result(session: Session, year: Subject, sheet: Settlement, rule: SharingRule) -> dict[str, Any]:
    word = "盈余" if sheet.balance >= 0 else "亏损"
    balance = abs(sheet.balance)
    rate_word = "盈余率" if Fraction(sheet.rate) >= 0 else "亏损率"
    reading = rule.reading(sheet.reading)
    decided = sheet.insurer_part is not None and sheet.fund_part is not None
    rows = []
    if decided:
        parts = (
            ("承办机构", abs(cast(Decimal, sheet.insurer_part))),
            ("返还基金" if word == "盈余" else "基本医保基金", abs(cast(Decimal, sheet.fund_part))),
        )
        rows = [{"who": who, "ratio": _ratio(part, balance), "amount": part} for who, part in parts]
        if on_both_sides(sheet):
            rows = rows_of_a_pool(sheet)
    return {
        "word": word,
        "rate_word": rate_word,
        "balance": balance,
        "rate": Fraction(sheet.rate),
        "band": sheet.band,
        "text": _sharing_text(session, sheet),
        "card": _card(sheet, word),
        "rows": rows,
        "total": balance,
        "negotiation": None if decided else "分担办法由有关部门商承办机构另行提出，确定后发布更正版本。",
        "note": f"{rate_word}＝{definition(year.contract, rule)}，按精确分数判断所属档次，不先行舍入。"
        f"读法：{reading.title}（年度合同参数14）。依据：{rule.clause}。",
    }


def _card(sheet: Settlement, word: str) -> dict[str, Any]:
    if sheet.fund_part is None or sheet.insurer_part is None:
        return {"label": "分担结果", "amount": None, "words": "另行决定"}
    if sheet.fund_part:
        label = "返还基本医保基金" if word == "盈余" else "基金分担亏损"
        if on_both_sides(sheet):
            label = "返还基本医保基金" if sheet.fund_part > 0 else "基金拨付"
        return {"label": label, "amount": abs(sheet.fund_part), "words": ""}
    label = "承办机构收益" if word == "盈余" else "承办机构承担亏损"
    return {"label": label, "amount": abs(sheet.insurer_part), "words": ""}


def _sharing_text(session: Session, sheet: Settlement) -> str:
    insurer, fund = sheet.insurer_part, sheet.fund_part
    if insurer is None or fund is None:
        return ""
    basis = "按年度合同约定，"
    if sheet.decision_id is not None:
        decision = session.get_one(PolicyLossDecision, sheet.decision_id)
        basis = f"{decision.finding}；经有关部门{cn_date(decision.meeting_held_on)}会商决定，"
    shares = {side: percent(_ratio(abs(part), abs(sheet.balance)), 2) for side, part in (("i", insurer), ("f", fund))}
    if on_both_sides(sheet):
        text = f"{basis}与其他合同合并核算，{parts_of_a_pool(sheet, fund_posted(session, sheet))}。"
    elif sheet.balance >= 0:
        text = f"{basis}承办机构得{shares['i']}，返还{fund_posted(session, sheet)}{shares['f']}。"
    else:
        text = f"{basis}承办机构承担{shares['i']}，{fund_posted(session, sheet)}分担{shares['f']}。"
    order = session.exec(select(TransferOrder).where(TransferOrder.settlement_id == sheet.id)).one_or_none()
    if order is None:
        return f"{text}不发生资金划转。"
    what = "返还款" if order.to_fund else "分担款"
    if order.paid_on is not None:
        return f"{text}{what}已于{cn_date(order.paid_on)}全额划转。"
    return f"{text}{what}应于{cn_date(order.due_on)}前划转。"
