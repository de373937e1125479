"""Contract §3: problems, their languages, what is refused whole and what row by row."""

import gzip
import json

import pytest

from tests.contract.office import Office, pages, problem
from tests.system.people import department

pytestmark = pytest.mark.asyncio(loop_scope="module")

JSON = {"content-type": "application/json"}
BULK = "/v1/people/bulk"


async def test_every_problem_has_the_fields_of_the_page(office: Office) -> None:
    body = problem(await office.platform.get("/v1/statuses/HC-UNKNOWN"), 404)
    assert body["errors"] == []
    assert body["errors_total"] == 0
    problem(await office.admin.get("/v1/nowhere"), 404)
    problem(await office.admin.delete("/v1/departments"), 405)


async def test_a_problem_names_its_request(office: Office) -> None:
    answer = await office.platform.get("/v1/statuses/HC-UNKNOWN")
    assert answer.headers["x-request-id"] == answer.json()["request_id"]


async def test_texts_are_chinese_unless_english_is_asked_for(office: Office) -> None:
    path = "/v1/statuses/HC-UNKNOWN"
    chinese = problem(await office.platform.get(path), 404)
    for wanted in ("en", "en-GB,en;q=0.9", "fr, en;q=0.5"):
        english = problem(await office.platform.get(path, headers={"Accept-Language": wanted}), 404)
        assert english["title"].isascii(), wanted
        assert english["code"] == chinese["code"]
    assert not chinese["title"].isascii()
    for wanted in ("zh-CN,zh;q=0.9,en;q=0.8", "*"):
        again = problem(await office.platform.get(path, headers={"Accept-Language": wanted}), 404)
        assert again["title"] == chinese["title"], wanted


async def test_row_messages_follow_the_language_too(office: Office) -> None:
    rows = {"people": [office.row(id_no="11010519491231002")]}
    chinese = (await office.admin.post(BULK, json=rows)).json()["errors"][0]
    english = (await office.admin.post(BULK, json=rows, headers={"Accept-Language": "en"})).json()["errors"][
        0
    ]
    assert chinese["code"] == english["code"]
    assert english["message"].isascii()
    assert not chinese["message"].isascii()


async def test_a_refused_value_is_never_echoed(office: Office) -> None:
    secret = "SECRETVALUE9"
    body = department(secret + "!", secret * 1, secret) | {"extra": secret}
    answer = await office.admin.post("/v1/departments", json=body)
    problem(answer, 422)
    assert secret not in answer.text
    row = office.row(id_no=secret, category_code=secret, unit_code=secret, phone=secret)
    answer = await office.admin.post(BULK, json={"people": [row]})
    assert answer.json()["rejected"] == 1
    assert secret not in answer.text


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"nonsense",
        b'{"people":[NaN]}',
        b'{"people":[{"x":Infinity}]}',
        b'{"people":"\xff"}',
        b'{"a":1}{}',
    ],
)
async def test_what_is_not_strict_json_is_400(office: Office, content: bytes) -> None:
    problem(await office.admin.post(BULK, content=content, headers=JSON), 400)


async def test_bad_gzip_is_400(office: Office) -> None:
    headers = JSON | {"content-encoding": "gzip"}
    problem(await office.admin.post(BULK, content=b"no gzip", headers=headers), 400)
    whole = gzip.compress(json.dumps({"people": [office.row()]}).encode())
    problem(await office.admin.post(BULK, content=whole[:-9], headers=headers), 400)


async def test_another_media_type_is_415(office: Office) -> None:
    content = json.dumps({"people": [office.row()]}).encode()
    for kind in ("text/plain", "application/xml", "multipart/form-data"):
        problem(await office.admin.post(BULK, content=content, headers={"content-type": kind}), 415)
    answer = await office.admin.post(
        BULK, content=content, headers={"content-type": "application/json; charset=utf-8"}
    )
    assert answer.status_code == 200


@pytest.mark.parametrize(
    "body",
    [
        {},
        [],
        None,
        "x",
        {"people": []},
        {"people": {}},
        {"people": None},
        {"people": [], "more": 1},
        {"persons": []},
    ],
)
async def test_what_is_not_the_envelope_is_422(office: Office, body: object) -> None:
    problem(await office.admin.post(BULK, content=json.dumps(body).encode(), headers=JSON), 422)


