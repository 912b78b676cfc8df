"""The house's own commands: what they print, as words and as data, and the exit code a script relies on."""

import json
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskCliRunner
from sqlalchemy import text
from sqlmodel import Session

from core import audit
from core.clock import FixedClock
from core.db import transaction
from core.identity.actor import SYSTEM


@pytest.fixture
def flask(app: Flask, session: Session, clock: FixedClock) -> FlaskCliRunner:
    """Runs commands on a house with three events."""
    with transaction(session):
        for number in range(3):
            audit.record(session, clock.now(), SYSTEM, "core:test:happen", ("thing", number))
    session.close()
    return app.test_cli_runner()


def tamper(session: Session, *statements: str) -> None:
    """What somebody with the database's password could do."""
    for trigger in ("audit_event_no_update", "audit_event_no_delete"):
        session.execute(text(f"DROP TRIGGER {trigger}"))
    for statement in statements:
        session.execute(text(statement))
    session.commit()


def test_audit_verify_says_that_the_chain_holds(flask: FlaskCliRunner) -> None:
    answer = flask.invoke(args=["audit", "verify"])
    assert answer.exit_code == 0
    assert answer.output.startswith("3 events hold; the head is ")
    data = json.loads(flask.invoke(args=["audit", "verify", "--json"]).output)
    assert (data["ok"], data["events"], data["faults"]) == (True, 3, [])


TAMPERED = [
    ("an event changed", "UPDATE audit_event SET action = 'core:test:other' WHERE position = 2",
     "position 2: was changed after it was written"),
    ("an event removed", "DELETE FROM audit_event WHERE position = 2", "position 2: is missing; the next event is 3"),
    ("the last event removed", "DELETE FROM audit_event WHERE position = 3", "position 3: the head counts 3 events"),
]


@pytest.mark.parametrize("statement, words", [case[1:] for case in TAMPERED], ids=[case[0] for case in TAMPERED])
def test_audit_verify_names_the_position_and_exits_with_1(
    flask: FlaskCliRunner, session: Session, statement: str, words: str
) -> None:
    tamper(session, statement)
    answer = flask.invoke(args=["audit", "verify"])
    assert answer.exit_code == 1
    assert words in answer.output
    assert json.loads(flask.invoke(args=["audit", "verify", "--json"]).output)["ok"] is False


def test_backup_and_restore_by_command(flask: FlaskCliRunner, tmp_path: Path) -> None:
    folder = str(tmp_path / "backup")
    made = flask.invoke(args=["backup", folder, "--json"])
    assert (made.exit_code, json.loads(made.output)["audit_events"]) == (0, 3)
    refused = flask.invoke(args=["restore", folder])
    assert (refused.exit_code, refused.output) == (1, "Error: The house has content already; --force replaces it\n")
    assert flask.invoke(args=["restore", folder, "--force"]).exit_code == 0
    assert flask.invoke(args=["audit", "verify"]).exit_code == 0


def test_backup_refuses_in_one_clear_line(flask: FlaskCliRunner, tmp_path: Path) -> None:
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "notes").write_text("mine")
    answer = flask.invoke(args=["backup", str(tmp_path / "full")])
    assert (answer.exit_code, answer.output) == (1, f"Error: {tmp_path / 'full'} is not empty\n")


def test_jobs_due_runs_each_sweep_once(flask: FlaskCliRunner) -> None:
    first = json.loads(flask.invoke(args=["jobs", "due", "--json"]).output)
    assert "core.forget_job_runs" in first["sweeps"]
    assert json.loads(flask.invoke(args=["jobs", "due", "--json"]).output) == {"sweeps": [], "tasks": 0}
