"""Three insurance years of the case: contracts, premium, monthly figures, claim files, annual figures, settlement."""

from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import cast

from sqlmodel import select

import contracts.services as contract_services
import settlement.services as settlement
from contracts.models import AnnualContract
from core.clock import beijing, local_date
from core.money import ZERO, round_fen, split, yuan
from demonstration.jilin import contracts
from demonstration.jilin.case import YearPlan, years
from demonstration.jilin.claims import InventedFile, invent
from demonstration.jilin.contracts import Deal
from demonstration.jilin.disclosures import disclose, file_away
from demonstration.jilin.funds import fund_accounts
from demonstration.stage import Stage, both, working
from disclosure.models import DisclosureKind, FilingKind
from settlement.models import Cause, FindingResolution, Outcome, Settlement, TransferOrder
from settlement.services.claims import open_findings

#: The resolution of each kind of planted error, in the words of whoever was wrong.
REASONS = {
    "rounding": "报送时按去尾法取整，已按四舍五入更正。",
    "without_tilt": "结算系统未识别贫困人口身份，差额已补付。",
    "without_cumulation": "未按自然年度累计计算，差额已补付或追回。",
    "over_maximum": "超过年度最高支付限额部分已追回。",
    "other": "录入错误，已更正。",
}
#: Who signs the solution for a policy-driven loss for each office that the paper calls (J15); all are invented.
SIGNERS = ("周正", "傅明谦", "孟凡宇", "姜若水")


@dataclass(frozen=True)
class YearFigures:
    """What the insurer's books of a contract year say beside the claims; yuan."""

    recoveries: Decimal
    recovery_cases: int
    reserve_open: Decimal
    reserve_close: Decimal
    direct_expense: Decimal
    allocated_expense: Decimal
    interest: Decimal


@dataclass(frozen=True)
class Play:
    """One contract year on stage: which deal, which plan, its books and its invented claim file."""

    place: int
    deal: Deal
    plan: YearPlan
    figures: YearFigures
    file: InventedFile

    @property
    def key(self) -> tuple[int, int]:
        """(year, place): under which the stage notes keep the contract's id."""
        return (self.plan.year, self.place)


@dataclass(frozen=True, order=True)
class Event:
    """Something that happens at a moment; the agenda is played in order of time."""

    moment: datetime
    order: int
    act: Callable[[], None] = field(compare=False)
    is_left: bool = field(default=False, compare=False)


def play_years(stage: Stage, deals: list[Deal], *, leave_work: bool = False) -> None:
    """Play all events of the three years in the order of time; leave_work: the last are left."""
    plans = years()
    plays = _plays(stage, deals, plans)
    events: list[Event] = []
    for plan in plans:
        events += _events_of_year(stage, deals, plan, [play for play in plays if play.plan is plan], len(events))
        events += [Event(moment, len(events), act) for moment, act in fund_accounts(stage, plan.year)]
    if leave_work:
        events = [event for event in events if not event.is_left]
    for event in sorted(events):
        if event.moment > stage.clock.now():
            stage.clock.move_to(event.moment)
        event.act()


def _plays(stage: Stage, deals: list[Deal], plans: list[YearPlan]) -> list[Play]:
    """Books and claim files of all contract years, invented in two processes."""
    orders, books = [], []
    close: dict[int, Decimal] = {}
    for plan in plans:
        for place, deal in enumerate(deals):
            premium = yuan(plan.cleared[place] * deal.price)
            figures = _figures(plan.year, place, premium, close.get(place, ZERO))
            close[place] = figures.reserve_close
            incurred = round_fen((1 - plan.targets[place]) * premium)
            paid = incurred + figures.recoveries - (figures.reserve_close - figures.reserve_open)
            number = f"YSDB-{plan.year}-HT-{place + 1:02d}"
            orders.append((number, plan.year, plan.cleared[place], paid, deal.scheme.value))
            books.append((place, deal, plan, figures))
    stage.step("按各年度待遇生成 12 份理赔明细（演示数据）")
    with ProcessPoolExecutor(2) as pool:
        files = list(pool.map(invent, *zip(*orders, strict=True)))
    return [Play(*book, file) for book, file in zip(books, files, strict=True)]


