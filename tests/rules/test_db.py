"""What the database layer decides by itself: when WAL is safe, and which values a column takes."""

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import Column, MetaData, Table
from sqlalchemy.dialects import sqlite as dialects

from core import sqlite
from core.clock import beijing
from core.columns import Money, Rate, UtcTime
from core.db import make_engine, wal_is_safe
from core.money import MoneyError

DIALECT = dialects.dialect()


@pytest.mark.parametrize(
    ("version", "safe"),
    [
        ((3, 40, 1), False),  # Debian 12
        ((3, 44, 5), False),
        ((3, 44, 6), True),  # the fix was carried back
        ((3, 45, 0), False),
        ((3, 46, 1), False),  # Debian 13
        ((3, 50, 6), False),
        ((3, 50, 7), True),
        ((3, 51, 2), False),
        ((3, 51, 3), True),
        ((3, 52, 0), True),
        ((4, 0, 0), True),
    ],
)
def test_wal_is_used_only_where_the_corruption_bug_is_fixed(version: tuple[int, int, int], safe: bool) -> None:
    assert wal_is_safe(version) is safe


def test_the_database_runs_with_the_settings_the_house_relies_on(tmp_path: Path) -> None:
    engine = make_engine(f"sqlite:///{tmp_path / 'house.sqlite3'}")
    with engine.connect() as connection:
        found = {name: connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in
                 ("foreign_keys", "secure_delete", "recursive_triggers", "journal_mode", "synchronous")}  # fmt: skip
    engine.dispose()
    wal = {"journal_mode": "wal", "synchronous": 2} if wal_is_safe(sqlite.VERSION) else {}
    otherwise = {"journal_mode": "delete", "synchronous": 3}
    assert found == {"foreign_keys": 1, "secure_delete": 1, "recursive_triggers": 1, **(wal or otherwise)}
    assert not [path for path in tmp_path.iterdir() if path.name != "house.sqlite3"], "the last one out tidies up"


@pytest.mark.parametrize(("amount", "fen"), [(Decimal("12.30"), 1230), (Decimal("-0.01"), -1), (7, 700), (None, None)])
def test_money_is_kept_in_whole_fen(amount: Decimal | int | None, fen: int | None) -> None:
    kept = Money().process_bind_param(amount, DIALECT)
    assert kept == fen
    read = Money().process_result_value(kept, DIALECT)
    assert read == amount
    assert read is None or str(read).split(".")[1:] == [f"{abs(kept or 0) % 100:02d}"]


@pytest.mark.parametrize("value", [0.1, 1.0, "12.30", True])
def test_money_refuses_what_is_not_exact(value: object) -> None:
    with pytest.raises(TypeError, match="money must be Decimal"):
        Money().process_bind_param(value, DIALECT)


def test_money_refuses_a_fraction_of_a_fen() -> None:
    with pytest.raises(MoneyError, match="fraction of a fen"):
        Money().process_bind_param(Decimal("0.001"), DIALECT)


def test_money_is_not_calculated_in_sql() -> None:
    amount = Table("t", MetaData(), Column("amount", Money)).c.amount
    for calculate in (lambda: amount + 1, lambda: amount - 1, lambda: amount * 2, lambda: amount / 2):
        with pytest.raises(TypeError, match="in Python"):
            calculate()
    assert str(amount > Decimal("1.00")) == "t.amount > :amount_1"


@pytest.mark.parametrize("rate", ["0.03", "0.0300", "0.000000000000000001", "-0.0236", "1E-7"])
def test_a_rate_comes_back_as_it_went_in(rate: str) -> None:
    kept = Rate().process_bind_param(Decimal(rate), DIALECT)
    assert "E" not in (kept or "")
    assert Rate().process_result_value(kept, DIALECT) == Decimal(rate)


@pytest.mark.parametrize("value", [0.03, "0.03", 3])
def test_a_rate_is_decimal(value: object) -> None:
    with pytest.raises(TypeError, match="rate must be Decimal"):
        Rate().process_bind_param(value, DIALECT)


def test_an_instant_is_kept_in_utc() -> None:
    kept = UtcTime().process_bind_param(beijing(2016, 9, 6, 9, 30), DIALECT)
    assert kept == datetime(2016, 9, 6, 1, 30, tzinfo=UTC)
    naive = kept.replace(tzinfo=None) if kept else None  # as SQLite gives it back
    assert UtcTime().process_result_value(naive, DIALECT) == beijing(2016, 9, 6, 9, 30)
    assert UtcTime().process_bind_param(None, DIALECT) is None


def test_an_instant_without_a_zone_is_refused() -> None:
    with pytest.raises(TypeError, match="needs a timezone"):
        UtcTime().process_bind_param(datetime(2016, 9, 6, 9, 30), DIALECT)  # noqa: DTZ001
