"""Logging in and out as a browser does it: sessions, second factor, freshness, throttling, changes at once."""

import re
from urllib.parse import urlsplit

import pytest
from sqlalchemy import select

from core.audit import AuditEvent
from core.db import transaction
from core.identity import approvals, services
from core.identity.models import User, UserSession
from tests.conftest import visitor
from tests.factories import identity as make
from tests.support.second_factor import code_at, set_up

WRONG = "not-the-password-at-all"


def sign_in(client, login_name, password=make.PASSWORD, follow=False):
    return client.submit(client.get("/login"), {"login": login_name, "password": password}, follow=follow)


def is_in(client):
    return client.get("/account").status_code == 200


def cookie(client):
    return client.get_cookie("chengban").value


def put_cookie(client, value):
    client.set_cookie("chengban", value)


@pytest.fixture
def real_person(session, clock):
    """A handler of an office that is no demonstration: a second factor is required."""
    office = make.organisation(session, clock)
    person = make.user(session, clock, "handler", of=office)
    with transaction(session):
        session.get_one(type(office), office.id).demonstration = False
    return person


# Password ----------------------------------------------------------------------------------------------------------


def test_a_person_logs_in_and_out(client, session, clock):
    person = make.user(session, clock, "handler")
    assert sign_in(client, f" {person.login.upper()} ").status_code == 302
    page = client.get("/account")
    assert person.name in page.text
    assert person.organisation.name in page.text
    client.submit(page, action="/logout", follow=False)
    assert not is_in(client)


def test_one_answer_for_unknown_names_wrong_passwords_and_disabled_accounts(client, session, clock):
    known, disabled = make.user(session, clock, "handler"), make.user(session, clock, "handler")
    admin = make.actor(session, clock, "system_admin")
    with transaction(session):
        services.disable_user(session, admin, clock, disabled.id)
    answers = set()
    for login_name, password in [(known.login, WRONG), ("nobody", WRONG), (disabled.login, make.PASSWORD)]:
        page = sign_in(client, login_name, password)
        answers.add(re.search(r'class="err-sum".*?</div>', page.text, re.DOTALL)[0])
        assert login_name in page.text, "what was typed stays"
        assert password not in page.text
    assert len(answers) == 1


def test_too_many_failures_are_told_and_the_owner_still_comes_in_from_a_known_place(app, client, session, clock):
    person = make.user(session, clock, "handler")
    sign_in(client, person.login)
    stranger = visitor(app, session)
    stranger.environ_base["REMOTE_ADDR"] = "198.51.100.9"
    for _ in range(6):
        sign_in(stranger, person.login, WRONG)
    page = sign_in(stranger, person.login)
    assert re.search(r"2 (秒|seconds)", page.text)
    assert not is_in(stranger)
    owner = visitor(app, session)
    sign_in(owner, person.login)
    assert is_in(owner)


def test_logging_in_needs_the_pages_own_token(client, session, clock):
    person = make.user(session, clock, "handler")
    sent = {"login": person.login, "password": make.PASSWORD}
    assert client.post("/login", data=sent).status_code == 400
    page = client.get("/login")
    token = re.search(r'name="csrf_token" type="hidden" value="([^"]+)"', page.text)[1]
    foreign = client.post("/login", data=sent | {"csrf_token": token}, headers={"Sec-Fetch-Site": "cross-site"})
    assert foreign.status_code == 403
    assert not is_in(client)


@pytest.mark.parametrize("target", ["https://evil.example/", "//evil.example/x", "/\\evil.example"])
def test_logging_in_never_leads_to_another_site(client, session, clock, target):
    person = make.user(session, clock, "handler")
    page = client.get("/login", query_string={"next": target})
    answer = client.submit(page, {"login": person.login, "password": make.PASSWORD}, follow=False)
    location = answer.location or "/login"
    assert urlsplit(location).netloc in ("", "localhost")
    assert not location.startswith(("//", "/\\"))


# Sessions ----------------------------------------------------------------------------------------------------------


def test_a_cookie_planted_before_login_is_worth_nothing_after(app, client, session, clock):
    """W06: the token is new at login, and so is the CSRF secret."""
    person = make.user(session, clock, "handler")
    client.get("/login")
    planted = cookie(client)
    sign_in(client, person.login)
    assert cookie(client) != planted
    attacker = visitor(app, session)
    put_cookie(attacker, planted)
    assert not is_in(attacker)


