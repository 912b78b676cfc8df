"""The open tender of 2016: two lots, five bidders, two winners each, from preparation to the award letters."""

from datetime import timedelta
from decimal import Decimal
from typing import Any, cast

import tender.services as tenders
from core.clock import beijing
from core.identity.actor import Actor
from demonstration.jilin.bids import files
from demonstration.jilin.case import PACK, case
from demonstration.jilin.disclosures import file_away
from demonstration.jilin.securities import pay_back
from demonstration.stage import Stage, both
from disclosure.models import FilingKind
from tender import seal
from tender.models import AwardRule, BidSubmission, EnvelopeKind, Lot, PriceObject, Scheme, SplitMethod
from tender.rules.committee import commitment_of
from tender.services import BasicsDraft, Finding, LotDraft, Points, TermsDraft, YearDraft
from tender.services.review import conditions_of, scored_bids
from tender.services.scoring import allowed_points, scored_criteria
from tender.services.stage import locked_tender

OFFICERS = ("officer1", "officer2", "officer3")
SUPERVISORS = ("supervisor", "supervisor2")
#: How strong a bidder's technical offer is: the place of the level chosen on every closed list, best first.
QUESTION = "招标文件未写明年度保费清算的参保人数基准日，请予明确。"
ANSWER = "以每年6月30日参保人数为清算基准，按中标单价多退少补，已写入年度保险合同约定参数表第4项。"


def play_tender(stage: Stage) -> int:
    """Play the tender; returns its id."""
    tender_id = _prepare(stage)
    identities = stage.notes["identities"] = _keys(stage, tender_id)
    _publish(stage, tender_id)
    file_away(stage, FilingKind.TENDER_DOCUMENT, tender_id, beijing(2016, 9, 13, 8, 40))
    _questions(stage, tender_id)
    _bid(stage, tender_id)
    _open(stage, tender_id, EnvelopeKind.TECHNICAL, identities)
    experts = _review(stage, tender_id)
    _score(stage, tender_id, experts)
    _open(stage, tender_id, EnvelopeKind.PRICE, identities)
    _award(stage, tender_id)
    pay_back(stage, tender_id, beijing(2016, 10, 20, 10))
    return tender_id


def _prepare(stage: Stage) -> int:
    data, handler = case(), stage.cast["handler"]
    with stage.at(data["dates"]["created"]) as session:
        tender = tenders.create_tender(session, handler, stage.clock, pack=PACK, basics=basics_of_case(stage))
        tender_id = cast(int, tender.id)
    with stage.at() as session:
        lots = tenders.set_lots(session, handler, stage.clock, tender_id, [_lot(entry) for entry in data["lots"]])
        for lot, entry in zip(lots, data["lots"], strict=True):
            tenders.set_contract_terms(session, handler, stage.clock, cast(int, lot.id), terms_of_case())
            history = [_year(year) for year in entry["history"]]
            tenders.set_historical_years(session, handler, stage.clock, cast(int, lot.id), history)
        tenders.set_mandatory_fields(session, handler, stage.clock, tender_id, data["mandatory"])
        tenders.set_timetable(
            session,
            handler,
            stage.clock,
            tender_id,
            notice_on=data["dates"]["publish"].date(),
            deadline=data["dates"]["deadline"],
        )
    stage.step("经办人由规则包 jilin-2016 编制公开招标：两个包，每包两家中标，十项必备内容和历史数据齐备")
    return tender_id


def basics_of_case(stage: Stage) -> BasicsDraft:
    """The head of the case's tender."""
    facts: dict[str, Any] = dict(case()["tender"])
    for name in ("budget", "bid_security", "performance_security_rate"):
        facts[name] = Decimal(facts[name])
    return BasicsDraft(**facts, policyholder_id=stage.cast.organisations["agency"], award_rule=AwardRule.WIN_ALL)


