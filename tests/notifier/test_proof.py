"""Proof of what a body was sent: complete, held to an area, and showing every change made to it later."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from shared.audit.proofs import About, Chain, main, verify
from shared.audit.verifying import Finding
from tests.notifier.desk import Desk, alarm, due, evaluated

DAY = "2037-11-23"
LINES = {"Content-Type": "application/jsonl"}
Change = Callable[[list[bytes]], list[bytes]]


def made_up(*, key: Ed25519PrivateKey | None = None) -> list[bytes]:
    """Return a proof of three entries."""
    about = About(
        service="notifier",
        body_type="unit",
        body_code="U",
        first_day=DAY,
        last_day=DAY,
        made_at=f"{DAY}T08:00",
    )
    chain = Chain(about)
    entries = [chain.add({"notice_id": str(number), "status": "sent"}) for number in range(3)]
    last = chain.close(key or Ed25519PrivateKey.generate(), now=datetime(2037, 11, 23, tzinfo=UTC))
    return [chain.first, *entries, last]


@pytest.mark.parametrize(
    ("change", "found"),
    [
        (lambda lines: lines, []),
        (lambda lines: [lines[0], lines[1].replace(b"sent", b"read"), *lines[2:]], [("changed", 1)]),
        (lambda lines: [lines[0], *lines[2:]], [("missing", 1) ]),
        (lambda lines: [*lines[:3], *lines[4:]], [("truncated", 3)]),
        (lambda lines: [*lines[:2], lines[1], *lines[2:]], [("changed", 2)]),
        (lambda lines: [lines[0], lines[2], lines[1], *lines[3:]], [("missing", 1), ("changed", 3), ("missing", 2)]),
        (lambda lines: [lines[0].replace(b'"U"', b'"V"'), *lines[1:]], [("changed", 1)]),
        (lambda lines: lines[:-1], [("truncated", 3)]),
        (lambda lines: [*lines, lines[1]], [("malformed", 3)]),
        (lambda lines: [*lines[:-1], lines[-1].replace(b'"n":3', b'"n":2')], [("signature", 2)]),
        (lambda lines: [lines[0], b"{}", *lines[1:]], [("malformed", 0)]),
        (lambda _: [b""], [("malformed", 0)]),
        (lambda _: [b'{"x":' + b"[" * 100_000], [("malformed", 0)]),
        (lambda lines: [lines[0], b'{"hash":"00","entry":' + b"[" * 100_000], [("malformed", 0)]),
        (lambda _: [b'{"proof":"other"}', b"\xff\x00"], [("malformed", 0)]),
    ],
)  # fmt: skip
def test_what_is_edited_taken_out_put_in_or_moved_is_found(
    change: Change, found: list[tuple[str, int]]
) -> None:
    verdict = verify(change(made_up()))
    assert [(each.kind, each.n) for each in verdict.findings] == found


def test_a_proof_by_another_key_is_no_proof(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    own, other = Ed25519PrivateKey.generate(), Ed25519PrivateKey.generate()
    lines = made_up(key=other)
    trusted = frozenset({json.loads(made_up(key=own)[-1])["public_key"]})
    assert verify(lines, trusted=trusted).findings == [Finding("signature", 3)]
    path = tmp_path / "proof.jsonl"
    path.write_bytes(b"\n".join(lines) + b"\n")
    assert main([str(path)]) == 0
    assert main([str(path), "--public-key", *trusted]) == 1
    assert "3 条" in capsys.readouterr().out


async def exported(client: Any, body_type: str, body_code: str, **days: str) -> list[dict[str, Any]]:
    """Return the lines of a proof."""
    answer = await client.get(f"/v1/proof/{body_type}/{body_code}", params={"from": DAY, "to": DAY, **days})
    assert answer.status_code == 200, answer.text
    return [json.loads(line) for line in answer.text.splitlines()]


async def answers_of(desk: Desk, body_type: str, body_code: str, **days: str) -> list[tuple[str, list[str]]]:
    """Return what a body has answered to each kind of notice, as its proof tells it."""
    async with desk.client("records:read") as reader:
        lines = await exported(reader, body_type=body_type, body_code=body_code, **days)
    entries = [line["entry"] for line in lines[1:-1]]
    return [(each["kind"], [one["kind"] for one in each["answers"]]) for each in entries]


@pytest.mark.settings(quiet_from="00:00", quiet_until="00:00")
async def test_everything_a_body_was_sent_stands_in_its_proof_and_can_be_checked_later(desk: Desk) -> None:
    person = uuid4()
    await desk.founded()
    await desk.tell(desk.contact(person, "UNIT-01", name="张三丰"), alarm(person))
    await desk.tell(evaluated("UNIT-01", DAY, [due(person, "due", DAY)]))
    await desk.until_handed(4)
    await desk.until_status("sent")
    department = desk.client("cases:respond", area=("department", "DEPT-01"), client_id="client-dept")
    async with department:
        [notice] = (await department.get("/v1/notices", params={"recipient_code": "DEPT-01"})).json()[
            "notices"
        ]
        await department.post(f"/v1/notices/{notice['notice_id']}/acknowledgement", json={"by": "李四光"})
        lines = await exported(department, body_type="department", body_code="DEPT-01")
        raw = (await department.get("/v1/proof/department/DEPT-01", params={"from": DAY, "to": DAY})).content
        checked = (await department.post("/v1/proof/verification", content=raw, headers=LINES)).json()
    entry = lines[1]["entry"]
    assert (lines[0]["body_code"], len(lines)) == ("DEPT-01", 3)
    assert (entry["n"], entry["notice_id"], entry["kind"]) == (1, notice["notice_id"], "alert.positive")
    assert (entry["text"], entry["status"]) == (notice["text"], "acknowledged")
    [delivery] = entry["deliveries"]
    assert (delivery["channel"], delivery["reason"], delivery["state"]) == ("file", "issue", "sent")
    assert [(each["attempt"], each["outcome"]) for each in delivery["attempts"]] == [(1, "sent")]
    assert delivery["attempts"][0]["at"] >= delivery["queued_at"][:19]
    assert entry["seen"][0]["client_id"] == "client-dept"
    assert entry["acknowledged"]["client_id"] == "client-dept"
    assert entry["acknowledged"]["by_masked"] == "李*"
    assert (entry["answers"], entry["revoked"]) == ([], None)
    assert "李四光" not in str(lines)
    assert (checked["intact"], checked["entries"], checked["body_code"]) == (True, 1, "DEPT-01")
    async with desk.client("records:read") as reader:
        forged = raw.replace("李*".encode(), "王*".encode())
        answer = (await reader.post("/v1/proof/verification", content=forged, headers=LINES)).json()
        assert (answer["intact"], [each["n"] for each in answer["findings"]]) == (False, [1])
        others = b"\n".join(made_up())
        answer = (await reader.post("/v1/proof/verification", content=others, headers=LINES)).json()
        assert [each["kind"] for each in answer["findings"]] == ["signature"]
        unit = await exported(reader, body_type="unit", body_code="UNIT-01")
        assert [line["entry"]["kind"] for line in unit[1:-1]] == ["reminder.due"]
        before = {"from": "2037-11-20", "to": "2037-11-22"}
        assert len(await exported(reader, body_type="unit", body_code="UNIT-01", **before)) == 2


async def test_a_body_outside_the_area_has_no_proof_there(desk: Desk) -> None:
    await desk.founded()
    await desk.tell(desk.unit("UNIT-02", "DEPT-02"))
    async with desk.client("records:read", area=("department", "DEPT-01")) as department:
        for body_type, body_code in (("unit", "UNIT-02"), ("department", "DEPT-02"), ("cdc", "CDC-01")):
            assert (await department.get(f"/v1/proof/{body_type}/{body_code}")).status_code == 404
        assert len(await exported(department, body_type="unit", body_code="UNIT-01")) == 2
        long = await department.get("/v1/proof/unit/UNIT-01", params={"from": "2020-01-01"})
        assert long.status_code == 422
    async with desk.client("admin") as admin:
        assert (await admin.get("/v1/proof/unit/NOBODY")).status_code == 404
        assert (await admin.get("/v1/proof/units/UNIT-01")).status_code == 422
