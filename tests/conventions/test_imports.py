"""Who may import whom: the contracts of import-linter, and the short list of what a rule may use."""

import ast
import subprocess
import sys
from pathlib import Path

from tests.support.sources import ROOT, Module, listed, modules

#: The pure half of the ground. `core.errors` is plain exceptions, and N_, which marks words for translation.
PURE = ("core.money", "core.calendar", "core.policy", "core.clock", "core.errors")


def test_the_import_contracts_are_kept() -> None:
    command = [Path(sys.executable).with_name("lint-imports"), "--no-logo", "--no-cache"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]


def test_rules_use_the_standard_library_and_the_pure_ground_only() -> None:
    impure = [
        f"{module.at(node)}: {name}"
        for module in modules()
        if "/rules/" in module.name or module.path.name == "rules.py"
        for node in ast.walk(module.tree)
        for name in _imported(node)
        if not _may(module, name)
    ]
    assert not impure, listed(impure)


def _imported(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    return [node.module or ""] if isinstance(node, ast.ImportFrom) else []


def _may(module: Module, name: str) -> bool:
    """A rule may also use the rules of its own room and of the rooms before it: they are as pure as itself."""
    if name.split(".")[0] in sys.stdlib_module_names or ".rules" in name:
        return True
    return any(name == pure or name.startswith(f"{pure}.") for pure in PURE)


def test_services_run_inside_the_callers_transaction() -> None:
    """No commit inside a service: one act is one transaction, with its audit event."""
    commits = [
        module.at(node)
        for module in modules()
        if "/services/" in module.name or module.path.name == "services.py"
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Attribute) and node.attr in ("commit", "rollback")
    ]
    assert not commits, listed(commits)
