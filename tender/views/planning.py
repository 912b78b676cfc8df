"""The planner: two dates in, every lawful date out with its arithmetic, drawn to scale; for a tender or freely."""

from datetime import date
from typing import Any

from flask import render_template, request, url_for
from flask_babel import gettext, lazy_gettext
from markupsafe import Markup

from core.charts import TenderTimeline, TimelineEvent, tender_timeline
from core.clock import local_date
from core.policy.procurement import LimitUnit, limits, rule_set_on
from core.web import actor, allow, clock, now
from tender import services
from tender.forms.planning import PlannerForm, TimetableForm
from tender.rules.counting import Counted
from tender.rules.timetable import LATER, Entry, OpenLimit, Timetable
from tender.rules.words import QueryAbout
from tender.services.publication import later_of, planned
from tender.views import access
from tender.views.blueprint import bp

#: What a date of the plan is called on the line; the law's own words stand in the table.
MARKS = {
    "T01": lazy_gettext("Notice period ends"),
    "T02": lazy_gettext("Documents at least until"),
    "T05": lazy_gettext("Last free change"),
    "T09": lazy_gettext("Bids close, opening"),
    "T11": lazy_gettext("Winners fixed"),
    "T12": lazy_gettext("Award notice"),
    "T14": lazy_gettext("Losers' securities back"),
    "T15": lazy_gettext("Contract signed"),
    "T17": lazy_gettext("Contract notice"),
    "T18": lazy_gettext("Copy filed"),
}
#: What a limit is counted from.
SINCE = {
    "notice_on": lazy_gettext("the notice"),
    "documents_until": lazy_gettext("the end of the documents period"),
    "deadline_on": lazy_gettext("the deadline"),
    "evaluated_on": lazy_gettext("the end of the evaluation"),
    "decided_on": lazy_gettext("the decision on the winners"),
    "award_on": lazy_gettext("award notice and letters"),
    "signed_on": lazy_gettext("the signing"),
    "T01": lazy_gettext("the end of the notice period"),
    "T09": lazy_gettext("the opening"),
    "T13": lazy_gettext("the end of the award's publication"),
}
ABOUT = {
    QueryAbout.DOCUMENT: lazy_gettext("about the tender document"),
    QueryAbout.PROCESS: lazy_gettext("about the opening"),
    QueryAbout.RESULT: lazy_gettext("about the result"),
}
BOUNDS = {"on": "", "not_before": lazy_gettext("not before"), "not_after": lazy_gettext("not after")}
WHY_OPEN = {
    "unknown": lazy_gettext("starts when it happens"),
    "rule": lazy_gettext("a rule without a number of days"),
    "prequalification": lazy_gettext("does not apply: bidders are qualified after the opening, not before"),
    "agency": lazy_gettext("does not apply: the purchaser runs the tender itself"),
    "single_source": lazy_gettext("does not apply: this is an open tender"),
}


def how(entry: Entry) -> str:
    """How a date came about, in words: number, unit, start, and the days off that were passed over."""
    counted = entry.counted
    if counted is None:
        return gettext("looked at when the documents period ends")
    if counted.unit is LimitUnit.INSTANT:
        return gettext("at the very instant of the deadline")
    text = _span(counted, str(SINCE.get(entry.since, "")))
    if counted.skipped:
        days = "、".join(f"{day:%m-%d} {name}" for day, name in counted.skipped)
        text += gettext("; passed over: %(days)s", days=days)
    if counted.lawful != counted.day:
        text += gettext("; carried over from %(day)s (%(name)s)", day=counted.day.isoformat(), name=counted.off)
    return text


def _span(counted: Counted, since: str) -> str:
    values = {"number": abs(counted.number), "start": counted.start.isoformat(), "since": since}
    if counted.number < 0:
        return gettext("%(number)s days back from %(since)s (%(start)s)", **values)
    if counted.unit is LimitUnit.WORKDAY:
        return gettext("%(number)s working days after %(since)s (%(start)s)", **values)
    if counted.unit is LimitUnit.YEAR:
        return gettext("%(number)s years after %(since)s (%(start)s)", **values)
    return gettext("%(number)s days after %(since)s (%(start)s)", **values)


