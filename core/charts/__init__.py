"""Charts: plain figures in, one accessible SVG out, the same for the page and the printed report.

Every chart function takes frozen data, a theme ('page' or 'report') and a width ('wide' or 'narrow'), and
returns a `Chart` whose `table` says in rows what the picture shows. Words come with the data, in the reader's
language; the same input gives the same bytes.
"""

from core.charts.balances import ContractBalance, YearBalances, year_balances
from core.charts.comparison import Comparison, ComparisonBar, comparison_bars
from core.charts.model import Chart
from core.charts.monthly import MonthBar, MonthlyPayments, monthly_payments
from core.charts.premium_split import PremiumSplit, SplitPart, premium_split
from core.charts.rate_ruler import RateRuler, RulerBand, rate_ruler
from core.charts.reports import report_charts
from core.charts.sharing_curve import (
    CurveBand,
    CurveLine,
    CurvePoint,
    CurveSegment,
    SharingCurve,
    sharing_curve,
)
from core.charts.timeline import TenderTimeline, TimelineEvent, tender_timeline

__all__ = [
    "Chart",
    "Comparison",
    "ComparisonBar",
    "ContractBalance",
    "CurveBand",
    "CurveLine",
    "CurvePoint",
    "CurveSegment",
    "MonthBar",
    "MonthlyPayments",
    "PremiumSplit",
    "RateRuler",
    "RulerBand",
    "SharingCurve",
    "SplitPart",
    "TenderTimeline",
    "TimelineEvent",
    "YearBalances",
    "comparison_bars",
    "monthly_payments",
    "premium_split",
    "rate_ruler",
    "report_charts",
    "sharing_curve",
    "tender_timeline",
    "year_balances",
]
