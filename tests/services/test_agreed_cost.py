"""A rule measured against an agreed cost: named in the contract, amended by both sides, settled on what was covered."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import Session, select

from contracts import services as contract_services
from contracts.models import AnnualContract, ContractAmendment
from contracts.rules import PartYear, TargetPart, agreed_cost, cover
from contracts.services import AgreedCost
from core.clock import FixedClock, beijing
from core.db import transaction
from core.documents.models import IssuedDocument
from core.errors import Forbidden, Invalid, NotFound, Refused
from core.house import files_of
from core.identity import approvals
from core.identity.models import Approval
from settlement.models import Settlement
from settlement.services.calculating import calculation_of
from settlement.services.lines import lines_of
from settlement.services.pools import rest_on_older
from settlement.services.sheet import blockers, outdated
from tests.factories import contracts
from tests.factories import settlement as make
from tests.factories.papers import jilin_with
from tests.support.pdf import text

#: The Jilin corridor on a cost agreed in each annual contract: (target − claims − expense) ÷ target.
MEASURED = {
    "metric": "cost_to_target",
    "income": '["target"]',
    "house": '[{ settles = ["scope"], reason = "按合同核算" }]',
}
COST = Decimal("29000000.00")

HALF = cover(2017, date(2017, 6, 30), PartYear.MONTH)
NINE = cover(2017, date(2017, 9, 30), PartYear.MONTH)
DAYS = cover(2017, date(2017, 6, 30), PartYear.DAY)

#: Agreed for, covered in the end, what the contract says → what is left of 29 million; None: to be agreed anew.
PARTS = [
    (None, None, TargetPart.SHARE, "29000000.00"),
    (None, None, TargetPart.AMENDMENT, "29000000.00"),
    (None, HALF, TargetPart.SHARE, "14500000.00"),
    (None, DAYS, TargetPart.SHARE, "14380821.92"),  # 181 of 365 days
    (None, HALF, TargetPart.AMENDMENT, None),
    (HALF, HALF, TargetPart.AMENDMENT, "29000000.00"),  # agreed for that part itself
    (NINE, HALF, TargetPart.SHARE, "19333333.33"),  # six of the nine months
    (NINE, HALF, TargetPart.AMENDMENT, None),
]


@pytest.mark.parametrize(("agreed", "covered", "how", "left"), PARTS)
def test_what_a_part_year_leaves_of_the_agreed_cost(agreed: Any, covered: Any, how: TargetPart, left: str) -> None:
    found = agreed_cost(COST, agreed, covered, how)
    assert found == (None if left is None else Decimal(left))


def test_where_the_rule_asks_for_none_none_is_taken(session: Session, clock: FixedClock) -> None:
    case = contracts.agreed(session, clock)
    with pytest.raises(Invalid, match="not measured against an agreed cost") as refused:
        contracts.prepared(session, clock, case, target=AgreedCost(COST, TargetPart.SHARE))
    assert refused.value.field == "target_cost"


class TestMeasured:
    """Contracts under a paper whose rule is measured against the agreed cost."""

    @pytest.fixture(autouse=True)
    def paper(self, monkeypatch: Any, tmp_path: Path) -> Iterator[None]:
        with jilin_with(monkeypatch, tmp_path, **MEASURED):
            yield

    @pytest.mark.parametrize(("amount", "fault"), [(None, "state it"), ("0.00", "must be positive")])
    def test_a_contract_names_it(self, session: Session, clock: FixedClock, amount: str | None, fault: str) -> None:
        case = contracts.agreed(session, clock)
        target = None if amount is None else AgreedCost(Decimal(amount), TargetPart.SHARE)
        with pytest.raises(Invalid, match=fault) as refused:
            contracts.prepared(session, clock, case, target=target)
        assert (refused.value.field, "五(三)" in str(refused.value.clause)) == ("target_cost", True)

    def test_contract_sheet_and_paper_say_the_same_amount(self, session: Session, clock: FixedClock) -> None:
        season = self.ready(session, clock)
        contract = session.get_one(AnnualContract, season.contract_id)
        printed = pdf(session, contract.document_id)
        for words in ("12.1", "约定赔付成本", "29,000,000.00", "贰仟玖佰万元整", "不随参保人数清算调整", "比例折算"):
            assert words in printed, words
        assert "（约定赔付成本－已发生赔款－准予列支费用）÷约定赔付成本" in printed
        sheet = make.issued(session, clock, season)
        # 29,000,000 − 27,000,000 of claims − 600,000 of expense: 1.4 million, 4.83 %, 30 % of the whole.
        assert result(sheet) == ("1400000.00", "420000.00", "980000.00")
        assert sheet.rate == "7/145"
        row = next(line for line in lines_of(session, sheet.id or 0) if line.row == "32")
        assert (row.label, row.value, row.source) == (
            "约定赔付成本", "29000000.00", f"年度合同 {season.number} 参数12.1",
        )  # fmt: skip
        assert calculation_of(session, sheet).own.target == COST
        # The rule counts expense whatever the contract chose for papers that are silent.
        allowed = next(line for line in lines_of(session, sheet.id or 0) if line.row == "12")
        assert (allowed.value, allowed.source) == ("600000.00", "行10＋行11，以行3×4%为限")
        shown = pdf(session, sheet.document_id)
        for words in ("约定赔付成本", "29,000,000.00", "（约定赔付成本－实际成本）÷约定赔付成本"):
            assert words in shown, words

    def test_an_amendment_is_signed_by_both_sides_and_counts_from_then_on(
        self, session: Session, clock: FixedClock
    ) -> None:
        season = self.ready(session, clock)
        sheet_id = make.confirmed(session, clock, season)
        amendment = self.amended(session, clock, season, "30000000.00", sign=False)
        with pytest.raises(Refused, match="waits for its signatures"):
            self.amended(session, clock, season, "31000000.00", sign=False)
        with pytest.raises(Refused, match="insurer signs first"), transaction(session):
            contract_services.request_amendment_signature(session, season.case.handler, clock, amendment)
        with pytest.raises(NotFound), transaction(session):
            contract_services.sign_amendment(session, season.case.other_signer, clock, amendment)
        with transaction(session):
            contract_services.sign_amendment(session, season.case.signer, clock, amendment)
        with transaction(session):
            contract_services.request_amendment_signature(session, season.case.handler, clock, amendment)
        assert blockers(session, session.get_one(Settlement, sheet_id)) == []  # until the agency has signed
        waiting = session.exec(select(Approval).where(Approval.decided_at.is_(None))).one()  # type: ignore[union-attr]
        with pytest.raises((Refused, Forbidden)), transaction(session):
            approvals.approve(session, season.case.handler, clock, waiting.id or 0)
        contracts.decide(session, clock, season.case.approver)
        old = session.get_one(Settlement, sheet_id)
        assert [one.what for one in outdated(session, old)] == [
            "Contract %(number)s: figures, claim file, finding or agreed cost have a newer version"
        ]
        assert rest_on_older(session, [sheet_id]) == {sheet_id}
        assert calculation_of(session, old).own.target == COST  # a version keeps what it was drafted on
        sheet = make.issued(session, clock, season)
        # 30 million: 2.4 million are 8 %, beyond the last band of the surplus.
        assert str(sheet.balance) == "2400000.00"
        row = next(line for line in lines_of(session, sheet.id or 0) if line.row == "32")
        assert (row.value, row.source) == ("30000000.00", f"补充协议 {season.number}-BC-1")
        signed = session.get_one(ContractAmendment, amendment)
        printed = pdf(session, signed.document_id)
        for words in ("补充协议", "29,000,000.00元变更为", "叁仟万元整", "重新测算", season.number):
            assert words in printed, words

    def test_a_draft_of_an_amendment_is_discarded_until_the_insurer_signs(
        self, session: Session, clock: FixedClock
    ) -> None:
        season = self.ready(session, clock)
        first = self.amended(session, clock, season, "30000000.00", sign=False)
        with transaction(session):
            contract_services.discard_amendment(session, season.case.handler, clock, first)
        second = self.amended(session, clock, season, "31000000.00", sign=False)
        with transaction(session):
            contract_services.sign_amendment(session, season.case.signer, clock, second)
        with pytest.raises(Refused, match="already signed this amendment"), transaction(session):
            contract_services.discard_amendment(session, season.case.handler, clock, second)

    @pytest.mark.parametrize("how", list(TargetPart))
    def test_an_early_end_takes_a_part_or_waits_for_an_amendment(
        self, session: Session, clock: FixedClock, how: TargetPart
    ) -> None:
        season = self.ended(session, clock, how)
        if how is TargetPart.AMENDMENT:
            with pytest.raises(Refused, match="both sides have to agree it by an amendment") as refused:
                make.drafted(session, clock, season)
            assert refused.value.params["number"] == season.number
            self.amended(session, clock, season, "14500000.00")
        sheet = make.issued(session, clock, season)
        row = next(line for line in lines_of(session, sheet.id or 0) if line.row == "32")
        assert row.value == "14500000.00"
        if how is TargetPart.SHARE:
            assert (row.formula, row.source) == (
                "29,000,000.00 × 6 ÷ 12", f"年度合同 {season.number} 参数12.1，按实际承保期间折算",
            )  # fmt: skip
        else:
            assert (row.formula, row.source) == (None, f"补充协议 {season.number}-BC-1")

    def test_an_amendment_drafted_before_an_early_end_is_not_signed_after_it(
        self, session: Session, clock: FixedClock
    ) -> None:
        case = contracts.agreed(session, clock)
        contract = contracts.contracted(session, clock, case, target=AgreedCost(COST, TargetPart.SHARE))
        season = make.Season(case, contract.id or 0, contract.number)
        amendment = self.amended(session, clock, season, "30000000.00", sign=False)
        with transaction(session):
            contract_services.sign_amendment(session, case.signer, clock, amendment)
        self.terminated(session, clock, season)
        with pytest.raises(Refused, match="ended early since"), transaction(session):
            contract_services.request_amendment_signature(session, case.handler, clock, amendment)

    def ready(self, session: Session, clock: FixedClock, how: TargetPart = TargetPart.SHARE) -> make.Season:
        """Claims of 27 million and 600,000 of expense against an agreed cost of 29 million."""
        season = make.signed(session, clock, target=AgreedCost(COST, how))
        make.with_file(session, clock, season)
        make.with_figures(session, clock, season, "3000000.00")
        return season

    def ended(self, session: Session, clock: FixedClock, how: TargetPart) -> make.Season:
        """The contract of 2017 ended with the half-year, counted by months; everything reported."""
        case = contracts.agreed(session, clock)
        contract = contracts.contracted(session, clock, case, target=AgreedCost(COST, how))
        season = make.Season(case, contract.id or 0, contract.number)
        season.claims = [make.claim_rows.row(
            contract_number=season.number, reported_benefit=str(make.BENEFIT), admitted_on="2017-02-20",
            settled_on="2017-03-01", accepted_on="2017-03-01", paid_on="2017-03-11",
        )]  # fmt: skip
        self.terminated(session, clock, season)
        clock.move_to(make.AFTER)
        make.with_file(session, clock, season)
        make.with_figures(session, clock, season, "16500000.00")
        return season

    def terminated(self, session: Session, clock: FixedClock, season: make.Season) -> None:
        """Ended on 20 June 2017 with cover until 30 June, by months; the head count cleared."""
        clock.move_to(beijing(2017, 6, 20, 9))
        with transaction(session):
            contract_services.clear_head_count(session, season.case.handler, clock, season.contract_id, 1_000_000)
            contract_services.terminate(
                session, season.case.handler, clock, season.case.agreement_id, "拒不履行即时结算义务",
                last_day=date(2017, 6, 30), part_year=PartYear.MONTH,
            )  # fmt: skip
        contracts.decide(session, clock, season.case.approver)

    def amended(
        self, session: Session, clock: FixedClock, season: make.Season, amount: str, *, sign: bool = True
    ) -> int:
        """An amendment to this amount, drafted, or signed by both sides."""
        with transaction(session):
            found = contract_services.prepare_amendment(
                session, season.case.handler, clock, season.contract_id, target_cost=Decimal(amount),
                reason="双方重新测算了全年的赔付成本。",
            ).id or 0  # fmt: skip
        if sign:
            with transaction(session):
                contract_services.sign_amendment(session, season.case.signer, clock, found)
            with transaction(session):
                contract_services.request_amendment_signature(session, season.case.handler, clock, found)
            contracts.decide(session, clock, season.case.approver)
        return found


def result(sheet: Settlement) -> tuple[str, str, str]:
    """Balance, insurer's and fund's part of a sheet."""
    return str(sheet.balance), str(sheet.insurer_part), str(sheet.fund_part)


def pdf(session: Session, document_id: int | None) -> str:
    """The text of an issued paper."""
    return text(files_of(session).get(session.get_one(IssuedDocument, document_id).pdf_sha256))
