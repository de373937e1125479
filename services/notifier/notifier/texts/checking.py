"""What a version of a text may be made of, and its rendering within limits: pure but for Jinja2.

A version comes from outside a release, so nothing is allowed that is not named here: no call, no attribute
but a listed record's own fields, no loop but one over a list of the facts. What is left cannot run longer
than its facts are long; the output is cut off at a limit all the same.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from jinja2 import StrictUndefined, Template, TemplateError, nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment

from notifier.texts.text import Text
from notifier.texts.variables import Variable, sample_of, variables

FILTERS: Final = ("join", "length", "replace", "first", "last", "upper", "lower")
TESTS: Final = ("none",)
LOOP: Final = ("first", "last", "index")
LONGEST_WORD: Final = 10
RESULT_WORDS: Final = (
    "阳性", "阴性", "可疑", "灰区", "结果无效", "确诊", "感染",
    "positive", "negative", "indeterminate", "invalid", "infected",
)  # fmt: skip
_ALLOWED: Final = (
    nodes.Template, nodes.Output, nodes.TemplateData, nodes.Name, nodes.Const, nodes.If, nodes.CondExpr,
    nodes.For, nodes.Filter, nodes.Test, nodes.Compare, nodes.Operand, nodes.And, nodes.Or, nodes.Not,
    nodes.Sub, nodes.Add, nodes.Dict, nodes.Pair, nodes.Getitem, nodes.Getattr, nodes.Tuple,
)  # fmt: skip
# What Python says of a source that is nested too deeply, or of a number that is too long.
_TOO_DEEP: Final = (RecursionError, MemoryError, SyntaxError, ValueError, OverflowError)
_WORD: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,63}", re.ASCII)
_DIGIT: Final = re.compile(r"\d")


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a version: in which language's text, on which line, and with what name."""

    field: str
    code: str
    line: int | None = None
    name: str | None = None


class RenderedTooLong(Exception):  # noqa: N818 - says what happened
    """A text passes the limit of its length."""


class Unusable(Exception):  # noqa: N818 - says what happened
    """A version cannot be rendered from these facts."""


def _environment() -> ImmutableSandboxedEnvironment:
    made = ImmutableSandboxedEnvironment(undefined=StrictUndefined, autoescape=False)
    made.globals.clear()
    made.filters = {name: made.filters[name] for name in FILTERS}
    made.tests = {name: made.tests[name] for name in TESTS}
    return made


_ENVIRONMENT: Final = _environment()


@lru_cache(maxsize=256)
def _template(source: str) -> Template:
    return _ENVIRONMENT.from_string(source)


def rendered(text: Text, facts: Mapping[str, Any], *, longest: int) -> Text:
    """Return a version's text of these facts; RenderedTooLong or Unusable."""
    return Text(_rendered(text.zh, facts, longest), _rendered(text.en, facts, longest))


def _rendered(source: str, facts: Mapping[str, Any], longest: int) -> str:
    pieces: list[str] = []
    length = 0
    try:
        for piece in _template(source).generate(facts):
            length += len(piece)
            if length > longest:
                raise RenderedTooLong
            pieces.append(piece)
    except (TemplateError, TypeError, ValueError, LookupError, AttributeError, ArithmeticError) as error:
        raise Unusable from error
    return "".join(pieces)


def faults_of(shipped: Text, wanted: Text, *, longest: int) -> list[Fault]:
    """Return what forbids a version of a notice's text; its sample must render, and not to nothing."""
    known = variables(shipped)
    facts = sample_of(shipped)
    return [
        fault
        for field, source in (("zh", wanted.zh), ("en", wanted.en))
        for fault in _of_source(field, source, known, facts, longest)
    ]


def faults_of_message(wanted: Text) -> list[Fault]:
    """Return what forbids a message that leaves the house: it says no result and no number, of nobody."""
    found = []
    for field, source in (("zh", wanted.zh), ("en", wanted.en)):
        for line, words in enumerate(source.split("\n"), start=1):
            if "{{" in words or "{%" in words or "{#" in words:
                found.append(Fault(field, "template_message_variable", line))
            if any(each in words.lower() for each in RESULT_WORDS):
                found.append(Fault(field, "template_message_result", line))
            if _DIGIT.search(words):
                found.append(Fault(field, "template_message_number", line))
    return found


