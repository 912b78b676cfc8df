"""A contract year brought as far as a test needs it; the closing reserve makes the balance what is asked."""

from dataclasses import dataclass, field
from decimal import Decimal
from typing import cast

import pytest
from sqlmodel import Session

from contracts import services as contract_services
from contracts.models import AnnualContract
from core.clock import FixedClock, beijing
from core.db import transaction
from core.errors import Refused
from core.identity import approvals
from settlement import services
from settlement.models import PolicyLossDecision, Settlement
from settlement.services import funds
from tender.rules.words import Scheme
from tests.factories import claims as claim_rows
from tests.factories import contracts
from tests.factories.contracts import Case

#: A million insured at 30 yuan.
PREMIUM = Decimal("30000000.00")
#: What the one claim of 30,000 yuan of one's own pays: (30,000 − 11,300) × 55 %.
BENEFIT = Decimal("10285.00")
CUTOFF = beijing(2018, 3, 31, 12)
#: After the cut-off day: Tuesday, 10 April 2018.
AFTER = beijing(2018, 4, 10, 9)


@dataclass
class Season:
    """The first contract year of an insurer with its people; claims: the rows of its claim file."""

    case: Case
    contract_id: int
    number: str
    year: int = 2017
    claims: list[dict[str, str]] = field(default_factory=list)


def signed(
    session: Session,
    clock: FixedClock,
    case: Case | None = None,
    year: int = 2017,
    target: contract_services.AgreedCost | None = None,
) -> Season:
    """A contract of a case (a new one if none) signed, its head count cleared and its premium paid; the clock stands
    after the cut-off of its year."""
    case = case or contracts.agreed(session, clock)
    contract = contracts.contracted(session, clock, case, year, target)
    season = Season(case, contract.id or 0, contract.number, year=year)
    season.claims = [
        claim_rows.row(
            contract_number=contract.number, reported_benefit=str(BENEFIT), settled_on=f"{year}-03-01",
            admitted_on=f"{year}-02-20", accepted_on=f"{year}-03-01", paid_on=f"{year}-03-11",
        )
    ]  # fmt: skip
    clock.move_to(max(clock.now(), beijing(year, 7, 12, 9)))
    with transaction(session):
        contract_services.clear_head_count(session, case.handler, clock, season.contract_id, 1_000_000)
        contract_services.record_payment(
            session, case.finance, clock, season.contract_id, amount=PREMIUM, paid_on=clock.now().date(),
            reference=f"演示-{season.contract_id}", instalment_position=1,
        )  # fmt: skip
    clock.move_to(max(clock.now(), AFTER.replace(year=year + 1)))
    return season


def with_file(session: Session, clock: FixedClock, season: Season, *, accept: bool = True) -> int:
    """The claim file received and recomputed, accepted unless told otherwise; returns its number."""
    content = claim_rows.csv_file(*season.claims)
    landed = services.read_claim_file(session, season.contract_id, content, "claims.csv")
    with transaction(session):
        row = services.receive_claim_file(
            session, season.case.preparer, clock, season.contract_id, content, "claims.csv", landed
        )
        file_id = cast(int, row.id)
    result = services.calculate_claims(session, file_id)
    with transaction(session):
        services.record_recomputation(session, season.case.handler, clock, file_id, result)
        if accept:
            services.accept_claim_file(session, season.case.handler, clock, file_id)
    return file_id


def with_figures(
    session: Session,
    clock: FixedClock,
    season: Season,
    balance: Decimal | str,
    *,
    confirm: bool = True,
    **changes: object,
) -> int:
    """Annual figures under which the year comes to this balance; confirmed by the signer unless told otherwise.

    changes: fields of the report.
    """  # fmt: skip
    with transaction(session):
        year = report(PREMIUM - BENEFIT - Decimal(balance), **changes)
        row = services.report_year(session, season.case.preparer, clock, season.contract_id, year)
        figures_id = cast(int, row.id)
    if confirm:
        with transaction(session):
            services.confirm_year(session, season.case.signer, clock, figures_id)
    return figures_id


