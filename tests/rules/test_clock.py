"""Time: instants carry their zone, Beijing decides the day, a clock that stands still never runs backwards."""

from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from core.clock import BEIJING, FixedClock, SystemClock, beijing, local_date, local_time


@pytest.mark.parametrize(
    ("at", "day"),
    [
        (beijing(2016, 12, 31, 23, 59, 59), date(2016, 12, 31)),
        (beijing(2017, 1, 1), date(2017, 1, 1)),
        (datetime(2016, 12, 31, 16, tzinfo=UTC), date(2017, 1, 1)),  # midnight in Beijing
        (datetime(2016, 12, 31, 15, 59, 59, tzinfo=UTC), date(2016, 12, 31)),
        (datetime(2017, 1, 1, 0, 30, tzinfo=timezone(timedelta(hours=9))), date(2016, 12, 31)),
    ],
)
def test_the_day_is_the_day_in_beijing(at: datetime, day: date) -> None:
    assert local_date(at) == day


def test_an_instant_is_given_in_beijing_and_kept_in_utc() -> None:
    at = beijing(2016, 9, 6, 9, 30)
    assert (at.tzinfo, at.hour, at.minute) == (UTC, 1, 30)
    assert (local_time(at).tzinfo, local_time(at).hour) == (BEIJING, 9)


@pytest.mark.parametrize("ask", [local_date, local_time, FixedClock])
def test_an_instant_without_a_zone_is_refused(ask: object) -> None:
    with pytest.raises(ValueError, match="needs a timezone"):
        ask(datetime(2016, 9, 6, 9, 30))  # type: ignore[operator]  # noqa: DTZ001


def test_a_fixed_clock_stands_still_until_it_is_moved() -> None:
    clock = FixedClock(beijing(2016, 8, 1, 9))
    assert clock.now() == clock.now() == beijing(2016, 8, 1, 9)
    clock.advance(days=1, minutes=30)
    assert clock.now() == beijing(2016, 8, 2, 9, 30)
    clock.move_to(clock.now())
    clock.move_to(beijing(2017, 1, 1))
    assert local_date(clock.now()) == date(2017, 1, 1)


def test_a_fixed_clock_does_not_run_backwards() -> None:
    clock = FixedClock(beijing(2016, 8, 1, 9))
    with pytest.raises(ValueError, match="does not run backwards"):
        clock.move_to(beijing(2016, 8, 1, 8, 59))
    assert clock.now() == beijing(2016, 8, 1, 9)


def test_the_machines_clock_tells_utc() -> None:
    assert SystemClock().now().tzinfo is UTC
