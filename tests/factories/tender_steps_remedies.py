"""The steps of the supervision and of queries and complaints, for the table of forbidden steps."""

from collections.abc import Callable
from datetime import date
from typing import Any

import tests.factories.tender_steps_opened  # the steps before these  # noqa: F401
from core.clock import local_date
from tender import services
from tender.models import ComplaintOutcome, QueryAbout, QueryOutcome
from tender.rules.stages import ORDER, Stage
from tender.services.remedies import carrying_out, queries
from tests.factories.tender_stages import LETTER, World
from tests.factories.tender_steps import STEPS, Step, said, simple, step

# Supervision
_offends = {"text": "公示不足", "clause": "87号令第69条"}
simple("supervising.record_finding", lambda w: services.record_finding(
    w.session, w.people.supervisors[0], w.clock, w.number, **_offends))  # fmt: skip


@step("supervising.reply_finding")
def _reply_finding(w: World) -> Callable[[], Any]:
    number = 0
    if not w.at(Stage.PREPARATION):
        row = STEPS["supervising.record_finding"](w)()
        number = row.id
    return lambda: services.reply_finding(w.session, w.people.handler, w.clock, number, "已改正")


# Queries and complaints
def _lodge(about: QueryAbout) -> Step:
    return lambda w: lambda: services.lodge_query(w.session, w.people.insurers[2], w.clock, w.number, about, LETTER)


for _about in QueryAbout:
    STEPS[f"remedies.queries.lodge_query/{_about.value}"] = _lodge(_about)
simple("remedies.queries.register_query", lambda w: services.register_query(
    w.session, w.people.handler, w.clock, w.number, QueryAbout.DOCUMENT, LETTER,
    organisation_id=w.people.insurers[2].organisation_id or 0,
    received_on=min(date(2016, 8, 9), local_date(w.clock.now()))))  # fmt: skip
simple("remedies.queries.request_reply", lambda w: services.request_reply(
    w.session, w.people.handler, w.clock, w.ids.get("query", 0), outcome=QueryOutcome.UNFOUNDED, reply="不成立。"
))  # fmt: skip
simple("remedies.queries.reply_to_query", lambda w: queries.reply_to_query(w.session, w.people.approver, w.clock, said(
    w, "tender.reply", {"outcome": QueryOutcome.UNFOUNDED.value, "reply": "不成立。"}, w.ids.get("query", -1
))))  # fmt: skip


@step("remedies.complaints.record_complaint")
def _record_complaint(w: World) -> Callable[[], Any]:
    today = local_date(w.clock.now())
    return lambda: services.record_complaint(
        w.session, w.people.handler, w.clock, w.ids.get("founded", 0), authority="演示省财政厅", received_on=today,
        notified_on=today, matters="评分标准",
    )  # fmt: skip


def _complaint(w: World) -> int:
    row = _record_complaint(w)() if not w.at(Stage.PREPARATION) else None
    w.session.flush()
    return row.id if row is not None else 0


@step("remedies.complaints.record_statement")
def _record_statement(w: World) -> Callable[[], Any]:
    number = _complaint(w)
    return lambda: services.record_statement(w.session, w.people.handler, w.clock, number, "说明")


@step("remedies.complaints.record_decision")
def _record_decision(w: World) -> Callable[[], Any]:
    number = _complaint(w)
    return lambda: services.record_decision(
        w.session, w.people.handler, w.clock, number, outcome=ComplaintOutcome.FOUNDED,
        decided_on=local_date(w.clock.now()), decision="成立",
    )  # fmt: skip


def _remedy(w: World) -> str:
    """What the law leaves open for the founded query at this stage; at the ends there is nothing."""
    row = w.session.get(carrying_out.Query, w.ids.get("founded", 0))
    found = carrying_out.open_remedies(w.session, w.tender, row, w.clock.now()) if row is not None else []
    return found[0].key if found else "restart:0:0"


@step("remedies.carrying_out.request_remedy")
def _request_remedy(w: World) -> Callable[[], Any]:
    key, number = _remedy(w), w.ids.get("founded", 0)
    return lambda: services.request_remedy(w.session, w.people.handler, w.clock, number, key=key, reason="改正")


@step("remedies.carrying_out.carry_out")
def _carry_out(w: World) -> Callable[[], Any]:
    asked = said(
        w, "tender.remedy", {"key": _remedy(w), "reason": "改正", "revoked_on": None}, w.ids.get("founded", -1)
    )
    return lambda: carrying_out.carry_out(w.session, w.people.approver, w.clock, asked)


simple("remedies.carrying_out.request_carried_out", lambda w: services.request_carried_out(
    w.session, w.people.handler, w.clock, w.ids.get("founded", 0), "已赔偿"
))  # fmt: skip
simple("remedies.carrying_out.record_carried_out", lambda w: carrying_out.record_carried_out(
    w.session, w.people.approver, w.clock, said(w, "tender.carried_out", {"reason": "已赔偿"}, w.ids.get("founded", -1))
))  # fmt: skip


@step("remedies.carrying_out.record_report")
def _record_report(w: World) -> Callable[[], Any]:
    if w.at(*ORDER[2:]):
        _carry_out(w)()
    number, today = w.ids.get("founded", 0), local_date(w.clock.now())
    return lambda: services.record_report(w.session, w.people.handler, w.clock, number, today)
