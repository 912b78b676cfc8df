"""Settlement sheets: every band to the fen, confirmed or disputed, issued by two, frozen, corrected, posted once."""

import json
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from fractions import Fraction

import pytest
from sqlmodel import Session, select

from core import audit
from core.clock import FixedClock
from core.db import transaction
from core.documents.models import IssuedDocument
from core.errors import Invalid, NotFound, Refused
from core.house import House, files_of
from core.identity import approvals
from settlement import services
from settlement.models import Cause, LedgerAccount, LedgerEntry, Outcome, Settlement, TransferOrder
from settlement.services.calculating import calculation_of
from settlement.services.ledger import balances, entries_by_year
from settlement.services.lines import lines_of
from tests.factories import settlement as make
from tests.support.pdf import text

#: Balance, cause → band as printed, outcome, insurer, fund; premium 30,000,000.00, so 3 % is 900,000 and 5 % 1,500,000.
BANDS = [
    ("0.00", "operating", "盈余率在3%（含）以内", "shared", "0.00", "0.00"),
    ("900000.00", "operating", "盈余率在3%（含）以内", "shared", "900000.00", "0.00"),
    ("900000.01", "operating", "盈余3%—5%（含）", "shared", "270000.00", "630000.01"),
    ("1500000.00", "operating", "盈余3%—5%（含）", "shared", "450000.00", "1050000.00"),
    ("1500000.01", "operating", "盈余5%以上", "shared", "450000.00", "1050000.01"),
    ("-900000.00", "operating", "亏损率在3%（含）以内", "shared", "-900000.00", "0.00"),
    ("-900000.01", "operating", "亏损3%—5%（含）", "shared", "-450000.01", "-450000.00"),
    ("-1500000.00", "operating", "亏损3%—5%（含）", "shared", "-750000.00", "-750000.00"),
    ("-1500000.01", "operating", "亏损5%以上", "provisional", "-750000.01", "-750000.00"),
    ("-1500000.00", "policy", "亏损5%（含）以上", "negotiated", None, None),
]


def test_every_band_to_the_fen(session: Session, clock: FixedClock) -> None:
    season = make.signed(session, clock)
    make.with_file(session, clock, season)
    for balance, cause, band, outcome, insurer, fund in BANDS:
        make.with_figures(session, clock, season, balance)
        sheet = session.get_one(Settlement, make.drafted(session, clock, season, cause=Cause(cause)))
        parts = tuple(None if part is None else str(part) for part in (sheet.insurer_part, sheet.fund_part))
        assert (str(sheet.balance), sheet.band, sheet.outcome.value, *parts) == (balance, band, outcome, insurer, fund)
        assert Fraction(sheet.rate) == Fraction(Decimal(balance)) / Fraction(make.PREMIUM)
        assert calculation_of(session, sheet).chosen.insurer == sheet.insurer_part


def test_nothing_is_drafted_before_the_cut_off_or_with_inputs_missing(session: Session, clock: FixedClock) -> None:
    season = make.signed(session, clock)
    with pytest.raises(Refused, match="needs confirmed annual figures"):
        make.drafted(session, clock, season)
    make.with_file(session, clock, season)
    make.with_figures(session, clock, season, "0.00", confirm=False)
    with pytest.raises(Refused, match="needs confirmed annual figures"):
        make.drafted(session, clock, season)


def test_an_issued_sheet_is_posted_ordered_printed_and_frozen(session: Session, clock: FixedClock) -> None:
    season = make.ready(session, clock, "1200000.00")
    sheet = make.issued(session, clock, season)
    sheet_id, document_id = sheet.id or 0, sheet.document_id
    assert {(row.account, row.amount) for row in entries_by_year(session, 2017)} == {
        (LedgerAccount.FUND, Decimal("840000.00")),
        (LedgerAccount.INSURER, Decimal("-840000.00")),
    }
    order = session.exec(select(TransferOrder)).one()
    assert (order.amount, order.to_fund, order.paid_on) == (Decimal("840000.00"), True, None)
    paper = session.get_one(IssuedDocument, document_id)
    assert [one["name"].rsplit(".", 1)[1] for one in paper.attachments] == ["json", "xlsx"]
    data = json.loads(files_of(session).get(paper.attachments[0]["sha256"]))
    assert {row["row"]: row["value"] for row in data["rows"]} == {
        line.row: line.value for line in lines_of(session, sheet_id)
    }
    with pytest.raises(Refused, match="frozen"), transaction(session):
        services.raise_dispute(session, season.case.signer, clock, sheet_id, "8", "晚了")
    with pytest.raises(Invalid, match="needs its reason"):
        make.drafted(session, clock, season)
    with transaction(session):
        day = clock.now().date()
        services.record_transfer(session, season.case.finance, clock, order.id or 0, paid_on=day, reference="演示-9")
    with pytest.raises(Refused, match="already recorded"), transaction(session):
        services.record_transfer(session, season.case.finance, clock, order.id or 0, paid_on=day, reference="演示-9")
    assert list(audit.verify(session)) == []


