"""Books that agree, differences with a name, what is left without one (J16); funds that succeed one another (Q5)."""

from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest

from settlement.rules.comparison import RowChange, changes, place
from settlement.rules.fund import FundAccount, Succession, ancestors, receiving
from settlement.rules.reconciliation import Books, CheckKind, Name, Named, reconcile


def yuan(text: str) -> Decimal:
    return Decimal(text)


#: A settled year: 840,000 back to the fund, everything paid.
SETTLED = {
    "premium_due": yuan("30000000.00"),
    "premium_received": yuan("30000000.00"),
    "sheet_fund": yuan("840000.00"),
    "sheet_premium": yuan("30000000.00"),
    "sheet_claims": yuan("10285.00"),
    "ledger_fund": yuan("840000.00"),
    "ledger_insurer": yuan("-840000.00"),
    "ordered": yuan("840000.00"),
    "paid": yuan("840000.00"),
    "months": yuan("10285.00"),
    "months_reported": 15,
    "year_claims": yuan("10285.00"),
    "file_reported": yuan("10285.00"),
    "file_recomputed": yuan("10285.00"),
    "file_version": 1,
    "sheet_file_version": 1,
}

#: What changes → the comparison it shows in, the names of the difference, what has no name.
CASES = [
    ({}, None, [], "0.00"),
    ({"paid": yuan("0.00"), "open_orders": (Named(Name.ORDER_OPEN, yuan("840000.00"), "2018-05-01"),)},
     CheckKind.ORDERS_PAID, [Name.ORDER_OPEN], "0.00"),
    ({"premium_received": yuan("29000000.00")}, CheckKind.PREMIUM_ACCOUNT, [Name.ARREARS], "0.00"),
    ({"premium_received": yuan("30000000.01")}, CheckKind.PREMIUM_ACCOUNT, [Name.OVERPAID], "0.00"),
    ({"months": yuan("285.00"), "months_reported": 14}, CheckKind.MONTHS_YEAR, [Name.MONTHS_MISSING], "0.00"),
    ({"months": yuan("285.00")}, CheckKind.MONTHS_YEAR, [], "-10000.00"),
    ({"year_claims": yuan("10285.01")}, CheckKind.YEAR_FILE, [], "0.01"),
    ({"file_reported": yuan("10300.00"), "year_claims": yuan("10300.00"), "months": yuan("10300.00"),
      "findings": yuan("15.00"), "findings_count": 1}, CheckKind.FILE_RECOMPUTED, [Name.FINDINGS], "0.00"),
    ({"file_reported": yuan("10300.00"), "year_claims": yuan("10300.00"), "months": yuan("10300.00"),
      "findings": yuan("14.99"), "findings_count": 1}, CheckKind.FILE_RECOMPUTED, [Name.FINDINGS], "0.01"),
    ({"sheet_claims": yuan("10000.00"), "file_version": 2}, CheckKind.FILE_SHEET, [Name.NEWER_FILE], "0.00"),
    ({"sheet_claims": yuan("10000.00")}, CheckKind.FILE_SHEET, [], "285.00"),
    ({"ledger_fund": yuan("839999.99")}, CheckKind.SHEET_LEDGER, [], "0.01"),
    ({"ledger_insurer": yuan("-839999.99")}, CheckKind.LEDGER_ZERO, [], "0.01"),
    ({"ordered": yuan("0.00")}, CheckKind.LEDGER_ORDERS, [], "840000.00"),
    ({"sheet_premium": yuan("29999999.00")}, CheckKind.PREMIUM_SHEET, [], "1.00"),
]  # fmt: skip


@pytest.mark.parametrize(("change", "kind", "names", "unexplained"), CASES)
def test_every_difference_has_a_name_or_is_left_over(
    change: dict[str, object], kind: CheckKind | None, names: list[Name], unexplained: str
) -> None:
    checks = {check.kind: check for check in reconcile(Books(**{**SETTLED, **change}))}  # type: ignore[arg-type]
    assert set(checks) == set(CheckKind)
    if kind is None:
        assert all(check.difference == check.unexplained == 0 for check in checks.values())
        return
    assert [one.name for one in checks[kind].named] == names
    assert checks[kind].unexplained == yuan(unexplained)


def test_a_year_without_sheet_or_figures_has_nothing_to_compare_there() -> None:
    checks = reconcile(Books(yuan("30000000.00"), yuan("30000000.00")))
    assert {check.kind for check in checks} == {
        CheckKind.SHEET_LEDGER, CheckKind.LEDGER_ZERO, CheckKind.LEDGER_ORDERS, CheckKind.ORDERS_PAID,
        CheckKind.PREMIUM_ACCOUNT,
    }  # fmt: skip
    assert all(check.difference == 0 for check in checks)


