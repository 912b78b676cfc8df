"""A claim file at the door: every kind of file lands as the same whole fen; every fault is told with its row."""

import io
from datetime import date
from decimal import Decimal

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from openpyxl import load_workbook

from core.errors import FileInvalid
from settlement.claims.landing import Landed, land, landed_terms, landed_year
from settlement.claims.terms import terms_hash
from settlement.claims.writing import as_csv
from tests.factories.claims import csv_file, row, workbook, year_terms

CHINESE_WORDS = {"group": "低保对象", "channel": "手工报销"}


def landed(content: bytes, name: str = "claims.csv") -> Landed:
    return land(content, name, 2017, "JLDB-2017-01")


def table(content: bytes) -> pa.Table:
    return pq.read_table(io.BytesIO(landed(content).parquet))


def parquet_file(amounts: pa.DataType = pa.string(), **changes: str) -> bytes:  # noqa: B008 (a constant of Arrow)
    columns = {name: pa.array([value]) for name, value in row(**changes).items()}
    columns["total_cost"] = columns["total_cost"].cast(amounts)
    out = io.BytesIO()
    pq.write_table(pa.table(columns), out)
    return out.getvalue()


@pytest.mark.parametrize(
    "content",
    [
        csv_file(row()),
        csv_file(row(), encoding="utf-8"),
        csv_file(row(), encoding="gb18030"),
        csv_file(row(), chinese=True, encoding="gb18030"),
        csv_file(row(claim_id=" C0001 ", total_cost="100000", compliant_cost="80000.0")),
        workbook(row()),
        workbook(row(total_cost=100000.0, compliant_cost=80000, settled_on=date(2017, 3, 1))),
        parquet_file(),
        parquet_file(pa.decimal128(14, 2)),
    ],
    ids=[
        "utf-8 with mark",
        "utf-8",
        "gb18030",
        "Chinese headings",
        "spaces, short amounts",
        "workbook of text",
        "workbook of numbers",
        "Parquet of text",
        "Parquet of decimals",
    ],
)
def test_every_kind_of_file_lands_as_the_same_claims(content: bytes) -> None:
    assert landed(content).parquet == landed(csv_file(row())).parquet


def test_what_lands_is_whole_fen_and_words_in_code() -> None:
    claims = table(csv_file(row(1, total_cost="100000.07"), row(2, **CHINESE_WORDS, admitted_on="")))
    assert claims["total_cost"].to_pylist() == [100_000_07, 100_000_00]
    assert claims["row"].to_pylist() == [2, 3]
    assert claims["group"].to_pylist() == ["general", "low_income"]
    assert claims["channel"].to_pylist() == ["instant", "manual"]
    assert claims["admitted_on"].to_pylist() == [date(2017, 2, 20), None]


def test_the_landing_counts_persons_and_the_reported_sum() -> None:
    content = csv_file(row(1, person_id="P1"), row(2, person_id="P1", reported_benefit="0.01"), row(3))
    receipt = landed(content)
    assert (receipt.rows, receipt.persons, receipt.reported_benefit) == (3, 2, Decimal("11000.01"))
    assert receipt.contract_number == "JLDB-2017-01"


def test_a_workbook_sum_with_binary_noise_is_read_as_excel_shows_it() -> None:
    noisy = workbook({**row(), "self_paid_compliant": 0.1 + 0.2, "reported_benefit": 0.0})
    assert table(noisy)["self_paid_compliant"].to_pylist() == [30]


def test_blank_rows_and_columns_at_the_end_of_a_workbook_do_not_matter() -> None:
    book = load_workbook(io.BytesIO(workbook(row())))
    book.active.cell(row=9, column=20, value="")
    book.active.cell(row=9, column=20).number_format = "0.00"
    out = io.BytesIO()
    book.save(out)
    assert landed(out.getvalue()).parquet == landed(csv_file(row())).parquet


def test_a_landed_file_knows_its_year_and_may_carry_its_terms() -> None:
    plain, carrying = landed(csv_file(row())), land(csv_file(row()), "claims.csv", 2017, terms=year_terms())
    assert (landed_year(plain.parquet), landed_terms(plain.parquet)) == (2017, None)
    assert landed_year(csv_file(row())) is None
    carried = landed_terms(carrying.parquet)
    assert carried == year_terms().__class__(2017, carried.versions)
    assert terms_hash(carried) == terms_hash(year_terms())


def test_claims_written_as_csv_land_again_unchanged() -> None:
    claims = table(csv_file(row(1, total_cost="100000.05"), row(2)))
    assert table(as_csv(claims.drop_columns("row"))).equals(claims)


def faults(content: bytes, **options: str) -> list[tuple[str, str]]:
    with pytest.raises(FileInvalid) as refused:
        land(content, "claims.csv", 2017, options.get("contract_number", "JLDB-2017-01"))
    return refused.value.faults


