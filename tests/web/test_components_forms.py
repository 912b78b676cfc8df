"""Forms: what people type is read exactly, what they typed survives, and one press has one effect."""

from datetime import date, datetime
from decimal import Decimal
from threading import Barrier, Thread
from typing import Any

import pytest
from flask import Flask, render_template_string
from sqlmodel import Session, select
from werkzeug.datastructures import MultiDict
from wtforms import BooleanField, RadioField, SelectField, StringField
from wtforms.fields import SelectChoice
from wtforms.validators import InputRequired

from core import audit
from core.audit import AuditEvent
from core.clock import FixedClock, beijing
from core.errors import FileInvalid, Forbidden, Invalid, N_, Refused
from core.identity.actor import SYSTEM
from core.web import Form, access, clock, perform
from core.web.acts import forget_used_forms
from core.web.forms import CountField, DayField, InstantField, MoneyField, RateField
from core.web.models import SubmittedForm
from tests.support.clients import CheckingClient
from tests.support.markup import Markup

PAGE = """
{% extends "layout/portal.html" %}
{% from "components/forms.html" import form_block, field, submit, post_button, cannot %}
{% block title %}Lot{% endblock %}
{% block body %}<h1>Lot</h1>
{% call form_block(form) %}
{{ field(form.title) }}{{ field(form.budget, hint="不超过预算的 2%", clause="条例第33条") }}{{ field(form.share) }}
{{ field(form.people) }}{{ field(form.opens_on) }}{{ field(form.closes_at) }}{{ field(form.kind) }}
{{ field(form.reading) }}{{ field(form.agreed) }}
{{ submit("Save the lot") }}
{% endcall %}
{{ post_button("/test/press", "Press") }}{{ cannot("Publish", "解决 1 项阻断后可送批") }}
{% endblock %}
"""


class OfficeField(SelectField):
    """A room's own kind of select."""


class LotForm(Form):
    """Every kind of field once."""

    title = StringField("名称", [InputRequired("须填写")], description="按公告所用")
    budget = MoneyField("预算", [InputRequired("须填写")], minimum=Decimal("0.01"))
    share = RateField("比例", maximum=Decimal(1))
    people = CountField("人数")
    opens_on = DayField("开始日")
    closes_at = InstantField("截止")
    kind = OfficeField("方式", choices=[SelectChoice("open", "公开招标")])
    reading = RadioField(
        "口径", choices=[SelectChoice("whole", "整额"), SelectChoice("slice", "分段")], default="whole"
    )
    agreed = BooleanField("同意")


GOOD = {"title": "包1", "budget": "1,234.50", "reading": "whole", "kind": "open"}


@pytest.fixture
def lots(app: Flask) -> dict[str, Any]:
    """Pages with the form; 'refuse' decides what the service says, 'saved' holds what it was given."""
    state: dict[str, Any] = {"refuse": None, "saved": []}

    def save(session: Session, form: LotForm) -> str:
        audit.record(session, clock().now(), SYSTEM, "test:lot:save", ("lot", len(state["saved"])))
        if state["refuse"]:
            raise state["refuse"]
        state["saved"].append(form.budget.data)
        return "saved"

    @app.route("/test/lot", methods=["GET", "POST"])
    @access.public
    def lot() -> Any:
        form = LotForm()
        done = form.save(
            lambda session: save(session, form), then=lambda result: f"/policies?q={result}", message="已保存"
        )
        return done or (render_template_string(PAGE, form=form), form.status)

    @app.post("/test/press")
    @access.public
    def press() -> Any:
        def verb(session: Session) -> int:
            audit.record(session, clock().now(), SYSTEM, "test:lot:press", ("lot", 1))
            if state["refuse"]:
                raise state["refuse"]
            return 1

        return perform(verb, then=lambda result: f"/policies?q={result}", message="已办理")

    return state


def events(session: Session) -> int:
    """How many events this test's services have recorded."""
    session.rollback()
    return len(session.exec(select(AuditEvent)).all())


