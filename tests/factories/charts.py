"""Chart data of an invented contract-year: premium 100 million yuan, the Jilin corridor, surplus 3.4182 %."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from core.charts import (
    Chart,
    Comparison,
    ComparisonBar,
    ContractBalance,
    CurveBand,
    CurveLine,
    CurvePoint,
    CurveSegment,
    MonthBar,
    MonthlyPayments,
    PremiumSplit,
    RateRuler,
    RulerBand,
    SharingCurve,
    SplitPart,
    TenderTimeline,
    TimelineEvent,
    YearBalances,
    comparison_bars,
    monthly_payments,
    premium_split,
    rate_ruler,
    sharing_curve,
    tender_timeline,
    year_balances,
)

YEAR_RATE = Fraction(34182, 1_000_000)


def rate(percent: str) -> Fraction:
    """'3' → 3 % as a fraction."""
    return Fraction(percent) / 100


def points(*pairs: tuple[str, str]) -> tuple[tuple[Fraction, Decimal], ...]:
    """(rate in percent, insurer's part in 10,000 yuan) pairs as a curve takes them."""
    return tuple((rate(percent), Decimal(wan) * 10_000) for percent, wan in pairs)


def curve() -> SharingCurve:
    """The whole-amount reading with its jumps at ±3 %, the slice reading beside it, this year's point."""
    whole = CurveLine(
        "整额（本合同）",
        (
            CurveSegment(points(("-10", "-750"), ("-5", "-250")), provisional=True),
            CurveSegment(points(("-5", "-250"), ("-3", "-150")), includes_last=False),
            CurveSegment(points(("-3", "-300"), ("3", "300"))),
            CurveSegment(points(("3", "90"), ("5", "150"), ("10", "150")), includes_first=False),
        ),
        main=True,
        short="整额",
    )
    sliced = CurveLine(
        "分段（对照）",
        (CurveSegment(points(("-5", "-400"), ("-3", "-300"), ("3", "300"), ("5", "360"), ("10", "360"))),),
        short="分段",
    )
    bands = (
        CurveBand(None, rate("-5"), "另行协商", "协商"),
        CurveBand(rate("-5"), rate("-3"), "五五分担", "五五分"),
        CurveBand(rate("-3"), rate("3"), "±3%（含）　保险人自负盈亏", "±3% 自负盈亏", shaded=True),
        CurveBand(rate("3"), rate("5"), "三七分成", "三七分"),
        CurveBand(rate("5"), None, "超5%全返", "全返"),
    )
    point = CurvePoint(YEAR_RATE, Decimal("1025467.94"), ("2025年度 +3.4182%", "所得102.55万元"))
    headings = ("盈亏率", "整额（万元）", "分段（万元）")
    return SharingCurve("盈亏分担曲线（保费1亿元）", bands, (whole, sliced), headings, "盈亏率", "断崖", point)


def split(*, loss: bool = False) -> PremiumSplit:
    """A year's premium in parts; with `loss`, parts that exceed it."""
    parts = (
        SplitPart("赔付支出净额", Decimal("98443273.53" if loss else "92443273.53"), "claims"),
        SplitPart("未决赔款准备金", Decimal("1338500.00"), "reserve"),
        SplitPart("准予列支费用", Decimal("2800000.00"), "expense"),
    )
    if not loss:
        parts += (
            SplitPart("返还基金", Decimal("2392758.53"), "fund"),
            SplitPart("机构盈余", Decimal("1025467.94"), "insurer"),
        )
    headings = ("去向", "金额（元）", "每100元")
    return PremiumSplit("每100元保费的去向", Decimal("100000000.00"), parts, headings, "元")


def months() -> MonthlyPayments:
    """Twelve rising months and the run-off, set apart."""
    bars = tuple(MonthBar(f"{month}月", month * Decimal("1234567.89")) for month in range(1, 13))
    return MonthlyPayments(
        "按支付月份的赔付支出", (*bars, MonthBar("次年1—3月", Decimal("14605412.08"), True)), ("月份", "元")
    )


def ruler(at: Fraction = YEAR_RATE) -> RateRuler:
    """The Jilin bands with a rate marked."""
    bands = (
        RulerBand(None, rate("-5"), "亏损5%以上", "另行决定", includes_high=False),
        RulerBand(rate("-5"), rate("-3"), "亏损3%—5%（含）", "各50%", includes_low=True, includes_high=False),
        RulerBand(rate("-3"), rate("3"), "±3%（含）以内", "机构独享或承担", includes_low=True),
        RulerBand(rate("3"), rate("5"), "盈余3%—5%（含）", "机构30%，基金70%"),
        RulerBand(rate("5"), None, "盈余5%以上", "超过部分全部返还"),
    )
    return RateRuler("盈亏率所处区间", bands, at, "2025年度", ("档次", "分担", "本年度"), "本年度")


def balances() -> YearBalances:
    """Three years of two contracts, every band but one."""
    rates = {"第1包": ("1.2", "3.9", "-2.1"), "第2包": ("5.6", "-3.4", "-6.2")}
    listed = tuple(
        ContractBalance(contract, year, Decimal(percent) * 1_000_000, rate(percent), "")
        for contract, years in rates.items()
        for year, percent in zip(("2017", "2018", "2019"), years, strict=True)
    )
    edges = tuple(rate(percent) for percent in ("-5", "-3", "3", "5"))
    return YearBalances("三年盈亏率", listed, ("合同", "年度", "盈亏额", "盈亏率", "档次"), edges)


def timeline() -> TenderTimeline:
    """A tender in the middle of its notice, dates close enough to collide."""
    events = (
        TimelineEvent(date(2016, 12, 11), "签订合同", "due", "30日"),
        TimelineEvent(date(2016, 9, 13), "发布公告", "done", "87号令第13条"),
        TimelineEvent(date(2016, 9, 20), "公告期满", "done", "5个工作日"),
        TimelineEvent(date(2016, 9, 21), "今天", "today"),
        TimelineEvent(date(2016, 9, 22), "招标文件提供截止", "due", "5个工作日"),
        TimelineEvent(date(2016, 10, 12), "投标截止、开标", "due", "20日"),
    )
    return TenderTimeline("招标时间轴", events, ("日期", "事项", "依据"))


def comparison() -> Comparison:
    """The funding standard of three areas."""
    bars = (
        ComparisonBar("长河市", Decimal("44.80"), chosen=True),
        ComparisonBar("四方市", Decimal("42.10")),
        ComparisonBar("金沙自治州", Decimal("51.35")),
    )
    return Comparison("人均筹资标准", bars, ("地区", "元/人"), "元")


def every_chart() -> dict[str, tuple[Callable[..., Chart], Any]]:
    """Each chart function by a short name with data to draw."""
    return {
        "curve": (sharing_curve, curve()),
        "split": (premium_split, split()),
        "split-loss": (premium_split, split(loss=True)),
        "months": (monthly_payments, months()),
        "ruler": (rate_ruler, ruler()),
        "balances": (year_balances, balances()),
        "timeline": (tender_timeline, timeline()),
        "comparison": (comparison_bars, comparison()),
    }
