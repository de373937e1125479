"""Where a document cannot state a rule: which answers to generated requests are right all the same.

Schemathesis compares every answer with the OpenAPI document. Two of its findings need a second look,
and get it from the answer itself, never from a list of operations that are excused.
"""

from typing import Any, Final

from schemathesis.core.failures import AcceptedNegativeData, Failure
from schemathesis.core.transport import Response
from schemathesis.generation.case import Case
from schemathesis.openapi.checks import AllowHeaderMismatch, RejectedPositiveData

# Rules about a value's meaning, about other fields or about what is stored: no JSON schema holds them.
# Codes of shape (`wrong_type`, `bad_format`, `too_long` …) are not here: a well-formed request must not get them.
BEYOND_A_SCHEMA: Final = frozenset(
    {
        "cursor_invalid",
        "line_not_json",
    }
)


def stands(failure: Failure, case: Case, response: Response) -> bool:
    """Say whether a finding is one; False for an answer that is right beyond what the document can state."""
    if isinstance(failure, RejectedPositiveData):
        return not codes_of(response) <= BEYOND_A_SCHEMA
    if isinstance(failure, AcceptedNegativeData):
        return not refused_by_row(response)
    if isinstance(failure, AllowHeaderMismatch):
        # `query` is a possible health-code id, so this path has both methods.
        return case.operation.label != "POST /v1/statuses/query"
    return True


def codes_of(response: Response) -> set[str]:
    """Return the codes of a refusal: those of its errors, or its own."""
    problem = _json(response)
    listed = {error["code"] for error in problem.get("errors", ())}
    return listed or {problem.get("code", "none")}


def refused_by_row(response: Response) -> bool:
    """Say whether an answer is a verdict on rows that refuses some: good rows are kept (contract §3)."""
    verdict = _json(response)
    return bool(verdict.get("rejected")) and bool(verdict.get("errors"))


def _json(response: Response) -> dict[str, Any]:
    try:
        value = response.json()
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}
