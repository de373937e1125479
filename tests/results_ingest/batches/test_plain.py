"""Bodies of plain negatives: the quick way in says and keeps what the careful one would."""

import base64
import json
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from results_ingest.batches.draft import plain_of, prepare
from results_ingest.batches.plain import read_plain
from results_ingest.batches.reading import JSON, read
from shared.result_ids import new_batch_id
from shared.security.sealing import BlindIndex
from tests.results_ingest.batches.support import COLLECTED, NOW, TESTED, row
from tests.results_ingest.support import Ingest

INDEX = BlindIndex(base64.b64encode(b"0" * 32).decode())
TIMES = st.sampled_from(
    (TESTED, COLLECTED, "2030-01-14T03:05:00Z", "2030-01-13t11:05:00.25+08:00", "2019-12-31T00:00:00+08:00",
     "2030-01-14T11:05:00", "2030-1-5", "2031-01-01T00:00:00+08:00", "", "\u3000")
)  # fmt: skip
CODES = st.sampled_from(
    ("HC-1", "HC-2", "HC_3", "a", "13800138000", "11010519491231002X", "HC 4", "码码码码")
)
MORE = st.fixed_dictionaries(
    {},
    optional={
        "mode": st.sampled_from(("single", "mixed", "pool", None)),
        "test_kind": st.sampled_from(("pcr", "pcr", "antigen")),
        "row_ref": st.sampled_from(("A1", "A.2_-", "行一", '"', "")),
        "received_at": TIMES,
        "released_at": TIMES,
        "kit": st.just("K1"),
        "outcome": st.sampled_from(("negative", "positive")),
    },
)


@st.composite
def bodies(draw: st.DrawFn) -> bytes:
    """Draw a body that is plain, or nearly."""
    rows: list[dict[str, Any]] = [
        {
            "health_code_id": f"HC-{number:04}",
            "outcome": "negative",
            "collected_at": COLLECTED,
            "tested_at": TESTED,
        }
        for number in range(draw(st.integers(1, 600 if draw(st.integers(0, 9)) == 0 else 4)))
    ]
    if draw(st.booleans()):
        odd = rows[draw(st.integers(0, len(rows) - 1))]
        odd |= draw(MORE)
        odd |= draw(
            st.fixed_dictionaries(
                {}, optional={"health_code_id": CODES, "collected_at": TIMES, "tested_at": TIMES}
            )
        )
    body = {"batch_no": draw(st.sampled_from(("B-1", "B-1", "B 1", ""))), "results": rows}
    return json.dumps(
        body, ensure_ascii=draw(st.booleans()), indent=draw(st.sampled_from((None, 1)))
    ).encode()


@given(raw=bodies())
@settings(max_examples=300, deadline=None)
def test_what_the_quick_way_takes_the_careful_way_takes_without_a_word(raw: bytes) -> None:
    plain = read_plain(raw, lab_code="LAB01")
    if plain is None or not plain.in_time(NOW):
        return
    sent = read(raw, JSON)
    draft = prepare(sent, batch_id=new_batch_id(NOW), lab_code="LAB01", client_id="c", now=NOW, index=INDEX)
    assert (plain.batch_no, plain.sha256, plain.digest) == (sent.batch_no, sent.sha256, sent.digest)
    assert not draft.errors
    assert not draft.notes
    within = {one.number: plain_of(one) for one in draft.accepted}
    assert [within[one.row] for one in plain.rows if one.row in within] == [
        one for one in plain.rows if one.row in within
    ]
    assert len({one.key + repr(one.tested).encode() for one in plain.rows}) == len(draft.accepted)


@pytest.mark.parametrize(
    "text",
    [
        (
            '{"batch_no":"B","results":[{"health_code_id":"HC-1","outcome":"negative","outcome":"negative",'
            '"collected_at":"2030-01-13T11:05:00Z","tested_at":"2030-01-14T11:05:00Z"}]}'
        ),
        (
            '{"batch_no":"B","batch_no":"B","results":[{"health_code_id":"HC-1","outcome":"negative",'
            '"collected_at":"2030-01-13T11:05:00Z","tested_at":"2030-01-14T11:05:00Z"}]}'
        ),
        '{"batch_no":"B","results":[]}',
        '{"batch_no":"B"}',
        "[]",
        "",
        (
            '{"batch_no":"B","results":[{"health_code_id":"HC-1","outcome":"negative",'
            '"tested_at":"2030-01-14T11:05:00Z"}]}'
        ),
    ],
)
def test_a_doubled_key_or_an_envelope_of_another_shape_is_left_to_the_careful_way(text: str) -> None:
    assert read_plain(text.encode(), lab_code="LAB01") is None


def negatives(*codes: object, **fields: object) -> list[dict[str, Any]]:
    return [row(..., health_code_id=code, **fields) for code in codes]


async def test_plain_rows_of_known_people_are_matched_with_their_receipt(ingest: Ingest) -> None:
    people = [await ingest.person(f"HC-{n}") for n in range(3)]
    batch = await ingest.post(*negatives(*(someone.code for someone in people)), settle=False)
    assert (batch["status"], batch["matched"], batch["waiting"]) == ("matched", 3, 0)
    assert [one["verdict"] for one in await ingest.rows(batch)] == ["matched"] * 3


async def test_a_plain_row_of_nobody_waits_and_matches_when_its_person_comes(ingest: Ingest) -> None:
    known = await ingest.person("HC-known")
    batch = await ingest.post(*negatives(known.code, "HC-later"))
    assert (batch["matched"], batch["unmatched"]) == (1, 1)
    await ingest.person("HC-later")
    await ingest.settle()
    after = await ingest.again(batch)
    assert (after["matched"], after["unmatched"]) == (2, 0)


async def test_a_plain_row_among_others_is_matched_at_once_and_the_others_in_their_turn(
    ingest: Ingest,
) -> None:
    known = await ingest.person("HC-known")
    rows: list[dict[str, Any]] = [
        *negatives(known.code),
        row(..., health_code_id=known.code, outcome="positive", tested_at=COLLECTED),
    ]
    before = await ingest.post(*rows, settle=False)
    assert (before["matched"], before["waiting"]) == (1, 1)
    await ingest.settle()
    assert (await ingest.again(before))["matched"] == 2


async def test_plain_rows_seen_before_are_duplicates_and_the_new_ones_are_kept(ingest: Ingest) -> None:
    people = [await ingest.person(f"HC-{n}") for n in range(3)]
    codes = [someone.code for someone in people]
    await ingest.post(*negatives(*codes[:2]))
    again = await ingest.post(*negatives(*codes))
    assert (again["accepted"], again["duplicates"], again["matched"]) == (1, 2, 1)
    within = await ingest.post(*negatives(codes[0], codes[0], tested_at=_later(1)))
    assert (within["accepted"], within["duplicates"]) == (1, 1)


def _later(minutes: int) -> str:
    return (NOW + timedelta(minutes=minutes)).isoformat()
