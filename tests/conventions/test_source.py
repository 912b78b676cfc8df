"""How the source is written: exact time and money, no value pasted into SQL, files that fit a head, no traces."""

import ast
import re
from collections.abc import Iterator

from tests.support.sources import ROOMS, Module, listed, modules, modules_of_tests, tracked

#: A file past this is two ideas; it becomes a folder of the same name.
LINES = 450
#: Drawing libraries count in floats; nothing drawn is an amount that anyone is paid.
DRAWING = ("core/charts/",)
#: Claim files are checked by DuckDB over columns that the code lists; their values arrive as Arrow, never as text.
COLUMNS_LISTED_IN_CODE = ("settlement/claims/",)
SQL = re.compile(r"^\s*(SELECT|INSERT INTO|UPDATE|DELETE FROM|CREATE|DROP|ALTER|COPY|WITH)\s", re.IGNORECASE)
MACHINE = re.compile(r"(?<![\w.])/(root|home/\w+|work/(main|shared)|Users/\w+|opt/pypi)\b")
INDEX = re.compile(r"https?://[^\s\"'<>]*(pypi\.org|pythonhosted|registry\.npmjs|npmmirror|mirrors?\.)", re.IGNORECASE)
VAGUE = {"utils", "util", "helpers", "helper", "misc", "common", "tools", "stuff"}


def in_rooms() -> Iterator[Module]:
    return (module for module in modules() if module.name.startswith(tuple(f"{room}/" for room in ROOMS)))


def test_every_module_says_in_one_sentence_what_it_is_for() -> None:
    silent = [module.name for module in modules() if not ast.get_docstring(module.tree)]
    assert not silent, listed(silent)


def test_files_fit_a_head() -> None:
    long = {module.name: module.text.count("\n") for module in (*modules(), *modules_of_tests())}
    too_long = [f"{name}: {lines} lines" for name, lines in long.items() if lines > LINES]
    assert not too_long, listed(too_long)


def test_no_room_has_a_vague_name() -> None:
    vague = [module.name for module in modules() if VAGUE & set(module.name.removesuffix(".py").split("/"))]
    assert not vague, listed(vague)


def test_one_copy_of_sqlite_is_loaded() -> None:
    """core/sqlite.py chooses it; a second copy in the process would drop the first one's locks."""
    importing = [
        module.at(node)
        for module in (*modules(), *modules_of_tests())
        if module.name != "core/sqlite.py"
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        and {getattr(node, "module", None), *(name.name for name in node.names)} & {"sqlite3", "pysqlite3"}
    ]
    assert not importing, listed(importing)


def test_now_is_read_from_a_clock_only() -> None:
    """core/clock.py is the one place that asks the machine."""
    asked = [
        f"{module.at(node)}: {ast.unparse(node)}"
        for module in modules()
        if module.name != "core/clock.py"
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Call) and _asks_the_machine(node.func)
    ]
    assert not asked, listed(asked)


def _asks_the_machine(function: ast.expr) -> bool:
    if not isinstance(function, ast.Attribute):
        return False
    owner = ast.unparse(function.value).rsplit(".", 1)[-1]
    return (owner in ("datetime", "date") and function.attr in ("now", "utcnow", "today")) or (
        owner == "time" and function.attr in ("time", "localtime", "gmtime")
    )


def test_rules_and_books_know_no_float() -> None:
    """Amounts and rates are Decimal or Fraction; a float would round where nobody sees it."""
    floats = [
        f"{module.at(node)}: {ast.unparse(node)[:80]}"
        for module in in_rooms()
        if not module.name.startswith(DRAWING)
        for node in _floats(module)
    ]
    assert not floats, listed(floats)


def _floats(module: Module) -> Iterator[ast.AST]:
    exact = re.search(r"/(rules|models|services)(/|\.py$)", module.name) is not None
    for node in ast.walk(module.tree):
        calls_float = isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "float"
        literal = exact and isinstance(node, ast.Constant) and isinstance(node.value, float)
        annotated = exact and isinstance(node, ast.arg | ast.AnnAssign) and _names_float(node.annotation)
        if calls_float or literal or annotated:
            yield node


def _names_float(annotation: ast.expr | None) -> bool:
    names = ast.walk(annotation) if annotation is not None else ()
    return any(isinstance(node, ast.Name) and node.id == "float" for node in names)


def test_no_value_is_pasted_into_sql() -> None:
    pasted = [
        f"{module.at(node)}: {ast.unparse(node)[:100]}"
        for module in in_rooms()
        if not module.name.startswith(COLUMNS_LISTED_IN_CODE)
        for node in ast.walk(module.tree)
        if _pasted_sql(node)
    ]
    assert not pasted, listed(pasted)


def _pasted_sql(node: ast.AST) -> bool:
    if isinstance(node, ast.JoinedStr) and node.values and isinstance(node.values[0], ast.Constant):
        return SQL.match(str(node.values[0].value)) is not None
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mod | ast.Add) and isinstance(node.left, ast.Constant):
        return isinstance(node.left.value, str) and SQL.match(node.left.value) is not None
    return False


def test_files_with_tables_keep_their_annotations_real() -> None:
    """`from __future__ import annotations` breaks SQLModel's Relationship."""
    late = [
        module.name
        for module in modules()
        if "table=True" in module.text and "from __future__ import annotations" in module.text
    ]
    assert not late, listed(late)


def test_nothing_is_left_for_later() -> None:
    later = re.compile(r"\b(TODO|FIXME|XXX|HACK|coming soon|lorem ipsum)\b|敬请期待", re.IGNORECASE)
    own = "tests/conventions/"
    left = [
        f"{name}:{number}: {line.strip()[:100]}"
        for name, text in tracked()
        if name.endswith((".py", ".html", ".js", ".css", ".toml", ".md", ".po")) and not name.startswith(own)
        for number, line in enumerate(text.splitlines(), 1)
        if later.search(line)
    ]
    assert not left, listed(left)


def test_no_tracked_file_names_a_machine_or_a_package_index() -> None:
    own = "tests/conventions/"
    traces = [
        f"{name}:{number}: {line.strip()[:120]}"
        for name, text in tracked()
        if not name.startswith(own)
        for number, line in enumerate(text.splitlines(), 1)
        if MACHINE.search(line) or INDEX.search(line)
    ]
    assert not traces, listed(traces)


def test_tests_are_no_packages() -> None:
    """With an __init__.py under tests, pytest would hide a room behind a test folder of the same name."""
    packages = [module.name for module in modules_of_tests() if module.path.name == "__init__.py"]
    assert not packages, listed(packages)
