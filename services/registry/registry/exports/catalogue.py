"""Every list that the service can return, found in its OpenAPI document; pure.

A list is what a GET answers as an array of objects. It is asked as a caller would ask it, page by page, so
that an export shows what the list shows: the same area, the same masks, the same record of who looked.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from registry.exports.headings import heading
from shared.sheets.listings import Listed

_REF: Final = "#/components/schemas/"
_PAGING: Final = ("cursor", "limit")
# What is not taken out, and why; by path and field.
WITHOUT: Final = {
    (
        "/v1/status-changes",
        "changes",
    ): "a feed that the platform follows by its cursor; no file has its order",
    ("/v1/people/{person_id}", "exemptions"): "the list people-exemptions",
    ("/v1/people/{person_id}/explanation", "exemptions"): "the list people-exemptions",
    ("/v1/people/by-health-code/{health_code_id}", "exemptions"): "the list people-exemptions",
    ("/v1/people/by-health-code/{health_code_id}", "enrolments"): "the list people-enrolments",
}
Document = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class ListOf:
    """One list: where it is asked for, the field of the answer that holds it, and its columns."""

    name: str
    zh: str
    en: str
    path: str
    field: str
    needed: tuple[str, ...]
    filters: tuple[str, ...]
    paged: bool
    columns: tuple[Listed, ...]

    @property
    def of_people(self) -> bool:
        """Say whether each row is about a person, who may be shown in clear."""
        return any(column.field == "person_id" for column in self.columns)


def catalogue(document: Document) -> dict[str, ListOf]:
    """Return the lists of a document by name. A list of its own goes before the same inside something."""
    found = sorted(
        (ListOf(*each) for each in _lists(document)), key=lambda one: (one.path.endswith("}"), one.path)
    )
    named: dict[str, ListOf] = {}
    for one in found:
        if (one.path, one.field) not in WITHOUT:
            named.setdefault(one.name, one)
    return named


def arrays(document: Document) -> Iterator[tuple[str, str]]:
    """Yield the path and the field of every array of objects that a GET answers with."""
    for path, operation, schema in _answers(document):
        del operation
        for name, field in schema.get("properties", {}).items():
            if _items(document, field) is not None:
                yield path, name


def _lists(document: Document) -> Iterator[tuple[Any, ...]]:
    for path, operation, schema in _answers(document):
        fields = schema.get("properties", {})
        lists = [name for name, field in fields.items() if _items(document, field) is not None]
        for name in lists:
            parameters = [p for p in operation.get("parameters", ()) if p["in"] in ("path", "query")]
            zh, _, en = operation["summary"].partition(" ")
            alone = len(lists) == 1 and not path.endswith("}")
            yield (
                name_of(path) if alone else f"{name_of(path)}-{name.replace('_', '-')}",
                zh,
                en,
                path,
                name,
                tuple(p["name"] for p in parameters if p["in"] == "path"),
                tuple(p["name"] for p in parameters if p["in"] == "query" and p["name"] not in _PAGING),
                "next_cursor" in fields and any(p["name"] == "cursor" for p in parameters),
                told_apart(list(_columns(document, _items(document, fields[name]) or {}))),
            )


def told_apart(columns: Sequence[Listed]) -> tuple[Listed, ...]:
    """Return columns of which no two have the same name: the field stands beside it where they had."""
    count = Counter(column.zh for column in columns)
    return tuple(
        column if count[column.zh] == 1 else replace(column, zh=f"{column.zh}({column.field})")
        for column in columns
    )


def name_of(path: str) -> str:
    """Return the name of a path: its fixed parts."""
    return "-".join(part for part in path.removeprefix("/v1/").split("/") if part and part[0] != "{")


def _answers(document: Document) -> Iterator[tuple[str, Document, Document]]:
    for path, methods in document["paths"].items():
        operation = methods.get("get")
        if operation is None:
            continue
        content = operation["responses"].get("200", {}).get("content", {}).get("application/json", {})
        yield path, operation, _resolved(document, content.get("schema", {}))


def _resolved(document: Document, schema: Document) -> Document:
    """Return a schema itself: what it refers to, and without the null that it may also be."""
    options = [each for each in schema.get("anyOf", ()) if each.get("type") != "null"]
    if len(options) == 1:
        return _resolved(document, options[0])
    if "$ref" in schema:
        found: Document = document["components"]["schemas"][schema["$ref"].removeprefix(_REF)]
        return _resolved(document, found)
    return schema


def _items(document: Document, field: Document) -> Document | None:
    """Return what an array of objects holds; None for what is none."""
    field = _resolved(document, field)
    if field.get("type") != "array":
        return None
    items = _resolved(document, field.get("items", {}))
    return items if "properties" in items or "anyOf" in items else None


def _columns(document: Document, items: Document, above: str = "") -> Iterator[Listed]:
    for name, field in items.get("properties", {}).items():
        inner = _resolved(document, field)
        if "properties" in inner:
            yield from _columns(document, inner, f"{above}{name}.")
        else:
            zh, en = heading(f"{above}{name}")
            yield Listed(f"{above}{name}", zh, en)
