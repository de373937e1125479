"""Schemathesis against one running service: generated requests of every operation, all checks, stateful."""

import time
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import httpx
import schemathesis
from schemathesis.config import SchemathesisConfig
from schemathesis.core.failures import Failure
from schemathesis.core.transport import Response
from schemathesis.engine import events, from_schema
from schemathesis.generation.case import Case
from schemathesis.hooks import HookContext

from deploy.demo.client import Account, Credentials
from results_ingest.forms.service import HL7
from shared.security.access import TOKEN_PATH
from shared.sheets.reading import ANY, CSV, XLSX
from tests.fuzz.judging import codes_of, stands

CLOCK: Final = "/v1/clock"
RENEW_SECONDS: Final = 300
SECONDS: Final = 30
SERVER: Final = "not_a_server_error"
AUTH: Final = frozenset({"ignored_auth", "object_level_authorization"})
REFUSED: Final = ["400", "401", "403", "404", "405", "409", "410", "413", "415", "422", "429", "503"]
PHASES: Final = ("examples", "coverage", "fuzzing", "stateful")


@dataclass(frozen=True, slots=True)
class Round:
    """One pass over a service's operations."""

    seed: int
    examples: int
    phases: Collection[str] = PHASES
    clock: bool = False


@dataclass(slots=True)
class Finding:
    """A check that failed: how often, and one request that shows it."""

    check: str
    operation: str
    said: str
    request: str
    times: int = 0


@dataclass(slots=True)
class Tally:
    """What came of the rounds of one service."""

    service: str
    operations: Counter[str] = field(default_factory=Counter)
    phases: Counter[str] = field(default_factory=Counter)
    statuses: Counter[int] = field(default_factory=Counter)
    findings: dict[tuple[str, str, str], Finding] = field(default_factory=dict)
    checks: int = 0
    seconds: float = 0.0

    @property
    def cases(self) -> int:
        """Return how many requests were sent."""
        return self.operations.total()

    def count(self, wanted: Callable[[str], bool]) -> int:
        """Return how often checks of some kind failed."""
        return sum(each.times for each in self.findings.values() if wanted(each.check))

    def note(self, check: str, operation: str, said: str, request: str = "") -> None:
        """Count a finding."""
        first = said.strip().splitlines()[0] if said.strip() else check
        found = self.findings.setdefault(
            (check, operation, first), Finding(check, operation, said.strip(), request)
        )
        found.times += 1


class Tokens:
    """Tokens of the credentials' accounts, fetched once and renewed by Schemathesis."""

    def __init__(self, credentials: Credentials) -> None:
        self.credentials = credentials

    def account(self, label: str) -> Account:
        """Return who calls an operation: a laboratory its batches, an administrator everything else."""
        if label == "POST /v1/batches":
            return self.credentials.labs[min(self.credentials.labs)]
        return self.credentials.accounts["admin"]

    def fetch(self, label: str) -> str:
        """Return a new token."""
        account = self.account(label)
        answer = httpx.post(
            self.credentials.urls["registry"] + TOKEN_PATH,
            data={"grant_type": "client_credentials"},
            auth=(account.client_id, account.client_secret),
            timeout=SECONDS,
        )
        answer.raise_for_status()
        token: str = answer.json()["access_token"]
        return token

    def own(self) -> set[str]:
        """Return the clients that must stay as they are."""
        accounts = [*self.credentials.accounts.values(), *self.credentials.labs.values()]
        return {account.client_id for account in accounts}


def attack(tally: Tally, credentials: Credentials, wanted: Round) -> None:
    """Run one round against a service; what comes of it goes into the tally."""
    began = time.monotonic()
    tokens = Tokens(credentials)
    whole = schemathesis.openapi.from_url(
        credentials.urls[tally.service] + "/openapi.json", config=_config(wanted)
    )
    schema = whole.include(path=CLOCK) if wanted.clock else whole.exclude(path=CLOCK)
    _authorise(schema, tokens)
    _hook(schema, tokens.own())
    for event in from_schema(schema).execute():
        _take(tally, event)
    tally.seconds += time.monotonic() - began


