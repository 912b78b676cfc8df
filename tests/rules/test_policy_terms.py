"""The terms of a contract year against the paper: what is refused, with the clause that refuses it."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from core.policy import view
from core.policy.model import BenefitBand, BenefitRule, BenefitTerms, TiltTerms
from core.policy.terms import check_terms

POOR = ("registered_poor", "destitute", "low_income")


def rule(pack: str, day: date) -> BenefitRule:
    """What a pack asks of benefits on a day."""
    benefits = view(pack, day).benefits
    assert benefits is not None
    return benefits


def bands(*ratios: str) -> tuple[BenefitBand, ...]:
    """Bands of 50,000 yuan with these ratios, the last one open."""
    edges = [Decimal(50_000 * number) for number in range(len(ratios))]
    uppers = [*edges[1:], None][: len(edges)]
    return tuple(BenefitBand(low, up, Decimal(ratio)) for low, up, ratio in zip(edges, uppers, ratios, strict=True))


def jilin_terms(**changes: object) -> BenefitTerms:
    """Terms of 2017 that the Jilin paper allows; the amounts are invented."""
    tilts = {group: TiltTerms(Decimal("0.40"), Decimal("0.05")) for group in POOR}
    terms = BenefitTerms(2017, Decimal("15000"), bands("0.55", "0.65", "0.80"), Decimal("300000"), tilts)
    return replace(terms, **changes)


def test_terms_within_the_paper_have_no_finding() -> None:
    assert check_terms(rule("jilin", date(2017, 1, 1)), jilin_terms()) == ()


@pytest.mark.parametrize(
    "year, ratios, expected",
    [
        (2016, ("0.50", "0.60", "0.85"), []),  # the paper names a highest ratio only from 2017 on
        (2016, ("0.55", "0.60"), ["The first band pays 0.55; the paper sets the start ratio 0.50"]),
        (2017, ("0.50", "0.60"), ["The first band pays 0.50; the paper sets the start ratio 0.55"]),
        (2017, ("0.55", "0.60", "0.81"), ["A band pays 0.81; the paper allows at most 0.80"]),
        (2017, ("0.55", "0.55"), ["The ratios must rise with the costs"]),
        (2017, (), ["The contract year has no payment bands"]),
    ],
)
def test_ratios_of_jilin_by_year(year: int, ratios: tuple[str, ...], expected: list[str]) -> None:
    findings = check_terms(rule("jilin", date(year, 1, 1)), jilin_terms(bands=bands(*ratios)))
    assert [str(finding).rsplit(" [", 1)[0] for finding in findings] == expected
    assert all("吉政办发〔2016〕57号 三(三)" in str(finding) for finding in findings)


@pytest.mark.parametrize(
    "changes, place, words",
    [
        ({"cap": None}, "cap", "the contract year sets none"),
        ({"tilts": {}}, "tilts.registered_poor", "The tilt for registered_poor is missing"),
        (
            {"tilts": {group: TiltTerms(Decimal("0.30"), Decimal("0.05")) for group in POOR}},
            "tilts.destitute",
            "is cut by 0.30; the paper says 0.40",
        ),
        (
            {"tilts": {group: TiltTerms(Decimal("0.40"), Decimal("0.04")) for group in POOR}},
            "tilts.low_income",
            "rise by 0.04; the paper says 0.05",
        ),
        ({"bands": bands("0.55", "0.65")[1:]}, "bands", "must begin at 0"),
        (
            {"bands": (bands("0.55", "0.65")[0], BenefitBand(Decimal(60_000), None, Decimal("0.65")))},
            "bands",
            "one ends at 50000, the next begins at 60000",
        ),
    ],
)
def test_departures_from_jilin(changes: dict[str, object], place: str, words: str) -> None:
    findings = check_terms(rule("jilin", date(2017, 1, 1)), jilin_terms(**changes))
    assert any(finding.place == place and words in str(finding) for finding in findings), findings


@pytest.mark.parametrize(
    "cut, floor, lifted, findings",
    [
        ("0.80", "0.80", True, 0),
        ("0.90", "0.85", True, 0),  # “at least” lets a city do more
        ("0.79", "0.80", True, 1),
        ("0.80", None, True, 1),  # the ordinary ratios of 60 % stay below 80 %
        ("0.80", "0.80", False, 1),
    ],
)
def test_destitute_in_guangdong(cut: str, floor: str | None, lifted: bool, findings: int) -> None:
    destitute = TiltTerms(Decimal(cut), ratio_floor=floor and Decimal(floor), cap_lifted=lifted)
    poor = TiltTerms(Decimal("0.70"), ratio_floor=Decimal("0.70"), cap_lifted=True)
    tilts = {"destitute": destitute, "registered_poor": poor, "low_income": poor}
    terms = BenefitTerms(2017, Decimal("15000"), bands("0.60"), Decimal("300000"), tilts)
    assert len(check_terms(rule("guangdong", date(2017, 1, 1)), terms)) == findings