def _figures(year: int, place: int, premium: Decimal, reserve_open: Decimal) -> YearFigures:
    """Invented books, the same in every run: shares of the premium from a seeded stream of whole numbers."""
    stream = Random(f"演示|{year}|{place}")  # noqa: S311  (invented figures, not a secret)

    def share(low: int, high: int) -> Decimal:
        return round_fen(premium * stream.randint(low, high) / 1_000_000)

    return YearFigures(
        recoveries=share(2_000, 4_000),
        recovery_cases=stream.randint(35, 90),
        reserve_open=reserve_open,
        reserve_close=share(14_000, 22_000),
        direct_expense=share(24_000, 31_000),
        allocated_expense=share(7_000, 11_000),
        interest=share(2_500, 3_500),
    )


def _events_of_year(stage: Stage, deals: list[Deal], plan: YearPlan, plays: list[Play], first: int) -> Iterator[Event]:
    def sign() -> None:
        for place, contract_id in enumerate(contracts.sign_year(stage, deals, plan)):
            stage.notes[(plan.year, place)] = contract_id

    acts: list[tuple[datetime, Callable[[], None]]] = [(beijing(plan.year - 1, 12, 26, 9), sign)]
    for play in plays:
        acts += _acts_of_contract(stage, play)
    for number, (moment, act) in enumerate(acts, start=first):
        yield Event(moment, number, act)
    for play in plays:
        yield from _last_acts(stage, play, first + len(acts) + play.place)