def _lot(entry: dict[str, Any]) -> LotDraft:
    parts = zip(entry["shares"], entry["areas"], strict=True)
    insured = entry["insured_count"]
    counts = [int(insured * Decimal(share)) for share in entry["shares"]]
    counts[-1] = insured - sum(counts[:-1])
    return LotDraft(
        name=entry["name"],
        scheme=Scheme(entry["scheme"]),
        area=entry["area"],
        insured_count=insured,
        price_object=PriceObject.PREMIUM_PER_HEAD,
        ceiling=Decimal(entry["ceiling"]),
        budget=Decimal(entry["budget"]),
        winners=2,
        split_method=SplitMethod.DISTRICT,
        split=tuple(
            {"districts": area.split("、"), "insured": count} for (_, area), count in zip(parts, counts, strict=True)
        ),
    )


def terms_of_case() -> TermsDraft:
    """The contract parameters the case's tender fixes for every lot."""
    facts = dict(case()["terms"])
    return TermsDraft(
        sharing_reading=facts["sharing_reading"],
        rate_definition=facts["rate_definition"],
        expense_cap_rate=Decimal(facts["expense_cap_rate"]),
        claims_basis=facts["claims_basis"],
        instalments=tuple(facts["instalments"]),
    )


def _year(entry: dict[str, Any]) -> YearDraft:
    money = {name: Decimal(entry[name]) for name in ("premium", "claims_paid", "compliant_cost")}
    return YearDraft(**{**entry, **money})


def _keys(stage: Stage, tender_id: int) -> dict[str, str]:
    """Every officer enrols a key and, after the ceremony, proves to hold the shares; the gate before publication."""
    identities = {login: seal.new_identity() for login in OFFICERS}
    with stage.at(case()["dates"]["keys"]) as session:
        for login, identity in identities.items():
            wrapped = seal.wrap(identity, passphrase(login))
            tenders.add_officer_key(
                session,
                stage.cast[login],
                stage.clock,
                recipient=seal.recipient_of(identity),
                wrapped_identity=wrapped,
            )
    with stage.at() as session:
        officers = [stage.cast[login].user_id for login in OFFICERS]
        tenders.make_tender_keys(session, stage.cast["handler"], stage.clock, tender_id, officers)
    for login, identity in identities.items():
        with stage.at() as session:
            tenders.confirm_key(session, stage.cast[login], stage.clock, tender_id, identity)
    stage.step("三名开标人员完成密钥仪式并确认（任意两人可开标，一人不能）")
    return identities


def passphrase(login: str) -> str:
    """Under which an officer of the demonstration keeps the key; printed with the accounts."""
    return f"开标口令-{login}"


def _publish(stage: Stage, tender_id: int) -> None:
    both(
        stage,
        case()["dates"]["request"],
        "handler",
        "approver",
        lambda session, actor: tenders.request_publication(session, actor, stage.clock, tender_id),
    )
    stage.step("双人审批，发布招标公告和招标文件")


def _questions(stage: Stage, tender_id: int) -> None:
    for number, bidder in enumerate(case()["bidders"]):
        with stage.at(beijing(2016, 9, 13, 9, 10 * number)) as session:
            tenders.take_documents(session, stage.cast[bidder["logins"][0]], stage.clock, tender_id)
    with stage.at(beijing(2016, 9, 19, 15)) as session:
        asked = tenders.ask(session, stage.cast["huayuan1"], stage.clock, tender_id, QUESTION)
        question_id = cast(int, asked.id)
    with stage.at(beijing(2016, 9, 20, 10)) as session:
        tenders.answer(session, stage.cast["handler"], stage.clock, question_id, ANSWER)
    stage.step("五家保险公司获取招标文件；一项提问已公开答复，不显示提问人")