def unsaid(shipped: Text, wanted: Text) -> list[Fault]:
    """Return the variables that the shipped text says and a version leaves out: worth a look, no fault."""
    found = []
    for field, before, after in (("zh", shipped.zh, wanted.zh), ("en", shipped.en, wanted.en)):
        said = variables(Text(after, after))
        found += [
            Fault(field, "template_variable_unsaid", None, name)
            for name in variables(Text(before, before))
            if name not in said
        ]
    return found


def _of_source(
    field: str, source: str, known: Mapping[str, Variable], facts: Mapping[str, Any], longest: int
) -> Iterator[Fault]:
    try:
        found = list(_Walk(field, known).of(_ENVIRONMENT.parse(source)))
        if not found:
            _template(source)
    except (TemplateError, *_TOO_DEEP) as error:
        # Only Jinja2 counts the lines of the template; Python counts those of what was made of it.
        yield Fault(
            field,
            "template_syntax",
            getattr(error, "lineno", None) if isinstance(error, TemplateError) else None,
        )
        return
    if found:
        yield from found
        return
    try:
        if not _rendered(source, facts, longest).strip():
            yield Fault(field, "template_says_nothing")
    except RenderedTooLong:
        yield Fault(field, "template_renders_too_long")
    except Unusable:
        yield Fault(field, "template_fails")


class _Walk:
    """One walk over a version. `self._inner`: the names that the loop around gives, each with its fields."""

    def __init__(self, field: str, known: Mapping[str, Variable]) -> None:
        self._field = field
        self._known = known
        self._inner: dict[str, Iterable[str]] = {}

    def of(self, node: nodes.Node) -> Iterator[Fault]:
        """Yield what is not allowed below a node."""
        fault = self._own(node)
        if fault is not None:
            yield fault
            return
        if isinstance(node, nodes.For):
            yield from self._loop(node)
            return
        # What a record's field is of was looked at with the field.
        skipped = ("node",) if isinstance(node, nodes.Getattr) else ()
        for child in node.iter_child_nodes(exclude=skipped):
            yield from self.of(child)

    def _own(self, node: nodes.Node) -> Fault | None:
        code: str | None = None
        name: str | None = getattr(node, "name", None) or getattr(node, "attr", None)
        match node:
            case nodes.Getattr(node=nodes.Name(name=record)):
                code = None if node.attr in self._inner.get(record, ()) else "reaches"
            case nodes.Getitem(node=nodes.Dict()):
                pass
            case nodes.Getattr() | nodes.Getitem():
                code = "reaches"
            case nodes.Name():
                code = None if name in self._known or name in self._inner else "variable_unknown"
            case nodes.Filter():
                code = None if _is_plain(node) else "not_allowed"
            case nodes.Test():
                code = None if name in TESTS else "not_allowed"
            case nodes.Call():
                code, name = "not_allowed", getattr(node.node, "name", None)
            case _ if not isinstance(node, _ALLOWED):
                code, name = "not_allowed", type(node).__name__.lower()
            case _:
                pass
        return self._fault(node, code, name) if code else None

    def _loop(self, node: nodes.For) -> Iterator[Fault]:
        """Allow one loop over a list of the facts, none inside another and none that calls itself."""
        listed = self._known.get(node.iter.name) if isinstance(node.iter, nodes.Name) else None
        if self._inner or node.recursive or listed is None or listed.kind != "list":
            name = node.iter.name if isinstance(node.iter, nodes.Name) else None
            yield self._fault(node, "loops", name)
            return
        for target in (node.target, *node.target.find_all(nodes.Name)):
            if isinstance(target, nodes.Name):
                self._inner[target.name] = listed.fields
        self._inner["loop"] = LOOP
        for part in (*node.body, *node.else_, *([node.test] if node.test else ())):
            yield from self.of(part)
        self._inner = {}

    def _fault(self, node: nodes.Node, code: str, name: str | None) -> Fault:
        known = name if name is not None and _WORD.fullmatch(name) else None
        return Fault(self._field, f"template_{code}", node.lineno, known)


def _is_plain(node: nodes.Filter) -> bool:
    """Say whether a filter is a known one, of a fact itself, with short words: none makes much of little.

    A filter of a filter would: `replace` and `join` multiply what they are given by the length of a word.
    """
    words = [each.value if isinstance(each, nodes.Const) else None for each in node.args]
    short = all(isinstance(each, str) and len(each) <= LONGEST_WORD for each in words)
    if node.name == "replace":
        short = short and len(words) == len(("old", "new")) and words[0] != ""
    plain = isinstance(node.node, nodes.Name | nodes.Getattr)
    return node.name in FILTERS and plain and short and not (node.kwargs or node.dyn_args or node.dyn_kwargs)
