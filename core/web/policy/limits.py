"""A procurement time limit in one Chinese sentence: the law's language, the same on every page."""

from core.policy.procurement import Bound, LimitUnit, TimeLimit

_UNITS = {LimitUnit.WORKDAY: "个工作日", LimitUnit.DAY: "日", LimitUnit.YEAR: "年"}
_BOUNDS = {Bound.AT_LEAST: "不少于", Bound.AT_MOST: "不超过", Bound.EXACTLY: ""}


def rule(limit: TimeLimit) -> str:
    """自收到书面质疑后，不超过 7 个工作日; a limit without a number is said by its note."""
    counted = limit.counted or ""
    if limit.number is None:
        return "；".join(part for part in (counted, limit.note) if part)
    unit = _UNITS.get(limit.unit, "") if limit.unit else ""
    sentence = f"{counted}，{_BOUNDS.get(limit.bound, '') if limit.bound else ''} {limit.number} {unit}".replace(
        "， ", "，"
    )
    return f"{sentence}；{limit.note}" if limit.note else sentence