def test_a_cookie_replayed_after_logout_is_refused(client, session, clock, login):
    """Finding 8 of security.md: the row is ended, whatever the cookie says."""
    handler = login("handler")
    copied = cookie(handler)
    handler.submit(handler.get("/account"), action="/logout", follow=False)
    put_cookie(handler, copied)
    assert not is_in(handler)


@pytest.mark.parametrize(("minutes", "step"), [(30, 30), (12 * 60, 20)])
def test_a_session_ends_after_30_idle_minutes_and_after_12_hours(clock, login, minutes, step):
    """W11: used every 20 minutes it lasts 12 hours; left alone for 30 minutes it is over."""
    handler = login("handler")
    for passed in range(step, minutes + step, step):
        clock.advance(minutes=step)
        assert is_in(handler) is (passed < minutes)


def test_sessions_on_other_devices_can_be_ended(app, session, clock, login):
    handler = login("handler")
    other = visitor(app, session)
    sign_in(other, session.get_one(User, handler.actor.user_id).login)
    assert is_in(other)
    handler.submit(handler.get("/account"), action="end-others")
    assert is_in(handler)
    assert not is_in(other)


def test_a_disabled_person_is_out_at_the_next_request(session, clock, login):
    """A10, first half."""
    handler, admin = login("handler"), make.actor(session, clock, "system_admin")
    assert is_in(handler)
    with transaction(session):
        services.disable_user(session, admin, clock, handler.actor.user_id)
    assert handler.get("/account").status_code == 302


def test_a_changed_role_counts_at_the_next_request(session, clock, login):
    """A10, second half: taken away and given, without logging in again."""
    handler = login("handler")
    first, second = (make.actor(session, clock, "security_admin") for _ in range(2))
    assert handler.get("/approvals").status_code == 200
    with transaction(session):
        services.revoke_role(session, first, clock, handler.actor.user_id, "handler")
    assert handler.get("/approvals").status_code == 403
    with transaction(session):
        approval = services.request_role(session, first, clock, handler.actor.user_id, "finance")
    with transaction(session):
        approvals.approve(session, second, clock, approval.id)
    assert handler.get("/approvals").status_code == 200


# Second factor -----------------------------------------------------------------------------------------------------


def test_staff_set_up_an_authenticator_at_their_first_login(client, clock, real_person):
    page = sign_in(client, real_person.login, follow=True)
    assert page.request.path == "/account/second-factor"
    assert not is_in(client), "the password alone opens nothing"
    _key, page = set_up(client, clock.now(), page)
    assert is_in(client)


def test_a_cookie_from_the_first_login_cannot_set_up_a_second_authenticator(app, client, session, clock, real_person):
    early = visitor(app, session)
    page = sign_in(early, real_person.login, follow=True)
    kept = cookie(early)
    set_up(client, clock.now(), sign_in(client, real_person.login, follow=True))
    put_cookie(early, kept)
    answer = early.submit(page, button="开始" if "开始" in page.text else "Begin", follow=False)
    assert answer.location == "/login"
    assert not is_in(early)


def test_the_same_code_is_refused_twice_and_so_is_an_earlier_one(app, client, session, clock, real_person):
    """W05."""
    key, _page = set_up(client, clock.now(), sign_in(client, real_person.login, follow=True))
    used = code_at(key, clock.now())
    other = visitor(app, session)
    page = sign_in(other, real_person.login, follow=True)
    assert page.request.path == "/login/code"
    assert "err-sum" in other.submit(page, {"code": used}).text
    clock.advance(seconds=60)
    later = code_at(key, clock.now())
    other.submit(page, {"code": later})
    assert is_in(other)
    third = visitor(app, session)
    page = sign_in(third, real_person.login, follow=True)
    assert "err-sum" in third.submit(page, {"code": used}).text
    assert not is_in(third)


