"""The contract side's rules: stages from facts, premium to the fen, last days of the procurement law, what is owed."""

from datetime import date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.rules import (
    AgreementFacts,
    AgreementStage,
    ContractFacts,
    ContractStage,
    Part,
    agreement_stage,
    assessment_score,
    clause_of,
    contract_stage,
    instalment_day,
    instalments,
    last_day,
    premium,
    premium_standing,
    true_up,
)
from contracts.sources import parameter_sources
from core.clock import beijing
from core.policy import view

INSURER_SIGNED, AGENCY_SIGNED = beijing(2016, 11, 10, 9), beijing(2016, 11, 11, 14)
ENDED_EARLY = beijing(2018, 5, 2, 10)


@pytest.mark.parametrize(
    ("insurer", "agency", "terminated", "now", "stage"),
    [
        (None, None, None, beijing(2016, 11, 4), AgreementStage.DRAFT),
        (INSURER_SIGNED, None, None, beijing(2016, 11, 10, 12), AgreementStage.INSURER_SIGNED),
        (INSURER_SIGNED, AGENCY_SIGNED, None, beijing(2016, 12, 31, 23, 59), AgreementStage.SIGNED),
        (INSURER_SIGNED, AGENCY_SIGNED, None, beijing(2017, 1, 1), AgreementStage.IN_FORCE),  # midnight in Beijing
        (INSURER_SIGNED, AGENCY_SIGNED, None, beijing(2019, 12, 31, 23, 59), AgreementStage.IN_FORCE),
        (INSURER_SIGNED, AGENCY_SIGNED, None, beijing(2020, 1, 1), AgreementStage.ENDED),
        (INSURER_SIGNED, AGENCY_SIGNED, ENDED_EARLY, beijing(2018, 5, 2, 11), AgreementStage.TERMINATED),
    ],
)
def test_an_agreement_stands_where_its_facts_say(
    insurer: datetime | None, agency: datetime | None, terminated: datetime | None, now: datetime, stage: AgreementStage
) -> None:
    facts = AgreementFacts(date(2017, 1, 1), date(2019, 12, 31), insurer, agency, terminated)
    assert agreement_stage(facts, now) is stage


@pytest.mark.parametrize(
    ("insurer", "agency", "terminated", "now", "stage"),
    [
        (None, None, None, beijing(2016, 12, 26), ContractStage.DRAFT),
        (INSURER_SIGNED, None, None, beijing(2016, 12, 27), ContractStage.INSURER_SIGNED),
        (INSURER_SIGNED, AGENCY_SIGNED, None, beijing(2016, 12, 31, 23, 59), ContractStage.SIGNED),
        (INSURER_SIGNED, AGENCY_SIGNED, None, beijing(2017, 1, 1), ContractStage.IN_FORCE),
        (INSURER_SIGNED, AGENCY_SIGNED, None, beijing(2018, 1, 1), ContractStage.RUN_OFF),
        (INSURER_SIGNED, AGENCY_SIGNED, None, beijing(2018, 3, 31, 23), ContractStage.RUN_OFF),
        (INSURER_SIGNED, AGENCY_SIGNED, None, beijing(2018, 4, 1), ContractStage.CLOSED),
        (INSURER_SIGNED, AGENCY_SIGNED, ENDED_EARLY, beijing(2018, 6, 1), ContractStage.TERMINATED),
    ],
)
def test_a_contract_stands_where_its_facts_say(
    insurer: datetime | None, agency: datetime | None, terminated: datetime | None, now: datetime, stage: ContractStage
) -> None:
    facts = ContractFacts(2017, date(2018, 3, 31), insurer, agency, terminated)
    assert contract_stage(facts, now) is stage


@pytest.mark.parametrize(
    ("limit", "start", "day", "clause"),
    [
        # 2016-10-18 + 30 days; calendar days are not rolled over
        ("T15", date(2016, 10, 18), date(2016, 11, 17), "政府采购法"),
        # Friday 2016-12-30: 31 December to 2 January are off, Tuesday and Wednesday count
        ("T17", date(2016, 12, 30), date(2017, 1, 4), "条例"),
        ("T17", date(2018, 12, 27), date(2018, 12, 29), "条例"),  # Saturday worked to make up for New Year
        ("T18", date(2016, 12, 27), date(2017, 1, 6), "政府采购法"),
    ],
)
def test_last_days_follow_the_law_and_the_working_calendar(limit: str, start: date, day: date, clause: str) -> None:
    found = last_day(limit, start)
    assert found is not None
    assert (found.date, found.provisional) == (day, False)
    assert clause in found.clause


def test_the_law_of_a_day_before_it_was_in_force_names_no_last_day() -> None:
    assert last_day("T17", date(2014, 12, 27)) is None  # the implementing regulation is of 2015


