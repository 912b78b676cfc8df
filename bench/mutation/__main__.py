"""`python -m bench.mutation [module …]`: plant each mistake, print those that no test notices; exit 1 if any is new."""

import ast
import os
import signal
import sys
import time
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from importlib.util import spec_from_loader
from pathlib import Path
from types import ModuleType

import pytest

from bench.mutation.mutants import Mutant, mutants

ROOT = Path(__file__).parents[2]
RULES = ROOT / "settlement" / "rules"
#: The tests that hold the sharing rules, the quickest to notice first.
SHARING = (
    "test_sharing_every_shape.py",
    "test_sharing.py",
    "test_sharing_corners.py",
    "test_sharing_shapes.py",
    "test_sharing_pools.py",
    "test_sharing_curve.py",
    "test_sharing_incentives.py",
    "test_sharing_words.py",
    "test_year_account.py",
    "test_sheet_rows.py",
)
#: Modules that tests of their own hold.
OWN = {
    "benefits": ("test_benefits.py",),
    "small_groups": ("test_small_groups.py",),
    "stages": ("test_settlement_stages.py",),
}
#: Thousands of random cases find nothing that the tables do not, and take long: mutants are tried on the tables.
TABLES = "not random and not rises_without and not jumps_only and not never_exceeded"
#: Mutants that cannot change a result, each with its reason; named by module and change.
EQUIVALENT = ROOT / "docs" / "algorithms" / "mutants.md"
SECONDS = 90


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
    intact = Mutant(0, "", "", ast.parse((RULES / "sharing.py").read_text("utf-8")))
    if _run(_tests("sharing")) != 0 or _noticed("settlement.rules.sharing", intact, _tests("sharing")):
        print("the tests fail without any mutant", file=sys.stderr)
        return 1
    new = sum(_module(name, _tests(name)) for name in names or known)
    print(f"{new} survivors that nobody has explained")
    return 1 if new else 0


def _tests(name: str) -> list[str]:
    paths = [ROOT / "tests" / "rules" / test for test in OWN.get(name, SHARING)]
    return [str(path) for path in paths if path.exists()]


def _module(name: str, tests: list[str]) -> int:
    planted = list(mutants((RULES / f"{name}.py").read_text("utf-8")))
    known = EQUIVALENT.read_text("utf-8") if EQUIVALENT.exists() else ""
    began, survivors, new = time.monotonic(), 0, 0
    for mutant in planted:
        if not _noticed(f"settlement.rules.{name}", mutant, tests):
            survivors += 1
            told = f"`{mutant.before}` → `{mutant.after}`" in known
            new += not told
            print(f"  {name}.py:{mutant}{'  (equivalent, see docs)' if told else ''}", flush=True)
    took = time.monotonic() - began
    print(f"{name}: {len(planted)} mutants, {survivors} survive, {took:.0f} s", flush=True)
    return new


def _noticed(module: str, mutant: Mutant, tests: list[str]) -> bool:
    """Whether a test fails, hangs or breaks with the mutant, tried in a process of its own."""
    child = os.fork()
    if child == 0:
        os._exit(_with(module, mutant, tests))
    try:
        signal.signal(signal.SIGALRM, _too_long)
        signal.alarm(SECONDS)
        _, status = os.waitpid(child, 0)
        return status != 0
    except TimeoutError:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        return True
    finally:
        signal.alarm(0)


def _too_long(_signal: int, _frame: object) -> None:
    raise TimeoutError


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
    silent = os.open(os.devnull, os.O_WRONLY)
    saved = os.dup(1), os.dup(2)
    os.dup2(silent, 1)
    os.dup2(silent, 2)
    try:
        return int(pytest.main([*tests, "-x", "-q", "-p", "no:cacheprovider", "--noconftest", "-k", TABLES]))
    finally:
        os.dup2(saved[0], 1)
        os.dup2(saved[1], 2)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