def test_a_correction_is_a_new_version_that_reverses_the_old_postings(session: Session, clock: FixedClock) -> None:
    season = make.ready(session, clock, "1200000.00")
    first = make.issued(session, clock, season)
    first_id, first_paper = first.id or 0, first.document_id
    before = [(line.row, line.value) for line in lines_of(session, first_id)]
    make.with_figures(session, clock, season, "1000000.00")
    second = make.issued(session, clock, season, change_reason="准备金更正")
    assert (second.version, second.replaces_id) == (2, first_id)
    assert session.get_one(IssuedDocument, second.document_id).replaces_id == first_paper
    assert [(line.row, line.value) for line in lines_of(session, first_id)] == before
    entries = entries_by_year(session, 2017)
    fund = [entry.amount for entry in entries if entry.account is LedgerAccount.FUND]
    assert fund == [Decimal("840000.00"), Decimal("-840000.00"), Decimal("700000.00")]
    assert sum(entry.amount for entry in entries) == 0
    assert {(one.account.value, one.amount) for one in balances(entries)} == {
        ("fund", Decimal("700000.00")),
        ("insurer", Decimal("-700000.00")),
    }
    orders = [(row.amount, row.to_fund) for row in session.exec(select(TransferOrder).order_by(TransferOrder.id))]
    assert orders == [(Decimal("840000.00"), True), (Decimal("140000.00"), False)]


def test_a_disputed_row_blocks_the_issue_until_it_is_closed(session: Session, clock: FixedClock) -> None:
    season = make.ready(session, clock, "1200000.00")
    sheet_id = make.confirmed(session, clock, season)
    with transaction(session):
        dispute = services.raise_dispute(
            session, season.case.preparer, clock, sheet_id, "9.2", "准备金少计", ("明细.xlsx", b"rows")
        )
        dispute_id = dispute.id or 0
    assert session.get_one(Settlement, sheet_id).insurer_confirmed_at is None
    with pytest.raises(Refused, match="open"), transaction(session):
        services.request_issue(session, season.case.handler, clock, sheet_id)
    with pytest.raises(Refused, match="disputed lines"), transaction(session):
        services.confirm_sheet(session, season.case.signer, clock, sheet_id)
    with pytest.raises(NotFound), transaction(session):
        services.answer(session, season.case.other_signer, clock, dispute_id, "别家的")
    with transaction(session):
        services.answer(session, season.case.handler, clock, dispute_id, "已核对")
        services.close(session, season.case.handler, clock, dispute_id, accepted=False)
    with pytest.raises(Refused, match="already closed"), transaction(session):
        services.answer(session, season.case.preparer, clock, dispute_id, "再说一句")
    with transaction(session):
        services.confirm_sheet(session, season.case.signer, clock, sheet_id)
    with transaction(session):
        services.request_issue(session, season.case.handler, clock, sheet_id)


def test_an_accepted_dispute_needs_the_next_version(session: Session, clock: FixedClock) -> None:
    season = make.ready(session, clock, "1200000.00")
    sheet_id = make.drafted(session, clock, season)
    with transaction(session):
        dispute = services.raise_dispute(session, season.case.signer, clock, sheet_id, "9.2", "准备金少计")
        services.close(session, season.case.handler, clock, dispute.id or 0, accepted=True)
    with pytest.raises(Refused, match="next version"), transaction(session):
        services.confirm_sheet(session, season.case.signer, clock, sheet_id)
    make.with_figures(session, clock, season, "1100000.00")
    assert make.issued(session, clock, season).version == 2


@pytest.mark.parametrize(
    ("balance", "cause", "outcome"),
    [("-1800000.00", Cause.OPERATING, Outcome.PROVISIONAL), ("-1800000.00", Cause.POLICY, Outcome.NEGOTIATED)],
)
def test_a_loss_beyond_the_last_band_needs_the_departments_decision(
    session: Session, clock: FixedClock, balance: str, cause: Cause, outcome: Outcome
) -> None:
    season = make.ready(session, clock, balance)
    sheet_id = make.confirmed(session, clock, season, cause=cause)
    assert session.get_one(Settlement, sheet_id).outcome is outcome
    with pytest.raises(Refused, match="decision document"), transaction(session):
        services.request_issue(session, season.case.handler, clock, sheet_id)
    wrong = make.decided(session, clock, season, "-700000.00", "-1000000.00").id or 0
    with pytest.raises(Refused, match="divides"), transaction(session):
        services.attach_decision(session, season.case.handler, clock, sheet_id, wrong)
    right = make.decided(session, clock, season, "-720000.00", "-1080000.00").id or 0
    with transaction(session):
        services.attach_decision(session, season.case.handler, clock, sheet_id, right)
    with pytest.raises(Refused, match="not confirmed"), transaction(session):
        services.request_issue(session, season.case.handler, clock, sheet_id)
    with transaction(session):
        services.confirm_sheet(session, season.case.signer, clock, sheet_id)
    with transaction(session):
        asked = services.request_issue(session, season.case.handler, clock, sheet_id)
    with transaction(session):
        sheet = approvals.approve(session, season.case.approver, clock, asked.id or 0)
        assert (sheet.insurer_part, sheet.fund_part) == (Decimal("-720000.00"), Decimal("-1080000.00"))


