"""What a sharing rule says beside its bands, in the words of a contract: what is counted as one, carried, held back."""

from collections.abc import Iterator
from decimal import Decimal

from core.money import show_yuan
from core.policy.model import Bound, Period, RetentionTerms, Scope, SharingRule, Side
from core.policy.model.sharing import ReserveCovers, RetentionBase
from tender.rules.prices import percent_text

_SCOPES = {
    Scope.CONTRACT: "按本合同单独计算",
    Scope.SCHEME: "同一险种的各年度保险合同合并计算，承办机构份额按应收保费分配到各合同",
    Scope.AREA: "同一统筹地区的各年度保险合同合并计算，承办机构份额按应收保费分配到各合同",
}
_TERMS = _SCOPES | {Scope.CONTRACT: "协议期内各年度保险合同合并计算"}
#: How a contract counts whose paper names no rule.
ALONE = "盈亏调控按保险年度、按本合同单独计算，各年度之间不结转、不抵补"
_SIDES = {Side.SURPLUS: "盈余", Side.LOSS: "亏损"}
_BASES = {
    RetentionBase.PREMIUM: "应收保费",
    RetentionBase.EXPENSE: "准予列支费用",
    RetentionBase.INSURER_PART: "承办机构盈余份额",
}
_COVERS = {ReserveCovers.LOSS: "支付以后年度的亏损", ReserveCovers.FUND_PART: "支付以后年度亏损中由基金分担的部分"}


def counted_words(rule: SharingRule) -> str:
    """What counts as one: the contract year by itself unless the rule says otherwise. A sentence without its stop."""
    if rule.period is Period.TERM:
        return f"盈亏调控以服务协议期为一个核算期，{_TERMS[rule.scope]}；期满前各年度按暂定结果办理，期满年度统一清算"
    between = _carried(rule) if rule.carry else "各年度之间不结转、不抵补"
    return f"盈亏调控按保险年度、{_SCOPES[rule.scope]}，{between}"


def _carried(rule: SharingRule) -> str:
    carry = rule.carry
    if carry is None:
        raise ValueError("the rule carries nothing")
    what = _SIDES[carry.sides[0]] if len(carry.sides) == 1 else "盈亏"
    years = f"，最长{carry.years}年" if carry.years else ""
    limit = f"，每年抵补不超过应收保费的{percent_text(carry.limit_rate)}" if carry.limit_rate is not None else ""
    return f"以前年度{what}结转以后年度{years}，自最早年度起抵补，抵至零为止{limit}"


def further_articles(rule: SharingRule) -> tuple[str, ...]:
    """Everything else that moves the two parts, one sentence each, without stop: bounds, reserve, retention, causes."""
    return tuple(_further(rule))


def _further(rule: SharingRule) -> Iterator[str]:
    if rule.insurer_min_rate is not None or rule.insurer_max_rate is not None:
        yield f"承办机构所得或者承担的部分，{_between(rule.insurer_min_rate, rule.insurer_max_rate, None, None)}"
    for bound in rule.bounds:
        yield _bounded(bound)
    if rule.combined_max_rate is not None:
        yield f"承办机构盈余份额与准予列支费用合计，不超过盈亏率计算基数的{percent_text(rule.combined_max_rate)}"
    if rule.reserve is not None:
        most = rule.reserve.most_rate
        size = f"，余额不超过应收保费的{percent_text(most)}" if most is not None else ""
        share = percent_text(rule.reserve.share)
        yield f"基金所得盈余的{share}转入风险调节金{size}，用于{_COVERS[rule.reserve.covers]}"
    if rule.retention is not None:
        yield _retained(rule.retention)
    if rule.split_causes:
        yield "亏损兼有政策性原因和经营性原因的，按认定的数额分别计算"


def _bounded(bound: Bound) -> str:
    verb = "所得" if bound.side is Side.SURPLUS else "承担"
    limits = _between(bound.least_rate, bound.most_rate, bound.least_amount, bound.most_amount)
    return f"{_SIDES[bound.side]}时承办机构{verb}的部分，{limits}"


def _between(least_rate: Decimal | None, most_rate: Decimal | None, least: Decimal | None, most: Decimal | None) -> str:
    named = (
        ("不低于", least_rate, least),
        ("不超过", most_rate, most),
    )
    said = [f"{word}盈亏率计算基数的{percent_text(rate)}" for word, rate, _amount in named if rate is not None]
    said += [f"{word}{show_yuan(amount)}元" for word, _rate, amount in named if amount is not None]
    return "，".join(said)


def _retained(held: RetentionTerms) -> str:
    parts = [(percent_text(step.score_from), percent_text(step.release)) for step in held.steps]
    steps = "、".join(f"得分率达到{score}的返还{part}" for score, part in parts)
    way = f"按考核结果返还：{steps}" if steps else "按考核得分率返还"
    where = "，未返还部分计算盈亏前从收入中扣除" if held.in_balance else "，未返还部分归基金，不计入盈亏"
    return f"按{_BASES[held.base]}的{percent_text(held.rate)}预留考核金，{way}{where}"
