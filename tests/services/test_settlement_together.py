"""Sheets of rules that count more than one contract year: a pool, a term, balances carried over, a reserve, a score."""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import Session, select

from contracts import services as contract_services
from contracts.models import AnnualContract
from core.clock import FixedClock
from core.db import transaction
from core.documents.models import IssuedDocument
from core.errors import Invalid, Refused
from core.house import House, files_of
from core.identity import approvals
from core.messages.models import Message
from settlement import services
from settlement.models import Cause, LedgerAccount, Settlement, SettlementMember, TransferOrder
from settlement.services.calculating import calculation_of
from settlement.services.ledger import entries_by_year
from settlement.services.lines import lines_of
from settlement.services.pools import rest_on_older
from settlement.services.sheet import blockers, outdated
from tests.factories import contracts
from tests.factories import settlement as make
from tests.factories.papers import jilin_with
from tests.support.pdf import text


def rows(session: Session, sheet: Settlement | int) -> dict[str, str]:
    """The rows of a sheet by number."""
    return {line.row: line.value for line in lines_of(session, sheet if isinstance(sheet, int) else sheet.id or 0)}


def parts(sheet: Settlement) -> tuple[str, str, str]:
    """Balance, insurer's and fund's part of a sheet."""
    assert sheet.insurer_part + sheet.fund_part == sheet.balance
    return str(sheet.balance), str(sheet.insurer_part), str(sheet.fund_part)


def fund_postings(session: Session, year: int) -> list[str]:
    """What the fund received or paid, in order."""
    return [str(one.amount) for one in entries_by_year(session, year) if one.account is LedgerAccount.FUND]


