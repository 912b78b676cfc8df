"""The shell around every page: who is let in, what an error says, what answers carry, which language they speak."""

import json
import logging
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask, Response, request
from flask.testing import FlaskClient

from core.clock import FixedClock
from core.config import Settings
from core.errors import FileInvalid, N_, Refused
from core.identity.actor import Actor
from core.web import access, headers
from core.web.language import local_path
from core.web.logs import JsonLines
from demonstration.story import StoryClock


def act_as(app: Flask, *roles: str, user_id: int = 7) -> None:
    """Let every request of the application be made by somebody with these roles."""
    somebody = Actor(user_id, "测试员", 1, "department", frozenset(roles))
    app.extensions["current_actor"] = lambda: somebody


def ours(caplog: pytest.LogCaptureFixture) -> list[Any]:
    """The lines our own log wrote."""
    return [record for record in caplog.records if record.name == "core.web.logs"]


@pytest.fixture
def refusing(app: Flask) -> Flask:
    """The application with pages that refuse in each of the ways a service can."""

    @app.get("/test/refused")
    @access.public
    def refused() -> str:
        raise Refused(N_("There is no such page"), clause="条例第31条")

    @app.get("/test/file")
    @access.public
    def file() -> str:
        raise FileInvalid(N_("The file is empty"), [("row 3", "a negative amount")])

    @app.get("/test/broken")
    @access.public
    def broken() -> str:
        raise RuntimeError("the secret 4711 must not be shown")

    @app.get("/api/v1/test-refused")
    @access.public
    def api_refused() -> str:
        raise Refused(N_("There is no such page"), clause="条例第31条")

    @app.post("/test/take")
    @access.public
    def take() -> Response:
        return Response(str(len(request.get_data())), mimetype="text/plain")

    @app.get("/test/unmarked")
    def unmarked() -> str:
        return "nobody may see this"

    return app


# Who is let in -----------------------------------------------------------------------------------------------------


def test_a_guest_is_asked_to_sign_in_and_comes_back(client: FlaskClient) -> None:
    answer = client.get("/desk")
    assert (answer.status_code, answer.location) == (302, "/login?next=/desk")


def test_a_person_without_the_permission_is_refused(app: Flask, client: FlaskClient) -> None:
    act_as(app, "handler")
    answer = client.get("/audit/")
    assert answer.status_code == 403
    assert "无权办理" in answer.text


def test_a_person_with_the_permission_is_served(app: Flask, client: FlaskClient) -> None:
    act_as(app, "supervisor")
    assert client.get("/audit/").status_code == 200


def test_a_view_that_names_no_permission_is_never_served(refusing: Flask) -> None:
    refusing.testing = False
    assert refusing.test_client().get("/test/unmarked").status_code == 500


def test_a_permission_nobody_defined_fails_at_import() -> None:
    with pytest.raises(KeyError):
        access.allow("tender:invented")


def test_a_binding_act_asks_for_a_fresh_proof(app: Flask) -> None:
    @app.get("/test/binding")
    @access.allow("home:view", fresh=True)
    def binding() -> str:
        return "done"

    act_as(app, "handler")
    app.extensions["require_fresh"] = lambda: ("prove it", 401)
    assert app.test_client().get("/test/binding").status_code == 401


# Errors ------------------------------------------------------------------------------------------------------------


def test_a_refusal_says_why_and_by_which_clause(refusing: Flask, client: FlaskClient) -> None:
    page = client.get("/test/refused")
    assert page.status_code == 409
    assert "没有这个页面" in page.text
    assert "条例第31条" in page.text


def test_a_bad_file_names_each_place(refusing: Flask, client: FlaskClient) -> None:
    page = client.get("/test/file")
    assert page.status_code == 400
    assert "row 3：a negative amount" in page.text


