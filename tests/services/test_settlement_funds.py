"""Returns go to the right fund, also after a merger; the books agree to zero; finance states fund years (Q2, Q5)."""

from datetime import date
from decimal import Decimal

import pytest
from sqlmodel import Session, select

from core.clock import FixedClock
from core.db import transaction
from core.documents.models import IssuedDocument
from core.errors import Forbidden, Invalid, Refused
from core.house import files_of
from core.identity.actor import SYSTEM
from settlement import services
from settlement.models import LedgerAccount, LedgerEntry, TransferOrder
from settlement.rules.reconciliation import Name
from settlement.services import funds
from settlement.services.ledger import entries_by_year
from settlement.services.reconciliation import Reconciled, reconciliation
from tender.models import Scheme
from tests.factories import settlement as make
from tests.support.pdf import text

RURAL, RESIDENT = "新型农村合作医疗基金", "城乡居民基本医疗保险基金"


def agency_of(session: Session) -> int:
    return funds.funds(session)[0].policyholder.id or 0


def holders(entries: list[LedgerEntry]) -> list[tuple[str, str]]:
    return [(entry.holder, str(entry.amount)) for entry in entries if entry.account is LedgerAccount.FUND]


def books(session: Session) -> Reconciled:
    session.rollback()
    return reconciliation(session, SYSTEM)[0]


def test_a_return_goes_to_the_fund_that_paid_the_premium(session: Session, clock: FixedClock) -> None:
    season = make.ready(session, clock, "1200000.00")
    make.issued(session, clock, season)
    assert holders(entries_by_year(session)) == [(RURAL, "840000.00")]
    fund = funds.funds(session)[0]
    year = fund.years[0]
    assert (fund.scheme, year.year, year.fund_part, year.transferred) == (
        Scheme.NRCMS, 2017, Decimal("840000.00"), Decimal("0.00"),
    )  # fmt: skip


def test_after_a_merger_the_successor_receives_and_nothing_of_the_history_is_lost(
    session: Session, clock: FixedClock
) -> None:
    season = make.ready(session, clock, "1200000.00")
    make.issued(session, clock, season)
    clock.advance(days=30)
    make.merged(session, clock, season)
    make.with_figures(session, clock, season, "1000000.00")
    second = make.issued(session, clock, season, change_reason="准备金更正")
    paper_id = second.document_id
    assert holders(entries_by_year(session)) == [(RURAL, "840000.00"), (RURAL, "-840000.00"), (RESIDENT, "700000.00")]
    printed = text(files_of(session).get(session.get_one(IssuedDocument, paper_id).pdf_sha256))
    assert f"{RESIDENT}（承继{RURAL}）" in printed.replace("\n", "")
    rural, resident = (funds.fund(session, agency_of(session), scheme) for scheme in (Scheme.NRCMS, Scheme.RESIDENT))
    assert rural.successor is not None
    assert resident.predecessors == (Scheme.NRCMS,)
    assert [year.fund_part for year in resident.years] == [Decimal("700000.00")]
    assert books(session).unexplained == 0
    with pytest.raises(Refused, match="already merged"), transaction(session):
        funds.record_succession(
            session, season.case.handler, clock, agency_of(session), Scheme.NRCMS, successor=Scheme.URBAN,
            from_day=date(2018, 1, 1), document="再次", evidence=b"paper",
        )  # fmt: skip
    with pytest.raises(Invalid, match="into itself"), transaction(session):
        funds.record_succession(
            session, season.case.handler, clock, agency_of(session), Scheme.RESIDENT, successor=Scheme.NRCMS,
            from_day=date(2018, 1, 1), document="倒并", evidence=b"paper",
        )  # fmt: skip


def test_the_books_agree_to_zero_and_every_difference_has_a_name(session: Session, clock: FixedClock) -> None:
    season = make.ready(session, clock, "1200000.00")
    assert (books(session).unexplained, [one.name for _, one in books(session).named]) == (0, [Name.MONTHS_MISSING])
    make.issued(session, clock, season)
    found = books(session)
    assert found.unexplained == 0
    assert {one.name: one.amount for _, one in found.named} == {
        Name.ORDER_OPEN: Decimal("840000.00"),
        Name.MONTHS_MISSING: -make.BENEFIT,
    }
    session.rollback()
    order = session.exec(select(TransferOrder.id)).one() or 0
    with transaction(session):
        day = clock.now().date()
        services.record_transfer(session, season.case.finance, clock, order, paid_on=day, reference="YS-1")
        for month in range(1, 16):
            if month <= 15 and (2017 + (month - 1) // 12, (month - 1) % 12 + 1) < (day.year, day.month):
                paid = make.BENEFIT if month == 3 else Decimal("0.00")
                services.report_month(
                    session, season.case.preparer, clock, season.contract_id, month,
                    services.MonthReport(paid, 1, 1, Decimal("0.00")),
                )  # fmt: skip
    found = books(session)
    assert (found.unexplained, found.named) == (0, [])


def test_an_amount_nobody_can_name_is_left_over(session: Session, clock: FixedClock) -> None:
    season = make.ready(session, clock, "1200000.00")
    make.issued(session, clock, season)
    session.rollback()
    with transaction(session):
        entry = session.exec(select(LedgerEntry).where(LedgerEntry.account == LedgerAccount.FUND)).one()
        entry.amount = Decimal("840000.01")
    assert books(session).unexplained == Decimal("0.03")  # against the sheet, the insurer's posting and the order


def test_late_claims_wait_under_their_name_until_the_next_version(session: Session, clock: FixedClock) -> None:
    season = make.ready(session, clock, "1200000.00")
    make.issued(session, clock, season)
    season.claims.append({**season.claims[0], "claim_id": "C-2", "person_id": "P-2"})
    make.with_file(session, clock, season)
    names = {one.name: one.amount for _, one in books(session).named}
    assert names[Name.NEWER_FILE] == make.BENEFIT
    session.rollback()


def test_finance_states_a_funds_year_in_versions_with_its_source(session: Session, clock: FixedClock) -> None:
    season = make.ready(session, clock, "0.00")
    values = {"year": 2017, "opening_balance": Decimal("100000000.00"), "income": Decimal("900000000.00"),
              "expenditure": Decimal("870000000.00"), "source": "2017年度基金决算（演示）"}  # fmt: skip
    for income in ("900000000.00", "910000000.00"):
        with transaction(session):
            funds.state_fund_year(
                session, season.case.finance, clock, agency_of(session), Scheme.NRCMS,
                **{**values, "income": Decimal(income)},
            )  # fmt: skip
    row = funds.accounts_of(session, agency_of(session), Scheme.NRCMS)[2017]
    assert (row.version, funds.account(row).surplus) == (2, Decimal("40000000.00"))
    session.rollback()
    with pytest.raises(Invalid, match="final accounts"), transaction(session):
        funds.state_fund_year(
            session, season.case.finance, clock, agency_of(session), Scheme.NRCMS, **{**values, "source": " "}
        )
    with pytest.raises(Forbidden), transaction(session):
        funds.state_fund_year(session, season.case.handler, clock, agency_of(session), Scheme.NRCMS, **values)
