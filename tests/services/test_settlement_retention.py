"""Money held back until the assessment, beside the balance: posted, transferred, reconciled, reversed (J18)."""

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import Session, select

from contracts import services as contract_services
from core.clock import FixedClock
from core.db import transaction
from core.documents.models import IssuedDocument
from core.house import files_of
from settlement import services
from settlement.models import Cause, LedgerAccount, LedgerMatter, Settlement, TransferOrder
from settlement.services.ledger import entries_by_year
from settlement.services.lines import lines_of
from settlement.services.reconciliation import reconciliation
from tests.factories import contracts
from tests.factories import settlement as make
from tests.factories.papers import jilin_with
from tests.support.pdf import text

PREMIUM_BASE = 'retention = { rate = 0.01, base = "premium", source = CLAUSE }'
PART_BASE = 'retention = { rate = 0.10, base = "insurer_part", source = CLAUSE }'


def assessed(session: Session, clock: FixedClock, season: make.Season, score: str, period: str = "年度考核") -> int:
    """An assessment with this score of a hundred."""
    with transaction(session):
        row = contract_services.assess(
            session, season.case.handler, clock, season.contract_id, period=period, deduction=Decimal("0.00"),
            indicators=[{"indicator": "服务水平", "weight": "1", "score": score, "note": ""}],
        )  # fmt: skip
        return row.id or 0


def postings(session: Session, year: int = 2017) -> list[tuple[str, str, str, bool]]:
    """What was posted to the fund and the insurer, in order: matter, account, amount, whether it reverses."""
    return [
        (one.matter.value, one.account.value, str(one.amount), one.reverses_id is not None)
        for one in entries_by_year(session, year)
    ]


def orders(session: Session) -> list[tuple[str, bool]]:
    """The transfers that were ordered, in order."""
    found = session.exec(select(TransferOrder).order_by("id")).all()
    return [(str(one.amount), one.to_fund) for one in found]


def retention_of(session: Session, sheet: Settlement) -> dict[str, str]:
    """Rows 29.1 to 29.6 of a sheet."""
    return {line.row: line.value for line in lines_of(session, sheet.id or 0) if line.row.startswith("29.")}


def unexplained(session: Session, season: make.Season) -> str:
    """What of the books of a contract year has no name."""
    (found,) = reconciliation(session, season.case.handler, contract_id=season.contract_id)
    return str(found.unexplained)


class TestOfThePremium:
    """One per cent of the premium, 300,000, is held back until the assessment."""

    @pytest.fixture(autouse=True)
    def paper(self, monkeypatch: Any, tmp_path: Path) -> Iterator[None]:
        with jilin_with(monkeypatch, tmp_path, PREMIUM_BASE):
            yield

    def test_what_is_forfeited_is_posted_and_transferred_with_the_balance(
        self, session: Session, clock: FixedClock
    ) -> None:
        season = make.ready(session, clock, "1200000.00")  # 4 %: 360,000 to the insurer, 840,000 back
        assessed(session, clock, season, "90")
        sheet = make.issued(session, clock, season)
        assert (str(sheet.retention_released), str(sheet.retention_forfeited)) == ("270000.00", "30000.00")
        assert str(sheet.to_fund) == "870000.00"
        assert postings(session) == [
            ("balance", "fund", "840000.00", False),
            ("balance", "insurer", "-840000.00", False),
            ("held", "fund", "300000.00", False),
            ("held", "insurer", "-300000.00", False),
            ("released", "fund", "-270000.00", False),
            ("released", "insurer", "270000.00", False),
        ]
        assert sum((one.amount for one in entries_by_year(session, 2017)), Decimal(0)) == 0
        assert orders(session) == [("870000.00", True)]
        assert unexplained(session, season) == "0.00"
        shown = text(files_of(session).get(session.get_one(IssuedDocument, sheet.document_id).pdf_sha256))
        for words in ("本版归基金合计870,000.00元", "未返还30,000.00元", "随本次决算记账划转"):
            assert words in shown.replace(" ", ""), words

    def test_a_loss_that_the_insurer_bears_still_forfeits(self, session: Session, clock: FixedClock) -> None:
        season = make.ready(session, clock, "-600000.00")  # 2 %: the insurer's alone
        assessed(session, clock, season, "60")
        make.issued(session, clock, season)
        assert orders(session) == [("120000.00", True)]
        assert unexplained(session, season) == "0.00"

    def test_what_the_fund_owes_is_set_against_the_forfeit(self, session: Session, clock: FixedClock) -> None:
        season = make.ready(session, clock, "-1200000.00")
        assessed(session, clock, season, "50")
        sheet = make.issued(session, clock, season)
        assert sheet.to_fund == (sheet.fund_part or 0) + Decimal("150000.00")
        ((amount, to_fund),) = orders(session)
        assert Decimal(amount) * (1 if to_fund else -1) == sheet.to_fund
        assert unexplained(session, season) == "0.00"

    def test_a_full_score_forfeits_nothing(self, session: Session, clock: FixedClock) -> None:
        season = make.ready(session, clock, "600000.00")
        assessed(session, clock, season, "100")
        make.issued(session, clock, season)
        assert [one[2] for one in postings(session) if one[1] == "fund"] == ["0.00", "300000.00", "-300000.00"]
        assert orders(session) == []

    def test_a_new_version_reverses_every_pair_and_orders_the_difference(
        self, session: Session, clock: FixedClock
    ) -> None:
        season = make.ready(session, clock, "1200000.00")
        assessed(session, clock, season, "90", "上半年")
        make.issued(session, clock, season)
        better = assessed(session, clock, season, "95", "下半年")
        make.issued(session, clock, season, change_reason="采用下半年考核结果", assessment_id=better)
        new = postings(session)[6:]
        assert [one for one in new if one[3]] == [
            ("balance", "fund", "-840000.00", True),
            ("balance", "insurer", "840000.00", True),
            ("held", "fund", "-300000.00", True),
            ("held", "insurer", "300000.00", True),
            ("released", "fund", "270000.00", True),
            ("released", "insurer", "-270000.00", True),
        ]
        assert [one[:3] for one in new if not one[3] and one[1] == "fund"] == [
            ("balance", "fund", "840000.00"), ("held", "fund", "300000.00"), ("released", "fund", "-285000.00"),
        ]  # fmt: skip
        assert orders(session) == [("870000.00", True), ("15000.00", False)]  # 15,000 more is released
        assert unexplained(session, season) == "0.00"