@pytest.mark.parametrize(("reported", "missing"), [({}, ["15"]), ({"months_reported": 14}, ["1"])])
def test_months_that_are_missing_are_counted(reported: dict[str, int], missing: list[str]) -> None:
    books = Books(yuan("1.00"), yuan("1.00"), year_claims=yuan("9.00"), months=yuan("8.50"), **reported)
    (check,) = [check for check in reconcile(books) if check.kind is CheckKind.MONTHS_YEAR]
    assert ([one.what for one in check.named], check.unexplained) == (missing, 0)


@pytest.mark.parametrize(
    ("given", "kind", "names"),
    [
        ({}, CheckKind.FILE_RECOMPUTED, []),
        ({"findings_count": 1, "findings": yuan("1.00")}, CheckKind.FILE_RECOMPUTED, [Name.FINDINGS]),
        ({}, CheckKind.FILE_SHEET, []),
        ({"file_version": 1}, CheckKind.FILE_SHEET, [Name.NEWER_FILE]),
        ({"sheet_file_version": 1}, CheckKind.FILE_SHEET, []),
    ],
)  # fmt: skip
def test_a_difference_has_a_name_only_by_what_is_in_the_books(
    given: dict[str, object], kind: CheckKind, names: list[Name]
) -> None:
    amounts = {"file_reported": yuan("9.00"), "file_recomputed": yuan("8.00"), "sheet_claims": yuan("7.00")}
    books = Books(yuan("1.00"), yuan("1.00"), **amounts, **given)  # type: ignore[arg-type]
    (check,) = [check for check in reconcile(books) if check.kind is kind]
    assert [one.name for one in check.named] == names


@pytest.mark.parametrize("half", ["file_reported", "file_recomputed"])
def test_half_a_file_is_not_compared(half: str) -> None:
    kinds = {check.kind for check in reconcile(Books(yuan("1.00"), yuan("1.00"), **{half: yuan("9.00")}))}
    assert kinds.isdisjoint({CheckKind.FILE_RECOMPUTED, CheckKind.FILE_SHEET})


def test_arrears_under_a_yuan_are_arrears() -> None:
    (check,) = [one for one in reconcile(Books(yuan("9.00"), yuan("8.50"))) if one.kind is CheckKind.PREMIUM_ACCOUNT]
    assert [(one.name, one.amount) for one in check.named] == [(Name.ARREARS, yuan("0.50"))]


#: The rural and the urban fund merge into the residents' on 1 January 2017.
MERGED = [Succession("nrcms", "resident", date(2017, 1, 1)), Succession("urban", "resident", date(2017, 1, 1))]


@pytest.mark.parametrize(
    ("scheme", "on", "receives"),
    [("nrcms", date(2016, 12, 31), "nrcms"), ("nrcms", date(2017, 1, 1), "resident"),
     ("urban", date(2018, 5, 1), "resident"), ("resident", date(2018, 5, 1), "resident")],
)  # fmt: skip
def test_a_return_goes_to_the_payer_until_the_merger_and_to_the_successor_from_that_day(
    scheme: str, on: date, receives: str
) -> None:
    assert receiving(scheme, on, MERGED) == receives


def test_history_is_kept_over_every_merger_and_a_circle_is_refused() -> None:
    again = [*MERGED, Succession("resident", "province", date(2019, 1, 1))]
    assert receiving("nrcms", date(2019, 1, 1), again) == "province"
    assert set(ancestors("province", again)) == {"resident", "nrcms", "urban"}
    assert ancestors("nrcms", again) == ()
    circle = [Succession("nrcms", "urban", date(2017, 1, 1)), Succession("urban", "nrcms", date(2017, 1, 1))]
    with pytest.raises(ValueError, match="circle"):
        receiving("nrcms", date(2018, 1, 1), circle)


def test_the_surplus_rates_of_a_fund_are_exact() -> None:
    account = FundAccount(yuan("100000000.00"), yuan("900000000.00"), yuan("870000000.00"))
    assert (account.surplus, account.closing_balance) == (yuan("30000000.00"), yuan("130000000.00"))
    assert (account.year_rate, account.cumulative_rate) == (Fraction(1, 30), Fraction(13, 90))
    assert FundAccount(yuan("1.00"), yuan("0.00"), yuan("0.00")).year_rate is None


def test_rows_stand_in_the_order_of_the_sheet() -> None:
    rows = ["3", "3.1", "4.2", "4.10", "7.6", "7a.1", "17", "26", "26.1", "26a", "26c.2", "26d.1", "29", "29.1"]
    places = [place(row) for row in rows]
    assert all(first < second for first, second in zip(places, places[1:], strict=False))


def test_rows_are_compared_in_the_order_of_the_sheet() -> None:
    before = {"3": "1.00", "4.2": "5.00", "7a.1": "2.00", "17": "9.00"}
    after = {"3": "1.00", "4.10": "6.00", "7a.1": "3.00", "17": "8.00"}
    assert changes(before, after) == (
        RowChange("4.2", "5.00", None), RowChange("4.10", None, "6.00"), RowChange("7a.1", "2.00", "3.00"),
        RowChange("17", "9.00", "8.00"),
    )  # fmt: skip