def report(reserve_close: Decimal, **changes: object) -> services.YearReport:
    """Annual figures whose closing reserve carries the year's claims."""
    values: dict[str, object] = {
        "claims_paid": BENEFIT,
        "recoveries": Decimal("0.00"),
        "recovery_cases": 0,
        "reserve_open": Decimal("0.00"),
        "reserve_close": reserve_close,
        "direct_expense": Decimal("500000.00"),
        "allocated_expense": Decimal("100000.00"),
        "interest": Decimal("20000.00"),
        "sources": {"reserve_close": "精算报告（演示）"},
    }
    return services.YearReport(**{**values, **changes})  # type: ignore[arg-type]


def ready(
    session: Session,
    clock: FixedClock,
    balance: Decimal | str,
    case: Case | None = None,
    year: int = 2017,
    **changes: object,
) -> Season:
    """Everything there for a sheet that comes to this balance; changes: fields of the report."""  # fmt: skip
    season = signed(session, clock, case, year)
    with_file(session, clock, season)
    with_figures(session, clock, season, balance, **changes)
    return season


def drafted(session: Session, clock: FixedClock, season: Season, **how: object) -> int:
    """The next version of the sheet; how: cause, change_reason."""
    with transaction(session):
        sheet = services.prepare_sheet(session, season.case.handler, clock, season.contract_id, **how)  # type: ignore[arg-type]
        return cast(int, sheet.id)


def confirmed(session: Session, clock: FixedClock, season: Season, **how: object) -> int:
    """The next version drafted and confirmed by the insurer."""
    sheet_id = drafted(session, clock, season, **how)
    with transaction(session):
        services.confirm_sheet(session, season.case.signer, clock, sheet_id)
    return sheet_id


def issued(session: Session, clock: FixedClock, season: Season, **how: object) -> Settlement:
    """The next version drafted, confirmed and issued by two."""
    sheet_id = confirmed(session, clock, season, **how)
    with transaction(session):
        asked = services.request_issue(session, season.case.handler, clock, sheet_id)
    with transaction(session):
        return cast(Settlement, approvals.approve(session, season.case.approver, clock, asked.id or 0))


def signatures(session: Session, season: Season) -> list[dict[str, str]]:
    """A signature of everybody whom the paper calls to the decision."""
    contract = session.get_one(AnnualContract, season.contract_id)
    return [
        {"organisation": office, "signed_by": "演示", "signed_on": f"{season.year + 1}-04-10"}
        for office in services.deciding_offices(session, contract)
    ]


def decided(
    session: Session,
    clock: FixedClock,
    season: Season,
    insurer: Decimal | str | None,
    fund: Decimal | str | None,
    **how: object,
) -> PolicyLossDecision:
    """The departments' decision on the two parts of a loss, recorded and approved; how: attributable, signatures.

    None for the parts: a finding of the attributable amount alone.
    """
    with transaction(session):
        asked = services.record_decision(
            session,
            season.case.handler,
            clock,
            season.contract_id,
            attributable=Decimal(str(how.get("attributable") or -(Decimal(insurer or 0) + Decimal(fund or 0)))),
            finding="起付标准降低（演示）",
            meeting_held_on=clock.now().date(),
            signatures=how.get("signatures") or signatures(session, season),  # type: ignore[arg-type]
            insurer_part=None if insurer is None else Decimal(insurer),
            fund_part=None if fund is None else Decimal(fund),
            evidence=b"signed",
        )
    with transaction(session):
        return cast(PolicyLossDecision, approvals.approve(session, season.case.approver, clock, asked.id or 0))


def merged(session: Session, clock: FixedClock, season: Season) -> None:
    """The rural fund is merged into the residents' from today on, recorded by two."""
    with transaction(session):
        asked = funds.record_succession(
            session, season.case.handler, clock, funds.funds(session)[0].policyholder.id or 0, Scheme.NRCMS,
            successor=Scheme.RESIDENT, from_day=clock.now().date(),
            document="整合城乡居民基本医疗保险制度的意见（演示）", evidence=b"paper",
        ).id  # fmt: skip
    with pytest.raises(Refused, match="Two people"), transaction(session):
        approvals.approve(session, season.case.handler, clock, asked or 0)
    with transaction(session):
        approvals.approve(session, season.case.approver, clock, asked or 0)