# Reading what people write -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("field", "typed", "value"),
    [
        ("budget", "1,234.50", Decimal("1234.50")),
        ("budget", "１，２３４．５", Decimal("1234.50")),
        ("budget", " ¥1 234.5元 ", Decimal("1234.50")),
        ("budget", "0.01", Decimal("0.01")),
        ("share", "3.5", Decimal("0.035")),
        ("share", "3.5%", Decimal("0.035")),
        ("share", "100", Decimal(1)),
        ("share", "３０％", Decimal("0.30")),
        ("people", "1,624,000人", 1_624_000),
        ("opens_on", "2026-11-24", date(2026, 11, 24)),
        ("opens_on", "2026年11月4日", date(2026, 11, 4)),
        ("opens_on", "２０２６/１１/２４", date(2026, 11, 24)),
        ("closes_at", "2026-12-04T09:30", beijing(2026, 12, 4, 9, 30)),
        ("closes_at", "2026-12-04 09:30", beijing(2026, 12, 4, 9, 30)),
    ],
)
def test_figures_are_read_as_people_write_them(app: Flask, field: str, typed: str, value: Any) -> None:
    form = filled(app, {**GOOD, field: typed})
    assert (form[field].errors, form[field].data) == ((), value)


@pytest.mark.parametrize(
    ("field", "typed", "said"),
    [
        ("budget", "0.005", "金额最多两位小数（精确到分）：0.005"),
        ("budget", "1e3", "不是数字：1e3"),
        ("budget", "一百", "不是数字：一百"),
        ("budget", "NaN", "不是数字：NaN"),
        ("budget", "0", "不得低于 0.01"),
        ("budget", "99999999999999999", "不得高于 9,999,999,999,999,999.99"),
        ("people", "3,000,000,000", "不得高于 2,147,483,647"),
        ("budget", "", "须填写"),
        ("share", "101", "不得高于 100"),
        ("people", "1.5", "不是整数：1.5"),
        ("opens_on", "2026-02-30", "不是日期：2026-02-30"),
        ("closes_at", "2026-12-04", "不是日期和时间：2026-12-04"),
    ],
)
def test_one_wrong_figure_gives_one_clear_message(app: Flask, field: str, typed: str, said: str) -> None:
    form = filled(app, {**GOOD, field: typed})
    assert list(form[field].errors) == [said]


def filled(app: Flask, values: dict[str, str]) -> LotForm:
    """The form as if it had been sent with these values, already validated."""
    with app.test_request_context("/", method="POST"):
        form = LotForm(MultiDict(values), meta={"csrf": False})
        form.validate()
        for field in form:
            field.errors = tuple(str(error) for error in field.errors)
        return form


# What was typed survives -------------------------------------------------------------------------------------------


def test_after_an_error_what_was_typed_is_still_there(client: CheckingClient, lots: dict[str, Any]) -> None:
    page = client.submit(client.get("/test/lot"), {"title": "包 <1>", "budget": "1,2,x", "people": "1624000"})
    assert page.status_code == 400
    assert 'value="1,2,x"' in page.text
    assert 'value="包 &lt;1&gt;"' in page.text
    assert 'value="1,624,000"' in page.text


def test_errors_stand_beside_the_field_and_in_a_summary_that_leads_there(
    client: CheckingClient, lots: dict[str, Any]
) -> None:
    page = client.submit(client.get("/test/lot"), {"budget": "0.005"})
    markup = Markup(page.text)
    links = [link for link in markup.all("a") if link.get("href") in ("#title", "#budget")]
    budget = next(field for field in markup.all("input") if field.get("id") == "budget")
    assert len(links) == 2
    assert budget.get("aria-invalid") == "true"
    assert budget.get("aria-describedby") == "budget-hint budget-error"
    assert "有 2 处需要改正" in page.text


def test_what_the_service_refuses_stands_beside_its_field_with_the_clause(
    client: CheckingClient, lots: dict[str, Any]
) -> None:
    lots["refuse"] = Invalid(N_("At most %(limit)s"), limit="12,240,000.00", field="budget", clause="条例第33条")
    page = client.submit(client.get("/test/lot"), GOOD)
    assert page.status_code == 400
    assert "不得高于 12,240,000.00" in page.text
    assert page.text.count("条例第33条") == 2  # the hint's and the error's


def test_what_belongs_to_no_field_stands_on_top(client: CheckingClient, lots: dict[str, Any]) -> None:
    lots["refuse"] = Refused(N_("The file is empty"), clause="87号令第27条")
    page = client.submit(client.get("/test/lot"), GOOD)
    assert page.status_code == 409
    assert "文件是空的" in page.text
    assert "87号令第27条" in page.text


