"""How values look in an official paper: amounts, words, counts, dates and rates as a Chinese official writes them."""

import base64
import io
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

import segno

from core.charts.scale import in_wan
from core.clock import local_date, local_time
from core.money import rmb_upper, round_fen, show_rate, show_yuan

_NUMERALS = "零一二三四五六七八九"


def _day(value: date | datetime) -> date:
    return local_date(value) if isinstance(value, datetime) else value


def cn_date(value: date | datetime | None) -> str:
    """2017年2月15日, in Beijing; nothing is '—'."""
    if value is None:
        return "—"
    day = _day(value)
    return f"{day.year}年{day.month}月{day.day}日"


def cn_time(value: datetime) -> str:
    """2016年10月12日9时30分, in Beijing; a full hour is '9时'."""
    local = local_time(value)
    return f"{cn_date(value)}{local.hour}时" + (f"{local.minute:02d}分" if local.minute else "")


def stamp(value: datetime) -> str:
    """2016-10-12 09:30:07, in Beijing: for records, where the second counts."""
    return local_time(value).strftime("%Y-%m-%d %H:%M:%S")


def iso_date(value: date | datetime | None) -> str:
    """2017-02-15, for dense tables; nothing is '—'."""
    return "—" if value is None else _day(value).isoformat()


def count(value: int | None) -> str:
    """2873400 → '2,873,400'; nothing is '—'."""
    return "—" if value is None else f"{value:,}".replace("-", "−")


def percent(rate: Decimal | Fraction | None, places: int | None = None) -> str:
    """0.55 → '55%', with `places` fixed 0.04 → '4.00%'; never used to decide anything."""
    if rate is None:
        return "—"
    shown = show_rate(abs(Fraction(rate)), places if places is not None else 4).lstrip("+").rstrip("%")
    if places is None and "." in shown:
        shown = shown.rstrip("0").rstrip(".")
    return f"{'−' if rate < 0 else ''}{shown}%"


def points(rate: Decimal | Fraction) -> str:
    """0.05 → '5个百分点'."""
    return percent(rate).rstrip("%") + "个百分点"


def wan(amount: Decimal | int) -> str:
    """Yuan in whole or decimal 万元, as bounds are written: 50000 → '5', 125000 → '12.5'."""
    return format((Decimal(amount) / 10_000).normalize(), "f")


def cn_number(number: int) -> str:
    """1 → '一', 12 → '十二', 30 → '三十': article and heading numbers, 0 to 99."""
    if not 0 <= number <= 99:
        raise ValueError(f"only numbers up to 99 are written as numerals here: {number}")
    tens, ones = divmod(number, 10)
    if not tens:
        return _NUMERALS[ones]
    return (_NUMERALS[tens] if tens > 1 else "") + "十" + (_NUMERALS[ones] if ones else "")


def cut(amount: Decimal, rate: Decimal) -> Decimal:
    """An amount lowered by a rate, to the fen: 24900 cut by 0.40 → 14940.00."""
    return round_fen(amount * (1 - rate))


def svg_uri(svg: str) -> str:
    """A chart (SVG text) as the address of an <img>; the picture travels in the document itself."""
    return "data:image/svg+xml;base64," + base64.b64encode(svg.encode()).decode()


def qr_uri(text: str) -> str:
    """A QR code of the text (an address for verifying) as the address of an <img>."""
    drawn = io.BytesIO()
    segno.make(text, error="m", micro=False).save(drawn, kind="svg", xmldecl=False, omitsize=True, border=2)
    return svg_uri(drawn.getvalue().decode())


#: The filters of document templates; the names are what templates write after the bar.
FILTERS: dict[str, Callable[..., Any]] = {
    "yuan": show_yuan,
    "rmb_upper": rmb_upper,
    "rate": show_rate,
    "cn_date": cn_date,
    "cn_time": cn_time,
    "stamp": stamp,
    "iso_date": iso_date,
    "people": count,
    "percent": percent,
    "points": points,
    "wan": wan,
    "cut": cut,
    "cn_number": cn_number,
    "svg_uri": svg_uri,
    "qr_uri": qr_uri,
    "in_wan": in_wan,
}