@pytest.mark.parametrize(
    ("changes", "place", "reason"),
    [
        ({"total_cost": "-100000.00"}, "row 3, total_cost “-100000.00”", "is negative"),
        ({"reported_benefit": "−1"}, "row 3, reported_benefit “−1”", "is negative"),
        ({"reported_benefit": "12.345"}, "row 3, reported_benefit “12.345”", "has a fraction of a fen"),
        ({"total_cost": "１００.00"}, "row 3, total_cost “１００.00”", "has full-width digits"),
        ({"total_cost": "1e5"}, "row 3, total_cost “1e5”", "is not an amount in yuan such as 12345.67"),
        ({"total_cost": ""}, "row 3, total_cost “”", "is empty"),
        ({"claim_id": "C0001"}, "row 3, claim_id “C0001”", "appears in an earlier row"),
        ({"claim_id": "C" * 61}, f"row 3, claim_id “{'C' * 61}”", "is longer than 60 characters"),
        ({"person_id": "220102198001011234"}, "row 3, person_id “220102198001011234”", "looks like an identity number"),
        ({"settled_on": "2018-01-01"}, "row 3, settled_on “2018-01-01”", "is outside the insurance year"),
        ({"settled_on": "2017-02-30"}, "row 3, settled_on “2017-02-30”", "is not a day written as 2017-01-31"),
        ({"settled_on": "2017/2/3"}, "row 3, settled_on “2017/2/3”", "is not a day written as 2017-01-31"),
        ({"accepted_on": "２017-03-01"}, "row 3, accepted_on “２017-03-01”", "has full-width digits"),
        ({"admitted_on": "yesterday"}, "row 3, admitted_on “yesterday”", "is not a day written as 2017-01-31"),
        ({"admitted_on": "2017-03-02"}, "row 3, admitted_on “2017-03-02”", "is after settled_on"),
        ({"paid_on": "2017-02-28"}, "row 3, paid_on “2017-02-28”", "is before accepted_on"),
        ({"group": "rich"}, "row 3, group “rich”", "is not a known word of this column"),
        ({"channel": "post"}, "row 3, channel “post”", "is not a known word of this column"),
        (
            {"contract_number": "JLDB-2017-09"},
            "row 3, contract_number “JLDB-2017-09”",
            "is not the number of this contract",
        ),
        ({"compliant_cost": "100000.01"}, "row 3, compliant_cost “100000.01”", "is more than total_cost"),
        (
            {"self_paid_compliant": "30000.01"},
            "row 3, self_paid_compliant “30000.01”",
            "and basic_fund_paid exceed compliant_cost",
        ),
    ],
)
def test_a_fault_is_told_with_row_column_and_value(changes: dict[str, str], place: str, reason: str) -> None:
    assert faults(csv_file(row(1), row(2, **changes))) == [(place, reason)]


def test_all_faults_are_told_at_once_in_the_order_of_rows() -> None:
    content = csv_file(row(1, total_cost="-1"), row(2), row(3, group="rich", paid_on=""))
    assert [(place.split(" “")[0], reason) for place, reason in faults(content)] == [
        ("row 2, total_cost", "is negative"),
        ("row 4, group", "is not a known word of this column"),
        ("row 4, paid_on", "is empty"),
    ]


def test_many_faults_are_counted_and_the_first_fifty_listed() -> None:
    content = csv_file(*(row(number, group="rich") for number in range(1, 201)))
    with pytest.raises(FileInvalid, match="it has 200 faults, the first are") as refused:
        landed(content)
    assert len(refused.value.faults) == 50


def test_one_fault_is_one_fault() -> None:
    with pytest.raises(FileInvalid, match="it has 1 fault:"):
        landed(csv_file(row(1, group="rich"), row(2)))


def test_without_a_contract_the_file_must_name_one_only() -> None:
    content = csv_file(row(1), row(2, contract_number="JLDB-2017-02"))
    with pytest.raises(FileInvalid, match="is not the number of this contract"):
        land(content, "claims.csv", 2017)


HEADING = csv_file(row()).decode("utf-8-sig").splitlines()[0]


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (HEADING.replace("claim_id,", ""), [("column claim_id", "is missing")]),
        (HEADING + ",姓名", [("column '姓名'", "is not in the format")]),
        (HEADING + ",claim_id", [("column claim_id", "appears twice")]),
        (HEADING + "\nC1,P1", [("row 2", "has 2 cells, the heading has 15")]),
    ],
)
def test_a_table_of_another_shape_is_refused(content: str, expected: list[tuple[str, str]]) -> None:
    assert faults(content.encode()) == expected


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "is missing"),
        (HEADING.encode(), "has no claims"),
        (b"PK\x03\x04 no workbook", "is no workbook"),
        (b"PAR1 no table", "is no Parquet file"),
        (b"\xff\xff\xff\xff", "neither UTF-8 nor GB18030"),
        (parquet_file(pa.float64()), "binary floating-point"),
    ],
)
def test_a_file_of_no_kind_is_refused(content: bytes, reason: str) -> None:
    with pytest.raises(FileInvalid, match=reason):
        landed(content)
