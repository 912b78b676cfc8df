"""Small mistakes in Python source: each mutant differs from the original in one place."""

import ast
import copy
from collections.abc import Iterator
from dataclasses import dataclass

_COMPARED: dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Lt: (ast.LtE, ast.GtE),
    ast.LtE: (ast.Lt, ast.Gt),
    ast.Gt: (ast.GtE, ast.LtE),
    ast.GtE: (ast.Gt, ast.Lt),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
}
_COMPUTED: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Div,
    ast.Div: ast.Mult,
    ast.FloorDiv: ast.Mult,
    ast.Mod: ast.Mult,
    ast.Pow: ast.Mult,
}
_CALLED = {"min": "max", "max": "min", "any": "all", "all": "any"}


@dataclass(frozen=True)
class Mutant:
    """One mistake: where it is, what it changes, and the whole tree with it."""

    line: int
    before: str
    after: str
    tree: ast.Module

    def __str__(self) -> str:
        return f"{self.line}: {self.before}  →  {self.after}"


def mutants(source: str) -> Iterator[Mutant]:
    """Every mutant of a module's source, in the order of its lines."""
    tree = ast.parse(source)
    places, kept = list(ast.walk(tree)), _texts_and_types(tree)
    found = []
    for index, node in enumerate(places):
        if id(node) in kept:
            continue
        for turn in range(len(_changes(node))):
            changed = copy.deepcopy(tree)
            twins = list(ast.walk(changed))
            statement = _statement(twins, twins[index])
            before = _heading(statement)
            _changes(twins[index])[turn]()
            ast.fix_missing_locations(changed)
            found.append(Mutant(node.lineno, before, _heading(statement), changed))  # type: ignore[attr-defined]
    yield from sorted(found, key=lambda mutant: mutant.line)


def _statement(nodes: list[ast.AST], node: ast.AST) -> ast.AST:
    """The innermost statement that holds a node, so that a mutant is told in its own words and no other's."""
    held = [one for one in nodes if isinstance(one, ast.stmt) and any(below is node for below in ast.walk(one))]
    return min(held, key=lambda one: sum(1 for _ in ast.walk(one)))


def _heading(node: ast.AST) -> str:
    """A statement without its body, on one line."""
    text = ast.unparse(node)
    return text.split("\n", 1)[0] if hasattr(node, "body") else " ".join(text.split())


def _texts_and_types(tree: ast.Module) -> set[int]:
    """Nodes that are words or types, not arithmetic: annotations, decorators, imports, text, names of fields."""
    kept: set[int] = set()
    for node in ast.walk(tree):
        inside: list[ast.AST] = []
        if isinstance(node, ast.AnnAssign):
            inside.append(node.annotation)
        elif isinstance(node, ast.FunctionDef):
            inside += [*node.decorator_list, *filter(None, [node.returns])]
        elif isinstance(node, ast.ClassDef):
            inside += [*node.decorator_list, *node.bases]
        elif isinstance(node, ast.arg) and node.annotation is not None:
            inside.append(node.annotation)
        elif isinstance(node, ast.Assign) and isinstance(node.value, ast.Subscript):  # Step = Literal[…]
            inside.append(node.value)
        elif isinstance(node, ast.JoinedStr | ast.Import | ast.ImportFrom | ast.Raise):
            inside.append(node)
        kept.update(id(below) for one in inside for below in ast.walk(one))
    return kept


def _changes(node: ast.AST) -> list:  # type: ignore[type-arg]
    """The mistakes that can be made at a node, each as a function that makes it in place."""
    match node:
        case ast.Compare(ops=[operator]):
            return [lambda new=new: node.ops.__setitem__(0, new()) for new in _COMPARED[type(operator)]]
        case ast.Compare():
            ops = node.ops
            turned = [(place, new) for place, one in enumerate(ops) for new in _COMPARED[type(one)]]
            return [lambda place=place, new=new: ops.__setitem__(place, new()) for place, new in turned]
        case ast.BinOp() if type(node.op) in _COMPUTED and not _of_text(node):
            return [lambda: setattr(node, "op", _COMPUTED[type(node.op)]())]
        case ast.BoolOp():
            return [lambda: setattr(node, "op", ast.Or() if isinstance(node.op, ast.And) else ast.And())]
        case ast.UnaryOp(op=ast.USub()):
            return [lambda: setattr(node, "op", ast.UAdd())]
        case ast.UnaryOp(op=ast.Not()):
            return [lambda: setattr(node, "operand", ast.UnaryOp(ast.Not(), node.operand))]
        case ast.AugAssign() if type(node.op) in _COMPUTED:
            return [lambda: setattr(node, "op", _COMPUTED[type(node.op)]())]
        case ast.If() | ast.While() | ast.IfExp():
            return [lambda: setattr(node, "test", ast.UnaryOp(ast.Not(), node.test))]
        case ast.Constant(value=bool()):
            return [lambda: setattr(node, "value", not node.value)]
        case ast.Constant(value=int() as number):
            return [lambda: setattr(node, "value", number + 1)]
        case ast.Call(func=ast.Name(id=name)) if name in _CALLED:
            return [lambda: setattr(node.func, "id", _CALLED[name])]
    return []


def _of_text(node: ast.BinOp) -> bool:
    """Whether a sum joins words, not numbers."""
    words = (ast.JoinedStr, ast.Constant)
    return any(isinstance(side, words) and not _is_number(side) for side in (node.left, node.right))


def _is_number(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and not isinstance(node.value, str)