def documented(credentials: Credentials, service: str) -> set[str]:
    """Return the label of every operation in a service's document."""
    document = httpx.get(credentials.urls[service] + "/openapi.json", timeout=SECONDS).json()
    return {f"{method.upper()} {path}" for path, methods in document["paths"].items() for method in methods}


def _config(wanted: Round) -> SchemathesisConfig:
    return SchemathesisConfig.from_dict(
        {
            "seed": wanted.seed,
            "continue-on-failure": True,
            "request-timeout": SECONDS,
            "warnings": False,
            "checks": {"negative_data_rejection": {"expected-statuses": REFUSED}},
            "generation": {"max-examples": wanted.examples, "no-shrink": True, "database": "none"},
            "phases": {name: {"enabled": name in wanted.phases} for name in PHASES},
        }
    )


def _authorise(schema: Any, tokens: Tokens) -> None:
    def who(_case: Case[Any], context: schemathesis.AuthContext) -> str:
        return tokens.account(context.operation.label).client_id

    @schema.auth(refresh_interval=RENEW_SECONDS, cache_by_key=who)
    class Bearer:
        """Sends the token of whoever an operation is for."""

        def get(self, _case: Case[Any], context: schemathesis.AuthContext) -> str:
            return tokens.fetch(context.operation.label)

        def set(self, case: Case[Any], data: str, _context: schemathesis.AuthContext) -> None:
            case.headers["Authorization"] = f"Bearer {data}"


def _hook(schema: Any, own: set[str]) -> None:
    @schema.hook  # type: ignore[untyped-decorator] # the library has no types for it
    def filter_failure(_context: HookContext, failure: Failure, case: Case[Any], response: Response) -> bool:
        return stands(failure, case, response)

    @schema.hook  # type: ignore[untyped-decorator] # the same
    def filter_case(_context: HookContext, case: Case[Any]) -> bool:
        # Without its own clients the attack would only see 401 from then on.
        return not own & set(map(str, (case.path_parameters or {}).values()))


@schemathesis.serializer("application/x-ndjson", "application/jsonl", CSV, XLSX, ANY, HL7)
def _lines(_context: schemathesis.SerializationContext, value: object) -> bytes:
    return str(value).encode(errors="surrogatepass")


def _take(tally: Tally, event: events.EngineEvent) -> None:
    match event:
        case events.ScenarioFinished():
            _scenario(tally, event)
        case events.NonFatalError():
            tally.note("not_run", event.label, str(event.value))
        case events.FatalError():
            tally.note("not_run", tally.service, repr(event.exception))
        case _:
            pass


def _scenario(tally: Tally, event: events.ScenarioFinished) -> None:
    recorder = event.recorder
    for case_id, node in recorder.cases.items():
        label = node.value.operation.label
        tally.operations[label] += 1
        tally.phases[event.phase.value] += 1
        answer = recorder.find_response(case_id=case_id)
        if answer is None:
            tally.note("no_answer", label, "no answer came")
        else:
            tally.statuses[answer.status_code] += 1
    for case_id, checks in recorder.checks.items():
        tally.checks += len(checks)
        for check in checks:
            if check.failure_info is not None:
                failure = check.failure_info.failure
                answer = recorder.find_response(case_id=case_id)
                codes = f" {codes_of(answer)}" if answer else ""
                tally.note(
                    check.name,
                    recorder.cases[case_id].value.operation.label,
                    f"{failure.title}{codes}\n{failure.message}",
                    check.failure_info.code_sample,
                )


def in_order(tallies: Mapping[str, Tally]) -> Iterator[Finding]:
    """Yield every finding, by check and operation."""
    found = [each for tally in tallies.values() for each in tally.findings.values()]
    yield from sorted(found, key=lambda each: (each.check, each.operation))