@pytest.mark.parametrize(
    ("matter", "article"),
    [("agreement", "五(一)(二)"), ("termination", "五(二)"), ("accounts", "六(一)"), ("assessment", "七(一)")],
)
def test_matters_are_cited_from_the_paper(matter: str, article: str) -> None:
    assert (clause_of(view("jilin-2016", date(2017, 1, 1)), matter) or "").endswith(article)


def test_a_silent_paper_is_not_cited() -> None:
    assert clause_of(view("qujing-2016", date(2016, 12, 1)), "termination") is None


def test_each_parameter_names_the_clause_it_comes_from() -> None:
    named = parameter_sources(view("jilin-2016", date(2017, 1, 1)))
    assert named["funding_standard"] == "中标通知书"
    assert named["deductible"].endswith("三(一)")
    assert named["bands"].endswith("三(三)")
    assert named["tilt"].endswith("三(四)")
    assert named["sharing"].endswith("五(三)")


# Premium -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("persons", "standard", "yuan"),
    [(6_820_000, "38.60", "263252000.00"), (1, "0.01", "0.01"), (2_760_000, "44.80", "123648000.00")],
)
def test_premium_is_persons_times_standard(persons: int, standard: str, yuan: str) -> None:
    assert premium(persons, Decimal(standard)) == Decimal(yuan)


def test_clearing_the_head_count_adds_or_takes() -> None:
    assert true_up(6_820_000, 6_834_500, Decimal("38.60")) == Decimal("559700.00")
    assert true_up(5_580_000, 5_571_200, Decimal("38.90")) == Decimal("-342320.00")


@given(
    st.integers(1, 10**12).map(lambda fen: Decimal(fen).scaleb(-2)),
    st.lists(st.integers(1, 100), min_size=1, max_size=12),
)
def test_instalments_add_up_to_the_premium_to_the_fen(total: Decimal, weights: list[int]) -> None:
    parts = instalments(total, [Decimal(weight) for weight in weights])
    assert sum(parts) == total
    assert all(part >= 0 for part in parts)


def test_an_instalment_is_due_on_its_day_of_the_insurance_year() -> None:
    assert instalment_day(2018, "08-31") == date(2018, 8, 31)


@pytest.mark.parametrize(
    ("today", "paid", "true_up_amount", "due", "due_by_now", "arrears", "outstanding"),
    [
        (date(2017, 3, 30), ("0.00", "0.00"), None, "100.00", "0.00", "0.00", "100.00"),
        (date(2017, 3, 31), ("0.00", "0.00"), None, "100.00", "60.00", "60.00", "100.00"),
        (date(2017, 3, 31), ("60.00", "0.00"), None, "100.00", "60.00", "0.00", "40.00"),
        (date(2017, 3, 31), ("60.00", "40.00"), None, "100.00", "60.00", "0.00", "0.00"),  # paid ahead: nothing owed
        (date(2017, 7, 12), ("60.00", "0.00"), "2.50", "102.50", "62.50", "2.50", "42.50"),  # a true-up is due at once
        (date(2017, 10, 1), ("60.00", "40.00"), "-1.00", "99.00", "99.00", "0.00", "-1.00"),  # too much was paid
    ],
)
def test_what_is_owed_follows_the_instalments_and_the_head_count(
    today: date,
    paid: tuple[str, str],
    true_up_amount: str | None,
    due: str,
    due_by_now: str,
    arrears: str,
    outstanding: str,
) -> None:
    parts = [
        Part(1, Decimal("60.00"), date(2017, 3, 31), Decimal(paid[0])),
        Part(2, Decimal("40.00"), date(2017, 9, 30), Decimal(paid[1])),
    ]
    received = Decimal(paid[0]) + Decimal(paid[1])
    found = premium_standing(parts, Decimal(true_up_amount) if true_up_amount else None, received, today)
    assert [found.due, found.due_by_now, found.arrears, found.outstanding] == [
        Decimal(due),
        Decimal(due_by_now),
        Decimal(arrears),
        Decimal(outstanding),
    ]


def test_an_instalment_is_late_the_day_after_and_only_while_open() -> None:
    part = Part(1, Decimal("60.00"), date(2017, 3, 31), Decimal("10.00"))
    assert (part.open, part.late(date(2017, 3, 31)), part.late(date(2017, 4, 1))) == (Decimal("50.00"), False, True)
    assert not Part(1, Decimal("60.00"), date(2017, 3, 31), Decimal("60.00")).late(date(2018, 1, 1))


# Assessment --------------------------------------------------------------------------------------------------------


def test_an_assessment_is_the_weighted_score() -> None:
    scored = (("0.40", "97.4"), ("0.35", "91.3"), ("0.25", "95"))
    lines = [{"weight": weight, "score": score} for weight, score in scored]
    assert assessment_score(lines) == Decimal("94.665")


def test_weights_that_do_not_add_up_are_refused() -> None:
    with pytest.raises(ValueError, match="add up to 1"):
        assessment_score([{"weight": "0.40", "score": "90"}, {"weight": "0.50", "score": "90"}])
