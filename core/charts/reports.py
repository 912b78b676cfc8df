"""The charts of the printed reports, drawn from the very figures their tables show, in the words of those tables."""

from collections.abc import Mapping
from typing import Any

from core.charts.comparison import Comparison, ComparisonBar, comparison_bars
from core.charts.model import Chart
from core.charts.monthly import MonthBar, MonthlyPayments, monthly_payments
from core.charts.premium_split import PremiumSplit, SplitPart, per_hundred, premium_split
from core.charts.rate_ruler import RateRuler, RulerBand, rate_ruler
from core.charts.scale import TEN_THOUSAND, in_wan, show
from core.money import show_rate


def report_charts(template: str, context: Mapping[str, Any]) -> dict[str, Chart]:
    """The `charts` of a document's context by its template's name; empty for a paper without charts.

    What it reads of the context is described in the template's opening comment.
    """
    if template == "disclosure-final":
        return {"split": _split(context), "monthly": _monthly(context), "ruler": _ruler(context)}
    if template == "disclosure-signing":
        return {"examples": _examples(context)}
    return {}


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


def _examples(context: Mapping[str, Any]) -> Chart:
    rows = context["examples"]["rows"]
    spoken = "；".join(f"{row['short']}的，支付{in_wan(row['pays'])}万元" for row in rows)
    data = Comparison(
        title="支付示例中的大病保险支付（万元）",
        bars=tuple(ComparisonBar(row["short"], row["pays"] / TEN_THOUSAND, chosen=True) for row in rows),
        headings=("示例", "大病保险支付（万元）"),
        description=f"大病保险支付示例：{spoken}。",
    )
    return comparison_bars(data, "report")
