"""Mutants: all small faults that can be put into a module, each by its place and by what it changes."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from types import CodeType

_COMPARED: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Eq: ast.NotEq, ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot, ast.IsNot: ast.Is, ast.In: ast.NotIn, ast.NotIn: ast.In,
}  # fmt: skip
_COUNTED: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.FloorDiv, ast.FloorDiv: ast.Mult, ast.Div: ast.Mult,
    ast.Mod: ast.FloorDiv,
}  # fmt: skip
_CALLED = {"min": "max", "max": "min", "any": "all", "all": "any"}
#: Parts of the syntax that do nothing by themselves.
_DECLARE = ("annotation", "returns", "decorator_list")
#: Statements that are left out. Others have mutants of their own, or are no code.
_LEFT_OUT = (ast.Assign, ast.AugAssign, ast.Raise)


@dataclass(frozen=True, slots=True)
class Mutant:
    """One fault of a module: `before` is written as `after`, from `line` to `last`, in the statement at `statement`.

    place   the place of what changes among the nodes of the module, in the order of `ast.walk`
    number  which of its changes it is
    """

    line: int
    last: int
    statement: int
    before: str
    after: str
    place: int
    number: int

    @property
    def change(self) -> str:
        """What it changes, as people read it."""
        return f"{self.before} -> {self.after}"


def mutants(source: str) -> list[Mutant]:
    """Return all mutants of a module, in the order of its lines."""
    tree = ast.parse(source)
    statements = _statements(tree)
    found = []
    for place, node in enumerate(ast.walk(tree)):
        # What is not in `statements` is no code that does anything: annotations, decorators, what is said by texts.
        if (statement := statements.get(id(node))) is None:
            continue
        for number, changed in enumerate(_changes(node, inside=statement.inside)):
            line, last = node.lineno, node.end_lineno or node.lineno  # type: ignore[attr-defined]
            before, after = _said(node), _said(changed)
            found.append(Mutant(line, last, statement.line, before, after, place, number))
    return sorted(found, key=lambda mutant: (mutant.line, mutant.place, mutant.number))


def compiled(source: str, mutant: Mutant, path: str) -> CodeType:
    """Return the code of a module with one fault, its lines where they were."""
    tree = ast.parse(source)
    statements = _statements(tree)
    node = list(ast.walk(tree))[mutant.place]
    changed = list(_changes(node, inside=statements[id(node)].inside))[mutant.number]
    ast.copy_location(changed, node)
    for parent in ast.walk(tree):
        for name, value in ast.iter_fields(parent):
            if value is node:
                setattr(parent, name, changed)
            elif isinstance(value, list):
                value[:] = [changed if each is node else each for each in value]
    return compile(ast.fix_missing_locations(tree), path, "exec")


@dataclass(frozen=True, slots=True)
class _Statement:
    """Where a node stands: the line of its statement, and whether that is in a function."""

    line: int
    inside: bool


def _statements(tree: ast.Module) -> dict[int, _Statement]:
    """Return the statement of each node that does something, by the node's identity."""
    found: dict[int, _Statement] = {}

    def walk(node: ast.AST, statement: _Statement) -> None:
        inside = statement.inside or isinstance(node, ast.FunctionDef)
        if isinstance(node, ast.stmt):
            statement = _Statement(node.lineno, statement.inside)
        if hasattr(node, "lineno"):
            found[id(node)] = statement
        for name, value in ast.iter_fields(node):
            if name in _DECLARE or (name == "keywords" and isinstance(node, ast.ClassDef)):
                continue
            for each in value if isinstance(value, list) else [value]:
                if isinstance(each, ast.AST):
                    walk(each, _Statement(statement.line, inside))

    walk(tree, _Statement(0, False))
    return found


def _changes(node: ast.AST, *, inside: bool) -> Iterator[ast.AST]:
    """Yield what may stand in a node's place; `inside`: it is in a function."""
    match node:
        case ast.Compare():
            for place, op in enumerate(node.ops):
                if (other := _COMPARED.get(type(op))) is not None:
                    ops = [*node.ops[:place], other(), *node.ops[place + 1 :]]
                    yield ast.Compare(node.left, ops, node.comparators)
        case ast.BoolOp():
            yield ast.BoolOp(ast.Or() if isinstance(node.op, ast.And) else ast.And(), node.values)
        case ast.UnaryOp(op=ast.Not() | ast.USub()):
            yield node.operand
        case ast.BinOp() if (counted := _COUNTED.get(type(node.op))) is not None:
            yield ast.BinOp(node.left, counted(), node.right)
        case ast.Constant(value=bool()):
            yield ast.Constant(not node.value)
        case ast.Constant(value=int() | float()):
            yield ast.Constant(node.value + 1)
            yield ast.Constant(node.value - 1)
        case ast.IfExp():
            yield node.body
            yield node.orelse
        case ast.Call(func=ast.Name(id=name)) if name in _CALLED:
            yield ast.Call(ast.Name(_CALLED[name], ast.Load()), node.args, node.keywords)
        case ast.If():
            yield ast.If(ast.Constant(True), node.body, node.orelse)
            yield ast.If(ast.Constant(False), node.body, node.orelse)
        case ast.Return(value=ast.expr() as value) if not (isinstance(value, ast.Constant) and value.value is None):
            yield ast.Return(ast.Constant(None))
        case ast.Break():
            yield ast.Continue()
        case ast.Continue():
            yield ast.Break()
    if isinstance(node, ast.AugAssign) and (counted := _COUNTED.get(type(node.op))) is not None:
        yield ast.AugAssign(node.target, counted(), node.value)
    if inside and (
        isinstance(node, _LEFT_OUT) or (isinstance(node, ast.Expr) and not isinstance(node.value, ast.Constant))
    ):
        yield ast.Pass()


def _said(node: ast.AST) -> str:
    """Return a node's code; of a branch, its condition alone."""
    if isinstance(node, ast.If):
        return f"if {ast.unparse(node.test)}"
    return ast.unparse(node)
