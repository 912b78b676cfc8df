"""Opens a claim file (CSV, XLSX, Parquet) and gives every cell as text, so that it is checked before it is typed."""

import csv
import io
import zipfile
from collections.abc import Iterable, Sequence
from datetime import date, datetime

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
from pyarrow import csv as arrow_csv
from python_calamine import CalamineError, CalamineWorkbook

from core.errors import FileInvalid, N_
from settlement.claims.format import BY_HEADING, COLUMNS

#: What a workbook may unpack to, in bytes and against its own size (claims pack about 17 times); a larger one is
#: refused before it is read, because reading takes ten times the memory.
MOST_UNPACKED, MOST_RATIO = 256 << 20, 100
UNUSABLE = N_("The claim file %(file)s cannot be used:")


def read_as_text(content: bytes, name: str) -> pa.Table:
    """The file's cells as text in the columns of the format, with `row` as a spreadsheet counts (2 is the first claim).

    The kind of file is told by its first bytes, not by its name. Raises FileInvalid for a file that is none of the
    three, for missing, unknown or double columns and for rows of another length than the heading.
    """
    if content.startswith(b"PAR1"):
        table = _from_parquet(content, name)
    elif content.startswith(b"PK\x03\x04"):
        table = _from_workbook(content, name)
    else:
        table = _from_csv(content, name)
    rows = pa.array(range(2, table.num_rows + 2), pa.int64())
    empty = pa.array([""] * table.num_rows, pa.string())
    present = set(table.column_names)
    cells = {column.name: table[column.name] if column.name in present else empty for column in COLUMNS}
    return pa.table({"row": rows, **cells})


def _from_csv(content: bytes, name: str) -> pa.Table:
    text = _decoded(content, name)
    first, _, rest = text.partition("\n")
    headings = next(csv.reader([first.rstrip("\r")]), [])
    columns = _columns(headings, name)
    if not rest.strip():
        return pa.table({column: pa.array([], pa.string()) for column in columns})
    ragged: list[tuple[str, str]] = []

    def note(row: arrow_csv.InvalidRow) -> str:
        ragged.append((f"row {row.number}", f"has {row.actual_columns} cells, the heading has {row.expected_columns}"))
        return "skip"

    try:
        table = arrow_csv.read_csv(
            io.BytesIO(text.encode()),
            # One thread, so that a faulty row is known by its number.
            read_options=arrow_csv.ReadOptions(column_names=columns, skip_rows=1, use_threads=False),
            parse_options=arrow_csv.ParseOptions(invalid_row_handler=note),
            convert_options=arrow_csv.ConvertOptions(
                column_types={column: pa.string() for column in columns}, strings_can_be_null=False
            ),
        )
    except pa.ArrowInvalid as wrong:
        raise FileInvalid(UNUSABLE, [("file", f"is no CSV table: {wrong}")], file=name) from wrong
    if ragged:
        raise FileInvalid(UNUSABLE, ragged[:100], file=name)
    return table


def _decoded(content: bytes, name: str) -> str:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise FileInvalid(UNUSABLE, [("file", "is neither UTF-8 nor GB18030 text, nor XLSX, nor Parquet")], file=name)


def _from_workbook(content: bytes, name: str) -> pa.Table:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            if sum(part.file_size for part in packed.infolist()) > min(MOST_UNPACKED, MOST_RATIO * len(content)):
                raise FileInvalid(UNUSABLE, [("file", "unpacks to too much; send CSV")], file=name)
        sheet = CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0)
        cells = [[_cell(cell) for cell in row] for row in sheet.iter_rows()]
    except (CalamineError, zipfile.BadZipFile, ValueError) as wrong:
        raise FileInvalid(UNUSABLE, [("file", f"is no workbook: {wrong}")], file=name) from wrong
    while cells and not any(cells[-1]):  # formatting that reaches below the last claim
        cells.pop()
    columns = _columns(_without_blank_end(cells[0] if cells else []), name)
    return pa.table(
        {column: pa.array([row[at] for row in cells[1:]], pa.string()) for at, column in enumerate(columns)}
    )


def _without_blank_end(headings: list[str]) -> list[str]:
    used = max((at for at, heading in enumerate(headings, 1) if heading.strip()), default=0)
    return headings[:used]


def _cell(value: object) -> str:
    """A cell as Excel shows it: a number to 15 significant digits, a date without its midnight."""
    if isinstance(value, float):
        return f"{value:.15g}"
    if isinstance(value, datetime):
        return value.date().isoformat()
    return value.isoformat() if isinstance(value, date) else str(value)


def _from_parquet(content: bytes, name: str) -> pa.Table:
    try:
        table = pq.read_table(io.BytesIO(content))
    except pa.ArrowException as wrong:
        raise FileInvalid(UNUSABLE, [("file", f"is no Parquet file: {wrong}")], file=name) from wrong
    table = table.rename_columns(_columns(table.column_names, name))
    floats = [field.name for field in table.schema if pa.types.is_floating(field.type)]
    if floats:
        reason = "holds binary floating-point numbers; use decimals or text"
        raise FileInvalid(UNUSABLE, [(column, reason) for column in floats], file=name)
    texts = ", ".join(f'coalesce(CAST("{column}" AS VARCHAR), \'\') AS "{column}"' for column in table.column_names)
    with duckdb.connect() as connection:
        connection.register("source", table)
        return connection.sql(f"SELECT {texts} FROM source").to_arrow_table()


def _columns(headings: Sequence[str], name: str) -> list[str]:
    """The columns' names in code; refuses headings the format does not know, which may hold personal data."""
    clean = [heading.strip() for heading in headings]
    faults = [(f"column {heading!r}", "is not in the format") for heading in clean if heading not in BY_HEADING]
    known = [BY_HEADING[heading].name for heading in clean if heading in BY_HEADING]
    faults += [(f"column {column}", "appears twice") for column in _repeated(known)]
    faults += [
        (f"column {column.name}", "is missing") for column in COLUMNS if column.required and column.name not in known
    ]
    if faults:
        raise FileInvalid(UNUSABLE, faults, file=name)
    return known


def _repeated(names: Iterable[str]) -> list[str]:
    listed = list(names)
    return sorted({name for name in listed if listed.count(name) > 1})
