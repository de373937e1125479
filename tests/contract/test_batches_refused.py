"""Contract §3 and §5: what is refused of a batch, a row at a time or whole, and what is taken all the same."""

import gzip
import json
from typing import Any

import pytest

from tests.contract.intake import LINES, MINUTE, dumped, fresh, lines, post, result, send
from tests.contract.office import Answer, Office, problem
from tests.system.people import ok, resident_id, text

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest.mark.requirement(79)
async def test_what_is_wrong_inside_a_row_rejects_that_row(office: Office) -> None:
    base = result(office, health_code_id=await office.somebody())
    secret = resident_id(4242)
    wrong = secret[:-1] + ("X" if secret[-1] != "X" else "0")
    bad: list[Any] = [
        base | {"colour": "red"},
        base | {"tested_at": "2026-11-21T10:00:00"},
        base | {"tested_at": "2019-12-31T23:59:59+08:00"},
        base | {"tested_at": text(office.now + 15 * MINUTE)},
        base | {"tested_at": "1763700000"},
        base | {"tested_at": 1763700000},
        base | {"tested_at": "2026-02-30T10:00:00+08:00"},
        base | {"collected_at": text(office.now)},
        base | {"outcome": "Negative"},
        base | {"outcome": None},
        base | {"mode": "pool"},
        base | {"test_kind": "PCR"},
        base | {"ct_n": "36"},
        base | {"ct_n": True},
        base | {"lab_extra": {"long": "x" * 3000}},
        base | {"lab_extra": "text"},
        base | {"row_ref": "a b"},
        base | {"tube_code": "é"},
        base | {"tube_code": 7},
        base | {"health_code_id": "ab"},
        base | {"health_code_id": secret},
        base | {"name": "某\u0000某"},
        {key: value for key, value in base.items() if key != "health_code_id"},
        result(office, id_no=secret),
        result(office, id_type="resident_id"),
        result(office, name="张三"),
        result(office, id_type="resident_id", id_no=wrong),
        result(office, id_type="resident_id", id_no="１１０１０５１９４９１２３１００２Ｘ"),
        base | {"corrects": {"reason": "改"}},
        base | {"corrects": {"result_id": "1", "batch_no": "2", "row": 1, "reason": "改"}},
        base | {"corrects": {"batch_no": "B", "row": 1}},
        base | {"corrects": {"batch_no": "B", "row": 10**30, "reason": "改"}},
        [],
        None,
        "row",
        5,
    ]
    answer = await send(office, *bad, base)
    assert answer.status_code == 202, answer.text
    receipt = answer.json()
    named = {one["row"] for one in receipt["errors"]}
    assert named == set(range(1, len(bad) + 1)), [bad[row - 1] for row in set(range(1, len(bad) + 1)) - named]
    assert (receipt["accepted"], receipt["rejected"]) == (1, len(bad))
    assert all({"row", "field", "code", "message"} <= set(one) for one in receipt["errors"])
    for value in (wrong, secret, 'colour": "red', "Negative", "1763700000"):
        assert value not in answer.text
    codes = {one["row"]: one["code"] for one in receipt["errors"]}
    assert codes[21] == "health_code_id_is_personal"


async def test_times_up_to_ten_minutes_ahead_and_in_any_offset_are_taken(office: Office) -> None:
    utc = (office.now - 60 * MINUTE).astimezone(tz=None).strftime("%Y-%m-%dT%H:%M:%S%z")
    zulu = (office.now - 8 * 60 * MINUTE - 61 * MINUTE).strftime("%Y-%m-%dT%H:%M:%SZ")
    rows = [
        {"outcome": "negative", "health_code_id": await office.somebody(), "tested_at": value}
        for value in (
            text(office.now + 9 * MINUTE),
            f"{utc[:-2]}:{utc[-2:]}",
            zulu,
            zulu.replace("Z", ".123Z"),
        )
    ]
    receipt = (await send(office, *rows)).json()
    assert receipt["accepted"] == 4, receipt["errors"]


async def test_null_is_like_leaving_an_optional_field_out(office: Office) -> None:
    row = result(office, health_code_id=await office.somebody())
    row |= dict.fromkeys(("row_ref", "tube_code", "name", "mode", "collected_at", "ct_n", "kit", "corrects"))
    receipt = (await send(office, row)).json()
    assert receipt["accepted"] + receipt["rejected"] == 1