class TestPool:
    """Two contracts of one scheme: one year, one corridor."""

    @pytest.fixture(autouse=True)
    def paper(self, monkeypatch: Any, tmp_path: Path) -> Iterator[None]:
        with jilin_with(monkeypatch, tmp_path, scope="scheme"):
            yield

    @pytest.fixture
    def pair(self, session: Session, clock: FixedClock) -> tuple[make.Season, make.Season]:
        """A: a surplus of 2,700,000 (9 % alone); B: a loss of 300,000 (1 % alone). Together 2,400,000 of 60 m, 4 %."""
        first = make.signed(session, clock)
        second = make.signed(session, clock, contracts.others(session, clock, first.case))
        for season, balance in ((first, "2700000.00"), (second, "-300000.00")):
            make.with_file(session, clock, season)
            make.with_figures(session, clock, season, balance)
        return first, second

    def test_both_contracts_are_named_while_the_other_is_missing(self, session: Session, clock: FixedClock) -> None:
        first = make.ready(session, clock, "2700000.00")
        second = make.signed(session, clock, contracts.others(session, clock, first.case))
        with pytest.raises(Refused, match="figures are not confirmed") as refused:
            make.drafted(session, clock, first)
        assert refused.value.params["number"] == second.number

    def test_each_sheet_shows_the_pool_and_divides_its_own_balance(
        self, session: Session, clock: FixedClock, pair: tuple[make.Season, make.Season]
    ) -> None:
        first, second = pair
        # 30 % of the whole 2.4 m is 720,000, half for each, as the premiums are equal.
        sheets = [make.issued(session, clock, season) for season in pair]
        assert [parts(sheet) for sheet in sheets] == [
            ("2700000.00", "360000.00", "2340000.00"),
            ("-300000.00", "360000.00", "-660000.00"),
        ]
        assert {sheet.rate for sheet in sheets} == {"1/25"}
        for sheet in sheets:
            found = rows(session, sheet)
            assert {key: found[key] for key in ("26", "26.1", "26.2", "26a", "26b", "26c.1", "26c.2")} == {
                "26": "2400000.00", "26.1": "2700000.00", "26.2": "-300000.00", "26a": "720000.00",
                "26b": "1680000.00", "26c.1": "360000.00", "26c.2": "360000.00",
            }  # fmt: skip
            line = next(line for line in lines_of(session, sheet.id or 0) if line.row == "26c.1")
            assert line.formula == "720,000.00 × 30,000,000.00 ÷ 60,000,000.00"
            assert line.label == f"分配承保人份额：{first.number}（2017年）"
            assert calculation_of(session, sheet).part.insurer == sheet.insurer_part
        assert fund_postings(session, 2017) == ["2340000.00", "-660000.00"]
        orders = [(str(row.amount), row.to_fund) for row in session.exec(select(TransferOrder).order_by("id"))]
        assert orders == [("2340000.00", True), ("660000.00", False)]

    def test_pdf_and_attachment_have_the_same_digits(
        self, session: Session, clock: FixedClock, pair: tuple[make.Season, make.Season]
    ) -> None:
        sheet = make.issued(session, clock, pair[1])
        paper = session.get_one(IssuedDocument, sheet.document_id)
        data = json.loads(files_of(session).get(paper.attachments[0]["sha256"]))
        assert {row["row"]: row["value"] for row in data["rows"]} == rows(session, sheet)
        shown = text(files_of(session).get(paper.pdf_sha256))
        for words in ("合并核算", "2,400,000.00", "720,000.00", "360,000.00", "基金拨付（行21）", "660,000.00"):
            assert words in shown

    def test_newer_figures_of_one_contract_block_the_draft_of_the_other(
        self, session: Session, clock: FixedClock, pair: tuple[make.Season, make.Season]
    ) -> None:
        first, second = pair
        sheet = session.get_one(Settlement, make.confirmed(session, clock, first))
        assert blockers(session, sheet) == []
        make.with_figures(session, clock, second, "-900000.00")
        assert [one.contract.number for one in outdated(session, sheet)] == [second.number]
        assert rest_on_older(session, [sheet.id or 0]) == {sheet.id}
        with pytest.raises(Refused, match="has changed since the draft"), transaction(session):
            services.request_issue(session, first.case.handler, clock, sheet.id or 0)

    def test_nothing_is_drafted_while_claims_of_another_contract_still_count(
        self, session: Session, clock: FixedClock, pair: tuple[make.Season, make.Season]
    ) -> None:
        with transaction(session):
            session.get_one(AnnualContract, pair[1].contract_id).cutoff = date(2018, 6, 30)
        with pytest.raises(Refused, match="still count until 2018-06-30"):
            make.drafted(session, clock, pair[0])

    def test_a_pool_has_one_cause(
        self, session: Session, clock: FixedClock, pair: tuple[make.Season, make.Season]
    ) -> None:
        make.issued(session, clock, pair[0])
        with pytest.raises(Refused, match="another cause"):
            make.drafted(session, clock, pair[1], cause=Cause.POLICY)

    def test_a_negotiated_pool_is_settled_by_a_decision_for_each_contract(
        self, session: Session, clock: FixedClock
    ) -> None:
        first = make.ready(session, clock, "300000.00")
        second = make.ready(session, clock, "-4800000.00", contracts.others(session, clock, first.case))
        sheet = session.get_one(Settlement, make.drafted(session, clock, first, cause=Cause.POLICY))
        assert (sheet.outcome.value, sheet.insurer_part, sheet.fund_part) == ("negotiated", None, None)
        assert rows(session, sheet)["26a"] == "—"
        decision = make.decided(session, clock, first, "-100000.00", "400000.00", attributable="0.00")
        with transaction(session):
            services.attach_decision(session, first.case.handler, clock, sheet.id or 0, decision.id or 0)
            services.confirm_sheet(session, first.case.signer, clock, sheet.id or 0)
        assert parts(session.get_one(Settlement, sheet.id)) == ("300000.00", "-100000.00", "400000.00")
        other = session.get_one(Settlement, make.drafted(session, clock, second, cause=Cause.POLICY))
        assert "decision document" in " ".join(blockers(session, other))


