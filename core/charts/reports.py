"""The charts of the printed reports, drawn from the very figures their tables show, in the words of those tables."""

from collections.abc import Mapping
from typing import Any

from core.charts.model import Chart
from core.charts.monthly import MonthBar, MonthlyPayments, monthly_payments
from core.charts.premium_split import PremiumSplit, SplitPart, per_hundred, premium_split
from core.charts.rate_ruler import RateRuler, RulerBand, rate_ruler
from core.charts.scale import in_wan, show
from core.money import show_rate


def report_charts(template: str, context: Mapping[str, Any]) -> dict[str, Chart]:
    """The `charts` of a document's context by its template's name; empty for a paper without charts."""
    return _final_accounts(context) if template == "disclosure-final" else {}


def _final_accounts(context: Mapping[str, Any]) -> dict[str, Chart]:
    """Split, months and ruler of the final-accounts disclosure (context shape: its template's opening comment)."""
    return {"split": _split(context), "monthly": _monthly(context), "ruler": _ruler(context)}


def _split(context: Mapping[str, Any]) -> Chart:
    premium, parts = context["figures"]["premium"], context["split"]
    shares = per_hundred(premium, tuple(part["amount"] for part in parts))
    spoken = "，".join(f"{part['label']}{show(share)}元" for part, share in zip(parts, shares, strict=True))
    data = PremiumSplit(
        title="每100元保费的去向",
        premium=premium,
        parts=tuple(SplitPart(part["label"], part["amount"], part["kind"]) for part in parts),
        headings=("去向", "金额（元）", "每100元保费"),
        unit="元",
        description=f"每100元保费的去向：{spoken}。",
    )
    return premium_split(data, "report")


def _monthly(context: Mapping[str, Any]) -> Chart:
    months = context["monthly"]["rows"]
    top = max(months, key=lambda month: month["amount"])
    data = MonthlyPayments(
        title="按支付月份的赔付支出（万元）",
        months=tuple(MonthBar(month["label"], month["amount"], month["apart"]) for month in months),
        headings=("支付月份", "赔付支出（元）"),
        description=f"按支付月份的赔付支出柱状图，{top['label']}最多，为{in_wan(top['amount'])}万元；各月数值见表6。",
    )
    return monthly_payments(data, "report")


def _ruler(context: Mapping[str, Any]) -> Chart:
    rate, year = context["result"]["rate"], context["report"]["year"]
    data = RateRuler(
        title="盈亏率所处区间",
        bands=tuple(RulerBand(**band) for band in context["ruler"]),
        rate=rate,
        words=f"{year}年度 {show_rate(rate)}",
        headings=("档次", "分担", "本年度"),
        here="本年度",
        description=f"盈亏率标尺：{year}年度盈亏率为{show_rate(rate)}，处于{context['result']['band']}档。",
    )
    return rate_ruler(data, "report")
