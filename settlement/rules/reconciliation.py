"""Whether the books of a contract year agree: sheet, ledger, transfers, and the two dedicated accounts (J16).

Every difference must have a name: an order not paid yet, premium in arrears, a finding. What has none is unexplained.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

ZERO = Decimal("0.00")
#: Months an insurer reports: twelve of the year and three of run-off.
MONTHS = 15


class CheckKind(StrEnum):
    """What is held against what; the comment names left and right."""

    SHEET_LEDGER = "sheet_ledger"  # what the issued sheet brings the fund, fund ledger
    LEDGER_ZERO = "ledger_zero"  # what the fund receives, what the insurer pays
    LEDGER_ORDERS = "ledger_orders"  # fund ledger, ordered transfers
    ORDERS_PAID = "orders_paid"  # ordered transfers, recorded payments
    PREMIUM_ACCOUNT = "premium_account"  # premium due, premium-income account
    PREMIUM_SHEET = "premium_sheet"  # premium due, premium on the issued sheet
    MONTHS_YEAR = "months_year"  # claims by month, annual figures
    YEAR_FILE = "year_file"  # annual figures, claim file as reported
    FILE_RECOMPUTED = "file_recomputed"  # claim file as reported, as recomputed
    FILE_SHEET = "file_sheet"  # claim file as recomputed, row 7 of the issued sheet


class Name(StrEnum):
    """What a difference is."""

    ORDER_OPEN = "order_open"
    ARREARS = "arrears"
    OVERPAID = "overpaid"
    MONTHS_MISSING = "months_missing"
    FINDINGS = "findings"
    NEWER_FILE = "newer_file"


@dataclass(frozen=True)
class Named:
    """A part of a difference that has a name; what: the order, the count or the version it names."""

    name: Name
    amount: Decimal
    what: str = ""


@dataclass(frozen=True)
class Books:
    """What stands in the books for one contract year, in yuan; on the fund's side receiving is positive.

    None where there is nothing yet: no issued sheet, no figures, no file. findings: reported less recomputed.
    """

    premium_due: Decimal
    premium_received: Decimal
    sheet_fund: Decimal | None = None
    sheet_premium: Decimal | None = None
    sheet_claims: Decimal | None = None
    ledger_fund: Decimal = ZERO
    ledger_insurer: Decimal = ZERO
    ordered: Decimal = ZERO
    paid: Decimal = ZERO
    open_orders: tuple[Named, ...] = ()
    months: Decimal = ZERO
    months_reported: int = 0
    year_claims: Decimal | None = None
    file_reported: Decimal | None = None
    file_recomputed: Decimal | None = None
    file_version: int = 0
    sheet_file_version: int = 0
    findings: Decimal = ZERO
    findings_count: int = 0


@dataclass(frozen=True)
class Check:
    """One comparison: left less right, what of it has a name, and what has none."""

    kind: CheckKind
    left: Decimal
    right: Decimal
    named: tuple[Named, ...] = ()

    @property
    def difference(self) -> Decimal:
        return self.left - self.right

    @property
    def unexplained(self) -> Decimal:
        """What of the difference has no name; zero is what reconciled books show."""
        return self.difference - sum((one.amount for one in self.named), ZERO)


def reconcile(books: Books) -> tuple[Check, ...]:
    """Every comparison that the books of a contract year allow so far."""
    return (*_fund_side(books), *_premium_side(books), *_claims_side(books))


def _fund_side(books: Books) -> Iterator[Check]:
    yield Check(CheckKind.SHEET_LEDGER, books.sheet_fund or ZERO, books.ledger_fund)
    yield Check(CheckKind.LEDGER_ZERO, books.ledger_fund, -books.ledger_insurer)
    yield Check(CheckKind.LEDGER_ORDERS, books.ledger_fund, books.ordered)
    yield Check(CheckKind.ORDERS_PAID, books.ordered, books.paid, books.open_orders)


def _premium_side(books: Books) -> Iterator[Check]:
    missing = books.premium_due - books.premium_received
    name = Name.ARREARS if missing > 0 else Name.OVERPAID
    named = (Named(name, missing),) if missing else ()
    yield Check(CheckKind.PREMIUM_ACCOUNT, books.premium_due, books.premium_received, named)
    if books.sheet_premium is not None:
        yield Check(CheckKind.PREMIUM_SHEET, books.premium_due, books.sheet_premium)


def _claims_side(books: Books) -> Iterator[Check]:
    if books.year_claims is not None:
        gap = books.months - books.year_claims
        short = bool(gap) and books.months_reported < MONTHS
        named = (Named(Name.MONTHS_MISSING, gap, str(MONTHS - books.months_reported)),) if short else ()
        yield Check(CheckKind.MONTHS_YEAR, books.months, books.year_claims, named)
        if books.file_reported is not None:
            yield Check(CheckKind.YEAR_FILE, books.year_claims, books.file_reported)
    if books.file_reported is None or books.file_recomputed is None:
        return
    found = (Named(Name.FINDINGS, books.findings, str(books.findings_count)),) if books.findings_count else ()
    yield Check(CheckKind.FILE_RECOMPUTED, books.file_reported, books.file_recomputed, found)
    if books.sheet_claims is not None:
        gap = books.file_recomputed - books.sheet_claims
        newer = bool(gap) and books.file_version > books.sheet_file_version
        late = (Named(Name.NEWER_FILE, gap, str(books.file_version)),) if newer else ()
        yield Check(CheckKind.FILE_SHEET, books.file_recomputed, books.sheet_claims, late)
