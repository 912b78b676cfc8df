"""A thousand contract years settled in one dry run, kept with every reading and row, against the bare sharing."""

import random
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

from sqlmodel import Session, SQLModel

from bench import Ratio
from contracts.models import AnnualContract, Assessment, Instalment, PremiumPayment, ServiceAgreement
from core import house as houses
from core.clock import FixedClock
from core.config import DEMONSTRATION_SECRET, Settings
from core.db import transaction
from core.identity.actor import SYSTEM
from core.money import round_fen, split
from core.policy import get
from core.policy.model import Cause as PolicyCause
from settlement.claims.format import CHANNELS
from settlement.jobs.runs import carry_out
from settlement.models import AnnualFigures, ClaimFile
from settlement.rules.account import YearAccount, sharing_inputs
from settlement.rules.benefits import GROUPS
from settlement.rules.sharing import SharingInputs, compare_readings
from settlement.services import runs
from settlement.services.calculating import rule_of
from tender.models import Scheme
from wsgi import import_models

CONTRACTS = 1_000
YEAR = 2017
PACK = "jilin-2016"
AFTER = datetime(2018, 4, 10, 1, tzinfo=UTC)


def ratios() -> Iterator[Ratio]:
    """Wall time of the run on a fresh embedded database; the baseline shares the same accounts in memory."""
    with tempfile.TemporaryDirectory(prefix="chengban-bench-") as folder:
        import_models()
        house = houses.build(settings_in(Path(folder)), FixedClock(AFTER))
        SQLModel.metadata.create_all(house.db.engine)
        with house.db.factory() as session:
            accounts = build(session)
            with transaction(session):
                run = runs.ask_dry_run(session, SYSTEM, house.clock, year=YEAR, queue=False)
                run_id = run.id or 0
            begun = time.perf_counter()
            carry_out(session, SYSTEM, house.clock, run_id)
            ours = time.perf_counter() - begun
            _check(session, run_id)
            rule = rule_of(session.get_one(AnnualContract, 1))
            session.rollback()
            begun = time.perf_counter()
            for inputs in accounts:
                compare_readings(rule, inputs)
            bare = time.perf_counter() - begun
        house.db.engine.dispose()
    yield Ratio(f"{CONTRACTS:,} contract years settled, kept", ours, "the same accounts shared in memory", bare)


def build(session: Session, count: int = CONTRACTS) -> list[SharingInputs]:
    """Seeded contract years with everything a sheet needs, written straight into the tables; their accounts.

    Results lie around a loss of one per cent of the premium, so that every band occurs (regulation F.4).
    """
    stream = random.Random("season")
    found, rows = [], []
    for number in range(1, count + 1):
        account, year = _invented(stream, number)
        rows += year
        found.append(sharing_inputs(account, PolicyCause.OPERATING, Decimal("0.05")))
    _foreign_keys(session, "OFF")  # organisations, awards and people are left out
    session.add_all(rows)
    session.commit()
    _foreign_keys(session, "ON")
    return found


def _foreign_keys(session: Session, state: str) -> None:
    """SQLite changes this outside a transaction only, so it is said to the pooled connection itself."""
    session.rollback()
    raw = session.get_bind().engine.raw_connection()
    raw.cursor().execute(f"PRAGMA foreign_keys={state}")
    raw.close()