def _acts_of_contract(stage: Stage, play: Play) -> Iterator[tuple[datetime, Callable[[], None]]]:
    year, minute = play.plan.year, 12 * play.place

    def contract_id() -> int:
        return cast(int, stage.notes[play.key])

    filed, disclosed = working(beijing(year - 1, 12, 29, 9, minute)), working(beijing(year, 1, 12, 9, minute))
    yield filed, lambda: file_away(stage, FilingKind.CONTRACT_COPY, contract_id(), filed)
    yield filed, lambda: file_away(stage, FilingKind.CONTRACT_TEXT, contract_id(), filed)
    yield disclosed, lambda: disclose(stage, play.deal, contract_id(), DisclosureKind.SIGNING, disclosed)
    for position, (month, day) in enumerate(((3, 21), (8, 18), (12, 15)), start=1):
        moment = working(beijing(year, month, day, 10, minute))
        yield (
            moment,
            lambda position=position, moment=moment: contracts.pay_instalment(  # type: ignore[misc]
                stage, contract_id(), position, moment
            ),
        )
    clearing = working(beijing(year, 7, 12, 9, minute))
    yield clearing, lambda: contracts.clear_count(stage, contract_id(), play.plan.cleared[play.place], clearing)
    for month in range(1, 16):
        ended = date(year + month // 12, month % 12 + 1, 8)
        yield (
            working(beijing(ended.year, ended.month, ended.day, 11, minute)),
            lambda month=month: _report_month(stage, play, contract_id(), month),  # type: ignore[misc]
        )
    for month, day, act in (
        (4, 3, _upload),
        (4, 4, _recompute),
        (4, 9, _resolve),
        (4, 10, _report_year),
        (4, 11, _confirm_year),
        (4, 16, _assess),
        (4, 20, _draft),
        (4, 23, _decide),
        (4, 25, _confirm_sheet),
        (4, 27, _issue),
    ):
        yield working(beijing(year + 1, month, day, 9, minute)), lambda act=act: act(stage, play, contract_id())  # type: ignore[misc]


def _last_acts(stage: Stage, play: Play, order: int) -> Iterator[Event]:
    """The transfer and D2 after the accounts; the last of the case can be left for visitors."""
    minute, is_last_year = 12 * play.place, play.plan.year == 2019
    transferred = working(beijing(play.plan.year + 1, 5, 6, 9, minute))
    moment = working(beijing(play.plan.year + 1, 5, 14, 9, minute))

    def transfer() -> None:
        _transfer(stage, play, cast(int, stage.notes[play.key]))

    def publish() -> None:
        contract_id = stage.notes[play.key]
        disclose(stage, play.deal, contract_id, DisclosureKind.FINAL_ACCOUNTS, moment)

    yield Event(transferred, order, transfer, is_left=is_last_year and play.place == 3)
    yield Event(moment, order, publish, is_left=is_last_year and play.place >= 2)


def _report_month(stage: Stage, play: Play, contract_id: int, month: int) -> None:
    paid, persons, cases = play.file.months.get(month, (ZERO, 0, 0))
    expenses = split(play.figures.direct_expense + play.figures.allocated_expense, [1] * 12) + [ZERO] * 3
    with stage.at() as session:
        settlement.report_month(
            session,
            stage.cast[play.deal.preparer],
            stage.clock,
            contract_id,
            month,
            settlement.MonthReport(paid, persons, cases, expenses[month - 1]),
        )


def _upload(stage: Stage, play: Play, contract_id: int) -> None:
    landed = settlement.read_claim_file(stage.session, contract_id, play.file.content, play.file.name)
    with stage.at() as session:
        file = settlement.receive_claim_file(
            session, stage.cast[play.deal.preparer], stage.clock, contract_id, play.file.content, play.file.name, landed
        )
        stage.notes["file", contract_id] = cast(int, file.id)


def _recompute(stage: Stage, play: Play, contract_id: int) -> None:
    file_id = stage.notes["file", contract_id]
    result = settlement.calculate_claims(stage.session, file_id)
    with stage.at() as session:
        settlement.record_recomputation(session, stage.cast["handler"], stage.clock, file_id, result)
    whole = result.totals.whole
    stage.step(f"{play.file.contract} 理赔明细 {whole.claims:,} 笔按当日待遇重新核算，差异 {len(result.findings)} 笔")


def _resolve(stage: Stage, play: Play, contract_id: int) -> None:
    """The insurer answers for every difference; then the department accepts the file."""
    file_id = stage.notes["file", contract_id]
    with stage.at() as session:
        for finding in open_findings(session, file_id):
            settlement.resolve_finding(
                session,
                stage.cast[play.deal.preparer],
                stage.clock,
                cast(int, finding.id),
                FindingResolution.INSURER_CORRECTS,
                REASONS[finding.kind],
            )
    with stage.at() as session:
        settlement.accept_claim_file(session, stage.cast["handler"], stage.clock, file_id)


def _report_year(stage: Stage, play: Play, contract_id: int) -> None:
    figures = play.figures
    with stage.at() as session:
        report = settlement.YearReport(
            claims_paid=play.file.reported,
            recoveries=figures.recoveries,
            recovery_cases=figures.recovery_cases,
            reserve_open=figures.reserve_open,
            reserve_close=figures.reserve_close,
            direct_expense=figures.direct_expense,
            allocated_expense=figures.allocated_expense,
            interest=figures.interest,
            sources={
                "recoveries": f"稽核台账JH-{play.plan.year}",
                "reserve_open": "协议首年" if play.plan.year == 2017 else f"{play.plan.year - 1}年度决算行9.2",
                "reserve_close": f"精算报告ZB-{play.plan.year}，含已发生未报告",
                "direct_expense": "专账科目余额表",
                "allocated_expense": "费用分摊表，按赔付人次分摊",
                "interest": "银行对账单",
            },
        )
        row = settlement.report_year(session, stage.cast[play.deal.preparer], stage.clock, contract_id, report)
        stage.notes["figures", contract_id] = cast(int, row.id)


def _confirm_year(stage: Stage, play: Play, contract_id: int) -> None:
    with stage.at() as session:
        figures_id = stage.notes["figures", contract_id]
        settlement.confirm_year(session, stage.cast[play.deal.signer], stage.clock, figures_id)


def _assess(stage: Stage, play: Play, contract_id: int) -> None:
    stream = Random(f"考核|{play.plan.year}|{play.place}")  # noqa: S311
    weights = (("保障能力", "0.40"), ("服务水平", "0.35"), ("参保人满意度", "0.25"))
    indicators = [
        {"indicator": name, "weight": weight, "score": f"{stream.randint(880, 985) / 10:.1f}", "note": ""}
        for name, weight in weights
    ]
    with stage.at() as session:
        contract_services.assess(
            session,
            stage.cast["handler"],
            stage.clock,
            contract_id,
            period=f"{play.plan.year}年度",
            indicators=indicators,
            deduction=Decimal(stream.randint(4, 16) * 10_000),
        )


def _draft(stage: Stage, play: Play, contract_id: int) -> None:
    policy_year = play.plan.targets[play.place] < Decimal("-0.05")
    cause = Cause.POLICY if policy_year else Cause.OPERATING
    with stage.at() as session:
        sheet = settlement.prepare_sheet(session, stage.cast["handler"], stage.clock, contract_id, cause=cause)
        stage.notes["sheet", contract_id] = cast(int, sheet.id)


def _decide(stage: Stage, play: Play, contract_id: int) -> None:
    """Where the loss is policy-driven: the departments of J15 agree that the fund bears sixty per cent of it."""
    sheet = cast(Settlement, stage.session.get(Settlement, stage.notes["sheet", contract_id]))
    if sheet.outcome is Outcome.SHARED:
        return
    sheet_id, balance = cast(int, sheet.id), sheet.balance
    fund = round_fen(balance * Decimal("0.6"))
    day = date(play.plan.year + 1, 4, 22)
    signer = stage.cast[play.deal.signer]
    contract = stage.session.get_one(AnnualContract, contract_id)
    signed = list(zip(settlement.deciding_offices(stage.session, contract), (*SIGNERS, signer.name), strict=True))
    text = (
        f"演示文件：关于 {play.file.contract} 政策性亏损的联合认定和解决方案。"
        f"自 2019 年 7 月 1 日起起付标准降低，导致亏损率达到 5% 以上，经会商由基金分担 60%。"
    )
    approved = both(
        stage,
        stage.clock.now() + timedelta(minutes=5),
        "handler",
        "approver",
        lambda session, actor: settlement.record_decision(
            session,
            actor,
            stage.clock,
            contract_id,
            attributable=round_fen(-balance * Decimal("0.8")),
            finding="2019年7月1日起起付标准降低，系政策调整导致亏损率达到5%以上",
            meeting_held_on=day,
            signatures=[
                {"organisation": office, "signed_by": person, "signed_on": day.isoformat()} for office, person in signed
            ],
            insurer_part=balance - fund,
            fund_part=fund,
            evidence=text.encode(),
        ),
    )
    with stage.at() as session:
        settlement.attach_decision(session, stage.cast["handler"], stage.clock, sheet_id, approved.id)
    stage.step(f"{sheet.number} 政策性亏损会商方案经双人确认：基金分担 {-fund:,} 元")


def _confirm_sheet(stage: Stage, play: Play, contract_id: int) -> None:
    with stage.at() as session:
        settlement.confirm_sheet(session, stage.cast[play.deal.signer], stage.clock, stage.notes["sheet", contract_id])


def _issue(stage: Stage, play: Play, contract_id: int) -> None:
    sheet_id = stage.notes["sheet", contract_id]
    issued = both(
        stage,
        stage.clock.now() + timedelta(minutes=2),
        "handler",
        "approver",
        lambda session, actor: settlement.request_issue(session, actor, stage.clock, sheet_id),
    )
    stage.step(f"{issued.number} 决算表签发：盈亏 {issued.balance:,} 元，{issued.band}")


def _transfer(stage: Stage, play: Play, contract_id: int) -> None:
    with stage.at() as session:
        sheet_id = stage.notes["sheet", contract_id]
        order = session.scalars(select(TransferOrder).where(TransferOrder.settlement_id == sheet_id)).one_or_none()
        if order is None:
            return
        settlement.record_transfer(
            session,
            stage.cast["finance"],
            stage.clock,
            cast(int, order.id),
            paid_on=local_date(stage.clock.now()),
            reference=f"YS{play.plan.year}-{play.place + 1:02d}-JS",
        )
