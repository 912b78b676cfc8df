"""The working calendar against the State Council's own lists, and the worked dates of regulation A.2."""

import json
from datetime import date, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from core.calendar import Remaining, WorkingCalendar, china, published_years
from core.calendar_cli import cli
from core.errors import FileInvalid

ORACLE = Path(__file__).parents[1] / "data" / "holidays"
YEARS = range(2015, 2026)


def oracle_days() -> dict[date, bool]:
    """Days named in the oracle's files: True for a day off, False for a weekend day that is worked.

    One dictionary for all years, because the notice for 2019 also moved days of December 2018.
    """
    files = [json.loads((ORACLE / f"{year}.json").read_text(encoding="utf-8")) for year in YEARS]
    return {date.fromisoformat(day["date"]): day["isOffDay"] for file in files for day in file["days"]}


@pytest.mark.parametrize("year", YEARS)
def test_every_day_of_a_published_year_agrees_with_the_oracle(year: int) -> None:
    named = oracle_days()
    days = [date(year, 1, 1) + timedelta(days=number) for number in range(366)]
    wrong = [
        day
        for day in days
        if day.year == year and china().is_working_day(day) != (not named.get(day, day.weekday() >= 5))
    ]
    assert wrong == []


@pytest.mark.parametrize(
    "start, two, five, seven, fifteen, twenty_days, thirty_days",
    [
        ("2016-09-28", "2016-09-30", "2016-10-10", "2016-10-12", "2016-10-24", "2016-10-18", "2016-10-28"),
        ("2026-04-30", "2026-05-07", "2026-05-11", "2026-05-13", "2026-05-25", "2026-05-20", "2026-05-30"),
        ("2026-11-23", "2026-11-25", "2026-11-30", "2026-12-02", "2026-12-14", "2026-12-13", "2026-12-23"),
    ],
)
def test_the_worked_dates_of_regulation_a2(
    start: str, two: str, five: str, seven: str, fifteen: str, twenty_days: str, thirty_days: str
) -> None:
    day = date.fromisoformat(start)
    counted = [china().add(day, number) for number in (2, 5, 7, 15)]
    counted += [china().add(day, number, "day") for number in (20, 30)]
    assert [result.date.isoformat() for result in counted] == [two, five, seven, fifteen, twenty_days, thirty_days]
    assert not any(result.provisional for result in counted)


@pytest.mark.parametrize(
    "day, worked, name",
    [
        ("2026-02-14", True, "调休上班"),
        ("2026-02-17", False, "春节"),
        ("2026-02-20", False, "调休放假"),
        ("2026-02-21", False, "周六"),
        ("2018-12-29", True, "调休上班"),  # moved by the notice for 2019
        ("2026-11-23", True, None),
    ],
)
def test_days_and_what_they_are_called(day: str, worked: bool, name: str | None) -> None:
    assert china().is_working_day(date.fromisoformat(day)) is worked
    assert china().name_of(date.fromisoformat(day)) == name


@pytest.mark.parametrize(
    "start, number, unit, expected, provisional",
    [
        ("2026-12-28", 3, "workday", "2026-12-31", False),
        ("2026-12-31", 1, "workday", "2027-01-04", True),  # 1 January is a holiday by law, whatever the notice says
        ("2026-12-31", 0, "workday", "2026-12-31", False),
        ("2026-12-20", 20, "day", "2027-01-09", True),
        ("2027-01-05", -2, "workday", "2026-12-31", True),
        ("2026-05-11", -2, "workday", "2026-05-08", False),  # 9 May 2026, a Saturday, is worked
    ],
)
def test_a_date_in_a_year_not_yet_published_is_provisional(
    start: str, number: int, unit: str, expected: str, provisional: bool
) -> None:
    result = china().add(date.fromisoformat(start), number, "day" if unit == "day" else "workday")
    assert (result.date.isoformat(), result.provisional) == (expected, provisional)


def test_a_limit_that_ends_on_a_day_off_rolls_to_the_next_working_day() -> None:
    assert china().roll(date(2026, 12, 13)).date == date(2026, 12, 14)
    assert china().roll(date(2026, 12, 14)).date == date(2026, 12, 14)