def how_open(row: OpenLimit) -> str:
    """A limit without a date in words: so many days, from what."""
    limit, number = row.limit, row.limit.number
    counted = limit.counted or ""
    if number is None:
        return limit.note or ""
    if limit.unit is LimitUnit.WORKDAY:
        return gettext("%(number)s working days; %(counted)s", number=number, counted=counted)
    return gettext("%(number)s days; %(counted)s", number=number, counted=counted)


def timeline_of(plan: Timetable, today: date | None = None) -> list[Markup]:
    """The dates of a plan to scale, wide and narrow; today: marked where it lies among them."""
    shown = [(entry.day, str(MARKS[entry.step])) for entry in plan.entries if entry.step in MARKS]
    start = next((entry.counted.start for entry in plan.entries if entry.since == "notice_on" and entry.counted), None)
    if start is not None:
        shown.insert(0, (start, gettext("Notice")))
    days: dict[date, list[str]] = {}
    for day, label in sorted(shown, key=lambda pair: pair[0]):
        days.setdefault(day, []).append(label)
    events = [
        TimelineEvent(day, " / ".join(labels), "done" if today and day < today else "due")
        for day, labels in days.items()
    ]
    if today is not None and min(days) <= today <= max(days):
        events.append(TimelineEvent(today, gettext("Today"), "today"))
    headings = (gettext("Day"), gettext("Step"), gettext("Legal basis"))
    data = TenderTimeline(gettext("Timeline of the tender"), tuple(events), headings)
    return [Markup(tender_timeline(data, "page", width).svg) for width in ("wide", "narrow")]  # noqa: S704


def shown_plan(plan: Timetable | None, today: date | None = None) -> dict[str, Any]:
    """What the table and the line of a plan need."""
    return {
        "plan": plan, "charts": timeline_of(plan, today) if plan else [], "how": how, "how_open": how_open,
        "about": ABOUT, "bounds": BOUNDS, "why_open": WHY_OPEN,
    }  # fmt: skip


@bp.get("/planner")
@allow("tender:view")
def planner() -> Any:
    """Try dates without a tender: two give the whole table, any later one can be moved."""
    form = PlannerForm(request.args or None, meta={"csrf": False})
    asked = bool(request.args) and form.validate()
    plan = form.plan() if asked else None
    rules = rule_set_on(form.notice_on.data) if asked else None
    crumbs = [(gettext("Tenders"), url_for("tender.index")), (gettext("Timetable planner"), "")]
    today = local_date(now())
    return render_template(
        "tender/planner.html", form=form, crumbs=crumbs, rules=rules, known=len(limits(form.notice_on.data)) if asked
        else 0, **shown_plan(plan, today),
    )  # fmt: skip


@bp.route("/<int:tender_id>/timetable", methods=["GET", "POST"])
@allow("tender:prepare")
def edit_timetable(tender_id: int) -> Any:
    """The planner of a tender: its dates are shown before they are saved, and what breaks a limit is named."""
    tender = access.tender_for(tender_id)
    known = {
        "notice_on": tender.documents_from, "deadline": tender.deadline, "documents_until": tender.documents_until,
        "clarification_until": tender.clarification_until, "extend_documents_days": tender.extend_documents_days,
    }  # fmt: skip
    form = TimetableForm(data=known | later_of(tender))
    preview = request.method == "POST" and request.form.get("preview")
    if preview and form.validate():
        return _timetable_page(form, tender, planned(**form.dates()))
    done = None if preview else form.save(
        lambda database: services.set_timetable(
            database, actor(), clock(), tender_id, **form.dates(),
            extend_documents_days=form.extend_documents_days.data,
        ),
        then=lambda _plan: url_for("tender.prepare", tender_id=tender_id, _anchor="timetable"),
        message=gettext("The dates are set; the others follow"),
    )  # fmt: skip
    return done or _timetable_page(form, tender, services.timetable_of(tender))


def _timetable_page(form: TimetableForm, tender: Any, plan: Timetable | None) -> Any:
    title = gettext("Timetable")
    knows_extension = plan is None or any(entry.step == "T03" for entry in plan.entries)
    body = render_template(
        "tender/timetable.html", form=form, title=title, later=LATER, knows_extension=knows_extension,
        **shown_plan(plan, local_date(now())), **access.page_of(tender, title),
    )  # fmt: skip
    return body, form.status