class TestTerm:
    """The three years of an agreement as one corridor."""

    @pytest.fixture(autouse=True)
    def paper(self, monkeypatch: Any, tmp_path: Path) -> Iterator[None]:
        with jilin_with(monkeypatch, tmp_path, period="term"):
            yield

    def on_account(
        self, session: Session, clock: FixedClock, season: make.Season, insurer: str, fund: str
    ) -> Settlement:
        """An interim year paid on account by a decision of the departments."""
        sheet_id = make.drafted(session, clock, season)
        decision = make.decided(session, clock, season, insurer, fund, attributable="0.00")
        with transaction(session):
            services.attach_decision(session, season.case.handler, clock, sheet_id, decision.id or 0)
        with transaction(session):
            services.confirm_sheet(session, season.case.signer, clock, sheet_id)
        with transaction(session):
            asked = services.request_issue(session, season.case.handler, clock, sheet_id)
        with transaction(session):
            return approvals.approve(session, season.case.approver, clock, asked.id or 0)

    def test_the_last_year_settles_the_term_less_what_was_paid_on_account(
        self, session: Session, clock: FixedClock
    ) -> None:
        # 600,000 + 300,000 − 300,000 = 600,000 of 90 m is under 3 %: all of it is the insurer's over the term.
        first = make.ready(session, clock, "600000.00")
        interim = session.get_one(Settlement, make.drafted(session, clock, first))
        assert (interim.outcome.value, str(interim.insurer_part)) == ("provisional", "600000.00")
        assert "decision document" in " ".join(blockers(session, interim))
        paid = self.on_account(session, clock, first, "200000.00", "400000.00")
        paper = session.get_one(IssuedDocument, paid.document_id)
        assert "协议期内先行结算，期末统一清算" in text(files_of(session).get(paper.pdf_sha256))
        second = make.ready(session, clock, "300000.00", first.case, 2018)
        third = make.ready(session, clock, "-300000.00", first.case, 2019)
        last = make.issued(session, clock, third)
        # The second year was never issued: its 300,000 is divided here, with the third's −300,000.
        assert parts(last) == ("0.00", "400000.00", "-400000.00")
        found = rows(session, last)
        assert {key: found[key] for key in ("26", "26.1", "26.2", "26.3", "26a", "26d.1")} == {
            "26": "600000.00", "26.1": "600000.00", "26.2": "300000.00", "26.3": "-300000.00", "26a": "600000.00",
            "26d.1": "200000.00",
        }  # fmt: skip
        assert fund_postings(session, 2017) + fund_postings(session, 2019) == [str(paid.fund_part), "-400000.00"]
        assert paid.fund_part + last.fund_part == 0
        for season in (first, second):
            with pytest.raises(Refused, match="has settled the term"):
                make.drafted(session, clock, season, change_reason="更正")

    def test_a_draft_that_deducts_too_little_cannot_be_issued(self, session: Session, clock: FixedClock) -> None:
        first = make.ready(session, clock, "600000.00")
        second = make.ready(session, clock, "300000.00", first.case, 2018)
        sheet = session.get_one(Settlement, make.drafted(session, clock, second))
        assert parts(sheet) == ("900000.00", "900000.00", "0.00")
        self.on_account(session, clock, first, "600000.00", "0.00")
        assert [one.what.split(": ")[1] for one in outdated(session, sheet)] == [
            "its settlement sheet has a newer issued version"
        ]
        again = session.get_one(Settlement, make.drafted(session, clock, second))
        assert parts(again) == ("300000.00", "300000.00", "0.00")

    def test_two_people_who_issue_two_years_at_once_pay_once(
        self, session: Session, clock: FixedClock, house: House
    ) -> None:
        first = make.ready(session, clock, "600000.00")
        third = make.ready(session, clock, "300000.00", first.case, 2019)
        interim = make.drafted(session, clock, first)
        decision = make.decided(session, clock, first, "600000.00", "0.00", attributable="0.00")
        with transaction(session):
            services.attach_decision(session, first.case.handler, clock, interim, decision.id or 0)
        with transaction(session):
            services.confirm_sheet(session, first.case.signer, clock, interim)
        last = make.confirmed(session, clock, third)
        asked = []
        for sheet_id in (interim, last):
            with transaction(session):
                asked.append(services.request_issue(session, first.case.handler, clock, sheet_id).id or 0)

        def approve(approval_id: int) -> str:
            with house.db.factory() as own:
                try:
                    with transaction(own):
                        approvals.approve(own, first.case.approver, clock, approval_id)
                except Refused as refused:
                    return refused.message
                return "issued"

        with ThreadPoolExecutor(2) as pool:
            outcomes = list(pool.map(approve, asked))
        assert outcomes.count("issued") == 1, outcomes
        session.rollback()
        issued = session.exec(select(Settlement).where(Settlement.issued_at.is_not(None))).all()
        assert len(issued) == 1
        assert len(fund_postings(session, 2017) + fund_postings(session, 2019)) == 1


