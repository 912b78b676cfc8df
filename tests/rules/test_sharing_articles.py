"""What a contract prints of its sharing rule beside the bands, shape by shape; a clerk can read every line."""

from dataclasses import replace
from pathlib import Path

import pytest

from core.policy.library import load_sharing_rule
from core.policy.model import Period, Scope
from tender.rules.sharing_articles import ALONE, counted_words, further_articles
from tests.factories.sharing import jilin_rule

SHAPES = Path(__file__).parents[1] / "data" / "sharing"
TERM = "盈亏调控以服务协议期为一个核算期，协议期内各年度保险合同合并计算；期满前各年度按暂定结果办理，期满年度统一清算"
EARLIER = "盈亏调控按保险年度、按本合同单独计算，以前年度亏损结转以后年度，最长{}年，自最早年度起抵补，抵至零为止"
STEPS = "得分率达到60%的返还50%、得分率达到80%的返还80%、得分率达到90%的返还100%"
#: shape → what counts as one, what else moves the two parts
PRINTED = {
    "e-jilin-2016-every-reading": (ALONE, ()),
    "d2-04-expense-and-profit-limit": (ALONE, ("承办机构盈余份额与准予列支费用合计，不超过盈亏率计算基数的5%",)),
    "d2-05-policy-and-operating-loss": (ALONE, ("亏损兼有政策性原因和经营性原因的，按认定的数额分别计算",)),
    "d2-07-three-year-term": (TERM, ()),
    "d2-08-risk-reserve": (
        ALONE, ("基金所得盈余的100%转入风险调节金，余额不超过应收保费的10%，用于支付以后年度的亏损",),
    ),
    "d2-08-risk-reserve-for-the-fund": (
        ALONE, ("基金所得盈余的50%转入风险调节金，用于支付以后年度亏损中由基金分担的部分",),
    ),
    "d2-09-retention-of-fee": (
        ALONE, ("按准予列支费用的10%预留考核金，按考核得分率返还，未返还部分归基金，不计入盈亏",),
    ),
    "d2-09-retention-of-premium": (
        ALONE, (f"按应收保费的5%预留考核金，按考核结果返还：{STEPS}，未返还部分计算盈亏前从收入中扣除",),
    ),
    "d2-11-carried-two-years": (EARLIER.format(2) + "，每年抵补不超过应收保费的3%", ()),
    "d2-12-cost-plus-bounds": (
        ALONE, (
            "盈余时承办机构所得的部分，不超过盈亏率计算基数的1%，不低于200,000.00元",
            "亏损时承办机构承担的部分，不超过500,000.00元",
        ),
    ),
    "us-texas-experience-rebate": (EARLIER.format(1), ()),
}  # fmt: skip


@pytest.mark.parametrize("shape", PRINTED)
def test_what_stands_beside_the_bands(shape: str) -> None:
    rule = load_sharing_rule(SHAPES / f"{shape}.toml")
    assert (counted_words(rule), further_articles(rule)) == PRINTED[shape]


@pytest.mark.parametrize(
    ("scope", "words"),
    [
        (Scope.SCHEME, "同一险种的各年度保险合同合并计算，承办机构份额按应收保费分配到各合同"),
        (Scope.AREA, "同一统筹地区的各年度保险合同合并计算，承办机构份额按应收保费分配到各合同"),
    ],
)
def test_contracts_that_are_counted_together(scope: Scope, words: str) -> None:
    rule = replace(jilin_rule(), scope=scope)
    assert counted_words(rule) == f"盈亏调控按保险年度、{words}，各年度之间不结转、不抵补"
    assert words in counted_words(replace(rule, period=Period.TERM))
