"""`python -m bench.mutation [module …]`: plant each mistake, print those that no test notices; exit 1 if any is new."""

import ast
import os
import resource
import sys
import time
from collections.abc import Iterator
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from importlib.util import spec_from_loader
from pathlib import Path
from types import ModuleType

import pytest

from bench.mutation.mutants import Mutant, mutants

ROOT = Path(__file__).parents[2]
RULES = ROOT / "settlement" / "rules"
#: The tests that hold the sharing rules, the quickest first: a mutant is tried on the next file if one notices nothing.
SHARING = (
    "test_sharing_corners.py",
    "test_sharing_shapes.py",
    "test_sharing_pools.py",
    "test_sharing_curve.py",
    "test_year_account.py",
    "test_sharing_incentives.py",
    "test_sharing_words.py",
    "test_sharing_every_shape.py",
    "test_sharing.py",
)
#: Modules that tests of their own hold.
OWN = {
    "account": ("test_year_account.py",),
    "benefits": ("test_benefits.py",),
    "comparison": ("test_reconciliation.py",),
    "fund": ("test_reconciliation.py",),
    "incentives": ("test_sharing_incentives.py",),
    "reconciliation": ("test_reconciliation.py",),
    "sheet": ("test_sheet_rows.py",),
    "small_groups": ("test_small_groups.py",),
    "stages": ("test_settlement_stages.py",),
    "together": ("test_together.py",),
    "together_rows": ("test_together.py",),
}
#: Thousands of random cases find nothing that the tables do not, and take long: mutants are tried on the tables.
TABLES = (
    "not random and not rises_without and not jumps_only and not never_exceeded and not claims_add_up"
    " and not whole_fen"
)
#: Mutants that cannot change a result, each with its reason; named by module and change.
EQUIVALENT = ROOT / "docs" / "algorithms" / "mutants.md"
#: A mutant that computes for longer hangs; time of the processor, so that a busy machine hides nothing.
SECONDS = 60
#: How many mutants are tried at a time.
WORKERS = 2
#: Modules without a number to get wrong: what they hold, and who looks at it instead.
WORDS = {
    "runs": "names of the steps of a run, held by tests/services/test_settlement_runs.py",
    "words": "sentences, each held by tests/rules/test_sharing_words.py",
}


class Planted(MetaPathFinder, Loader):
    """Imports one module from a mutated tree instead of its file."""

    def __init__(self, name: str, tree: ast.Module) -> None:
        self.name, self.tree = name, tree

    def find_spec(self, fullname: str, path: object, target: object = None) -> ModuleSpec | None:
        return spec_from_loader(fullname, self) if fullname == self.name else None

    def exec_module(self, module: ModuleType) -> None:
        exec(compile(self.tree, f"<mutant of {self.name}>", "exec"), module.__dict__)


def main(names: list[str]) -> int:
    """Try the mutants of some modules, or of all; returns 1 where one survives that is not known to be equivalent."""
    known = sorted(path.stem for path in RULES.glob("*.py") if path.stem != "__init__")
    if wrong := sorted(set(names) - set(known)):
        print(f"no module {', '.join(wrong)} in settlement/rules; there are {', '.join(known)}", file=sys.stderr)
        return 1
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    new = sum(_module(name) for name in names or known if name not in WORDS or name in names)
    print(f"{new} survivors that nobody has explained")
    return 1 if new else 0


def _tests(name: str) -> list[str]:
    paths = [ROOT / "tests" / "rules" / test for test in OWN.get(name, SHARING)]
    return [str(path) for path in paths if path.exists()]


def _module(name: str) -> int:
    source = (RULES / f"{name}.py").read_text("utf-8")
    planted, tests, began = list(mutants(source)), _tests(name), time.monotonic()
    # Run here, not in a child, so that every child finds pytest and the packages beneath the rules imported.
    if _run(tests):
        print(f"{name}: its tests fail without any mutant", file=sys.stderr)
        return 1
    known = EQUIVALENT.read_text("utf-8")
    survivors = new = 0
    for mutant in _survivors(name, planted, tests):
        told = f"| {name} | `{mutant.before}` → `{mutant.after}` |" in known
        survivors, new = survivors + 1, new + (not told)
        print(f"  {name}.py:{mutant}{'  (equivalent, see docs)' if told else ''}", flush=True)
    print(f"{name}: {len(planted)} mutants, {survivors} survive, {time.monotonic() - began:.0f} s", flush=True)
    return new


def _survivors(name: str, planted: list[Mutant], tests: list[str]) -> Iterator[Mutant]:
    """The mutants with which no test fails, hangs or breaks; each is tried in a process of its own."""
    running: dict[int, Mutant] = {}
    for mutant in [*planted, *[None] * WORKERS]:
        if len(running) == WORKERS or (mutant is None and running):
            child, status = os.wait()
            tried = running.pop(child)
            if status == 0:
                yield tried
        if mutant is None:
            continue
        child = os.fork()
        if child == 0:
            resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
            os._exit(_with(f"settlement.rules.{name}", mutant, tests))
        running[child] = mutant


def _with(module: str, mutant: Mutant, tests: list[str]) -> int:
    """In the child: forget the rules and the tests, plant the mutant, run; 0 where nothing was noticed."""
    try:
        for name in list(sys.modules):
            if name.startswith(("settlement.rules", "tests.", "test_")):
                del sys.modules[name]
        sys.meta_path.insert(0, Planted(module, mutant.tree))
        return _run(tests)
    except BaseException:
        return 1


def _run(tests: list[str]) -> int:
    """1 as soon as a file fails; 0 where all hold."""
    silent = os.open(os.devnull, os.O_WRONLY)
    saved = os.dup(1), os.dup(2)
    os.dup2(silent, 1)
    os.dup2(silent, 2)
    options = ["-x", "-q", "-p", "no:cacheprovider", "--noconftest", "--assert=plain", "-k", TABLES]
    good = (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED)
    try:
        return int(any(pytest.main([test, *options]) not in good for test in tests))
    finally:
        os.dup2(saved[0], 1)
        os.dup2(saved[1], 2)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