class TestOfTheInsurersPart:
    """A tenth of what the insurer gets is held back."""

    @pytest.fixture(autouse=True)
    def paper(self, monkeypatch: Any, tmp_path: Path) -> Iterator[None]:
        with jilin_with(monkeypatch, tmp_path, PART_BASE):
            yield

    @pytest.mark.parametrize(
        ("balance", "held", "forfeited"),
        [("1200000.00", "36000.00", "7200.00"), ("-600000.00", "0.00", "0.00")],
    )
    def test_a_loss_holds_back_nothing(
        self, session: Session, clock: FixedClock, balance: str, held: str, forfeited: str
    ) -> None:
        season = make.ready(session, clock, balance)
        assessed(session, clock, season, "80")
        sheet = make.issued(session, clock, season)
        assert retention_of(session, sheet)["29.1"] == held
        assert str(sheet.retention_forfeited) == forfeited
        assert unexplained(session, season) == "0.00"

    def test_a_decision_decides_what_it_is_held_back_from(self, session: Session, clock: FixedClock) -> None:
        season = make.ready(session, clock, "-3000000.00")  # 10 % by policy: negotiated
        assessed(session, clock, season, "80")
        sheet_id = make.drafted(session, clock, season, cause=Cause.POLICY)
        decision = make.decided(session, clock, season, "-1000000.00", "-2000000.00")
        with transaction(session):
            services.attach_decision(session, season.case.handler, clock, sheet_id, decision.id or 0)
        sheet = session.get_one(Settlement, sheet_id)
        assert str(sheet.retention_forfeited) == "0.00"
        assert retention_of(session, sheet) == {"29.1": "0.00", "29.2": "0.00", "29.3": "0.00"}


class TestPool:
    """Two contracts of one scheme whose retention is the pool's: each sheet carries out its own part."""

    @pytest.fixture(autouse=True)
    def paper(self, monkeypatch: Any, tmp_path: Path) -> Iterator[None]:
        with jilin_with(monkeypatch, tmp_path, PREMIUM_BASE, scope="scheme"):
            yield

    def test_each_sheet_carries_out_its_part(self, session: Session, clock: FixedClock) -> None:
        first = make.signed(session, clock)
        second = make.signed(session, clock, contracts.others(session, clock, first.case))
        for season, balance in ((first, "2700000.00"), (second, "-300000.00")):
            make.with_file(session, clock, season)
            make.with_figures(session, clock, season, balance)
            assessed(session, clock, season, "90")
        sheets = [make.issued(session, clock, season) for season in (first, second)]
        for sheet in sheets:
            assert retention_of(session, sheet) == {
                "29.1": "600000.00", "29.2": "540000.00", "29.3": "60000.00",
                "29.4": "300000.00", "29.5": "270000.00", "29.6": "30000.00",
            }  # fmt: skip
        assert [str(sheet.to_fund) for sheet in sheets] == ["2370000.00", "-630000.00"]
        assert orders(session) == [("2370000.00", True), ("630000.00", False)]
        assert [unexplained(session, season) for season in (first, second)] == ["0.00", "0.00"]
        held = [one for one in entries_by_year(session, 2017) if one.matter is not LedgerMatter.BALANCE]
        assert sum((one.amount for one in held if one.account is LedgerAccount.FUND), Decimal(0)) == Decimal("60000.00")