async def test_too_many_rows_are_413(office: Office) -> None:
    problem(await office.admin.post(BULK, json={"people": [{}] * 10_001}), 413)


async def test_what_is_wrong_in_a_row_rejects_that_row_only(office: Office) -> None:
    good = office.row()
    bad = [
        office.row(unknown=1),
        office.row(name=5),
        office.row(id_type="licence"),
        office.row(enrolled_on="2026-02-30"),
        office.row(code=False, health_code_id="a"),
        office.row(code=False, health_code_id="under score!"),
        {"id_type": "resident_id"},
        "no object",
        None,
        office.row(id_no=None),
        office.row(unit_code="NO-SUCH-UNIT", category_code="8A1"),
        office.row(category_code="NO-SUCH"),
    ]
    answer = await office.admin.post(BULK, json={"people": [*bad, good]})
    assert answer.status_code == 200, answer.text
    verdict = answer.json()
    assert set(verdict) == {"accepted", "updated", "rejected", "errors"}
    assert {error["row"] for error in verdict["errors"]} == set(range(1, len(bad) + 1))
    assert (verdict["accepted"], verdict["updated"], verdict["rejected"]) == (1, 0, len(bad))
    for error in verdict["errors"]:
        assert set(error) - {"row_ref"} == {"row", "field", "code", "message"}, error
        assert error["message"]


async def test_a_problem_lists_the_fields_that_are_wrong(office: Office) -> None:
    body = department("D-9", "nowhere", None) | {"extra": 1, "code": "with space"}
    del body["contact"]
    found = problem(await office.admin.post("/v1/departments", json=body), 422)
    assert {error["field"] for error in found["errors"]} >= {"level", "extra", "code", "contact"}
    assert found["errors_total"] == len(found["errors"])
    for error in found["errors"]:
        assert {"field", "code", "message"} <= set(error)


@pytest.mark.parametrize("code", ["", "a b", "中", "a/b", "x" * 65])
async def test_codes_have_the_alphabet_of_the_page(office: Office, code: str) -> None:
    problem(await office.admin.post("/v1/departments", json=department(code, "department", None)), 422)


async def test_case_counts_in_codes(office: Office) -> None:
    for code in ("Case.x_1", "case.x_1", "x" * 64):
        answer = await office.admin.post("/v1/departments", json=department(code, "department", None))
        assert answer.status_code == 201, answer.text


@pytest.mark.parametrize("path", ["/v1/departments", "/v1/units", "/v1/overdue", "/v1/overdue/units"])
async def test_lists_take_a_limit_of_1_to_1000(office: Office, path: str) -> None:
    for limit in ("0", "1001", "-1", "x"):
        problem(await office.admin.get(path, params={"limit": limit}), 422)
    for limit in ("1", "1000"):
        assert (await office.admin.get(path, params={"limit": limit})).status_code == 200
    problem(await office.admin.get(path, params={"cursor": "nonsense"}), 422)
    empty = await office.admin.get(path, params={"cursor": None, "limit": None})
    assert (empty.request.url.query, empty.status_code) == (b"cursor=&limit=", 200)


async def test_lists_end_with_a_null_cursor(office: Office) -> None:
    codes = [f"PAGE-{number}" for number in range(7)]
    for code in codes:
        assert (
            await office.admin.post("/v1/departments", json=department(code, "department", None))
        ).is_success
    found = [each["code"] for each in await pages(office.admin, "/v1/departments", "departments", limit=3)]
    assert len(found) == len(set(found))
    assert set(codes) <= set(found)


async def test_duplicate_names_in_an_object_are_no_strict_json(office: Office) -> None:
    content = b'{"people":[],"people":[{}]}'
    problem(await office.admin.post(BULK, content=content, headers=JSON), 400)


async def test_what_no_column_can_hold_is_a_refusal_and_no_failure(office: Office) -> None:
    cdc = await office.system.client("results-ingest", scopes=["reviews:write", "admin"])
    verdict = {"verdict": "confirmed", "reviewer": "疾控", "note": "复核"}
    for last in ("0001", "7fff", "8000", "ffff"):
        answer = await cdc.post(f"/v1/reviews/01a1ffdb-fc41-7fe7-a3c1-7a87f7f4{last}", json=verdict)
        assert answer.status_code == 404
    for path in ("/v1/tubes/a%00b", "/v1/labs/a%00b"):
        assert (await cdc.get(path)).status_code in {404, 422}
