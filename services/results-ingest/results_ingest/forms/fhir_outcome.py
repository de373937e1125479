"""OperationOutcome: what became of a FHIR body, or why it was refused; no value of it is repeated."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from results_ingest.forms import errors
from results_ingest.forms.fhir_rows import Carried, Source
from shared.errors import CATALOGUE, Message, RowError

SYSTEM: Final = "urn:yingjian:error-code"
_BY_STATUS: Final[Mapping[int, str]] = {
    400: "structure", 403: "forbidden", 404: "not-found", 409: "conflict", 413: "too-long",
    415: "not-supported", 429: "throttled", 503: "transient",
}  # fmt: skip
_BY_CODE: Final[Mapping[str, str]] = {
    "field_required": "required",
    "identifier_missing": "required",
    "correction_unnamed": "required",
    "unknown_field": "structure",
    "wrong_type": "structure",
    "not_allowed": "code-invalid",
    "duplicate_row": "duplicate",
    "conflicting_outcome": "conflict",
    "corrects_not_found": "not-found",
    errors.TEST_NOT_COVERED.code: "not-supported",
    errors.NOT_FINAL.code: "business-rule",
    errors.REFERENCE_UNRESOLVED.code: "not-found",
}
# Field of a row: the resource that it is read from, and the element; the first resource that is there.
_ELEMENTS: Final[Mapping[str, tuple[tuple[str, str], ...]]] = {
    "row_ref": (("observation", "id"),),
    "tube_code": (("specimen", "identifier"), ("observation", "specimen"), ("report", "specimen")),
    "health_code_id": (("patient", "identifier"), ("observation", "subject"), ("report", "subject")),
    "id_type": (("patient", "identifier"),),
    "id_no": (("patient", "identifier"),),
    "name": (("patient", "name"),),
    "outcome": (("observation", "value"),),
    "mode": (("specimen", "parent"),),
    "collected_at": (("specimen", "collection.collected"), ("observation", "effective")),
    "received_at": (("specimen", "receivedTime"),),
    "tested_at": (("observation", "extension"),),
    "released_at": (("report", "issued"), ("observation", "issued")),
    "reviewer_code": (("report", "resultsInterpreter"),),
    "ct_orf1ab": (("observation", "component"),),
    "ct_n": (("observation", "component"),),
    "test_kind": (("observation", "code"), ("report", "code")),
    "specimen_type": (("specimen", "type"),),
    "kit": (("observation", "method"),),
    "corrects": (("observation", "identifier"),),
}
_BY_FAULT: Final[Mapping[str, tuple[tuple[str, str], ...]]] = {
    errors.NOT_FINAL.code: (("observation", "status"), ("report", "status")),
    errors.TEST_NOT_COVERED.code: (("observation", "code"), ("report", "result")),
    errors.NO_RESULT.code: (("report", "result"),),
    errors.SEVERAL_SPECIMENS.code: (("report", "specimen"),),
    "identifier_missing": (("specimen", "identifier"), ("observation", "subject")),
}


def outcome(
    text: str, faults: Iterable[RowError], warnings: Iterable[RowError], carried: Carried
) -> dict[str, Any]:
    """Return the answer to a body that was taken in or only checked."""
    issues = [_issue("information", "informational", None, text, [])]
    issues += [_told(one, carried.sources, "error") for one in faults]
    issues += [_told(one, carried.sources, "warning") for one in warnings]
    return {"resourceType": "OperationOutcome", "issue": issues}


def refusal(
    message: Message, text: str, faults: Iterable[RowError], carried: Carried | None
) -> dict[str, Any]:
    """Return the answer to a body that was refused whole."""
    kind = _BY_CODE.get(message.code) or _BY_STATUS.get(message.status, "invalid")
    issues = [_issue("fatal", kind, message.code, text, [])]
    issues += [_told(one, carried.sources if carried else [], "error") for one in faults]
    return {"resourceType": "OperationOutcome", "issue": issues}


def _told(one: RowError, sources: Sequence[Source], severity: str) -> dict[str, Any]:
    message = CATALOGUE[one.code]
    source = sources[one.row - 1] if one.row and one.row <= len(sources) else None
    kind = "informational" if severity == "warning" else _BY_CODE.get(one.code, "value")
    return _issue(severity, kind, one.code, f"{message.zh} / {message.en}", _expression(one, source))


def _issue(severity: str, kind: str, code: str | None, text: str, expression: list[str]) -> dict[str, Any]:
    details: dict[str, Any] = {"text": text}
    if code is not None:
        details["coding"] = [{"system": SYSTEM, "code": code}]
    issue: dict[str, Any] = {"severity": severity, "code": kind, "details": details}
    if expression:
        issue["expression"] = expression
    return issue


def _expression(one: RowError, source: Source | None) -> list[str]:
    """Return the path of the element that an error speaks of; the row's own where it is none of it."""
    name, _, rest = (one.field or "").partition(".")
    if source is None:
        return [one.field] if one.field else []
    nodes = {
        "report": source.report, "observation": source.observation, "specimen": source.specimen,
        "patient": source.patient,
    }  # fmt: skip
    for node in nodes.values():
        if node is not None and node.kind == name:  # what the model of a resource found
            return [f"{node.path}.{rest}" if rest else node.path]
    wanted = _BY_FAULT.get(one.code) or _ELEMENTS.get(name, ())
    there = [(found, element) for which, element in wanted if (found := nodes[which]) is not None]
    # A tube and a person speak for themselves; of a report and its result, whichever says it.
    saying = (
        each for each in there if each[0].kind in ("Specimen", "Patient") or each[1] in each[0].resource
    )
    best = next(saying, None) or next(iter(there), None)
    if best is not None:
        return [f"{best[0].path}.{best[1]}"]
    whole = source.observation or source.report
    return [whole.path] if whole else []
