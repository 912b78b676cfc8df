"""Column types that refuse what would silently go wrong: money as fen, UTC instants, checked choices, exact rates."""

from datetime import UTC, datetime
from decimal import Decimal
from enum import Enum as PyEnum
from typing import Any

from sqlalchemy import JSON, BigInteger, DateTime, Enum, String
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.sql import operators
from sqlalchemy.types import TypeDecorator

from core.money import from_fen, to_fen


class Money(TypeDecorator):
    """Decimal yuan in Python, whole fen in the database; arithmetic in SQL is refused because it would mis-scale."""

    impl, cache_ok = BigInteger, True

    class comparator_factory(TypeDecorator.Comparator):  # noqa: N801  (SQLAlchemy's name)
        def operate(self, op: Any, *other: Any, **kwargs: Any) -> Any:
            if op in (operators.add, operators.sub, operators.mul, operators.truediv):
                raise TypeError("do money arithmetic in Python, not in SQL")
            return super().operate(op, *other, **kwargs)

    def process_bind_param(self, value: Any, dialect: Any) -> int | None:
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, (int, Decimal)):
            raise TypeError(f"money must be Decimal, not {type(value).__name__}")
        return to_fen(Decimal(value))

    def process_result_value(self, value: Any, dialect: Any) -> Decimal | None:
        return None if value is None else from_fen(value)


class Rate(TypeDecorator):
    """An exact rate or score (0.03 is three per cent), kept as decimal text so that no database rounds it."""

    impl, cache_ok = String(40), True

    def process_bind_param(self, value: Any, dialect: Any) -> str | None:
        if value is None:
            return None
        if not isinstance(value, Decimal):
            raise TypeError(f"a rate must be Decimal, not {type(value).__name__}")
        return format(value, "f")

    def process_result_value(self, value: Any, dialect: Any) -> Decimal | None:
        return None if value is None else Decimal(value)


class UtcTime(TypeDecorator):
    """An instant: aware in Python, UTC in the database; naive values are refused."""

    impl, cache_ok = DateTime(timezone=True), True

    def process_bind_param(self, value: Any, dialect: Any) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise TypeError("an instant needs a timezone")
        return value.astimezone(UTC)

    def process_result_value(self, value: Any, dialect: Any) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def choice(enum: type[PyEnum]) -> Enum:
    """An enum column that stores the values (not the names) and is checked by the database."""
    return Enum(
        enum,
        native_enum=False,
        create_constraint=True,
        length=32,
        validate_strings=True,
        values_callable=lambda members: [member.value for member in members],
    )


#: Structured facts whose keys the room that owns the row documents; JSONB on PostgreSQL.
Document = JSON().with_variant(JSONB(), "postgresql")
