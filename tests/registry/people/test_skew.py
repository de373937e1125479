"""Two writers of one thing at one moment: one of them is told what stands, and nothing fails."""

from uuid import UUID

import pytest

from registry.events import service as events
from registry.events.schemas import EventIn
from registry.people import changing
from registry.people.schemas import PersonPatch
from shared.db import Session
from shared.security.principal import Principal
from tests.registry.conftest import NOON
from tests.support.district import District, coded
from tests.support.meeting import meet

CLERK = Principal("clerk", "clerk", "person", frozenset({"admin"}))


@pytest.mark.parametrize("way", ["patch", "bulk"])
async def test_a_health_code_that_somebody_is_just_given_is_taken(district: District, way: str) -> None:
    await district.people(coded(1), coded(2))
    first, second = [(await district.found(number))["person_id"] for number in (1, 2)]
    patch = PersonPatch(health_code_id="HC-TAKEN")
    context = district.system.context("registry")

    async def giving(session: Session) -> None:
        await changing.change(session, context, patch, person_id=UUID(first), who=CLERK, now=NOON)

    row = {**coded(2), "health_code_id": "HC-TAKEN"}
    if way == "patch":
        asked = district.http.patch(f"/v1/people/{second}", json={"health_code_id": "HC-TAKEN"})
    else:
        asked = district.http.post("/v1/people/bulk", json={"people": [row]})
    answer = await meet(district.system, giving, asked)
    problem = answer.json() if way == "patch" else answer.json()["errors"][0]
    assert (answer.status_code, problem["code"]) == (409 if way == "patch" else 200, "health_code_taken")
    assert (await district.found(2))["health_code_id"] == "HC-000002"


async def test_an_event_that_is_just_registered_takes_its_moment(district: District) -> None:
    await district.people(coded(1, category_code="6", enrolled_on="2030-11-01"))
    person_id = (await district.found())["person_id"]
    nine, ten = (NOON.replace(hour=hour).isoformat() for hour in (9, 10))
    visit = {"kind": "fever_visit", "at": nine}
    made = await district.post(f"/v1/people/{person_id}/events", visit)
    another = EventIn.model_validate({**visit, "at": ten})
    context = district.system.context("registry")

    async def adding(session: Session) -> None:
        await events.add(session, context, another, person_id=UUID(person_id), who=CLERK, now=NOON)

    moved = district.http.patch(f"/v1/events/{made['event_id']}", json={"at": ten})
    answer = await meet(district.system, adding, moved)
    assert (answer.status_code, answer.json()["code"]) == (409, "event_in_use")