def _invented(stream: random.Random, number: int) -> tuple[YearAccount, list[SQLModel]]:
    """One contract year: a head count of 10,000 to 2,000,000 at 25 to 60 yuan, with payments, figures and claims."""
    count, standard = stream.randint(10_000, 2_000_000), Decimal(stream.randint(2500, 6000)) / 100
    premium = round_fen(count * standard)
    claims = round_fen(premium * Decimal(1010 + stream.randint(-80, 80)) / 1000)
    account = YearAccount(
        premium, claims, reserve_close=round_fen(premium / 100), direct_expense=round_fen(premium / 50),
        allocated_expense=round_fen(premium / 100), interest=round_fen(premium / 300),
        assessment_deduction=Decimal(1000),
    )  # fmt: skip
    return account, [
        ServiceAgreement(
            id=number, number=f"BENCH-2016-XY-{number}", award_id=number, policyholder_id=1, insurer_id=number % 8 + 1,
            scheme=Scheme.RESIDENT, area=f"area {number % 20}", term_from=date(2017, 1, 1),
            term_until=date(2019, 12, 31), pack=PACK, pack_hash=get(PACK).hash, created_at=AFTER,
        ),
        AnnualContract(
            id=number, number=f"BENCH-2017-HT-{number:04}", agreement_id=number, year=YEAR, insured_count=count,
            funding_standard=standard, premium=premium, fund="fund", pack=PACK, pack_hash=get(PACK).hash,
            sharing_reading="whole", rate_definition="claims_and_expense", expense_cap_rate=Decimal("0.05"),
            claims_basis="incurred", cutoff=date(2018, 3, 31), manual_settlement_days=30, disclosure_working_days=20,
            dispute_working_days=10, created_by=1, created_at=AFTER, agency_signed_at=AFTER, insurer_signed_at=AFTER,
            cleared_count=count, cleared_at=AFTER, cleared_by=1,
        ),
        *(
            Instalment(id=2 * number + place, contract_id=number, position=place + 1, amount=part,
                       due_on=date(YEAR, 3 + 6 * place, 30))
            for place, part in enumerate(split(premium, [6, 4]))
        ),
        *(
            PremiumPayment(contract_id=number, instalment_id=2 * number + place, amount=part, reference=f"{place}",
                           paid_on=date(YEAR, 3 + 6 * place, 20), recorded_by=1, recorded_at=AFTER)
            for place, part in enumerate(split(premium, [6, 4]))
        ),
        AnnualFigures(
            id=number, contract_id=number, version=1, claims_paid=claims, recoveries=account.recoveries,
            recovery_cases=0, reserve_open=account.reserve_open, reserve_close=account.reserve_close,
            direct_expense=account.direct_expense, allocated_expense=account.allocated_expense,
            interest=account.interest, taxes=Decimal(0), commission=Decimal(0), sources={}, reported_by=1,
            reported_at=AFTER, confirmed_by=1, confirmed_at=AFTER,
        ),
        ClaimFile(
            id=number, contract_id=number, version=1, original_name="claims.csv", original_sha256="0" * 64,
            parquet_sha256="0" * 64, rows=1, persons=1, reported_benefit=claims, received_by=1, received_at=AFTER,
            recomputed_at=AFTER, recomputed_benefit=claims, engine="duckdb", accepted_at=AFTER, accepted_by=1,
            totals=_totals(claims),
        ),
        Assessment(
            contract_id=number, period="2017", indicators=[], score=Decimal(90), deduction=Decimal(1000),
            decided_by=1, decided_at=AFTER,
        ),
    ]  # fmt: skip


def _totals(claims: Decimal) -> dict[str, object]:
    """What a recomputed file keeps, in two parts of each split."""
    parts = split(claims, [7, 3])
    tallies = [{"claims": 1, "benefit": str(part)} for part in parts]
    words = {"channel": CHANNELS[:2], "group": GROUPS[:2], "band": ("1", "2")}
    return {
        "whole": {"beneficiaries": 1, "claims": 2, "total_cost": str(claims * 3), "compliant_cost": str(claims * 2),
                  "basic_fund_paid": str(claims), "benefit": str(claims)},
        "splits": {name: dict(zip(pair, tallies, strict=True)) for name, pair in words.items()},
    }  # fmt: skip


def _check(session: Session, run_id: int) -> None:
    """Raise RuntimeError unless every contract year has a result."""
    items = runs.items_of(session, run_id)
    refused = [item.refusal for item in items if item.refusal]
    if len(items) != CONTRACTS or refused:
        raise RuntimeError(f"{len(items)} contract years, not settled: {refused[:3]}")


def settings_in(folder: Path) -> Settings:
    """A house of its own in a folder, on the embedded database."""
    return Settings(
        data=folder, database_url=f"sqlite:///{folder / 'bench.sqlite3'}", mode="test", secret=DEMONSTRATION_SECRET,
        port=8106, trusted_hosts=("localhost",), public_url="http://127.0.0.1:8106",
    )  # fmt: skip
