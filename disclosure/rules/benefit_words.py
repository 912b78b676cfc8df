"""Benefit terms as the public reads them: the table of standards, worked examples, and the sentence on the cover."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from core.money import from_fen, round_fen, show_yuan, to_fen
from core.policy.model import BenefitBand, BenefitTerms, TiltTerms
from settlement.rules.benefits import yearly_benefit

GENERAL = "general"
#: Whom the papers call poor when all of them have one tilt (J7), and each group by its own name.
POOR = "贫困人口"
GROUP_NAMES = {
    "registered_poor": "建档立卡贫困人口",
    "destitute": "特困供养人员",
    "low_income": "最低生活保障对象",
    "returned_poor": "返贫致贫人口",
}
#: Compliant costs a person bears in the worked examples of a signing disclosure, yuan.
EXAMPLE_COSTS = (Decimal(50_000), Decimal(200_000))


#: What the insurance does, in one sentence.
BENEFIT = "一个自然年度内，经基本医疗保险支付后，个人负担的合规医疗费用累计超过起付标准的部分，由大病保险分段支付。"


@dataclass(frozen=True)
class Audience:
    """Insured people with the same benefits. name: as printed; group: one of them, for computing."""

    name: str
    group: str
    tilt: TiltTerms


def audiences(terms: BenefitTerms) -> tuple[Audience, ...]:
    """The general insured and each differently favoured group; groups with one tilt in common stand together."""
    found = [Audience("一般参保人员", GENERAL, TiltTerms(Decimal(0)))]
    distinct = list(dict.fromkeys(terms.tilts.values()))
    for tilt in distinct:
        groups = [group for group, own in terms.tilts.items() if own == tilt]
        name = POOR if len(distinct) == 1 else "、".join(GROUP_NAMES[group] for group in groups)
        found.append(Audience(name, groups[0], tilt))
    return tuple(found)


def band_words(band: BenefitBand) -> str:
    """'0—50,000元（含）', '200,000元以上': the part of the burden above the deductible."""
    if band.upper is None:
        return f"{band.lower:,.0f}元以上"
    low = "0" if band.lower == 0 else f"{band.lower:,.0f}元"
    return f"{low}—{band.upper:,.0f}元（含）"


def percent(rate: Decimal) -> str:
    """0.55 → '55%'."""
    return f"{(rate * 100).normalize():f}%"


def benefit_table(versions: Sequence[BenefitTerms]) -> dict[str, Any]:
    """`benefits` of a disclosure: columns (an audience under each version of the terms), rows, text and note."""
    columns = [(terms, audience) for terms in versions for audience in audiences(terms)]
    labels = list(dict.fromkeys(band_words(band) for terms, _ in columns for band in terms.bands))
    rows: list[dict[str, Any]] = [
        {"name": "起付标准", "values": [_deductible(terms, audience) for terms, audience in columns]}
    ]
    for label in labels:
        values = [_ratio(terms, audience, label) for terms, audience in columns]
        rows.append({"name": f"支付比例　{label}", "values": values})
    rows.append({"name": "年度最高支付限额", "values": [_maximum(terms, audience) for terms, audience in columns]})
    return {
        "text": BENEFIT,
        "columns": [_heading(terms, audience, dated=len(versions) > 1) for terms, audience in columns],
        "rows": rows,
        "note": _note(versions),
    }


def examples(terms: BenefitTerms) -> list[dict[str, Any]]:
    """Worked examples for each audience, by the very rule that recomputes claims; yuan."""
    rows = []
    for audience in audiences(terms):
        for cost in EXAMPLE_COSTS:
            pays = from_fen(yearly_benefit(terms, audience.group, to_fen(cost)))
            short = f"{audience.name[:2]}，负担{cost / 10_000:f}万元"
            rows.append(
                {
                    "label": audience.name,
                    "short": short,
                    "cost": cost.quantize(Decimal("0.01")),
                    "pays": pays,
                    "left": cost - pays,
                }
            )
    return rows


def in_one_sentence(year: int, area: str, scheme: str, terms: BenefitTerms) -> str:
    """What an insured person gets, for the cover of the signing disclosure."""
    ratios = [band.ratio for band in terms.bands]
    span = percent(ratios[0]) if len(ratios) == 1 else f"{percent(min(ratios))}至{percent(max(ratios))}"
    return (
        f"{year}年度，{area}的{scheme}参保人员，基本医保支付后个人负担的合规医疗费用累计超过"
        f"{show_yuan(terms.deductible)}元的部分，由大病保险支付{span}。"
    )


def _heading(terms: BenefitTerms, audience: Audience, *, dated: bool) -> str:
    day = terms.in_force_from
    if not dated or day is None:
        return audience.name
    return f"{audience.name.replace('参保', '')}（{day.month}月{day.day}日起）"


def _deductible(terms: BenefitTerms, audience: Audience) -> Decimal:
    return round_fen(terms.deductible * (1 - audience.tilt.deductible_cut))


def _ratio(terms: BenefitTerms, audience: Audience, label: str) -> str:
    band = next((band for band in terms.bands if band_words(band) == label), None)
    if band is None:
        return "—"
    raised = band.ratio + audience.tilt.ratio_points
    floor = audience.tilt.ratio_floor
    return percent(raised if floor is None else max(raised, floor))


def _maximum(terms: BenefitTerms, audience: Audience) -> Decimal | str:
    return "不设" if terms.cap is None or audience.tilt.cap_lifted else terms.cap


def _note(versions: Sequence[BenefitTerms]) -> str:
    poor = [audience for audience in audiences(versions[0]) if audience.name == POOR]
    sentences = []
    if poor:
        groups = "、".join(GROUP_NAMES[group] for group in versions[0].tilts)
        tilt = poor[0].tilt
        sentences.append(
            f"贫困人口指{groups}：起付标准下调{percent(tilt.deductible_cut)}，"
            f"各段支付比例提高{percent(tilt.ratio_points).rstrip('%')}个百分点。"
        )
    for terms in versions[1:]:
        day = terms.in_force_from
        if day:
            sentences.append(f"自{day.year}年{day.month}月{day.day}日起按调整后的标准支付。")
    return "".join(sentences)
