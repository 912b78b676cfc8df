"""How values are written on a page, in either language: money, rates, days, instants, sizes and hashes."""

from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

from flask import Flask
from flask_babel import get_locale

from core.clock import local_date, local_time
from core.money import round_fen, show_rate, show_yuan
from core.policy.procurement import open_tender

NOTHING = "—"
_WEEKDAYS = {"zh": "一二三四五六日", "en": ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")}


def chinese() -> bool:
    """Whether the reader sees Chinese (the default)."""
    locale = get_locale()
    return locale is None or locale.language == "zh"


def named(organisation: Any) -> str:
    """An organisation in the reader's language, short where it has a short name."""
    if chinese():
        return organisation.short_name or organisation.name
    return organisation.english_name or organisation.short_name or organisation.name


def wan(amount: Decimal | None) -> str:
    """Yuan → 万元 with two decimals, for summaries only: 10,278.40."""
    return NOTHING if amount is None else show_yuan(round_fen(Fraction(amount) / 10_000))


def percent(rate: Decimal | Fraction | None) -> str:
    """A fraction as plain percent without needless zeros: 0.3 → 30%, 0.125 → 12.5%; a negative one takes '−'."""
    if rate is None:
        return NOTHING
    if isinstance(rate, Fraction):
        return show_rate(rate).lstrip("+")
    text = format(rate.scaleb(2).normalize(), "f")
    return f"{text}%".replace("-", "−")


def number(value: int | Decimal | None) -> str:
    """A count with thousands separators: 1,624,000."""
    return NOTHING if value is None else f"{value:,}".replace("-", "−")


def weekday(value: date) -> str:
    """周二, or Tue."""
    return f"周{_WEEKDAYS['zh'][value.weekday()]}" if chinese() else _WEEKDAYS["en"][value.weekday()]


def day(value: date | datetime | None) -> str:
    """2026-11-24 周二; an instant is taken as its day in Beijing."""
    if value is None:
        return NOTHING
    value = local_date(value) if isinstance(value, datetime) else value
    return f"{value.isoformat()} {weekday(value)}"


def near_day(value: date, today: date | datetime) -> str:
    """A day without its year when that is this year's: 11-24 周二, else 2027-01-06 周三."""
    this_year = (local_date(today) if isinstance(today, datetime) else today).year
    return day(value)[5:] if value.year == this_year else day(value)


def long_day(value: date | datetime) -> str:
    """2026 年 11 月 24 日，星期二; in English 24 November 2026, Tuesday."""
    value = local_date(value) if isinstance(value, datetime) else value
    if chinese():
        return f"{value.year} 年 {value.month} 月 {value.day} 日，星期{_WEEKDAYS['zh'][value.weekday()]}"
    return f"{value.day} {value:%B} {value.year}, {value:%A}"


def moment(value: datetime | None) -> str:
    """An instant in Beijing time: 2026-11-24 09:30."""
    return NOTHING if value is None else f"{local_time(value):%Y-%m-%d %H:%M}"


def exact_moment(value: datetime | None) -> str:
    """An instant in Beijing time with its milliseconds, as on a receipt: 2026-12-09 16:20:08.417."""
    if value is None:
        return NOTHING
    at = local_time(value)
    return f"{at:%Y-%m-%d %H:%M:%S}.{at.microsecond // 1000:03d}"


def wall_time(value: datetime) -> str:
    """09:42:17 in Beijing."""
    return f"{local_time(value):%H:%M:%S}"


def iso(value: date | datetime) -> str:
    """For datetime attributes: ISO 8601, instants with +08:00."""
    return local_time(value).isoformat(timespec="seconds") if isinstance(value, datetime) else value.isoformat()


def fingerprint(sha256: str | bytes | None) -> str:
    """A hash short enough to compare by eye: 9b2e41f7…7ad0."""
    if not sha256:
        return NOTHING
    text = sha256.hex() if isinstance(sha256, bytes) else sha256
    return f"{text[:8]}…{text[-4:]}"


def filesize(size: int | None) -> str:
    """Bytes as people write them: 18.4 MB."""
    if size is None:
        return NOTHING
    if size < 1_000:
        return f"{size} B"
    unit, scale = ("MB", 1_000_000) if size >= 1_000_000 else ("KB", 1_000)
    return f"{Decimal(size) / scale:,.1f} {unit}"


def limit_name(step: str) -> str:
    """The name of a time limit of the tender procedure in the page's language, by its id: 'T04', 'T20-result'."""
    limit = open_tender().limits[step[:3]]
    return limit.step if chinese() else limit.english


FILTERS: dict[str, Any] = {
    "yuan": show_yuan,
    "named": named,
    "wan": wan,
    "rate": show_rate,
    "percent": percent,
    "number": number,
    "day": day,
    "near_day": near_day,
    "long_day": long_day,
    "moment": moment,
    "exact_moment": exact_moment,
    "wall_time": wall_time,
    "iso": iso,
    "fingerprint": fingerprint,
    "filesize": filesize,
    "limit_name": limit_name,
}


def init_app(app: Flask) -> None:
    """Give every template the filters above."""
    app.jinja_env.filters.update(FILTERS)
    app.jinja_env.globals["chinese"] = chinese
