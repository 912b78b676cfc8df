"""The calculation and its dangers in plain words: the same numbers as the lines, in English and in Chinese."""

from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest

from core.policy.library import load_sharing_rule
from core.policy.model import Cause, SharingRule
from settlement.rules.incentives import incentives, of_premium
from settlement.rules.sharing import SharingInputs, settle
from settlement.rules.words import Said, explain, rate_words, warnings

SHAPES = Path(__file__).parents[1] / "data" / "sharing"
JILIN = "e-jilin-2016-every-reading"


def rule(name: str) -> SharingRule:
    return load_sharing_rule(SHAPES / f"{name}.toml")


def told(name: str, claims: str, reading: str | None = None, **more: object) -> list[str]:
    inputs = SharingInputs(Decimal(100_000_000), Decimal(claims), **more)
    sentences = explain(rule(name), inputs, settle(rule(name), inputs, reading))
    return [sentence.in_english() for sentence in sentences]


def test_a_surplus_step_by_step() -> None:
    cap = {"expense": Decimal(5_000_000), "expense_cap_rate": Decimal("0.04")}
    assert told(JILIN, "92000000", reserve_change=Decimal(500_000), **cap) == [
        "The insurer spent 5,000,000.00 yuan on running the insurance; the rule lets 4,000,000.00 yuan of it count.",
        "What came in: premium 100,000,000.00; together 100,000,000.00 yuan.",
        "What it cost: claims 92,000,000.00, change of the reserve 500,000.00, expense allowed 4,000,000.00;"
        " together 96,500,000.00 yuan.",
        "That leaves a surplus of 3,500,000.00 yuan.",
        "Compared with the premium of 100,000,000.00 yuan that is a rate of 3.5%; it is compared exactly, not rounded.",
        "It lies in the band “surplus over 3% up to 5%, inclusive”.",
        "There the insurer gets 30% of the whole surplus of 3,500,000.00 yuan: 1,050,000.00 yuan.",
        "So the insurer gets 1,050,000.00 yuan and the fund gets back the rest, 2,450,000.00 yuan.",
    ]


@pytest.mark.parametrize(
    ("name", "claims", "more", "sentences"),
    [
        (JILIN, "103000000", {}, [
            "It lies in the band “loss up to 3%, inclusive”.",
            "There the insurer bears 100% of the whole loss of 3,000,000.00 yuan: 3,000,000.00 yuan.",
            "So the insurer bears 3,000,000.00 yuan and the fund the rest, 0.00 yuan.",
        ]),
        (JILIN, "106000000", {}, [
            "It lies in the band “loss over 5%”.",
            "There the insurer bears what it bears at 5%, and 100% of what lies above: 3,500,000.00 yuan.",
            "The paper is silent here: the amounts are provisional and need a decision before they are paid.",
            "So the insurer bears 3,500,000.00 yuan and the fund the rest, 2,500,000.00 yuan.",
        ]),
        (JILIN, "105000000", {"cause": Cause.POLICY}, [
            "It lies in the band “loss from 5% on”.",
            "Nothing is computed there: the departments and the insurer agree, and the decision is recorded.",
        ]),
        ("d2-10-no-insurer-risk", "90000000", {}, [
            "The fee is fixed: 1,500,000.00 yuan, whatever was spent.",
            "It lies in the band “any surplus”.",
        ]),
        ("d2-12-cost-plus-bounds", "90000000", {}, [
            "There the insurer gets 50% of the whole surplus of 10,000,000.00 yuan: 5,000,000.00 yuan.",
            "The rule's limits or its rounding make that 1,000,000.00 yuan.",
        ]),
        ("d2-14-award-in-steps", "96000000", {}, [
            "It lies in the band “surplus from 2% and below 5%”.",
            "There the insurer gets a fixed 500,000.00 yuan.",
        ]),
        ("d2-14-award-in-steps", "101000000", {}, ["There the insurer's part is 2% of the base: 2,000,000.00 yuan."]),
        ("d2-05-policy-and-operating-loss", "110000000", {"attributable": Decimal(3_000_000)}, [
            "Of the loss 7,000,000.00 yuan is from operation.",
            "Of the loss 3,000,000.00 yuan is put down to policy.",
        ]),
        ("d2-08-risk-reserve", "104000000", {"reserve_opening": Decimal(3_000_000)}, [
            "The risk reserve pays 3,000,000.00 yuan of it first; 1,000,000.00 yuan remain to be shared.",
            "The risk reserve has paid 3,000,000.00 yuan and holds 0.00 yuan.",
        ]),
        ("d2-08-risk-reserve", "95000000", {}, [
            "Of the fund's part 3,000,000.00 yuan goes into the risk reserve, which then holds 3,000,000.00 yuan.",
        ]),
        ("d2-09-retention-of-fee", "90000000", {"score": Decimal("0.85")}, [
            "400,000.00 yuan were held back; the assessment releases 340,000.00 yuan,"
            " 60,000.00 yuan stay with the fund.",
        ]),
        ("d2-11-carried-two-years", "90000000", {"carried": Decimal(-3_000_000)}, [
            "From earlier years −3,000,000.00 yuan is carried in.",
            "That leaves a surplus of 7,000,000.00 yuan.",
        ]),
        ("d2-13-profit-on-cost", "80000000", {}, [
            "Compared with the cost of 80,000,000.00 yuan that is a rate of 25%; it is compared exactly, not rounded.",
        ]),
    ],
)  # fmt: skip
def test_what_is_said(name: str, claims: str, more: dict[str, object], sentences: list[str]) -> None:
    said = told(name, claims, **more)
    assert [sentence for sentence in sentences if sentence not in said] == []


def test_the_dangers_of_the_whole_reading() -> None:
    found = warnings(incentives(rule(JILIN), of_premium(Decimal(100_000_000))))
    assert [sentence.in_english() for sentence in found] == [
        "Jump of 1,500,000.00 yuan at −3% (claims of 103,000,000.00 yuan): there the insurer's part is"
        " −3,000,000.00 yuan, one fen beyond it −1,500,000.00 yuan.",
        "Jump of 2,100,000.00 yuan at 3% (claims of 97,000,000.00 yuan): there the insurer's part is"
        " 3,000,000.00 yuan, one fen beyond it 900,000.00 yuan.",
        "The insurer is better off by paying more claims wherever they lie between 101,500,000.00 and 103,000,000.00"
        " yuan (rates from −3% to −1.5%): at just past −3% its part is −1,500,000.00 yuan, up to 1,500,000.00 yuan"
        " more.",
        "The insurer is better off by paying more claims wherever they are below 97,000,000.00 yuan (rates over 3%):"
        " at 3% its part is 3,000,000.00 yuan, up to 2,100,000.00 yuan more.",
        "Above 5% the insurer's part stays at 1,500,000.00 yuan: it has no reason to save further.",
    ]


@pytest.mark.parametrize(
    ("rate", "words"), [(Fraction(301, 10_000), "3.01%"), (Fraction(1, 3), "≈33.3333%"), (Fraction(-1, 40), "−2.5%")]
)
def test_a_rate_is_read_with_four_decimals(rate: Fraction, words: str) -> None:
    assert rate_words(rate) == words


def test_a_sentence_holds_sentences() -> None:
    assert Said("%(a)s!", {"a": Said("yes")}).in_english() == "yes!"