def test_every_office_that_the_paper_calls_signs_the_decision(session: Session, clock: FixedClock) -> None:
    season = make.ready(session, clock, "-1800000.00")
    signed = make.signatures(session, season)
    assert [one["organisation"] for one in signed[:4]] == [
        "演示省人力资源社会保障厅", "演示省卫生计生委", "演示省财政厅", "演示保监局",
    ]  # fmt: skip
    unsigned = {**signed[1], "signed_by": " "}
    late = {**signed[2], "signed_on": "2018-04-11"}
    for wrong, reason in (
        (signed[:3] + signed[4:], "missing: 演示保监局"),
        (signed[:4], "missing"),  # the insurer itself
        ([signed[0], unsigned, *signed[2:]], "missing: 演示省卫生计生委"),
        ([*signed[:2], late, *signed[3:]], "in the future"),
    ):
        with pytest.raises(Invalid, match=reason):
            make.decided(session, clock, season, "-720000.00", "-1080000.00", signatures=wrong)


def test_a_loss_that_is_partly_policy_driven_says_so_on_its_paper(session: Session, clock: FixedClock) -> None:
    season = make.ready(session, clock, "-1800000.00")
    decision = make.decided(session, clock, season, "-720000.00", "-1080000.00", attributable="1200000.00").id or 0
    sheet_id = make.drafted(session, clock, season, cause=Cause.POLICY)
    with transaction(session):
        services.attach_decision(session, season.case.handler, clock, sheet_id, decision)
    with transaction(session):
        services.confirm_sheet(session, season.case.signer, clock, sheet_id)
        asked = services.request_issue(session, season.case.handler, clock, sheet_id).id or 0
    with transaction(session):
        document = approvals.approve(session, season.case.approver, clock, asked).document_id
    paper = session.get_one(IssuedDocument, document)
    printed = text(files_of(session).get(paper.pdf_sha256)).replace("\n", "").replace(" ", "")
    assert "认定政策性亏损1,200,000.00元，其余600,000.00元为经营性亏损" in printed
    assert "演示保监局" in printed


def test_twenty_parallel_approvals_post_one_sheet_once(house: House, session: Session, clock: FixedClock) -> None:
    season = make.ready(session, clock, "1200000.00")
    sheet_id = make.confirmed(session, clock, season)
    with transaction(session):
        asked_id = services.request_issue(session, season.case.handler, clock, sheet_id).id or 0
    session.rollback()

    def approve(_: int) -> str:
        with house.db.factory() as own:
            try:
                with transaction(own):
                    approvals.approve(own, season.case.approver, clock, asked_id)
            except Refused:
                return "refused"
            return "issued"

    with ThreadPoolExecutor(20) as pool:
        assert Counter(pool.map(approve, range(20))) == {"issued": 1, "refused": 19}
    assert len(session.exec(select(LedgerEntry)).all()) == 2
    assert len(session.exec(select(TransferOrder)).all()) == 1
    papers = select(IssuedDocument).where(IssuedDocument.kind == "settlement-sheet")
    assert len(session.exec(papers).all()) == 1


def test_the_same_person_cannot_ask_and_issue(session: Session, clock: FixedClock) -> None:
    season = make.ready(session, clock, "0.00")
    sheet_id = make.confirmed(session, clock, season)
    with transaction(session):
        asked = services.request_issue(session, season.case.handler, clock, sheet_id).id or 0
    with pytest.raises(Refused, match="Two people"), transaction(session):
        approvals.approve(session, season.case.handler, clock, asked)


def test_the_other_insurer_meets_no_sheet(session: Session, clock: FixedClock) -> None:
    season = make.ready(session, clock, "0.00")
    sheet_id = make.drafted(session, clock, season)
    acts: list[Callable[[], object]] = [
        lambda: services.confirm_sheet(session, season.case.other_signer, clock, sheet_id),
        lambda: services.raise_dispute(session, season.case.other_signer, clock, sheet_id, "8", "别家的"),
    ]
    for act in acts:
        with pytest.raises(NotFound), transaction(session):
            act()
