"""The conformance check: a laboratory's client runs the script against a sandbox, and gets a report."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import httpx

from deploy.demo.client import Api
from deploy.simulator import laboratory
from deploy.simulator.cases import SCRIPT, Case, Expected, Run, Step, script

Report = dict[str, Any]
_COUNTS: Final = ("accepted", "rejected", "duplicates")


@dataclass(frozen=True, slots=True)
class Answer:
    """What was answered to a step."""

    status: int
    body: Mapping[str, Any]

    @property
    def batch_id(self) -> str | None:
        """The batch that it speaks of."""
        return self.body.get("batch_id")


async def run_script(
    api: Api, *, lab_code: str, tag: str, now: datetime, done: Callable[[int], None]
) -> Report:
    """Run every case and return the report; a case that fails does not keep the others from being run."""
    cases = []
    for case in script(Run(tag, now)):
        answers = [await _ask(api, step) for step in case.steps]
        cases.append(_reported(case, answers))
        done(1)
    return {
        "script": SCRIPT,
        "run": tag,
        "lab_code": lab_code,
        "client_id": api.account.client_id,
        "at": now.isoformat(timespec="seconds"),
        "passed": all(case["passed"] for case in cases),
        "cases": cases,
    }


async def _ask(api: Api, step: Step) -> Answer:
    if step.token:
        answer = await laboratory.send(api, step.what)
    else:
        headers = {"Content-Type": "application/json"}
        answer = await api.http.post(
            api.base_url + "/v1/batches", content=step.what.content, headers={**headers, "Authorization": ""}
        )
    return Answer(answer.status_code, _json_of(answer))


def _reported(case: Case, answers: Sequence[Answer]) -> Report:
    steps = []
    for number, (step, answer) in enumerate(zip(case.steps, answers, strict=True)):
        got = _got(step.expected, answer, answers)
        steps.append(
            {
                "step": number,
                "expected": step.expected.shown(),
                "got": got,
                "batch_id": answer.batch_id,
                "passed": got == step.expected.shown(),
            }
        )
    passed = all(step["passed"] for step in steps)
    return {"case": case.name, "zh": case.zh, "en": case.en, "passed": passed, "steps": steps}


def _got(expected: Expected, answer: Answer, answers: Sequence[Answer]) -> dict[str, Any]:
    """Return what was answered, in the words of what was expected."""
    got: dict[str, Any] = {"status": answer.status}
    got |= {name: answer.body.get(name) for name in _COUNTS if name in expected.shown()}
    if expected.codes:
        own = {answer.body["code"]} if answer.body.get("code") else set()
        told = {error["code"] for error in answer.body.get("errors", ())}
        got["codes"] = sorted(own or told)
    if expected.same_as is not None:
        first = [n for n, other in enumerate(answers) if other.batch_id == answer.batch_id is not None]
        got["same_as"] = first[0] if first else None
    return got


def _json_of(answer: httpx.Response) -> Mapping[str, Any]:
    try:
        body = answer.json()
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}
