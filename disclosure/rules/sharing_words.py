"""The sharing rule in the words of a disclosure: who gets or bears what in each band, and the bands of the ruler."""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any

from core.money import show_yuan
from core.policy.model import Basis, Cause, SharingBand, SharingRule, Side
from disclosure.rules.benefit_words import percent

#: A band the paper leaves to a decision of several parties (J15).
NEGOTIATED = "由有关部门商承办机构提出解决方案"


def sharing_rows(rule: SharingRule, reading: str) -> list[dict[str, str]]:
    """Table of the signing disclosure: every band from the highest surplus to the deepest loss, in words."""
    rows = []
    for band in _all_bands(rule, reading):
        insurer, fund = parts_in_words(band)
        rows.append({"band": _range(band), "insurer": insurer, "fund": fund})
    return rows


def ruler(rule: SharingRule, reading: str, cause: Cause) -> list[dict[str, Any]]:
    """The bands that can apply under a cause, from the deepest loss up, as the chart takes them."""
    losses = rule.bands_for(reading, Side.LOSS, cause)
    surpluses = rule.bands_for(reading, Side.SURPLUS, cause)
    drawn = [_drawn(band) for band in (*reversed(losses), *surpluses)]
    middle = len(losses)
    if losses and surpluses and _one_corridor(losses[0], surpluses[0]):
        below, above = drawn[middle - 1], drawn[middle]
        whole = {
            **below,
            "high": above["high"],
            "includes_high": above["includes_high"],
            "label": f"±{percent(surpluses[0].upper or Decimal(0))}以内",
            "note": "机构独享或全部承担",
        }
        drawn[middle - 1 : middle + 1] = [whole]
    return drawn


def parts_in_words(band: SharingBand) -> tuple[str, str]:
    """What insurer and fund get (surplus) or bear (loss) in a band: '盈余总额的30%', '盈余总额的70%'."""
    what = "盈余" if band.side is Side.SURPLUS else "亏损"
    if band.basis is Basis.NEGOTIATED or (band.share is None and band.basis is not Basis.FIXED):
        return NEGOTIATED, "同左"
    if band.basis is Basis.FIXED:
        return f"{show_yuan(band.amount)}元", "其余部分"
    share = band.share or Decimal(0)
    if band.basis is Basis.SLICE and band.lower > 0:
        within = f"{percent(band.lower)}以内部分按前档，超过部分"
        return f"{within}{_portion(band, share)}", f"{within}{_portion(band, 1 - share)}"
    return _portion(band, share, f"{what}总额的"), _portion(band, 1 - share, f"{what}总额的")


def band_range(band: SharingBand) -> str:
    """The range of a band alone: '盈余3%—5%（含）'."""
    side = "盈余" if band.side is Side.SURPLUS else "亏损"
    low = percent(band.lower)
    if band.upper is None:
        return f"{side}{low}" + ("（含）以上" if band.lower_closed else "以上")
    high = percent(band.upper) + ("（含）" if band.upper_closed else "")
    return f"{side}{high}以内" if band.lower == 0 else f"{side}{low}—{high}"


def _range(band: SharingBand) -> str:
    """The range with the cause it is for, where the paper makes a difference."""
    if len(band.causes) > 1:
        return band_range(band)
    policy = band.causes[0] is Cause.POLICY
    return f"{band_range(band)}，{'政策调整等不可抗力' if policy else '非政策性'}"


def _portion(band: SharingBand, share: Decimal, of: str = "") -> str:
    surplus = band.side is Side.SURPLUS
    if share == 1:
        return "全部获得" if surplus else "全部承担"
    if not share:
        return "不分享" if surplus else "不分担"
    return f"{of}{percent(share)}"


def _all_bands(rule: SharingRule, reading: str) -> Iterator[SharingBand]:
    seen: list[SharingBand] = []
    for side in (Side.SURPLUS, Side.LOSS):
        bands: list[SharingBand] = []
        for cause in Cause:
            bands += [band for band in rule.bands_for(reading, side, cause) if band not in bands]
        bands.sort(key=lambda band: band.lower, reverse=side is Side.SURPLUS)
        seen += bands
    return iter(seen)


def _one_corridor(loss: SharingBand, surplus: SharingBand) -> bool:
    """Whether the innermost bands of both sides are one band around zero that the insurer keeps or bears alone."""
    both: Sequence[SharingBand] = (loss, surplus)
    return loss.upper == surplus.upper and all(
        band.lower == 0 and band.basis is Basis.WHOLE and band.share == 1 for band in both
    )


def _drawn(band: SharingBand) -> dict[str, Any]:
    loss = band.side is Side.LOSS
    low, high = (band.upper, band.lower) if loss else (band.lower, band.upper)
    low_closed, high_closed = (band.upper_closed, band.lower_closed) if loss else (band.lower_closed, band.upper_closed)
    return {
        "low": None if low is None else -low if loss else low,
        "high": None if high is None else -high if loss else high,
        "label": band_range(band),
        "note": _short(band),
        "includes_low": low_closed,
        "includes_high": high_closed or high is None,
    }


def _short(band: SharingBand) -> str:
    """The consequence in the few characters a chart has room for."""
    if band.basis is Basis.NEGOTIATED:
        return "会商决定"
    if band.provisional:
        return "暂列，另行决定"
    share = band.share or Decimal(0)
    if band.basis is Basis.SLICE and band.lower > 0 and share in (0, 1):
        who = "机构" if share else "基金"
        return f"超过部分{'归' if band.side is Side.SURPLUS else '由'}{who}"
    return f"机构{percent(share)}，基金{percent(1 - share)}"