def test_a_recovery_code_opens_once(app, client, session, clock, real_person):
    set_up(client, clock.now(), sign_in(client, real_person.login, follow=True))
    page = client.submit(client.get("/account/recovery-codes"), action="recovery-codes")
    codes = re.findall(r'<span class="code">([0-9a-f-]{14})</span>', page.text)
    assert len(codes) == 10
    for expected in (True, False):
        other = visitor(app, session)
        sign_in(other, real_person.login, follow=True)
        page = other.submit(other.get("/login/recovery"), {"code": codes[0]})
        assert is_in(other) is expected
    stored = session.get_one(User, real_person.id).mf_recovery_codes
    assert len(stored) == 9
    assert codes[1] not in stored


def test_a_demonstration_account_may_set_up_a_second_factor_and_give_it_up(session, clock, login):
    handler = login("handler")
    set_up(handler, clock.now(), handler.get("/account/second-factor"))
    assert session.get_one(User, handler.actor.user_id).tf_totp_secret
    page = handler.get("/account/second-factor")
    handler.submit(page, button="关闭" if "关闭" in page.text else "off")
    session.expire_all()
    assert session.get_one(User, handler.actor.user_id).tf_totp_secret is None


# Proving once more -------------------------------------------------------------------------------------------------


def test_what_binds_asks_for_a_recent_proof(session, clock, login):
    first, second = login("security_admin"), login("security_admin")
    person = make.user(session, clock)
    with transaction(session):
        approval = services.request_role(session, first.actor, clock, person.id, "finance")
    clock.advance(minutes=10)
    address = f"/approvals/{approval.id}"
    page = second.submit(second.get(address), action="approve")
    assert page.request.path == "/account/prove"
    assert "err-sum" in second.submit(page, {"password": WRONG}).text
    page = second.submit(page, {"password": make.PASSWORD})
    assert page.request.path == address
    second.submit(page, action="approve")
    session.expire_all()
    assert session.get_one(User, person.id).role_names == {"finance"}


def test_a_proof_includes_the_code_where_an_authenticator_is_set_up(session, clock, login):
    handler = login("handler")
    key, _page = set_up(handler, clock.now(), handler.get("/account/second-factor"))
    clock.advance(minutes=1)
    page = handler.get("/account/prove")
    assert "err-sum" in handler.submit(page, {"password": make.PASSWORD, "code": "000000"}).text
    before = session.scalars(select(UserSession.proved_at)).one()
    handler.submit(page, {"password": make.PASSWORD, "code": code_at(key, clock.now())})
    session.rollback()
    assert session.scalars(select(UserSession.proved_at)).one() > before


# Passwords and administration --------------------------------------------------------------------------------------


def test_a_person_changes_their_password(app, session, clock, login):
    handler = login("handler")
    page = handler.get("/account/password")
    new = "marble-lantern-orchid-7"
    page = handler.submit(page, {"current": make.PASSWORD, "password": new, "again": "different-in-the-end"})
    assert "err-sum" in page.text
    page = handler.submit(page, {"current": WRONG, "password": new, "again": new})
    assert "err-sum" in page.text
    handler.submit(page, {"current": make.PASSWORD, "password": new, "again": new}, follow=False)
    assert not is_in(handler)
    name = session.get_one(User, handler.actor.user_id).login
    assert "err-sum" in sign_in(handler, name).text
    sign_in(handler, name, new)
    assert is_in(handler)


def test_after_a_reset_an_own_password_comes_first(app, session, clock, login):
    person = make.user(session, clock, "handler")
    asker, approver = login("system_admin"), login("security_admin")
    asker.submit(asker.get(f"/users/{person.id}"), action="reset")
    approver.get("/approvals")
    with transaction(session):
        waiting = approvals.pending(session, "identity.reset_access", person)
    page = approver.submit(approver.get(f"/approvals/{waiting.id}"), action="approve")
    one_time = re.search(r"\b([0-9a-f]{4}(?:-[0-9a-f]{4}){3})\b", page.text)[1]
    client = visitor(app, session)
    sign_in(client, person.login, one_time)
    assert client.get("/approvals").location == "/account/password"
    page = client.get("/account/password")
    new = "marble-lantern-orchid-7"
    client.submit(page, {"current": one_time, "password": new, "again": new}, follow=False)
    sign_in(client, person.login, new)
    assert is_in(client)


