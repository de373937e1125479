"""FHIR R4: a body as resources that find each other, within limits, and the shape of each by its model.

The models are those of the extra `fhir` (R4B, in which the resources that are read here are as in R4).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import import_module
from typing import Any, Final

from pydantic import BaseModel, ValidationError

from results_ingest.forms import errors
from results_ingest.forms.limits import FormLimits
from results_ingest.sheets.reading import Fault
from shared.errors import BAD_FORMAT, INVALID_BODY, WRONG_TYPE, Problem, RowError, body_refusal
from shared.web.bodies import errors_of, strict_json

_BUNDLES: Final = frozenset({"message", "collection", "transaction", "batch", "document"})
_TOPS: Final = frozenset({"DiagnosticReport", "Observation"})
_MODELS: Final = ("DiagnosticReport", "Observation", "Specimen", "Patient", "Group")
_MOST_FAULTS: Final = 20
Resource = Mapping[str, Any]


@dataclass(slots=True, eq=False)
class Node:
    """A resource and where it stands in the body, as a path of FHIRPath."""

    resource: Resource
    path: str
    contained: dict[str, "Node"] = field(default_factory=dict)
    faults: list[Fault] | None = None

    @property
    def kind(self) -> str:
        """Return the type of the resource, '' if it says none."""
        kind = self.resource.get("resourceType")
        return kind if isinstance(kind, str) else ""

    def wrong(self) -> list[Fault]:
        """Return what the model of the resource finds wrong with it; asked once."""
        if self.faults is None:
            self.faults = _wrong(self)
        return self.faults


@dataclass(slots=True)
class Library:
    """The resources of a body in their order, and by what refers to them; None for what is ambiguous."""

    nodes: list[Node] = field(default_factory=list)
    known: dict[str, Node | None] = field(default_factory=dict)

    def find(self, reference: object, inside: Node) -> Node | None:
        """Return the resource that a Reference means, seen from the resource that holds it."""
        text = mapping(reference).get("reference")
        if not isinstance(text, str):
            return None
        if text.startswith("#"):
            return inside.contained.get(text[1:])
        found = self.known.get(text)
        return found if found is not None else self.known.get("/".join(text.split("/")[-2:]))


def mapping(value: object) -> Mapping[str, Any]:
    """Return an object as it is, anything else as an empty one."""
    return value if isinstance(value, dict) else {}


def listed(value: object) -> list[Any]:
    """Return a list as it is, anything else as an empty one."""
    return value if isinstance(value, list) else []


def text_of(value: object) -> str:
    """Return a text without blanks round it, '' for anything else."""
    return value.strip() if isinstance(value, str) else ""


def open_body(raw: bytes, limits: FormLimits) -> tuple[Library, str | None]:
    """Return a body's resources and its own number; Problem 400, 413 or 422 if it is not taken."""
    # Empty lists by the million take twenty times their bytes: counted before they are made.
    if sum(map(raw.count, (b",", b"[", b"{"))) > limits.values:
        raise Problem(errors.TOO_MANY_VALUES, limit=limits.values)
    body = strict_json(raw)
    kind = text_of(mapping(body).get("resourceType"))
    library = Library()
    if kind == "Bundle":
        if text_of(body.get("type")) not in _BUNDLES:
            raise Problem(errors.BUNDLE_UNSUPPORTED)
        for place, (url, resource) in enumerate(_entries(body)):
            _add(library, resource, f"Bundle.entry[{place}].resource", limits, url=url)
    elif kind in _TOPS:
        _add(library, body, kind, limits, url="")
    else:
        raise Problem(errors.RESOURCE_UNSUPPORTED)
    return library, _number_of(body)


def _entries(body: Resource) -> Iterator[tuple[str, Resource]]:
    entries = body.get("entry")
    if not isinstance(entries, list):
        raise body_refusal(WRONG_TYPE, "Bundle.entry")
    for place, entry in enumerate(entries):
        resource = mapping(entry).get("resource")
        if not isinstance(resource, dict):
            wrong = RowError(None, f"Bundle.entry.{place}.resource", WRONG_TYPE.code)
            raise Problem(INVALID_BODY, errors=[wrong])
        yield text_of(entry.get("fullUrl")), resource


def _add(library: Library, resource: Resource, path: str, limits: FormLimits, *, url: str) -> None:
    node = Node(resource, path)
    for place, inner in enumerate(listed(resource.get("contained"))):
        name = text_of(mapping(inner).get("id"))
        if name:
            node.contained[name] = Node(mapping(inner), f"{path}.contained[{place}]")
    library.nodes.append(node)
    for inner in node.contained.values():
        inner.contained = node.contained
        library.nodes.append(inner)
    if len(library.nodes) > limits.resources:
        raise Problem(errors.TOO_MANY_RESOURCES, limit=limits.resources)
    name = text_of(resource.get("id"))
    for reference in {url, f"{node.kind}/{name}" if name else ""} - {""}:
        library.known[reference] = None if reference in library.known else node


def _number_of(body: Resource) -> str | None:
    identifier = body.get("identifier")
    first = identifier[0] if isinstance(identifier, list) and identifier else identifier
    return text_of(mapping(first).get("value")) or text_of(body.get("id")) or None


def _wrong(node: Node) -> list[Fault]:
    model = _model(node.kind) if node.kind in _MODELS else None
    if model is None:
        return [(None, errors.RESOURCE_UNSUPPORTED.code)]
    plain = {name: value for name, value in node.resource.items() if name != "contained"}
    try:
        model.model_validate(plain)
    except ValidationError as error:
        found = errors_of(error)[:_MOST_FAULTS]
        return [(f"{node.kind}.{one.field}" if one.field else node.kind, one.code) for one in found]
    except RecursionError:
        return [(node.kind, BAD_FORMAT.code)]
    return []


@cache
def _model(kind: str) -> type[BaseModel]:
    module = import_module(f"fhir.resources.R4B.{kind.lower()}")
    model: type[BaseModel] = getattr(module, kind)
    return model
