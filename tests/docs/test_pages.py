"""What /docs shows of every route, and what every refusal says: Chinese first, English beside it."""

import ast
import base64
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute
from pydantic import BaseModel

from notifier import app as notifier
from notifier.settings import NotifierSettings
from registry import app as registry
from registry.settings import RegistrySettings
from results_ingest import app as results_ingest
from results_ingest.settings import ResultsIngestSettings
from shared.errors import CATALOGUE
from shared.web.bodies import MODELS, check_rows

ROOT = Path(__file__).resolve().parents[2]
SERVICES = ("registry", "results-ingest", "notifier")
CHINESE = re.compile("[一-鿿]")
ENGLISH = re.compile(r"[A-Za-z]{2,}")
CALLERS = {"results:write", "status:read"}


@cache
def app(service: str) -> FastAPI:
    """Return an app that is never started."""
    key = base64.b64encode(bytes(32)).decode()
    values: dict[str, Any] = {
        "database_url": "postgresql://x/y",
        "redis_url": "redis://x",
        "data_keys": {"k1": key},
        "index_key": key,
        "role_secret": "0123456789abcdef",
    }
    match service:
        case "registry":
            return registry.create(RegistrySettings(**values))
        case "results-ingest":
            return results_ingest.create(ResultsIngestSettings(**values))
        case _:
            return notifier.create(NotifierSettings(**values))


def operations(service: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield every operation of the OpenAPI document, as `GET /path`."""
    for path, methods in app(service).openapi()["paths"].items():
        for method, operation in methods.items():
            yield f"{method.upper()} {path}", operation


def shown(content: dict[str, Any]) -> list[object]:
    """Return the examples of a body or an answer."""
    found = [one["example"] for one in content.values() if "example" in one]
    return found + [each["value"] for one in content.values() for each in one.get("examples", {}).values()]


def answers(operation: dict[str, Any]) -> list[object]:
    """Return the examples of all good answers."""
    good = [answer for status, answer in operation["responses"].items() if status.startswith("2")]
    return [example for answer in good for example in shown(answer.get("content", {}))]


@pytest.mark.parametrize("service", SERVICES)
def test_every_route_says_what_it_does_in_chinese_and_then_in_english(service: str) -> None:
    wrong = []
    for name, operation in operations(service):
        for text in (operation.get("summary", ""), operation.get("description", "")):
            first, english = CHINESE.search(text), list(ENGLISH.finditer(text))
            if first is None or not english or english[-1].start() < first.start():
                wrong.append(f"{name}: {text[:60]}")
    assert wrong == []


@pytest.mark.parametrize("service", SERVICES)
def test_every_operation_of_a_lab_or_the_platform_has_an_example(service: str) -> None:
    missing = []
    for name, operation in operations(service):
        scopes = {scope for each in operation.get("security", []) for one in each.values() for scope in one}
        if not scopes & CALLERS:
            continue
        content = operation.get("requestBody", {}).get("content", {})
        if content and not shown(content):
            missing.append(f"{name}: body")
        if "204" not in operation["responses"] and not answers(operation):
            missing.append(f"{name}: answer")
    assert missing == []


@pytest.mark.parametrize("service", SERVICES)
def test_the_examples_of_answers_are_what_is_answered(service: str) -> None:
    documented = dict(operations(service))
    for route in app(service).routes:
        if not isinstance(route, APIRoute) or not isinstance(route.response_model, type):
            continue
        if issubclass(route.response_model, BaseModel):
            (method,) = route.methods or {"GET"}
            for example in answers(documented[f"{method} {route.path}"]):
                route.response_model.model_validate(example)


@pytest.mark.parametrize("service", SERVICES)
def test_the_examples_of_bodies_are_taken(service: str) -> None:
    for name, operation in operations(service):
        content = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
        model = MODELS.get(content.get("schema", {}).get("$ref", "").rpartition("/")[2])
        if model is not None and name != "POST /v1/batches":  # shows bad ones too; tested with batches
            for example in shown({"application/json": content}):
                assert check_rows(model, [example])[1] == [], name


@pytest.mark.parametrize("code", sorted(CATALOGUE))
def test_every_refusal_speaks_both_languages_with_the_same_values_in_them(code: str) -> None:
    message = CATALOGUE[code]
    assert CHINESE.search(message.zh)
    assert ENGLISH.search(message.en)
    assert not CHINESE.search(message.en)
    places = re.compile(r"\{[a-z_]+\}")
    assert sorted(places.findall(message.zh)) == sorted(places.findall(message.en))


def used(path: Path) -> Iterator[str]:
    """Yield the codes that a file writes out: in a RowError, in `refuse`, and as (field, code)."""
    for node in ast.walk(ast.parse(path.read_text())):
        match node:
            case ast.Call(func=ast.Name(id="RowError"), args=[_, _, ast.Constant(value=str(code)), *_]):
                yield code
            case ast.Call(func=ast.Name(id="refuse"), args=[ast.Constant(value=str(code))]):
                yield code
            case ast.Tuple(elts=[_, ast.Constant(value=str(code))]) if "tubes" in path.parts and "_" in code:
                yield code
            case _:
                pass


def test_every_code_used_is_in_the_catalogue() -> None:
    for service in SERVICES:
        app(service)  # every code is defined where it is used
    files = [path for folder in ("services", "shared") for path in (ROOT / folder).rglob("*.py")]
    found = {code: path.name for path in files for code in used(path)}
    assert len(found) > 20
    assert {code: name for code, name in found.items() if code not in CATALOGUE} == {}
