"""Set-up that cannot go on says what is missing and what to do; set-up that was done is not done again."""

import os
import re
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from setup import prepare

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def stamps(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder of stamps."""
    monkeypatch.setattr(prepare, "STAMPS", tmp_path)
    return tmp_path


def test_without_root_the_missing_packages_and_the_command_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    with pytest.raises(SystemExit) as stopped:
        prepare.system_packages({"fonts-of-nowhere": "nowhere/*.ttf", "python3": "usr/bin/env"})
    words = str(stopped.value)
    assert "Missing system packages: fonts-of-nowhere\n" in words
    assert "apt-get update && apt-get install --yes --no-install-recommends fonts-of-nowhere\n" in words


def test_nothing_is_asked_for_where_nothing_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    prepare.system_packages({"coreutils": "usr/bin/env"})


def test_another_python_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "version_info", (3, 12, 1))
    with pytest.raises(SystemExit, match=r"needs Python 3\.11 and this is 3\.12\.1"):
        prepare.require_python()


def test_a_step_is_done_once_for_the_same_sources(stamps: Path, tmp_path: Path) -> None:
    source, made, done = tmp_path / "pinned.txt", tmp_path / "made", []

    def step() -> None:
        done.append(source.read_text())
        made.touch()

    for content in ("one", "one", "two"):
        source.write_text(content)
        prepare.once("step", [source], step, made=made)
    assert done == ["one", "two"]
    made.unlink()
    prepare.once("step", [source], step, made=made)
    assert done == ["one", "two", "two"]


def test_a_step_that_failed_is_done_again(stamps: Path, tmp_path: Path) -> None:
    def fail() -> None:
        raise subprocess.CalledProcessError(1, ["pip"])

    source = tmp_path / "pinned.txt"
    source.write_text("one")
    with pytest.raises(subprocess.CalledProcessError):
        prepare.once("step", [source], fail)
    assert prepare.changed("step", [source])


def test_a_taken_port_is_refused_with_what_to_do(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        outside = os.environ | {"PORT": port, "CHENGBAN_DATA": str(tmp_path / "data")}
        done = subprocess.run(
            [sys.executable, "-m", "setup.serve"], cwd=ROOT, env=outside, capture_output=True, text=True, timeout=300
        )
    assert (done.returncode, done.stderr) == (
        1, f"Port {port} is taken. Stop what uses it, or choose another: PORT=8001 make run\n",
    )
    assert not (tmp_path / "data").exists()


def test_production_does_not_start_with_the_known_secret(tmp_path: Path) -> None:
    outside = os.environ | {"CHENGBAN_MODE": "production", "CHENGBAN_DATA": str(tmp_path / "data")}
    outside.pop("SECRET_KEY", None)
    done = subprocess.run(
        [sys.executable, "-m", "setup.serve"], cwd=ROOT, env=outside, capture_output=True, text=True, timeout=300
    )
    assert (done.returncode, "production needs SECRET_KEY" in done.stderr) == (1, True)


def test_every_requirement_is_pinned_by_version_and_hash() -> None:
    loose = []
    for name in ("requirements.txt", "requirements-test.txt", "setup/requirements-node.txt"):
        entries = re.split(r"\n(?=\S)", (ROOT / name).read_text().strip())
        loose += [f"{name}: {entry[:60]}" for entry in entries if "==" not in entry or "--hash=sha256:" not in entry]
    assert loose == []


def test_what_runs_is_the_same_in_both_lists() -> None:
    """A version tested is the version that runs."""

    def pins(name: str) -> set[str]:
        return set(re.findall(r"^(\S+==\S+)", (ROOT / name).read_text(), re.MULTILINE))

    assert pins("requirements.txt") - pins("requirements-test.txt") == set()


def test_make_help_lists_every_target() -> None:
    targets = re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE)
    shown = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert [target for target in targets if f"make {target} " not in shown] == []
