"""The data of the Jilin case, read from case.toml: exact decimals, dates, and what each contract year is told."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path
from tomllib import loads
from typing import Any, cast

from contracts.services import BenefitInput
from core.policy import view
from core.policy.model import BenefitBand, BenefitRule, BenefitTerms, TiltTerms

FILE = Path(__file__).with_name("case.toml")
PACK = "jilin-2016"


@cache
def case() -> dict[str, Any]:
    """The case file as read."""
    return loads(FILE.read_text("utf-8"))


@dataclass(frozen=True)
class YearPlan:
    """One contract year: persons signed and cleared, and the rate its generated claims lead to."""

    year: int
    counts: tuple[int, ...]
    cleared: tuple[int, ...]
    targets: tuple[Decimal, ...]


def years() -> list[YearPlan]:
    """The three insurance years in order."""
    return [
        YearPlan(
            entry["year"],
            tuple(entry["counts"]),
            tuple(entry["cleared"]),
            tuple(Decimal(target) for target in entry["targets"]),
        )
        for entry in case()["years"]
    ]


def benefits(scheme: str, year: int) -> list[BenefitInput]:
    """The benefit terms of a scheme's contract year: invented amounts, the paper's own tilt (J7)."""
    return [
        BenefitInput(
            BenefitTerms(
                year=year,
                deductible=Decimal(entry["deductible"]),
                bands=tuple(
                    BenefitBand(Decimal(low), Decimal(high) if high else None, Decimal(ratio))
                    for low, high, ratio in entry["bands"]
                ),
                cap=Decimal(entry["maximum"]),
                tilts=_tilts(entry["from"]),
                in_force_from=entry["from"],
                clause="年度保险合同（演示）",
            ),
            in_force_from=entry["from"],
        )
        for entry in case()["benefits"]
        if entry["scheme"] == scheme and entry["from"].year == year
    ]


def _tilts(day: date) -> dict[str, TiltTerms]:
    rule = cast(BenefitRule, view(PACK, day).benefits)
    return {
        group: TiltTerms(
            deductible_cut=tilt.deductible_cut or Decimal(0),
            ratio_points=tilt.ratio_points or Decimal(0),
            cap_lifted=tilt.lifts_maximum,
        )
        for tilt in rule.tilts
        for group in tilt.groups
    }