def _bid(stage: Stage, tender_id: int) -> None:
    lots = tenders.lots_of(stage.session, tender_id)
    places = [(cast(int, lot.id), lot.position) for lot in lots]
    for number, bidder in enumerate(case()["bidders"]):
        for lot_id, position in places:
            moment = beijing(2016, 10, 10 + number % 2, 10 + number, 20 * position)
            _submit(stage, tender_id, lot_id, position, bidder, moment)
    stage.step("五家保险公司递交两个包的密封投标（技术标、价格标各一信封），取得签名回执")


def _submit(stage: Stage, tender_id: int, lot_id: int, position: int, bidder: dict[str, Any], moment: Any) -> None:
    preparer, signer = (stage.cast[login] for login in bidder["logins"])
    keys = {kind: key.recipient for kind, key in tenders.tender_keys(stage.session, tender_id).items()}
    ids = {}
    with stage.at(moment) as session:
        tenders.pay_security(session, preparer, stage.clock, lot_id, payer_account=f"演示银行-{bidder['organisation']}")
        for kind, recipient in keys.items():
            container = seal.build(
                case()["tender"]["number"],
                position,
                kind.value,
                files(kind, bidder, position),
            )
            envelope = tenders.upload_envelope(
                session,
                preparer,
                stage.clock,
                lot_id,
                kind,
                seal.seal_envelope(container, recipient),
                seal.commitment_of(container),
            )
            ids[kind] = cast(int, envelope.id)
    with stage.at() as session:
        submitted = tenders.submit_bid(
            session,
            signer,
            stage.clock,
            lot_id,
            technical_id=ids[EnvelopeKind.TECHNICAL],
            price_id=ids[EnvelopeKind.PRICE],
            idempotency_key=f"yanshi-{bidder['organisation']}-{position}",
        )
        if not isinstance(submitted, BidSubmission):
            raise RuntimeError("the demonstration's bids come in time")


def _open(stage: Stage, tender_id: int, kind: EnvelopeKind, identities: dict[str, str]) -> None:
    if kind is EnvelopeKind.TECHNICAL:
        with stage.at(case()["dates"]["deadline"] + timedelta(minutes=1)) as session:
            tenders.close_tender(session, stage.cast["handler"], stage.clock, tender_id)
    opening = case()["dates"]["deadline"] + timedelta(minutes=61)
    for login in OFFICERS[:2]:
        with stage.at(max(opening, stage.clock.now() + timedelta(minutes=1))) as session:
            shares = tenders.decrypt_shares(session, stage.cast[login], tender_id, kind, identities[login])
            tenders.post_opening_shares(session, stage.cast[login], stage.clock, tender_id, kind, shares)
    with stage.at() as session:
        tenders.open_envelopes(session, stage.cast[OFFICERS[0]], stage.clock, tender_id, kind)
    name = "技术标" if kind is EnvelopeKind.TECHNICAL else "价格标"
    stage.step(f"两名开标人员合成密钥，{name}开标，开标记录公开")


def _review(stage: Stage, tender_id: int) -> list[Actor]:
    """Qualification by the department; the committee is drawn, declares, and checks conformity."""
    handler = stage.cast["handler"]
    with stage.at(beijing(2016, 10, 13, 9)) as session:
        tender = locked_tender(session, tender_id)
        conditions = [cast(int, row.id) for row in conditions_of(session, tender_id)]
        for bid in tenders.opened_bids(session, tender):
            passed = {condition: Finding(True) for condition in conditions}
            tenders.review_qualification(session, handler, stage.clock, cast(int, bid.id), passed)
    seats = _draw(stage, tender_id)
    experts = [actor for actor in stage.cast.actors.values() if actor.user_id in seats]
    for expert in experts:
        with stage.at() as session:
            tenders.declare_conflict(session, expert, stage.clock, tender_id)
    with stage.at() as session:
        tenders.finish_qualification(session, handler, stage.clock, tender_id)
    chair = next(expert for expert in experts if expert.user_id == seats[0])
    with stage.at(beijing(2016, 10, 13, 14)) as session:
        for bid in tenders.opened_bids(session, locked_tender(session, tender_id)):
            tenders.review_conformity(session, chair, stage.clock, cast(int, bid.id), Finding(True))
    with stage.at() as session:
        tenders.finish_conformity(session, chair, stage.clock, tender_id)
    stage.step("资格审查、符合性审查通过；由专家库抽取 7 名评审专家并作回避声明")
    return experts