def test_a_failure_shows_a_number_and_nothing_else(refusing: Flask, caplog: pytest.LogCaptureFixture) -> None:
    refusing.testing = False
    with caplog.at_level(logging.ERROR, "core.web.logs"):
        page = refusing.test_client().get("/test/broken")
    number = page.headers["X-Request-Id"]
    assert page.status_code == 500
    assert number in page.text
    assert "4711" not in page.text
    assert "Traceback" not in page.text
    assert number in [record.facts["request"] for record in ours(caplog)]


def test_a_failure_is_reported_even_when_nobody_can_be_asked_who_is_there(app: Flask) -> None:
    def database_is_gone() -> Actor:
        raise ConnectionError("the database is gone")

    app.extensions["current_actor"] = database_is_gone
    app.testing = False
    page = app.test_client().get("/desk")
    assert page.status_code == 500
    assert page.headers["X-Request-Id"] in page.text
    assert page.headers["Cache-Control"] == "no-store"


def test_the_log_line_of_a_failure_holds_no_text_of_the_exception(
    refusing: Flask, caplog: pytest.LogCaptureFixture
) -> None:
    refusing.testing = False
    with caplog.at_level(logging.ERROR, "core.web.logs"):
        refusing.test_client().get("/test/broken")
    line = json.loads(JsonLines().format(ours(caplog)[-1]))
    assert line["error"] == "RuntimeError"
    assert "4711" not in json.dumps(line)


def test_the_interface_for_programs_answers_errors_as_json(refusing: Flask, client: FlaskClient) -> None:
    answer = client.get("/api/v1/test-refused")
    assert answer.status_code == 409
    assert answer.json is not None
    assert answer.json["clause"] == "条例第31条"


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("get", "/no-such-page", 404),
        ("get", "/.git/config", 404),
        ("get", "/console", 404),
        ("post", "/desk", 405),
        ("trace", "/time", 405),
    ],
)
def test_what_is_not_there_is_said_plainly(client: FlaskClient, method: str, path: str, status: int) -> None:
    assert client.open(path, method=method.upper()).status_code == status


# What every answer carries -----------------------------------------------------------------------------------------


def test_every_answer_carries_the_security_headers(client: FlaskClient) -> None:
    for path in ("/policies", "/static/css/theme/ground.css", "/time", "/no-such-page"):
        answer = client.get(path, buffered=True)
        assert answer.headers["Content-Security-Policy"] == headers.POLICY
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Referrer-Policy"] == "same-origin"


def test_pages_of_signed_in_people_are_kept_nowhere(app: Flask, client: FlaskClient) -> None:
    act_as(app, "handler")
    assert client.get("/policies").headers["Cache-Control"] == "no-store"


def test_production_has_secure_cookies_and_hsts(settings: Settings, clock: FixedClock) -> None:
    from wsgi import create_app

    app = create_app(replace(settings, mode="production", secret="x" * 40), clock)
    assert app.config["SESSION_COOKIE_NAME"] == "__Host-chengban"
    assert app.config["SESSION_COOKIE_SECURE"] is True
    assert (
        "max-age" in app.test_client().get("/time", base_url="https://localhost").headers["Strict-Transport-Security"]
    )
    app.extensions["house"].db.engine.dispose()