def test_an_administrator_makes_an_account_and_two_others_give_it_a_role(session, clock, login):
    office = make.organisation(session, clock)
    admin, first, second = login("system_admin"), login("security_admin"), login("security_admin")
    page = admin.get("/users/new")
    values = {"name": "新人", "login": "new.person", "organisation_id": str(office.id), "password": make.PASSWORD}
    page = admin.submit(page, values)
    address = page.request.path
    assert address.startswith("/users/")
    page = first.submit(first.get(address), {"role": "handler"}, action="roles")
    assert "新人" in page.text
    with transaction(session):
        waiting = approvals.visible_to(session, second.actor)[0].id
    assert first.get(f"/approvals/{waiting}").text.count("disabled") == 1, "the asker sees why not"
    second.submit(second.get(f"/approvals/{waiting}"), action="approve")
    assert services.find_user(session, "new.person").role_names == {"handler"}
    first.submit(first.get(address), action="revoke")
    session.expire_all()
    assert services.find_user(session, "new.person").role_names == frozenset()
    admin.submit(admin.get(address), action="disable")
    session.expire_all()
    assert not services.find_user(session, "new.person").active


def test_the_list_of_accounts_searches_filters_sorts_and_exports(session, clock, login):
    admin = login("audit_admin")
    person, other = make.user(session, clock, "handler"), make.user(session, clock, "insurer_signer")
    page = admin.get("/users", query_string={"q": person.login})
    assert person.name in page.text
    assert other.name not in page.text
    page = admin.get("/users", query_string={"role": "insurer_signer", "sort": "-name"})
    assert other.name in page.text
    assert person.name not in page.text
    page = admin.get("/users", query_string={"kind": "insurer"})
    assert other.name in page.text
    assert person.name not in page.text
    assert person.login in admin.get("/users", query_string={"as": "csv"}).get_data(as_text=True)


def test_a_request_is_rejected_with_a_reason_or_withdrawn(session, clock, login):
    first, second = login("security_admin"), login("security_admin")
    person = make.user(session, clock)
    for role in ("finance", "handler"):
        first.submit(first.get(f"/users/{person.id}"), {"role": role}, action="roles")
    finance, handler = sorted(row.id for row in approvals.visible_to(session, first.actor))
    session.rollback()
    assert "err-sum" in second.submit(second.get(f"/approvals/{finance}"), action="reject").text
    page = second.submit(second.get(f"/approvals/{finance}"), {"reason": "岗位不符"}, action="reject")
    assert "岗位不符" in page.text
    first.submit(first.get(f"/approvals/{handler}"), action="withdraw")
    assert "person" not in first.get("/approvals", query_string={"state": "open"}).text.split("<tbody")[-1][:1]


@pytest.mark.parametrize("role", ["handler", "insurer_signer", "expert", "security_admin", "audit_admin"])
def test_others_are_refused_the_system_administrators_pages(login, role):
    """A09: and a visitor is asked to sign in."""
    assert login(role).get("/users/new").status_code == 403


def test_a_denial_is_recorded(session, login):
    """L06: who was refused what."""
    handler = login("handler")
    handler.get("/users/new")
    session.rollback()
    denial = session.scalars(select(AuditEvent).where(AuditEvent.action == "identity:access:deny")).one()
    assert (denial.actor_id, denial.object_id) == (handler.actor.user_id, "identity.new_user")


def test_signing_in_takes_forms_only(client):
    page = client.get("/login")
    token = re.search(r'name="csrf_token" type="hidden" value="([^"]+)"', page.text)[1]
    answer = client.post("/login", json={"login": {"a": 1}, "password": [1]}, headers={"X-CSRFToken": token})
    assert answer.status_code == 415


def test_a_visitor_is_asked_to_sign_in_and_comes_back(client, session, clock):
    answer = client.get("/approvals")
    assert answer.location == "/login?next=/approvals"
    person = make.user(session, clock, "handler")
    page = client.get(answer.location)
    back = client.submit(page, {"login": person.login, "password": make.PASSWORD}, follow=False)
    assert back.location.endswith("/approvals")


def test_logins_failures_and_logouts_are_in_the_audit_log(client, session, clock):
    """L06."""
    person = make.user(session, clock, "handler")
    sign_in(client, person.login, WRONG)
    sign_in(client, person.login)
    client.submit(client.get("/account"), action="/logout", follow=False)
    session.rollback()
    actions = session.scalars(select(AuditEvent.action).order_by(AuditEvent.position)).all()
    assert actions[-3:] == ["identity:login:fail", "identity:session:start", "identity:session:end"]
