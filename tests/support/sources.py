"""The project's own files as tests look at them: Python modules with their trees, templates, all that git keeps."""

import ast
import subprocess
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ("core", "tender", "contracts", "settlement", "disclosure")
PROGRAMS = (*ROOMS, "demonstration", "setup", "bench")


@dataclass(frozen=True)
class Module:
    """One Python file of the project."""

    path: Path
    text: str
    tree: ast.Module

    @property
    def name(self) -> str:
        """Where it is, from the project's root."""
        return self.path.relative_to(ROOT).as_posix()

    def at(self, node: ast.AST) -> str:
        return f"{self.name}:{getattr(node, 'lineno', 1)}"


@cache
def modules() -> tuple[Module, ...]:
    """Every module of the rooms and of what stands beside them; not the tests."""
    paths = [path for folder in PROGRAMS for path in sorted((ROOT / folder).rglob("*.py"))]
    paths += sorted(ROOT.glob("*.py"))
    return tuple(_module(path) for path in paths)


@cache
def modules_of_tests() -> tuple[Module, ...]:
    """Every module of the tests."""
    return tuple(_module(path) for path in sorted((ROOT / "tests").rglob("*.py")))


def templates() -> list[Path]:
    """Every page and document template."""
    return sorted((ROOT / "templates").rglob("*.html"))


def tracked() -> Iterator[tuple[str, str]]:
    """Name and text of each text file that git keeps."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    for name in filter(None, listed.split("\0")):
        path = ROOT / name
        if not path.is_file():
            continue
        try:
            yield name, path.read_text("utf-8")
        except UnicodeDecodeError:
            continue


def listed(faults: Iterable[object]) -> str:
    """Faults one a line, for a failure that can be read."""
    return "\n".join(["", *sorted(map(str, faults))])


def _module(path: Path) -> Module:
    text = path.read_text("utf-8")
    return Module(path, text, ast.parse(text, str(path)))
