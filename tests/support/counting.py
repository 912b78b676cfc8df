"""Says at the end of a run how many tests used each database and the browser, and makes a skip an error in CI."""

import os
from collections import Counter
from collections.abc import Generator

import pytest

RAN_ON: Counter[str] = Counter()
NAMES = {"sqlite": "SQLite", "postgresql": "PostgreSQL", "chromium": "Chromium"}


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    if report.when == "call" and not report.skipped:
        RAN_ON.update({value for name, value in report.user_properties if name == "ran on"})


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    counted = " · ".join(f"{title} {RAN_ON[kind]}" for kind, title in NAMES.items())
    terminalreporter.write_line(f"tests that ran on: {counted}")


def in_ci() -> bool:
    return os.environ.get("CI", "").lower() in ("1", "true")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if in_ci() and report.skipped and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"{item.nodeid}: nothing may be skipped in CI: {report.longrepr}"
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(
    collector: pytest.Collector,
) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    report = yield
    if in_ci() and report.skipped:
        report.outcome = "failed"
        report.longrepr = f"{collector.nodeid}: nothing may be skipped in CI: {report.longrepr}"
    return report
