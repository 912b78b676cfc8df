"""The final accounts of contract years that are counted together: parts by their sign, own year apart from others."""

from decimal import Decimal
from pathlib import Path
from typing import Any

from sqlmodel import Session

from contracts.rules import TargetPart
from contracts.services import AgreedCost
from core.clock import FixedClock
from core.documents.models import IssuedDocument
from core.house import files_of
from disclosure.models import DisclosureKind
from disclosure.rules.frozen import thaw
from tests.factories import contracts
from tests.factories import disclosure as disclose
from tests.factories import settlement as make
from tests.factories.papers import jilin_with
from tests.services.test_agreed_cost import MEASURED
from tests.services.test_settlement_retention import PREMIUM_BASE, assessed
from tests.support.pdf import text


def final(session: Session, clock: FixedClock, season: make.Season) -> tuple[dict[str, Any], str]:
    """The disclosed data and the paper of a contract year whose sheet is issued."""
    disclose.announced(session, clock, season)
    clock.move_to(clock.now().replace(day=12))
    row = disclose.published(session, clock, season, DisclosureKind.FINAL_ACCOUNTS)
    paper = session.get_one(IssuedDocument, row.document_id)
    return thaw(row.data), text(files_of(session).get(paper.pdf_sha256))


def test_the_parts_of_a_pool_are_disclosed_by_their_own_sign(
    session: Session, clock: FixedClock, monkeypatch: Any, tmp_path: Path
) -> None:
    with jilin_with(monkeypatch, tmp_path, scope="scheme"):
        first = make.signed(session, clock)
        second = make.signed(session, clock, contracts.others(session, clock, first.case))
        for season, balance in ((first, "2700000.00"), (second, "-300000.00")):
            make.with_file(session, clock, season)
            make.with_figures(session, clock, season, balance)
        make.issued(session, clock, second)
        data, paper = final(session, clock, second)
    assert "承办机构得360,000.00元，由新型农村合作医疗基金拨付660,000.00元" in data["result"]["text"]
    assert [(row["who"], str(row["amount"])) for row in data["result"]["rows"]] == [
        ("承办机构收益", "360000.00"), ("基金拨付", "660000.00"),
    ]  # fmt: skip
    assert data["accounts"]["spending"][-1]["item"] == "年度亏损"
    assert str(data["accounts"]["spending"][-1]["amount"]) == "-300000.00"
    assert "盈余率" in paper
    assert "4.0000%" in paper


def test_a_merged_fund_is_disclosed_under_its_present_name(session: Session, clock: FixedClock) -> None:
    season = make.ready(session, clock, "1200000.00")
    make.merged(session, clock, season)
    make.issued(session, clock, season)
    data, paper = final(session, clock, season)
    name = "城乡居民基本医疗保险基金（承继新型农村合作医疗基金）"
    assert f"返还{name}70" in data["result"]["text"]
    assert name in paper


def test_what_is_carried_in_stands_apart_from_the_year(
    session: Session, clock: FixedClock, monkeypatch: Any, tmp_path: Path
) -> None:
    carry = 'carry = { sides = ["loss"], years = 2, source = CLAUSE }'
    with jilin_with(monkeypatch, tmp_path, "carry_over = true", carry):
        first = make.ready(session, clock, "-600000.00")
        make.issued(session, clock, first)
        second = make.ready(session, clock, "1500000.00", first.case, 2018)
        make.issued(session, clock, second)
        data, _ = final(session, clock, second)
    shown = [(row["item"], str(row["amount"])) for row in data["accounts"]["spending"][-3:]]
    assert shown == [
        ("年度盈余", "1500000.00"), ("以前年度转入本次决算", "-600000.00"), ("本次决算盈亏", "900000.00"),
    ]  # fmt: skip


def test_what_a_year_is_measured_against_stands_in_the_place_of_the_premium(
    session: Session, clock: FixedClock, monkeypatch: Any, tmp_path: Path
) -> None:
    with jilin_with(monkeypatch, tmp_path, **MEASURED):
        season = make.signed(session, clock, target=AgreedCost(Decimal("29000000.00"), TargetPart.SHARE))
        make.with_file(session, clock, season)
        make.with_figures(session, clock, season, "3000000.00")
        make.issued(session, clock, season)
        data, paper = final(session, clock, season)
    income = [(row["item"], str(row["amount"])) for row in data["accounts"]["income"]]
    assert income == [("约定赔付成本", "29000000.00")]
    shown = [(row["item"], str(row["amount"])) for row in data["accounts"]["spending"][-2:]]
    assert shown == [("支出合计", "27600000.00"), ("年度盈余", "1400000.00")]
    assert "应收保费30,000,000.00元；盈亏按合同以约定赔付成本为基准计算。" in data["accounts"]["note"]
    assert "约定赔付成本" in paper


def test_what_a_retention_forfeits_is_disclosed_beside_the_balance(
    session: Session, clock: FixedClock, monkeypatch: Any, tmp_path: Path
) -> None:
    with jilin_with(monkeypatch, tmp_path, PREMIUM_BASE):
        season = make.ready(session, clock, "1200000.00")
        assessed(session, clock, season, "90")
        make.issued(session, clock, season)
        data, _ = final(session, clock, season)
    assert "考核预留300,000.00元，未返还的30,000.00元归基金，不计入盈亏，随决算划转。" in data["accounts"]["note"]