@pytest.mark.parametrize(
    ("raw", "status"),
    [
        (b"", 400),
        (b"{", 400),
        (b"\xff\xfe", 400),
        (b'{"batch_no":"N-1","batch_no":"N-2","results":[{}]}', 400),
        (b'{"batch_no":"N-1","results":[{"ct_n":NaN}]}', 400),
        (b'{"batch_no":"N-1","results":[{"ct_n":-Infinity}]}', 400),
        (b'{"batch_no":"N-1","results":[{"a":1,"a":2}]}', 400),
        (b"[]", 422),
        (b"null", 422),
        (b'{"batch_no":"N-1","results":[]}', 422),
        (b'{"batch_no":"N-1","results":{}}', 422),
        (b'{"batch_no":"N-1"}', 422),
        (b'{"results":[{}]}', 422),
        (b'{"batch_no":5,"results":[{}]}', 422),
        (b'{"batch_no":"a/b","results":[{}]}', 422),
        (b'{"batch_no":"N-1","results":[{}],"more":1}', 422),
    ],
)
async def test_a_body_that_is_no_batch_is_refused_whole(office: Office, raw: bytes, status: int) -> None:
    problem(await post(office, raw), status)


@pytest.mark.parametrize(
    ("raw", "status"),
    [
        (b"", 400),
        (b'{"batch_no":"N-1"}\n', 422),
        (b'{"outcome":"negative"}\n{"outcome":"negative"}\n', 422),
        (b'{"batch_no":"N-1"}\n{"outcome":\n', 400),
        (b'{"batch_no":"N-1"}\n{"ct_n":NaN}\n', 400),
        (b'{"batch_no":"N-1","results":[]}\n{}\n', 422),
    ],
)
async def test_lines_that_are_no_batch_are_refused_whole(office: Office, raw: bytes, status: int) -> None:
    answer = await post(office, raw, kind=LINES)
    if raw:
        problem(answer, status)
    else:
        assert answer.status_code in (400, 422)


async def test_odd_numbers_and_characters_never_break_it(office: Office) -> None:
    row = json.dumps(result(office, health_code_id=await office.somebody()))[:-1]
    for odd in (
        '"ct_n":1e400',
        '"ct_n":123456789012345678901234567890',
        '"name":"\\ud800"',
        '"kit":"\\u0000"',
    ):
        raw = f'{{"batch_no":"{fresh("ODD")}","results":[{row},{odd}}}]}}'.encode()
        answer = await post(office, raw)
        assert answer.status_code in (202, 400), answer.text
        assert answer.status_code == 400 or answer.json()["rejected"] == 1


async def test_deep_nesting_never_breaks_it(office: Office) -> None:
    raw = b'{"batch_no":"DEEP","results":[' + b"[" * 100_000 + b"]" * 100_000 + b"]}"
    assert (await post(office, raw)).status_code in (202, 400, 422)


async def test_media_types_and_compression(office: Office) -> None:
    raw = dumped(fresh("MEDIA"), result(office, health_code_id="HC-000001"))
    problem(await post(office, raw, kind="text/plain"), 415)
    problem(await post(office, raw, **{"content-encoding": "br"}), 415)
    problem(await post(office, raw, **{"content-encoding": "gzip"}), 400)
    problem(await post(office, gzip.compress(raw)[:-9], **{"content-encoding": "gzip"}), 400)
    assert (await post(office, raw)).status_code == 202


async def test_too_many_rows_or_bytes_are_413_and_use_no_number(office: Office) -> None:
    batch_no = fresh("BIG")
    problem(await post(office, dumped(batch_no, *[{}] * 10_001)), 413)
    problem(await post(office, lines(batch_no, *[{}] * 10_001), kind=LINES), 413)
    bomb = gzip.compress(b" " * (51 * 1024 * 1024), 1)
    problem(await post(office, bomb, **{"content-encoding": "gzip"}), 413)
    problem(await post(office, b" " * (51 * 1024 * 1024)), 413)
    answer = await post(office, dumped(batch_no, *[{}] * 10_000))
    assert (answer.status_code, answer.json()["rejected"]) == (202, 10_000)
    assert len(answer.json()["errors"]) == 1_000


async def test_posting_needs_the_scope_and_a_lab(office: Office) -> None:
    body = {"batch_no": fresh("WHO"), "results": [result(office, health_code_id="HC-000001")]}
    nobody = await office.system.client("results-ingest")
    problem(await nobody.post("/v1/batches", json=body), 401)
    nobody.headers["authorization"] = "Bearer a.b.c"
    problem(await nobody.post("/v1/batches", json=body), 401)
    problem(await office.sampling.post("/v1/batches", json=body), 403)
    problem(await office.cdc.post("/v1/batches", json=body), 403)


async def test_messages_follow_the_language(office: Office) -> None:
    body: Answer = {"batch_no": fresh("LANG"), "results": [{"outcome": "maybe"}]}
    lab = office.labs["LAB01"]
    english = await ok(lab.post("/v1/batches?dry_run=true", json=body, headers={"accept-language": "en"}))
    chinese = await ok(lab.post("/v1/batches?dry_run=true", json=body))
    assert english["errors"][0]["message"].isascii()
    assert not chinese["errors"][0]["message"].isascii()
