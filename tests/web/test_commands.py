"""The house's own commands: what they print, as words and as data, and the exit code a script relies on."""

import json
import os
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pyrage
import pytest
from flask import Flask
from flask.testing import FlaskCliRunner
from sqlalchemy import text
from sqlmodel import Session

from core import audit, config
from core.clock import FixedClock
from core.config import ConfigurationError, Settings
from core.db import transaction
from core.identity.actor import SYSTEM
from wsgi import create_app


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


def test_an_encrypted_backup_tells_no_numbers_and_is_checked_and_restored_by_command(
    flask: FlaskCliRunner, tmp_path: Path
) -> None:
    key = pyrage.x25519.Identity.generate()
    (tmp_path / "key").write_text(str(key))
    target = str(tmp_path / "b.age")
    made = json.loads(flask.invoke(args=["backup", target, "--to", str(key.to_public()), "--json"]).output)
    assert (made["recipients"], made["audit_size"]) == (1, 3)
    assert not {"files", "bytes"} & set(made), "the number of files would count envelopes"
    asked = flask.invoke(args=["restore", target])
    assert (asked.exit_code, asked.output.startswith("Error: This backup is encrypted")) == (1, True)
    whole = flask.invoke(args=["restore", target, "--identity", str(tmp_path / "key"), "--check"])
    assert (whole.exit_code, whole.output.startswith("whole: sqlite database")) == (0, True)
    assert flask.invoke(args=["restore", target, "--identity", str(tmp_path / "key"), "--force"]).exit_code == 0
    assert flask.invoke(args=["audit", "verify"]).exit_code == 0


def test_recipients_in_the_settings_encrypt_every_backup(
    settings: Settings, session: Session, clock: FixedClock, tmp_path: Path
) -> None:
    session.close()
    key = pyrage.x25519.Identity.generate()
    given = config.read({"CHENGBAN_BACKUP_RECIPIENTS": f" {key.to_public()} ,"})
    assert given.backup_recipients == (str(key.to_public()),)
    app = create_app(replace(settings, backup_recipients=given.backup_recipients), clock)
    answer = app.test_cli_runner().invoke(args=["backup", str(tmp_path / "b.age")])
    app.extensions["house"].db.engine.dispose()
    assert "encrypted to 1 recipients" in answer.output
    assert (tmp_path / "b.age").read_bytes().startswith(b"age-encryption.org/v1")


def test_backup_refuses_in_one_clear_line(flask: FlaskCliRunner, tmp_path: Path) -> None:
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "notes").write_text("mine")
    answer = flask.invoke(args=["backup", str(tmp_path / "full")])
    assert (answer.exit_code, answer.output) == (1, f"Error: {tmp_path / 'full'} is not empty\n")


def test_jobs_due_runs_each_sweep_once(flask: FlaskCliRunner) -> None:
    first = json.loads(flask.invoke(args=["jobs", "due", "--json"]).output)
    assert "core.forget_job_runs" in first["sweeps"]
    assert json.loads(flask.invoke(args=["jobs", "due", "--json"]).output) == {"sweeps": [], "tasks": 0}


COMMANDS = [
    ["audit", "verify"], ["users", "list"], ["tender", "list"], ["backup", "FOLDER"], ["jobs", "due"],
    ["opendata", "export", "--out", "FOLDER"],
]  # fmt: skip


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_a_house_that_was_never_prepared_is_named_in_one_line(
    settings: Settings, clock: FixedClock, tmp_path: Path, command: list[str]
) -> None:
    empty = replace(settings, data=tmp_path / "empty", database_url=f"sqlite:///{tmp_path / 'nothing.sqlite3'}")
    folder = tmp_path / "result"
    app = create_app(empty, clock)
    answer = app.test_cli_runner().invoke(args=[str(folder) if word == "FOLDER" else word for word in command])
    app.extensions["house"].db.engine.dispose()
    assert answer.exit_code == 1
    assert answer.output.startswith("Error: The database is not prepared")
    assert answer.output.count("\n") == 1
    assert not folder.exists()


@pytest.mark.parametrize("command", [["backup"], ["opendata", "export", "--out"]], ids=" ".join)
def test_a_folder_that_cannot_be_made_is_named_in_one_line(flask: FlaskCliRunner, command: list[str]) -> None:
    answer = flask.invoke(args=[*command, "/proc/nowhere"])
    assert (answer.exit_code, answer.output) == (1, "Error: /proc/nowhere: No such file or directory\n")


SETTINGS = [
    ("PORT", "eighty", "PORT must be a number from 1 to 65535, not 'eighty'"),
    ("PORT", "70000", "PORT must be a number from 1 to 65535, not '70000'"),
    ("CHENGBAN_MODE", "live", "CHENGBAN_MODE must be demonstration, production or test, not 'live'"),
    ("DATABASE_URL", "mysql://somebody:secret@host/db", "DATABASE_URL must begin with sqlite:/// or postgresql"),
    ("DATABASE_URL", "nonsense", "DATABASE_URL must begin with sqlite:/// or postgresql"),
    ("CHENGBAN_MODE", "production", "production needs SECRET_KEY of at least 32 characters"),
]


@pytest.mark.parametrize("name, value, words", SETTINGS)
def test_a_setting_that_cannot_be_used_is_named(name: str, value: str, words: str) -> None:
    with pytest.raises(ConfigurationError, match=re.escape(words)) as refused:
        config.read({name: value})
    assert "secret@" not in str(refused.value)


def test_the_command_line_says_a_wrong_setting_in_one_line() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "flask", "users", "list"], cwd=config.ROOT, env=os.environ | {"PORT": "eighty"},
        capture_output=True, text=True, timeout=300,
    )  # fmt: skip
    assert (done.returncode, done.stdout, done.stderr) == (
        1, "", "Error: PORT must be a number from 1 to 65535, not 'eighty'\n",
    )  # fmt: skip