def _draw(stage: Stage, tender_id: int) -> list[int]:
    """The committee is drawn with two supervisors' secret numbers; returns the seated experts, the chair first."""
    secrets = {login: f"演示监督数-{login}-20161013-073946" for login in SUPERVISORS}
    with stage.at() as session:
        draw = tenders.fix_candidates(session, stage.cast["handler"], stage.clock, tender_id, members=7)
        draw_id = cast(int, draw.id)
    for login, number in secrets.items():
        with stage.at() as session:
            tenders.commit_number(session, stage.cast[login], stage.clock, draw_id, commitment_of(number))
    for login, number in secrets.items():
        with stage.at() as session:
            tenders.reveal_number(session, stage.cast[login], stage.clock, draw_id, number)
    seats = tenders.committee_of(stage.session, tender_id)
    return [row.user_id for row in sorted(seats, key=lambda row: not row.is_chair)]


def _score(stage: Stage, tender_id: int, experts: list[Actor]) -> None:
    """Each expert scores alone from the closed lists and locks; the stronger an offer, the higher the level."""
    strength = {
        stage.cast.organisations[bidder["organisation"]]: (bidder["strength"], Decimal(bidder["solvency"]))
        for bidder in case()["bidders"]
    }
    lots = [cast(int, lot.id) for lot in tenders.lots_of(stage.session, tender_id)]
    for number, expert in enumerate(experts):
        for lot_id in lots:
            with stage.at(beijing(2016, 10, 14, 9) + timedelta(minutes=20 * number)) as session:
                tender = locked_tender(session, tender_id)
                points = [
                    Points(cast(int, bid.id), cast(int, line.id), _level(line, *strength[bid.bidder_id], number))
                    for bid in scored_bids(session, tender, lot_id)
                    for line in scored_criteria(session, tender_id)
                ]
                tenders.enter_scores(session, expert, stage.clock, lot_id, points)
            with stage.at() as session:
                tenders.lock_scores(session, expert, stage.clock, lot_id)
    stage.step("七名专家独立评分并锁定，技术、商务得分不可再改")


def _level(line: Any, strength: int, solvency: Decimal, number: int) -> Decimal:
    """Objective lines by the fact alone; judged lines by strength, where every third expert is one level stricter."""
    best_first = sorted(allowed_points(line), reverse=True)
    if line.kind.value == "intervals":
        place = 0 if solvency >= 2 else 1 if solvency >= Decimal("1.5") else 2
    elif line.objective:
        place = 3 - strength
    else:
        place = 3 - strength + (1 if number % 3 == 2 and strength < 3 else 0)
    return best_first[min(place, len(best_first) - 2)]


def _award(stage: Stage, tender_id: int) -> None:
    with stage.at(beijing(2016, 10, 14, 16)) as session:
        tenders.evaluate(session, stage.cast["handler"], stage.clock, tender_id)
    both(
        stage,
        case()["dates"]["award"],
        "handler",
        "approver",
        lambda session, actor: tenders.request_award(session, actor, stage.clock, tender_id),
    )
    for award in tenders.awards_by_tender(stage.session, tender_id):
        lot = cast(Lot, stage.session.get(Lot, award.lot_id))
        insurer = next(key for key, value in stage.cast.organisations.items() if value == award.insurer_id)
        stage.step(
            f"第{lot.position}包第{award.place}名：{insurer}，{award.price} 元／人·年，{award.insured_count:,} 人"
        )
    stage.step("评标报告、中标公告、中标通知书和结果告知书签发")