@pytest.mark.parametrize("start", [date(2016, 9, 28), date(2026, 4, 30)])
@pytest.mark.parametrize("number", [0, 1, 7, 30, -1, -7])
def test_counting_days_and_working_days_between_agree(start: date, number: int) -> None:
    assert china().between(start, china().add(start, number).date) == number


def test_what_is_left_of_a_limit() -> None:
    assert china().remaining(date(2026, 4, 30), date(2026, 5, 11)) == Remaining(11, 5, False)
    assert china().remaining(date(2026, 5, 11), date(2026, 5, 8)).days == -3


def holiday_file(folder: Path, text: str) -> Path:
    (folder / "2027.toml").write_text(text, encoding="utf-8")
    return folder


NOTICE = 'year = 2027\n[[notices]]\ntitle = "国务院办公厅关于2027年部分节假日安排的通知"\n'


def test_a_file_of_our_own_publishes_a_year_and_corrects_the_library(tmp_path: Path) -> None:
    text = NOTICE + '[[days]]\ndate = 2027-02-20\noff = false\nname = "春节调休上班"\n'
    calendar = WorkingCalendar(published_years(holiday_file(tmp_path, text)))
    assert calendar.is_published(2027)
    assert calendar.is_working_day(date(2027, 2, 20))
    assert calendar.name_of(date(2027, 2, 20)) == "春节调休上班"
    assert not calendar.add(date(2027, 1, 4), 5).provisional


@pytest.mark.parametrize(
    "text, place, reason",
    [
        ("year = 2027\n", "notices", "no source"),
        (NOTICE + "[[days]]\ndate = 2026-02-20\noff = true\nname = '春节'\n", "days[1].date", "must be a date of 2027"),
        (
            NOTICE + 2 * "[[days]]\ndate = 2027-02-20\noff = true\nname = '春节'\n",
            "days[2].date",
            "duplicate date: 2027-02-20 appears twice",
        ),
        (NOTICE + "[[days]]\ndate = 2027-02-20\nof = true\nname = '春节'\n", "days[1].of", "unknown key"),
        ("year = 2026\n" + NOTICE.split("\n", 1)[1], "year", "must be 2027"),
        ("year = \n", "2027.toml", "is not TOML"),
    ],
)
def test_a_bad_holiday_file_is_refused_with_place_and_reason(
    tmp_path: Path, text: str, place: str, reason: str
) -> None:
    with pytest.raises(FileInvalid) as refused:
        published_years(holiday_file(tmp_path, text))
    assert any(where == place and reason in why for where, why in refused.value.faults)


@pytest.mark.parametrize(
    "arguments, answer",
    [
        (["2026-04-30", "2", "--json"], '{"date": "2026-05-07", "provisional": false}\n'),
        (["2026-04-30", "20", "--unit", "day", "--json"], '{"date": "2026-05-20", "provisional": false}\n'),
        (["2026-12-31", "1", "--json"], '{"date": "2027-01-04", "provisional": true}\n'),
        (["2026-04-30", "-15", "--unit", "day"], "2026-04-15\n"),
    ],
)
def test_flask_calendar_add(arguments: list[str], answer: str) -> None:
    result = CliRunner().invoke(cli, ["add", *arguments])
    assert (result.exit_code, result.output) == (0, answer)


def test_flask_calendar_add_refuses_a_day_that_does_not_exist() -> None:
    result = CliRunner().invoke(cli, ["add", "2026-02-30", "1"])
    assert result.exit_code != 0
    assert "2026-02-30" in result.output


BEYOND = [["9999-12-30", "30"], ["0001-01-01", "-5"], ["9999-12-30", "3", "--unit", "day"]]


@pytest.mark.parametrize("arguments", BEYOND, ids=" ".join)
def test_a_count_beyond_every_calendar_is_refused(arguments: list[str]) -> None:
    answer = CliRunner().invoke(cli, ["add", *arguments])
    assert answer.exit_code == 1
    assert answer.output.startswith("Error: ")
    assert "outside every calendar" in answer.output