class TestCarryOver:
    """Losses of two years meet later surpluses."""

    @pytest.fixture(autouse=True)
    def paper(self, monkeypatch: Any, tmp_path: Path) -> Iterator[None]:
        carry = 'carry = { sides = ["loss"], years = 2, source = CLAUSE }'
        with jilin_with(monkeypatch, tmp_path, "carry_over = true", carry):
            yield

    def test_a_loss_meets_the_next_surplus(self, session: Session, clock: FixedClock) -> None:
        first = make.ready(session, clock, "-600000.00")
        second = make.ready(session, clock, "1500000.00", first.case, 2018)
        with pytest.raises(Refused, match="not issued yet") as refused:
            make.drafted(session, clock, second)
        assert refused.value.params["number"] == first.number
        one = make.issued(session, clock, first)
        assert rows(session, one)["27b"] == "-600000.00"
        two = make.issued(session, clock, second)
        # 1.5 m less 600,000 is 900,000, exactly 3 %: the insurer's alone.
        assert parts(two) == ("900000.00", "900000.00", "0.00")
        found = rows(session, two)
        assert {key: found[key] for key in ("17", "27", "27.1", "27a", "27b")} == {
            "17": "900000.00", "27": "-600000.00", "27.1": "-600000.00", "27a": "1500000.00", "27b": "0.00",
        }  # fmt: skip
        assert calculation_of(session, two).part.insurer == two.insurer_part

    def test_a_new_version_of_the_earlier_year_tells_the_later_one(self, session: Session, clock: FixedClock) -> None:
        first = make.ready(session, clock, "-600000.00")
        second = make.ready(session, clock, "1500000.00", first.case, 2018)
        make.issued(session, clock, first)
        two = make.issued(session, clock, second)
        assert (outdated(session, two), rest_on_older(session, [two.id or 0])) == ([], set())
        make.with_figures(session, clock, first, "-300000.00")
        make.issued(session, clock, first, change_reason="准备金更正")
        assert [one.contract.number for one in outdated(session, two)] == [first.number]
        assert rest_on_older(session, [two.id or 0]) == {two.id}
        told = session.exec(select(Message).where(Message.link == f"/settlement/sheets/{two.id}")).all()
        assert [one.recipient_id for one in told] == [first.case.handler.user_id]
        again = make.issued(session, clock, second, change_reason="上年度更正")
        # 1.5 m less 300,000 is 1.2 m, 4 %: 30 % of the whole.
        assert parts(again) == ("1200000.00", "360000.00", "840000.00")
        assert fund_postings(session, 2018) == ["0.00", "0.00", "840000.00"]


class TestReserve:
    """The fund's part of a surplus goes into a risk reserve, which pays a later loss first."""

    @pytest.fixture(autouse=True)
    def paper(self, monkeypatch: Any, tmp_path: Path) -> Iterator[None]:
        with jilin_with(monkeypatch, tmp_path, 'reserve = { share = 1, covers = "loss", source = CLAUSE }'):
            yield

    def test_the_first_year_reports_what_the_reserve_holds_and_later_years_take_it_over(
        self, session: Session, clock: FixedClock
    ) -> None:
        first = make.ready(session, clock, "1200000.00")
        with pytest.raises(Refused, match="opening balance of the risk reserve"):
            make.drafted(session, clock, first)
        make.with_figures(session, clock, first, "1200000.00", risk_reserve_open=Decimal("100000.00"))
        one = make.issued(session, clock, first)
        assert {key: rows(session, one)[key] for key in ("28.1", "28.2", "28.3", "28.4")} == {
            "28.1": "100000.00", "28.2": "840000.00", "28.3": "0.00", "28.4": "940000.00",
        }  # fmt: skip
        second = make.ready(session, clock, "-1000000.00", first.case, 2018)
        two = make.issued(session, clock, second)
        # The reserve pays 940,000 of the loss; the insurer bears the 60,000 that are left.
        assert parts(two) == ("-1000000.00", "-60000.00", "-940000.00")
        assert (str(two.reserve_opening), str(two.reserve_closing)) == ("940000.00", "0.00")