def test_a_bad_file_lists_its_faults_and_counts_the_rest(client: CheckingClient, lots: dict[str, Any]) -> None:
    lots["refuse"] = FileInvalid(N_("The file is empty"), [(f"row {number}", "negative") for number in range(60)])
    page = client.submit(client.get("/test/lot"), GOOD)
    assert "row 49：negative" in page.text
    assert "row 50：negative" not in page.text
    assert "另有 10 处" in page.text


def test_a_refused_form_has_written_nothing_and_may_be_sent_again(
    client: CheckingClient, lots: dict[str, Any], session: Session
) -> None:
    lots["refuse"] = Refused(N_("The file is empty"))
    page = client.submit(client.get("/test/lot"), GOOD)
    assert events(session) == 0
    lots["refuse"] = None
    client.submit(page, GOOD)
    assert (events(session), lots["saved"]) == (1, [Decimal("1234.50")])


def test_what_is_forbidden_becomes_its_page(client: CheckingClient, lots: dict[str, Any]) -> None:
    lots["refuse"] = Forbidden(N_("The file is empty"))
    assert client.submit(client.get("/test/lot"), GOOD).status_code == 403


# One press, one effect ---------------------------------------------------------------------------------------------


def test_the_same_form_sent_twice_has_one_effect(
    client: CheckingClient, lots: dict[str, Any], session: Session
) -> None:
    page = client.get("/test/lot")
    first = client.submit(page, GOOD, follow=False)
    second = client.submit(page, GOOD, follow=False)
    assert first.location == second.location == "/policies?q=saved"
    assert (events(session), len(lots["saved"])) == (1, 1)
    assert "没有重复办理" in client.get("/policies").text


def test_the_same_button_pressed_twice_has_one_effect(
    client: CheckingClient, lots: dict[str, Any], session: Session
) -> None:
    page = client.get("/test/lot")
    for _ in range(2):
        assert client.submit(page, action="/test/press", follow=False).status_code == 303
    assert events(session) == 1


def test_another_copy_of_the_page_is_another_act(
    client: CheckingClient, lots: dict[str, Any], session: Session
) -> None:
    for _ in range(2):
        client.submit(client.get("/test/lot"), GOOD)
    assert events(session) == 2


def test_a_refused_button_shows_the_page_of_the_refusal(
    client: CheckingClient, lots: dict[str, Any], session: Session
) -> None:
    lots["refuse"] = Refused(N_("The file is empty"), clause="87号令第27条")
    page = client.submit(client.get("/test/lot"), action="/test/press")
    assert (page.status_code, events(session)) == (409, 0)
    assert "87号令第27条" in page.text


@pytest.mark.databases("sqlite", "postgresql")
def test_twenty_presses_at_once_have_one_effect(app: Flask, lots: dict[str, Any], session: Session) -> None:
    app.config["WTF_CSRF_ENABLED"] = False  # twenty clients share one token of the form, not a session
    start, answers = Barrier(20), []

    def press() -> None:
        client = app.test_client()
        start.wait()
        answers.append(client.post("/test/press", data={"once": "the same token"}).status_code)

    presses = [Thread(target=press) for _ in range(20)]
    for thread in presses:
        thread.start()
    for thread in presses:
        thread.join()
    assert answers == [303] * 20
    assert events(session) == 1


def test_used_forms_are_forgotten_after_two_days(house: Any, session: Session, clock: FixedClock) -> None:
    session.add(SubmittedForm(key="a" * 64, at=clock.now(), location="/"))
    session.commit()
    clock.advance(days=1)
    assert forget_used_forms(session, clock.now()) == 0
    clock.advance(days=2)
    assert forget_used_forms(session, clock.now()) == 1


def test_instants_are_shown_in_beijing_time(app: Flask) -> None:
    with app.test_request_context("/"):
        form = LotForm(data={"closes_at": beijing(2026, 12, 4, 9, 30)}, meta={"csrf": False})
        assert 'value="2026-12-04T09:30"' in str(form.closes_at())
        assert isinstance(form.closes_at.data, datetime)


def test_every_kind_of_select_is_drawn_as_one(client: CheckingClient, lots: dict[str, Any]) -> None:
    select_box = next(box for box in Markup(client.get("/test/lot").text).all("select") if box.get("id") == "kind")
    assert select_box.get("class") == "form-select"
