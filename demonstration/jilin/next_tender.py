"""The next term's tender of a served demonstration: published and open for bids, so that visitors can bid and open."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import cast

from sqlmodel import select

import disclosure.services as public
import tender.services as tenders
from contracts.models import AnnualContract
from core.clock import beijing
from core.money import ZERO
from demonstration.jilin.case import PACK, case
from demonstration.jilin.tender import OFFICERS, basics_of_case, terms_of_case
from demonstration.stage import Stage, both
from disclosure.models import FilingKind
from settlement.models import ClaimFile, Settlement
from settlement.services.claims import claim_totals
from tender.models import PriceObject, Scheme, SplitMethod
from tender.services import LotDraft, YearDraft

NUMBER = "YSDB-2020-ZB-01"
NOTICE_ON, DEADLINE = date(2020, 5, 25), beijing(2020, 6, 18, 9, 30)
INSURED, CEILING = 16_900_000, Decimal("58.00")
QUESTIONS = (
    ("huayuan1", "两类制度合并后，历史数据是否按合并口径提供？"),
    ("mingze1", "手工结算的20个工作日是否自材料补齐之日起算？"),
)


def open_next_tender(stage: Stage) -> None:
    """Prepare and publish the tender of 2021–2023; two questions and a filing wait. The play ends on 1 June 2020."""
    handler = stage.cast["handler"]
    basics = replace(
        basics_of_case(stage),
        number=NUMBER,
        title="演示省城乡居民大病保险承办服务项目（2021—2023年）",
        budget=INSURED * CEILING * 3,
        term_from=date(2021, 1, 1),
        term_until=date(2023, 12, 31),
    )
    with stage.at(beijing(2020, 5, 18, 9)) as session:
        tender = tenders.create_tender(session, handler, stage.clock, pack=PACK, basics=basics)
        tender_id = cast(int, tender.id)
        lot = tenders.set_lots(session, handler, stage.clock, tender_id, [_lot()])[0]
        tenders.set_contract_terms(session, handler, stage.clock, cast(int, lot.id), terms_of_case())
        tenders.set_historical_years(session, handler, stage.clock, cast(int, lot.id), _history(stage))
        texts = {**case()["mandatory"], "coverage_period": "2021年1月1日至2023年12月31日，保险年度为自然年度。"}
        tenders.set_mandatory_fields(session, handler, stage.clock, tender_id, texts)
        tenders.set_timetable(
            session,
            handler,
            stage.clock,
            tender_id,
            notice_on=NOTICE_ON,
            deadline=DEADLINE,
            documents_until=date(2020, 6, 12),
        )
        officers = [stage.cast[login].user_id for login in OFFICERS]
        tenders.make_tender_keys(session, handler, stage.clock, tender_id, officers)
    for login, identity in stage.notes["identities"].items():
        with stage.at() as session:
            tenders.confirm_key(session, stage.cast[login], stage.clock, tender_id, identity)
    both(
        stage,
        beijing(2020, 5, 25, 9),
        "handler",
        "approver",
        lambda session, actor: tenders.request_publication(session, actor, stage.clock, tender_id),
    )
    for number, login in enumerate(("changyue1", "songjian1", "huayuan1", "anhe1", "mingze1")):
        with stage.at(beijing(2020, 5, 26, 9, 10 * number)) as session:
            tenders.take_documents(session, stage.cast[login], stage.clock, tender_id)
    for number, (login, question) in enumerate(QUESTIONS):
        with stage.at(beijing(2020, 5, 29, 15, 20 * number)) as session:
            tenders.ask(session, stage.cast[login], stage.clock, tender_id, question)
    _leave_filing(stage, tender_id)
    stage.clock.move_to(beijing(2020, 6, 1, 9, 10))
    stage.step(f"下一周期招标 {NUMBER} 已发布，2020-06-18 09:30 截止；两项提问待答复")


def _leave_filing(stage: Stage, tender_id: int) -> None:
    """The filing of the new tender document is prepared and waits for the second person's signature (G9)."""
    with stage.at(beijing(2020, 6, 1, 8, 50)) as session:
        handler, kind = stage.cast["handler"], FilingKind.TENDER_DOCUMENT
        filing = public.prepare_filing(session, handler, stage.clock, kind, tender_id)
        filing_id = cast(int, filing.id)
    with stage.at() as session:
        public.request_submission(session, stage.cast["handler"], stage.clock, filing_id)


def _lot() -> LotDraft:
    return LotDraft(
        name="城乡居民大病保险",
        scheme=Scheme.RESIDENT,
        area="全省",
        insured_count=INSURED,
        price_object=PriceObject.PREMIUM_PER_HEAD,
        ceiling=CEILING,
        budget=INSURED * CEILING * 3,
        winners=2,
        split_method=SplitMethod.SHARE,
        split=({"share": "0.55"}, {"share": "0.45"}),
    )


def _history(stage: Stage) -> list[YearDraft]:
    """The settled years of both schemes together: what this very system knows of them (J10)."""
    years: dict[int, YearDraft] = {}
    rows = stage.session.execute(
        select(AnnualContract, Settlement, ClaimFile)
        .join(Settlement, Settlement.contract_id == AnnualContract.id)  # type: ignore[arg-type]
        .join(ClaimFile, ClaimFile.id == Settlement.claim_file_id)  # type: ignore[arg-type]
        .where(Settlement.issued_at.is_not(None))  # type: ignore[union-attr]
        .order_by(AnnualContract.year)  # type: ignore[arg-type]
    ).all()
    for contract, sheet, file in rows:
        totals = claim_totals(file)
        before = years.get(contract.year) or YearDraft(
            year=contract.year,
            insured_count=0,
            premium=ZERO,
            claims_paid=ZERO,
            beneficiaries=0,
            cases=0,
            compliant_cost=ZERO,
        )
        years[contract.year] = YearDraft(
            year=contract.year,
            insured_count=before.insured_count + cast(int, contract.cleared_count),
            premium=before.premium + sheet.premium,
            claims_paid=before.claims_paid + totals.benefit,
            beneficiaries=before.beneficiaries + totals.persons,
            cases=before.cases + totals.cases,
            compliant_cost=before.compliant_cost + totals.compliant_cost,
        )
    return list(years.values())
