"""Which variables a shipped text is rendered from, and sample facts for them: read off the text itself.

So a text that is added needs no second list: what may stand in a new version of it is what the shipped one
uses. `NUMBERS` and `EXAMPLES` only make the samples read like notices.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Final, Literal

from jinja2 import Environment, nodes

from notifier.texts.text import Text

Kind = Literal["text", "number", "flag", "list"]
NUMBERS: Final = {
    "open": 4, "explained": 1, "total": 12, "count": 2, "members": 10, "members_here": 3, "minutes": 120,
    "waiting": 6, "worst": 35, "people": 40, "percent": 20, "numerator": 3, "denominator": 20, "missing": 1,
    "p90": 90, "n": 3, "not_enrolled": 1, "only_licensed": 3, "only_surveyed": 2, "absent_unit": 1,
    "samples": 7, "reports": 5, "environment": 4, "surfaces": 4, "goods": 2, "planned": 9, "grids": 3,
    "expected": 900, "sampled": 870, "resulted": 850, "matched": 840, "visible": 830, "unnamed": 4,
    "shares": 1, "labs": 2, "negative": 800, "not_negative": 1, "pending": 60, "remaining": 30,
}  # fmt: skip
EXAMPLES: Final = {
    "day": "2030-01-07", "on": "2030-01-07", "due": "2030-01-07 18:00", "due_on": "2030-01-09",
    "collected": "2030-01-06 09:30", "since": "2030-01-07 08:00", "ended": "2030-01-07 09:10",
    "from": "2030-01-01", "to": "2030-01-06", "told_on": "2030-01-07", "deadline": "2030-01-08 12:00",
    "confirmed_on": "2029-06-01", "subject": "T-0001", "tube_code": "T-0001", "lab_code": "LAB01",
    "first": "2030-01-01", "last": "2030-01-07", "number": "示例〔2030〕1号", "level": "1",
    "unit": "UNIT-0001", "code": "EXAMPLE-1", "name_masked": "示*", "title": "示例", "category": "8A1",
}  # fmt: skip
_PARSER: Final = Environment(autoescape=False)  # noqa: S701 - only parses


@dataclass(slots=True)
class Variable:
    """One fact of a text. `fields`: of each entry of a list of records; `parts`: of a list of tuples."""

    name: str
    kind: Kind = "text"
    choices: tuple[str, ...] = ()
    fields: dict[str, "Variable"] = field(default_factory=dict)
    parts: tuple["Variable", ...] = ()

    def sample(self) -> Any:  # noqa: ANN401 - what the kind says
        """Return an example of it."""
        if self.kind == "list":
            return [self._entry(), self._entry()]
        if self.choices:
            return self.choices[0]
        if self.kind == "flag":
            return True
        if self.kind == "number":
            return NUMBERS.get(self.name, 3)
        return EXAMPLES.get(self.name, "示例")

    def _entry(self) -> Any:  # noqa: ANN401 - a record, a tuple or a word
        if self.fields:
            return {name: each.sample() for name, each in self.fields.items()}
        if self.parts:
            return [each.sample() for each in self.parts]
        return self.choices[0] if self.choices else "A-1"


@lru_cache(maxsize=512)
def variables(text: Text) -> dict[str, Variable]:
    """Return the facts that a shipped text uses, by name, both languages together."""
    found: dict[str, Variable] = {}
    for source in (text.zh, text.en):
        _Reading(found).read(_PARSER.parse(source))
    return dict(sorted(found.items()))


def sample_of(text: Text) -> dict[str, Any]:
    """Return sample facts of a shipped text."""
    return {name: each.sample() for name, each in variables(text).items()}


class _Reading:
    """One walk over a text. `self._inner`: the names that a loop gives, with what they stand for."""

    def __init__(self, found: dict[str, Variable]) -> None:
        self._found = found
        self._inner: dict[str, Variable] = {}

    def read(self, node: nodes.Node) -> None:
        """Note every fact below a node."""
        match node:
            case nodes.For():
                self._loop(node)
                return
            case nodes.Filter(node=nodes.Name(name=name), name=("join" | "length")):
                self._of(name).kind = "list"
            case nodes.Getattr(node=nodes.Name(name=name)) if name in self._inner:
                self._inner[name].fields.setdefault(node.attr, Variable(node.attr, _guess(node.attr)))
            case nodes.Getitem(node=nodes.Dict(items=items)):
                self._chosen(node.arg, tuple(str(each.key.as_const()) for each in items))
            case nodes.If(test=nodes.Name(name=name)) | nodes.CondExpr(test=nodes.Name(name=name)):
                self._tested(name)
                for child in node.iter_child_nodes(exclude=("test",)):
                    self.read(child)
                return
            case nodes.Compare() | nodes.Sub() | nodes.Add():
                self._compared(node)
            case nodes.Name(name=name):
                self._said(name)
            case _:
                pass
        for child in node.iter_child_nodes():
            self.read(child)

    def _of(self, name: str) -> Variable:
        if name == "loop":
            return Variable(name)
        if name in self._inner:
            return self._inner[name]
        return self._found.setdefault(name, Variable(name, "number" if name in NUMBERS else "text"))

    def _said(self, name: str) -> None:
        one = self._of(name)
        if one.kind == "flag":
            one.kind = "text"

    def _tested(self, name: str) -> None:
        """Note what only decides whether something is said; said itself, it is no flag."""
        if name not in self._found and name not in self._inner and name not in NUMBERS:
            self._found[name] = Variable(name, "flag")

    def _chosen(self, which: nodes.Expr, choices: tuple[str, ...]) -> None:
        if isinstance(which, nodes.Name):
            self._of(which.name).choices = choices
        elif isinstance(which, nodes.Getattr) and isinstance(which.node, nodes.Name):
            one = self._inner.get(which.node.name, Variable(""))
            one.fields.setdefault(which.attr, Variable(which.attr)).choices = choices

    def _compared(self, node: nodes.Node) -> None:
        """Note what is compared with a word as that word; what else is compared or reckoned is a number."""
        words = [each.value for each in node.find_all(nodes.Const) if isinstance(each.value, str)]
        for each in _operands(node):
            if isinstance(each, nodes.Name):
                one = self._of(each.name)
            elif isinstance(each.node, nodes.Name) and each.node.name in self._inner:
                one = self._inner[each.node.name].fields.setdefault(each.attr, Variable(each.attr))
            else:
                continue
            if not words:
                one.kind = "number"
            elif not one.choices:
                one.choices = (words[0],)

    def _loop(self, node: nodes.For) -> None:
        if not isinstance(node.iter, nodes.Name):
            return
        listed = self._of(node.iter.name)
        listed.kind = "list"
        before = dict(self._inner)
        if isinstance(node.target, nodes.Tuple):
            names = [each.name for each in node.target.items if isinstance(each, nodes.Name)]
            if not listed.parts:
                listed.parts = tuple(Variable(name, _guess(name)) for name in names)
            self._inner |= dict(zip(names, listed.parts, strict=False))
        elif isinstance(node.target, nodes.Name):
            self._inner[node.target.name] = listed
        for child in node.body:
            self.read(child)
        self._inner = before


def _guess(name: str) -> Kind:
    return "number" if name in NUMBERS else "text"


def _operands(node: nodes.Node) -> Iterator[nodes.Name | nodes.Getattr]:
    """Yield the facts that are reckoned with or compared themselves, not what a filter makes of one."""
    for child in node.iter_child_nodes():
        if isinstance(child, nodes.Name | nodes.Getattr):
            yield child
        elif isinstance(child, nodes.Operand | nodes.Sub | nodes.Add):
            yield from _operands(child)