def test_a_change_sent_from_another_site_is_refused(refusing: Flask, client: FlaskClient) -> None:
    refusing.config["WTF_CSRF_ENABLED"] = False  # to see the origin check alone
    assert client.post("/test/take", headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403
    assert client.post("/test/take", headers={"Sec-Fetch-Site": "same-site"}).status_code == 403
    assert client.post("/test/take", headers={"Sec-Fetch-Site": "same-origin"}).status_code == 200


def test_a_change_without_the_token_is_refused(refusing: Flask, client: FlaskClient) -> None:
    assert client.post("/test/take").status_code == 400


def test_a_body_beyond_the_routes_limit_is_refused(refusing: Flask, client: FlaskClient) -> None:
    refusing.config["WTF_CSRF_ENABLED"] = False
    assert client.post("/test/take", data=b"x" * headers.MEGABYTE).text == str(headers.MEGABYTE)
    assert client.post("/test/take", data=b"x" * (headers.MEGABYTE + 1)).status_code == 413
    access.accepts(3)(refusing.view_functions["take"])
    assert client.post("/test/take", data=b"x" * (headers.MEGABYTE + 1)).status_code == 200


def test_an_unknown_host_is_refused_and_forwarded_names_change_nothing(client: FlaskClient) -> None:
    assert client.get("/time", base_url="http://evil.example").status_code == 400
    spoofed = {"X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "https", "X-Forwarded-For": "203.0.113.9"}
    assert "evil.example" not in client.get("/policies", headers=spoofed).text


def test_the_request_log_names_the_route_and_nobody(
    app: Flask, client: FlaskClient, caplog: pytest.LogCaptureFixture
) -> None:
    act_as(app, "handler", user_id=7)
    with caplog.at_level(logging.INFO, "core.web.logs"):
        client.get("/policies/jilin-2016?on=2017-03-01")
    facts = ours(caplog)[-1].facts
    assert (facts["route"], facts["status"], facts["user"]) == ("/policies/<name>", 200, 7)
    assert "测试员" not in json.dumps(facts, ensure_ascii=False)


# Language ----------------------------------------------------------------------------------------------------------


def test_chinese_is_the_default_whatever_the_browser_wishes(client: FlaskClient) -> None:
    page = client.get("/policies", headers={"Accept-Language": "en"})
    assert '<html lang="zh-CN">' in page.text
    assert "政策与日历" in page.text


def test_the_switch_keeps_the_page_and_is_remembered(client: FlaskClient) -> None:
    answer = client.get("/language/en?next=/policies/jilin-2016?on%3D2017-03-01")
    assert answer.location == "/policies/jilin-2016?on=2017-03-01"
    page = client.get("/policies")
    assert '<html lang="en">' in page.text
    assert "Policy and calendar" in page.text


@pytest.mark.parametrize(
    ("target", "followed"),
    [
        ("/policies?q=a", "/policies?q=a"),
        ("https://evil.example/", "/"),
        ("//evil.example/", "/"),
        ("/\\evil.example", "/"),
        ("javascript:alert(1)", "/"),
        ("", "/"),
    ],
)
def test_the_switch_never_leads_elsewhere(target: str, followed: str) -> None:
    assert local_path(target) == followed


# Clock and health --------------------------------------------------------------------------------------------------


def test_the_clock_is_the_houses_own(client: FlaskClient) -> None:
    answer = client.get("/time").json
    assert answer == {"utc": "2016-08-01T01:00:00.000+00:00", "beijing": "2016-08-01T09:00:00.000+08:00"}


def test_a_demonstration_runs_on_the_clock_its_loader_left(settings: Settings) -> None:
    from wsgi import create_app

    settings.data.mkdir(parents=True)
    (settings.data / "demonstration.json").write_text('{"shift_seconds": -86400}')
    for mode, shifted in (("demonstration", True), ("test", False)):
        app = create_app(replace(settings, mode=mode))
        assert isinstance(app.extensions["house"].clock, StoryClock) is shifted
        app.extensions["house"].db.engine.dispose()


def test_a_demonstration_says_so_on_every_page(settings: Settings, clock: FixedClock) -> None:
    from wsgi import create_app

    app = create_app(replace(settings, mode="demonstration"), clock)
    assert "演示" in app.test_client().get("/policies").text
    app.extensions["house"].db.engine.dispose()


def test_health_names_what_does_not_answer(app: Flask, client: FlaskClient) -> None:
    assert client.get("/healthz").json == {"ok": True, "database": True, "files": True, "last_sweep": None}
    folder = app.extensions["house"].files.folder
    folder.rmdir()
    folder.write_text("a file stands where the folder was")
    answer = client.get("/healthz")
    assert answer.status_code == 503
    assert answer.json is not None
    assert (answer.json["database"], answer.json["files"]) == (True, False)
