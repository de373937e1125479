"""Lists that are added to while they are compared, and words about the same business at one moment."""

from typing import Any, Final
from uuid import UUID

from registry.licences import service as licences
from registry.licences.schemas import LicencesIn
from registry.surveys import sending, service, suggestions
from registry.surveys.schemas import PlacesIn
from shared.context import Context
from shared.db import Session
from shared.security.principal import Principal
from tests.registry.conftest import NOON
from tests.registry.surveys.conftest import ROUND, Bureau
from tests.support.licensing import licence, place
from tests.support.meeting import Work, meet

CODE: Final = str(ROUND["round_code"])
CLERK: Final = Principal("clerk", "clerk", "person", frozenset({"admin"}))


def registry(bureau: Bureau) -> Context[Any]:
    """Return the context of registry."""
    return bureau.district.system.context("registry")


def listing(bureau: Bureau, *rows: dict[str, Any], as_of: str = "2030-11-01") -> Work:
    """Return what takes in licences."""
    body = LicencesIn.model_validate({"as_of": as_of, "licences": list(rows)})

    async def work(session: Session) -> None:
        await licences.take(session, registry(bureau), body, who=CLERK, now=NOON)

    return work


async def test_a_comparison_waits_for_a_list_that_is_being_taken_in(bureau: Bureau) -> None:
    await bureau.sweep(place(1), place(2))
    await bureau.licences(licence(1))
    report = await meet(bureau.district.system, listing(bureau, licence(2)), bureau.compare())
    assert (report["total"]["both"], report["total"]["only_surveyed"], report["stale"]) == (2, 0, False)


async def test_a_comparison_waits_for_places_that_are_being_taken_in(bureau: Bureau) -> None:
    await bureau.sweep(place(1))
    await bureau.licences(licence(1))
    closed = PlacesIn.model_validate({"places": [place(1, found="closed")]})

    async def sweeping(session: Session) -> None:
        await service.take(session, registry(bureau), closed, round_code=CODE, who=CLERK, now=NOON)

    report = await meet(bureau.district.system, sweeping, bureau.compare())
    assert (report["total"]["closed"], report["total"]["both"]) == (1, 0)


async def test_the_newer_of_two_lists_stands_and_the_other_one_is_told_row_by_row(bureau: Bureau) -> None:
    newer = listing(bureau, licence(1, name="新店"), as_of="2030-11-05")
    older = bureau.licences(licence(1), licence(2))
    verdict = await meet(bureau.district.system, newer, older)
    assert (verdict["accepted"], verdict["updated"], verdict["rejected"]) == (1, 0, 1)
    assert [(each["row"], each["code"]) for each in verdict["errors"]] == [(1, "older_than_known")]


async def test_two_rounds_that_miss_the_same_business_open_one_gap(bureau: Bureau) -> None:
    await bureau.district.post("/v1/survey-rounds", ROUND | {"round_code": "AGAIN"}, status=201)
    await bureau.licences(licence(1))
    for code in (CODE, "AGAIN"):
        await bureau.compare(code)

    async def first(session: Session) -> None:
        await sending.send(session, registry(bureau), round_code=CODE, who=CLERK, now=NOON)

    counts = await meet(bureau.district.system, first, bureau.send(code="AGAIN"))
    assert (counts["opened"], counts["standing"]) == (0, 1)
    assert len(await bureau.gaps()) == 1


async def test_of_two_words_about_one_licence_at_one_moment_the_second_is_refused(bureau: Bureau) -> None:
    plain = {"credit_code": None, "licence_no": None}
    await bureau.licences(licence(1, credit_code=None))
    await bureau.sweep(*(place(1, **plain, name=f"第0001号餐厅{more}") for more in ("", "总店")))
    await bureau.compare()
    found = await bureau.district.get(f"/v1/survey-rounds/{CODE}/suggestions")
    one, other = [each["suggestion_id"] for each in found["suggestions"]]

    async def confirming(session: Session) -> None:
        await suggestions.decide_suggestion(
            session,
            registry(bureau),
            suggestion_id=UUID(one),
            decision="confirm",
            note=None,
            who=CLERK,
            now=NOON,
        )

    named = await bureau.district.system.client("registry", scopes=["admin"], kind="person")
    asked = named.post(f"/v1/licence-suggestions/{other}/decision", json={"decision": "confirm"})
    answer = await meet(bureau.district.system, confirming, asked)
    assert (answer.status_code, answer.json()["code"]) == (409, "already_joined")
