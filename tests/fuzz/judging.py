"""Where a document cannot state a rule: which answers to generated requests are right all the same.

Schemathesis compares every answer with the OpenAPI document. Some of its findings need a second look,
and get it from the request and the answer themselves.
"""

from collections.abc import Iterator
from typing import Any, Final

from schemathesis.core.failures import AcceptedNegativeData, Failure
from schemathesis.core.transport import Response
from schemathesis.generation.case import Case
from schemathesis.openapi.checks import AllowHeaderMismatch, RejectedPositiveData, UseAfterFree

from results_ingest.forms.service import FORMS

# What a schema can hold: a request that fits its document must never be refused with one of these.
# Every other code speaks of a value's meaning, of other fields or of what is stored.
SHAPE: Final = frozenset(
    {
        "bad_encoding", "bad_format", "bad_gzip", "bad_request", "body_too_large", "character_forbidden",
        "day_malformed", "field_required", "health_code_malformed", "invalid_body", "invalid_parameter",
        "none", "not_allowed", "not_json", "out_of_range", "time_malformed", "time_naive", "too_deep",
        "too_long", "too_short", "unknown_field", "unsupported_media_type", "wrong_type",
    }
)  # fmt: skip
# A testing rule's parameters depend on its shape, a key's members on its type: on another field.
DEPENDENT: Final = frozenset({"params", "crv", "x", "y", "n", "e", "alg", "kty", "use"})
# Deleting a client disables it; its record and its keys stay to be read.
KEPT: Final = "/v1/clients/{client_id}"


def stands(failure: Failure, case: Case[Any], response: Response) -> bool:
    """Say whether a finding is one; False for an answer that is right beyond what the document can state."""
    if isinstance(failure, RejectedPositiveData):
        if refused_by_row(response) or in_kind(response):
            return False  # a row's fields bear on each other, and `all_or_nothing` refuses the batch for one
        codes = set(codes_of(response))
        # To JSON Schema 7.0 is an integer; here only 7 is.
        strict = {"wrong_type"} if _integral_float(case.body) else set()
        return not (codes - strict).isdisjoint(SHAPE)
    if isinstance(failure, UseAfterFree):
        return not case.path.startswith(KEPT)
    if isinstance(failure, AcceptedNegativeData):
        return not refused_by_row(response) and not in_kind(response)
    if isinstance(failure, AllowHeaderMismatch):
        # `/v1/tubes/bulk` is also a tube called `bulk`: more methods than its own are right, fewer are not.
        return bool(failure.missing_methods)
    return True


def codes_of(response: Response) -> list[str]:
    """Return the codes of a refusal: those of its errors, or its own; none for another answer."""
    problem = _json(response)
    if response.status_code < 400:
        return []
    return sorted(set(_codes(problem))) if problem.get("errors") else [problem.get("code", "none")]


def refused_by_row(response: Response) -> bool:
    """Say whether an answer is a verdict on rows that refuses some: good rows are kept (contract §3)."""
    verdict = _json(response)
    return bool(verdict.get("rejected")) and bool(verdict.get("errors"))


def in_kind(response: Response) -> bool:
    """Say whether an answer is that of HL7 or FHIR: the document only says that a body is one of them."""
    return any(kind in value for value in response.headers.get("content-type", ()) for kind in FORMS)


def _integral_float(value: object) -> bool:
    if isinstance(value, dict | list):
        return any(_integral_float(each) for each in (value.values() if isinstance(value, dict) else value))
    return isinstance(value, float) and value.is_integer()


def _codes(problem: dict[str, Any]) -> Iterator[str]:
    for error in problem["errors"]:
        dependent = not DEPENDENT.isdisjoint((error.get("field") or "").split("."))
        yield "dependent" if dependent else error["code"]


def _json(response: Response) -> dict[str, Any]:
    try:
        value = response.json()
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}
