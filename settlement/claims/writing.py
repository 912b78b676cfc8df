"""Writes typed claims (amounts in fen) as the CSV file an insurer would send."""

import io

import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv

from settlement.claims.format import COLUMNS


def as_csv(claims: pa.Table) -> bytes:
    """UTF-8 with a byte-order mark, which spreadsheets need to tell it; amounts in yuan, the columns of the format."""
    kinds = {column.name: column.kind for column in COLUMNS}
    names = [column.name for column in COLUMNS if column.name in claims.column_names]
    cells = {name: _yuan(claims[name]) if kinds[name] == "amount" else claims[name].cast(pa.string()) for name in names}
    out = io.BytesIO()
    out.write(b"\xef\xbb\xbf")
    csv.write_csv(pa.table(cells), out, csv.WriteOptions(quoting_style="needed"))
    return out.getvalue()


def _yuan(fen: pa.ChunkedArray) -> pa.ChunkedArray:
    whole = pc.divide(fen, 100)
    rest = pc.utf8_lpad(pc.cast(pc.subtract(fen, pc.multiply(whole, 100)), pa.string()), 2, "0")
    return pc.binary_join_element_wise(pc.cast(whole, pa.string()), rest, ".")
