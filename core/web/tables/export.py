"""A list as a file: CSV for machines, XLSX with typed numbers for people; neither can carry a formula."""

import csv
import io
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from flask import Response
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font

from core.clock import local_time
from core.web.clauses import clause_text
from core.web.tables.model import Column

if TYPE_CHECKING:
    from core.web.tables.table import Table

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_FORMATS = {"money": "#,##0.00", "number": "#,##0", "rate": "0.0000%", "percent": "0.00##%", "day": "yyyy-mm-dd"}
#: What a spreadsheet takes for the start of a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


def export(table: "Table", form: str) -> Response:
    """Every row that search and filters leave, as `csv` or `xlsx`."""
    content, kind = (_csv(table), "text/csv; charset=utf-8") if form == "csv" else (_xlsx(table), XLSX)
    response = Response(content, content_type=kind)
    name = quote(f"{table.filename}.{form}")
    response.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{name}"
    return response


def _head(column: Column) -> str:
    return f"{column.label}（{column.unit}）" if column.unit else str(column.label)


def _csv(table: "Table") -> bytes:
    """UTF-8 with a byte-order mark (Excel needs it for Chinese); numbers plain, without separators."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow([_harmless(_head(column)) for column in table.columns])
    for row in table.every_row():
        writer.writerow([_csv_value(column, column.of(row)) for column in table.columns])
    return text.getvalue().encode("utf-8-sig")


def _csv_value(column: Column, value: Any) -> str:
    if value is None:
        return ""
    if column.numeric:
        return format(_decimal(value), "f")
    if isinstance(value, datetime):
        return local_time(value).isoformat(timespec="seconds")
    return value.isoformat() if isinstance(value, date) else _harmless(_text(column, value))


def _xlsx(table: "Table") -> bytes:
    book = Workbook(write_only=True)
    sheet = book.create_sheet()
    sheet.freeze_panes = "A2"
    sheet.append([_cell(sheet, _head(column), bold=True) for column in table.columns])
    for row in table.every_row():
        sheet.append([_xlsx_cell(sheet, column, column.of(row)) for column in table.columns])
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def _xlsx_cell(sheet: Any, column: Column, value: Any) -> WriteOnlyCell:
    if value is None:
        return WriteOnlyCell(sheet)
    if column.numeric:
        return _cell(sheet, _decimal(value), form=_FORMATS[column.kind])
    if isinstance(value, datetime):
        return _cell(sheet, local_time(value).replace(tzinfo=None, microsecond=0), form="yyyy-mm-dd hh:mm")
    if isinstance(value, date):
        return _cell(sheet, value, form=_FORMATS["day"])
    return _cell(sheet, _text(column, value))


def _cell(sheet: Any, value: Any, form: str = "General", bold: bool = False) -> WriteOnlyCell:
    cell = WriteOnlyCell(sheet, value=value)
    if isinstance(value, str):
        cell.data_type = "s"  # openpyxl would make a formula of a text that begins with '='
        cell.quotePrefix = True
    else:
        cell.number_format = form
    if bold:
        cell.font = Font(bold=True)
    return cell


def _text(column: Column, value: Any) -> str:
    if column.kind == "chip":
        return str(value.word)
    return clause_text(value) if column.kind == "clause" else str(value)


def _harmless(text: str) -> str:
    """Text that a spreadsheet would run as a formula gets an apostrophe in front (OWASP's advice for CSV)."""
    return f"'{text}" if text.startswith(_FORMULA) else text


def _decimal(value: Any) -> Decimal:
    """Exact where a decimal can be exact; a fraction that has no end is cut at 12 places."""
    if isinstance(value, Fraction):
        return (Decimal(value.numerator) / Decimal(value.denominator)).quantize(Decimal("1e-12")).normalize()
    return Decimal(value)
