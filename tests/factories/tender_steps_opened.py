"""The writing verbs from the review to the archive, and those of supervision, queries and complaints, as steps."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import tender.jobs  # registers the building of the archive  # noqa: F401
from core.clock import local_date
from core.identity.actor import SYSTEM
from tender import services
from tender.rules.committee import commitment_of
from tender.rules.stages import Stage
from tender.services import archiving, awarding, destroying, failing, fallback, letters, qualified, replacing, review
from tender.services.collusion import hints_of
from tender.services.fallback import Choice
from tender.services.joint_check import checks_of
from tests.factories import tender as make
from tests.factories.tender_stages import World, all_sheets, confirmed, enter
from tests.factories.tender_steps import STEPS, said, simple, step

#: A committee is drawn and filled up at these stages.
DRAWING = (Stage.SEALED, Stage.QUALIFICATION, Stage.CONFORMITY, Stage.SCORING)
PDF = b"%PDF-1.7 decision"


# Qualification, committee, conformity
simple("review.review_qualification", lambda w: services.review_qualification(
    w.session, w.people.handler, w.clock, w.ids.get("bid", 0), _all_met(w)))  # fmt: skip


def _all_met(w: World) -> dict[int, services.Finding]:
    return {row.id or 0: services.Finding(True) for row in review.conditions_of(w.session, w.number)}


@step("review.finish_qualification")
def _finish_qualification(w: World) -> Callable[[], Any]:
    for bid in services.opened_bids(w.session, w.tender) if w.at(Stage.QUALIFICATION) else []:
        services.review_qualification(w.session, w.people.handler, w.clock, bid.id or 0, _all_met(w))
    return lambda: services.finish_qualification(w.session, w.people.handler, w.clock, w.number)


simple("joint_check.set_threshold", lambda w: services.set_threshold(
    w.session, w.people.handler, w.clock, w.number, Decimal("0.4")))  # fmt: skip
simple("drawing.keep_expert", lambda w: services.keep_expert(
    w.session, w.people.handler, w.clock, w.people.experts[-1].user_id, specialty="保险", employer="演示大学"
))  # fmt: skip
simple("qualified.keep_list", lambda w: qualified.keep_list(
    w.session, w.people.handler, w.clock, published_on=date(2016, 7, 1), issuer="演示保险监管局", title="名单",
    content="名称,级别,地区,总公司\n演示保险公司,总公司,,\n".encode(), file_name="名单.csv"))  # fmt: skip


def _begun(w: World, commitments: int) -> int:
    """A draw under way where the stage knows one (before that nothing, later the finished one): its number."""
    if not w.at(Stage.SEALED):
        return w.ids.get("draw", 0)
    draw = services.fix_candidates(
        w.session, w.people.handler, w.clock, w.number, purchasers=[w.people.handler.user_id]
    )
    w.session.flush()
    for supervisor in w.people.supervisors[:commitments]:
        services.commit_number(w.session, supervisor, w.clock, draw.id or 0, commitment_of(make.secret(supervisor)))
        w.session.flush()
    return draw.id or 0


def _drawn(w: World) -> None:
    """The committee seated, at the stage before the opening."""
    if w.at(Stage.SEALED):
        number = _begun(w, 2)
        for supervisor in w.people.supervisors:
            services.reveal_number(w.session, supervisor, w.clock, number, make.secret(supervisor))


def _member(w: World) -> int:
    _drawn(w)
    members = services.committee_of(w.session, w.number)
    return members[1].id or 0 if members else 0


@step("drawing.fix_candidates")
def _fix_candidates(w: World) -> Callable[[], Any]:
    """Once there is a committee it is only filled up: two members fall away, nobody is left, an expert is back."""
    if w.at(*DRAWING[1:]):
        for _seat in (1, 2):
            services.record_refusal(w.session, w.people.handler, w.clock, _member(w), "因病")
        STEPS["drawing.keep_expert"](w)()
        w.session.flush()
    seats = [] if w.at(*DRAWING[1:]) else [w.people.handler.user_id]
    return lambda: services.fix_candidates(w.session, w.people.handler, w.clock, w.number, purchasers=seats)


@step("drawing.commit_number")
def _commit_number(w: World) -> Callable[[], Any]:
    number, supervisor = _begun(w, 0), w.people.supervisors[0]
    commitment = commitment_of(make.secret(supervisor))
    return lambda: services.commit_number(w.session, supervisor, w.clock, number, commitment)


@step("drawing.reveal_number")
def _reveal_number(w: World) -> Callable[[], Any]:
    number, supervisor = _begun(w, 2), w.people.supervisors[0]
    return lambda: services.reveal_number(w.session, supervisor, w.clock, number, make.secret(supervisor))


@step("drawing.abandon_draw")
def _abandon_draw(w: World) -> Callable[[], Any]:
    number = _begun(w, 1)
    return lambda: services.abandon_draw(w.session, w.people.handler, w.clock, number, "不能到场")


@step("drawing.record_refusal")
def _record_refusal(w: World) -> Callable[[], Any]:
    number = _member(w)
    return lambda: services.record_refusal(w.session, w.people.handler, w.clock, number, "因病")


@step("drawing.declare_conflict")
def _declare_conflict(w: World) -> Callable[[], Any]:
    """By a member who has not declared: at scoring that is one who follows somebody who fell away."""
    if w.at(Stage.SCORING):
        services.record_refusal(w.session, w.people.handler, w.clock, _member(w), "因病")
    _drawn(w)
    silent = [member for member in services.committee_of(w.session, w.number) if member.declared_at is None]
    everyone = {actor.user_id: actor for actor in [*w.people.experts, w.people.handler]}
    actor = everyone[silent[0].user_id] if silent else w.chair
    return lambda: services.declare_conflict(w.session, actor, w.clock, w.number)


simple("review.review_conformity", lambda w: services.review_conformity(
    w.session, w.chair, w.clock, w.ids.get("bid", 0), services.Finding(True)))  # fmt: skip


@step("review.finish_conformity")
def _finish_conformity(w: World) -> Callable[[], Any]:
    if w.at(Stage.CONFORMITY):
        STEPS["drawing.declare_conflict"](w)()
        for bid in services.opened_bids(w.session, w.tender):
            services.review_conformity(w.session, w.chair, w.clock, bid.id or 0, services.Finding(True))
    return lambda: services.finish_conformity(w.session, w.chair, w.clock, w.number)


# Scoring
simple("scoring.enter_scores", lambda w: services.enter_scores(w.session, w.chair, w.clock, w.lot, []))


@step("scoring.lock_scores")
def _lock_scores(w: World) -> Callable[[], Any]:
    if w.at(Stage.SCORING):
        enter(w.session, w.clock, w.tender, w.chair, w.lot)
    return lambda: services.lock_scores(w.session, w.chair, w.clock, w.lot)


@step("scoring.reopen_sheet")
def _reopen_sheet(w: World) -> Callable[[], Any]:
    if w.at(Stage.SCORING):
        _lock_scores(w)()
    return lambda: services.reopen_sheet(w.session, w.chair, w.clock, w.lot, "客观分有误")


@step("scoring.answer_check")
def _answer_check(w: World) -> Callable[[], Any]:
    number = w.ids.get("check", 0)
    if w.at(Stage.SCORING):
        all_sheets(w.session, w.clock, w.people, w.tender)
        number = checks_of(w.session, w.tender)[0].id or 0
    actor = w.members[-1] if w.members else w.chair
    return lambda: services.answer_check(w.session, actor, w.clock, number, reason="维持")


@step("scoring.end_check")
def _end_check(w: World) -> Callable[[], Any]:
    if w.at(Stage.SCORING):
        all_sheets(w.session, w.clock, w.people, w.tender)
    return lambda: services.end_check(w.session, w.chair, w.clock, w.number)


# Letters, low prices, evaluation
simple("letters.ask_clarification", lambda w: letters.ask_clarification(
    w.session, w.chair, w.clock, w.ids.get("bid", 0), matter="网点数", minutes=30))  # fmt: skip
simple("letters.ask_confirmation", lambda w: letters.ask_confirmation(
    w.session, w.chair, w.clock, w.ids.get("bid", 0), minutes=30))  # fmt: skip
simple("letters.note_other_price", lambda w: letters.note_other_price(
    w.session, w.chair, w.clock, w.ids.get("bid", 0), price=Decimal("36.00"), place="分项报价表"))  # fmt: skip


@step("letters.answer_letter")
def _answer_letter(w: World) -> Callable[[], Any]:
    number = w.ids.get("letter", 0)
    if w.at(*letters.STAGES):
        number = STEPS["letters.ask_clarification"](w)().id
    return lambda: letters.answer_letter(w.session, w.people.insurers[2], w.clock, number, answer="80个")


@step("low_price.ask_explanation")
def _ask_explanation(w: World) -> Callable[[], Any]:
    """Order 18, under which this tender runs, knows no such review: at the evaluation it is made one of Order 87."""
    if w.at(Stage.EVALUATION):
        w.tender.rule_set = "ORDER87_2017"
    return lambda: services.ask_explanation(
        w.session, w.chair, w.clock, w.ids.get("bid", 0), minutes=30, reason="明显偏低"
    )


@step("low_price.explain_price")
def _explain_price(w: World) -> Callable[[], Any]:
    if w.at(Stage.EVALUATION):
        _ask_explanation(w)()
    return lambda: services.explain_price(w.session, w.people.insurers[2], w.clock, w.ids.get("bid", 0), "成本低")


@step("low_price.decide_price")
def _decide_price(w: World) -> Callable[[], Any]:
    if w.at(Stage.EVALUATION):
        _explain_price(w)()
    number = w.ids.get("bid", 0)
    return lambda: services.decide_price(w.session, w.chair, w.clock, number, proven=True, reason="成立")


simple("collusion.annex_hints", lambda w: services.annex_hints(w.session, w.chair, w.clock, w.number))


@step("collusion.note_hint")
def _note_hint(w: World) -> Callable[[], Any]:
    found = hints_of(w.session, w.tender)
    key = found[0].hint.key if found else "account"
    return lambda: services.note_hint(w.session, w.people.supervisors[0], w.clock, w.number, key, "已核查")


@step("evaluation.evaluate")
def _evaluate(w: World) -> Callable[[], Any]:
    if w.at(Stage.EVALUATION):
        confirmed(w.session, w.clock, w.people, w.tender, w.ids["bid"])
    return lambda: services.evaluate(w.session, w.people.handler, w.clock, w.number)


# Result
simple("awarding.request_award", lambda w: services.request_award(w.session, w.people.handler, w.clock, w.number))


@step("awarding.award")
def _award(w: World) -> Callable[[], Any]:
    chosen = services.proposed_winners(w.session, w.tender) if w.at(Stage.DECISION) else []
    winners = [{"lot": lot.id, "bids": list(found.bids)} for lot, found in chosen]
    return lambda: awarding.award(
        w.session, w.people.approver, w.clock, said(w, "tender.award", {"winners": winners})
    )


simple("securities.refund_released", lambda w: services.refund_released(
    w.session, w.people.finance, w.clock, w.number, "0" * 32, services.Payment()))  # fmt: skip
simple("securities.refund_security", lambda w: services.refund_security(
    w.session, w.people.finance, w.clock, w.ids.get("bid", 0)))  # fmt: skip
simple("failing.request_failure", lambda w: services.request_failure(
    w.session, w.people.handler, w.clock, w.number, ground="irregular", reason="事实"))  # fmt: skip
simple("failing.fail_tender", lambda w: failing.fail_tender(w.session, w.people.approver, w.clock, said(
    w, "tender.fail", {"ground": "irregular", "reason": "事实", "lot": None})))  # fmt: skip
simple("replacing.request_replacement", lambda w: services.request_replacement(
    w.session, w.people.handler, w.clock, w.ids.get("award", 0), route=services.Route.AGAIN, reason="放弃"
))  # fmt: skip
simple("replacing.replace_winner", lambda w: replacing.replace_winner(w.session, w.people.approver, w.clock, said(
    w, "tender.replace", {"award": w.ids.get("award", 0), "route": "again", "reason": "放弃", "bid": None}
)))  # fmt: skip
simple("fallback.retender", lambda w: services.retender(w.session, w.people.handler, w.clock, w.number))


def _choices(w: World) -> list[Choice]:
    second = services.lots_of(w.session, w.number)[1]
    return [Choice(second.id or 0, w.people.insurers[0].organisation_id or 0, Decimal("38.00"))]


simple("fallback.request_decision", lambda w: services.request_decision(
    w.session, w.people.handler, w.clock, w.number, number="演政函1号", issuer="演示省人民政府",
    decided_on=local_date(w.clock.now()), method="协商", content=PDF, file_name="决定.pdf", choices=_choices(w
)))  # fmt: skip
@step("fallback.record_decision")
def _record_government_decision(w: World) -> Callable[[], Any]:
    payload = {
        "number": "演政函1号", "issuer": "演示省人民政府", "decided_on": "2016-09-06", "method": "协商",
        "file": archiving.files_of(w.session).put(PDF), "file_name": "决定.pdf",
        "choices": [{"lot": one.lot, "insurer": one.insurer, "price": "38.00"} for one in _choices(w)],
    }  # fmt: skip
    asked = said(w, "tender.decision", payload)
    return lambda: fallback.record_decision(w.session, w.people.approver, w.clock, asked)


def _signed(w: World) -> None:
    """The winners have signed: only then has the procurement ended."""
    for award in services.awards_by_tender(w.session, w.number):
        award.signed_at = w.clock.now()


@step("archiving.request_archive")
def _request_archive(w: World) -> Callable[[], Any]:
    _signed(w)
    return lambda: services.request_archive(w.session, w.people.handler, w.clock, w.number)


@step("archiving.keep_archive")
def _keep_archive(w: World) -> Callable[[], Any]:
    _signed(w)
    return lambda: archiving.keep_archive(w.session, w.people.handler, w.clock, w.number, b"PK", 1)


simple("destroying.destroy_superseded", lambda w: destroying.destroy_superseded(
    w.session, SYSTEM, w.clock, w.number
))  # fmt: skip