class TestScore:
    """A tenth of the premium is held back until the assessment."""

    @pytest.fixture(autouse=True)
    def paper(self, monkeypatch: Any, tmp_path: Path) -> Iterator[None]:
        with jilin_with(monkeypatch, tmp_path, 'retention = { rate = 0.01, base = "premium", source = CLAUSE }'):
            yield

    def assessed(self, session: Session, clock: FixedClock, season: make.Season, period: str, score: str) -> int:
        """An assessment with this score of a hundred."""
        with transaction(session):
            row = contract_services.assess(
                session, season.case.handler, clock, season.contract_id, period=period, deduction=Decimal("0.00"),
                indicators=[{"indicator": "服务水平", "weight": "1", "score": score, "note": ""}],
            )  # fmt: skip
            return row.id or 0

    def test_the_score_comes_from_the_assessment(self, session: Session, clock: FixedClock) -> None:
        season = make.ready(session, clock, "600000.00")
        with pytest.raises(Refused, match="not assessed yet"):
            make.drafted(session, clock, season)
        self.assessed(session, clock, season, "2017年度", "90")
        sheet = make.issued(session, clock, season)
        assert {key: rows(session, sheet)[key] for key in ("29", "29.1", "29.2", "29.3")} == {
            "29": "90", "29.1": "300000.00", "29.2": "270000.00", "29.3": "30000.00",
        }  # fmt: skip
        assert session.exec(select(SettlementMember.assessment_id)).one() is not None

    def test_of_several_assessments_one_is_chosen(self, session: Session, clock: FixedClock) -> None:
        season = make.ready(session, clock, "600000.00")
        self.assessed(session, clock, season, "上半年", "90")
        chosen = self.assessed(session, clock, season, "下半年", "80")
        with pytest.raises(Invalid, match="several assessments"):
            make.drafted(session, clock, season)
        sheet_id = make.drafted(session, clock, season, assessment_id=chosen)
        assert rows(session, sheet_id)["29.2"] == "240000.00"


class TestTwoCauses:
    """A loss is shared in two parts by what the departments put down to policy."""

    @pytest.fixture(autouse=True)
    def paper(self, monkeypatch: Any, tmp_path: Path) -> Iterator[None]:
        with jilin_with(monkeypatch, tmp_path, "split_causes = true"):
            yield

    def test_the_amount_comes_from_the_approved_finding(self, session: Session, clock: FixedClock) -> None:
        season = make.ready(session, clock, "-1200000.00")
        with pytest.raises(Refused, match="needs the departments' finding"):
            make.drafted(session, clock, season, cause=Cause.POLICY)
        make.decided(session, clock, season, None, None, attributable="300000.00")
        with pytest.raises(Refused, match="choose the policy change"):
            make.drafted(session, clock, season)
        sheet = make.issued(session, clock, season, cause=Cause.POLICY)
        # 900,000 (3 %) from operation is the insurer's alone, 300,000 (1 %) of policy as well.
        assert parts(sheet) == ("-1200000.00", "-1200000.00", "0.00")
        assert rows(session, sheet)["31"] == "300000.00"


class TestQuality:
    """Quality expense counts as cost, taxes are taken off the income."""

    @pytest.fixture(autouse=True)
    def paper(self, monkeypatch: Any, tmp_path: Path) -> Iterator[None]:
        with jilin_with(monkeypatch, tmp_path, 'deducted = ["taxes", "quality_expense"]'):
            yield

    def test_what_the_rule_counts_is_asked_for_and_counted(self, session: Session, clock: FixedClock) -> None:
        season = make.ready(session, clock, "900000.00")
        with pytest.raises(Refused, match="quality expense is not reported"):
            make.drafted(session, clock, season)
        make.with_figures(
            session, clock, season, "900000.00", quality_expense=Decimal("200000.00"), taxes=Decimal("100000.00")
        )
        assert parts(session.get_one(Settlement, make.drafted(session, clock, season)))[0] == "600000.00"
