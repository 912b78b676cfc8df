"""`flask users`: founding a house from the command line, and that even there a role needs two people."""

import json

import pytest

from core.db import transaction
from core.identity import approvals, services
from tests.factories import identity as make


@pytest.fixture
def run(app, session):
    """Runs `flask users …` and returns (exit code, output)."""

    def run(*words):
        session.rollback()
        result = app.test_cli_runner().invoke(args=["users", *words])
        return result.exit_code, result.output

    return run


def found(run):
    """An office with its first two security administrators."""
    assert run("add-organisation", "试验医保局", "--kind", "department")[0] == 0
    words = ("--organisation", "试验医保局", "--role", "security_admin", "--password", make.PASSWORD)
    for login in ("first", "second"):
        assert run("add", login, "--name", login, *words)[0] == 0


def test_a_house_is_founded_with_two_security_administrators(run):
    found(run)
    code, output = run("list", "--json")
    assert code == 0
    assert [(row["login"], row["roles"]) for row in json.loads(output)] == [
        ("first", ["security_admin"]),
        ("second", ["security_admin"]),
    ]


def test_afterwards_a_role_needs_two_people_even_here(run, session, clock):
    found(run)
    words = ("--name", "三", "--organisation", "试验医保局", "--password", make.PASSWORD)
    code, output = run("add", "third", *words, "--role", "handler")
    assert (code, "two people" in output) == (1, True)
    assert run("add", "third", *words)[0] == 0
    code, output = run("grant", "third", "handler", "--as", "first", "--json")
    assert code == 0
    waiting = json.loads(output)["approval"]
    assert services.find_user(session, "third").role_names == frozenset()
    with transaction(session):
        approvals.approve(session, services.find_user(session, "second").as_actor(), clock, waiting)
    assert services.find_user(session, "third").role_names == {"handler"}


def test_lost_access_waits_for_a_second_administrator(run):
    found(run)
    code, output = run("reset-second-factor", "first", "--as", "second")
    assert (code, "waits for a second administrator" in output) == (0, True)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("disable", "nobody"), "no account with this login name"),
        (("add", "x", "--name", "x", "--organisation", "无", "--password", make.PASSWORD), "no such organisation"),
        (("grant", "first", "auditor", "--as", "second"), "Invalid value"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_line(run, words, said):
    found(run)
    code, output = run(*words)
    assert code != 0
    assert said in output


def test_a_disabled_account_shows_in_the_list(run):
    found(run)
    assert run("disable", "second")[0] == 0
    assert "(disabled)" in run("list")[1]
