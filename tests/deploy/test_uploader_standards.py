"""The uploader with files of the standards: HL7 v2 answered by an ACK, FHIR by an OperationOutcome."""

import asyncio
import csv
import json
import os
import threading
from collections.abc import Iterable
from typing import Any

import pytest

from deploy.uploader import uploader
from results_ingest.forms.service import FHIR, HL7
from tests.deploy.uploading import Lab, nothing
from tests.support import fhir, hl7

pytestmark = pytest.mark.asyncio(loop_scope="module")
UNKNOWN = "260415000^Not detected^SCT", "1^?^L"


def rows(*tubes: str) -> list[dict[str, Any]]:
    """Return a negative for each tube."""
    return [
        {"tube_code": tube, "outcome": "negative", "tested_at": "2026-01-14T11:05:00+08:00"} for tube in tubes
    ]


def with_suffixes(name: str, *suffixes: str) -> set[str]:
    """Return a file's name and those of what lies beside it."""
    return {name, *(name + suffix for suffix in suffixes)}


def problems(lab: Lab, place: str) -> list[list[str]]:
    """Return the lines of a list of problems, without its head."""
    with (lab.folder / place).open(encoding="utf-8-sig", newline="") as file:
        return list(csv.reader(file))[1:]


def receipt(lab: Lab, place: str) -> dict[str, Any]:
    """Return a stored receipt."""
    found: dict[str, Any] = json.loads((lab.folder / place).read_text(encoding="utf-8"))
    return found


async def accepted(lab: Lab) -> list[tuple[int, int]]:
    """Return the rows of each batch of the laboratory, and how many were taken."""
    return [(batch["rows"], batch["accepted"]) for batch in await lab.batches()]


def joined(lines: Iterable[str], encoding: str = "utf-8") -> bytes:
    """Return segments as the bytes of a file."""
    return "\r".join([*lines, ""]).encode(encoding)


async def test_messages_are_sent_as_hl7_and_their_ack_lies_beside_them(lab: Lab) -> None:
    whole = lab.drop("一.hl7", hl7.file("OWN", rows("H1", "H2")).encode())
    lab.drop("two.HL7", hl7.file("OWN", rows("H3", "H4")).replace(*UNKNOWN, 1).encode())
    chinese = hl7.message(rows("H5")[0] | {"kit": "试剂甲"}, head={"charset": "GB 18030-2000"})
    lab.drop("gb.hl7", joined(chinese, "gb18030"))
    said = await lab.once()
    assert sorted(await accepted(lab)) == [(1, 1), (2, 1), (2, 2)]
    beside = (".回执.json", ".应答.hl7")
    assert lab.names("done") == {
        *with_suffixes("一.hl7", *beside), *with_suffixes("gb.hl7", *beside),
        *with_suffixes("two.HL7", *beside, ".问题.csv"),
    }  # fmt: skip
    ack = (lab.folder / "done/two.HL7.应答.hl7").read_bytes()
    assert [line[1] for line in hl7.taken_apart(ack) if line[0] == "MSA"] == ["AE", "AA"]
    assert "GB 18030-2000" in (lab.folder / "done/gb.hl7.应答.hl7").read_bytes().decode("gb18030")
    [[message, where, code, why]] = problems(lab, "done/two.HL7.问题.csv")
    assert (message, where, code) == ("1", "OBX^1^5", "not_allowed")
    assert why
    assert "/" not in why, "in Chinese alone"
    stored = receipt(lab, "done/一.hl7.回执.json")
    assert stored["answer"]["batch_no"] == uploader.number_of(whole, "")
    assert (stored["answer"]["accepted"], stored["answer"]["errors"]) == (2, [])
    assert "two.HL7:已上传,接收 1 行,拒收 1 行,重复 0 行" in said

    lab.drop("again.hl7", whole)
    assert "此前已上传过" in await lab.once()
    assert len(await accepted(lab)) == 3


async def test_a_bundle_is_known_by_its_ending_or_by_what_it_holds(lab: Lab) -> None:
    for name in ("a.fhir", "b.fhir.json", "c.json"):
        lab.drop(name, fhir.body("OWN", rows(f"F-{name}")))
    lab.drop("plain.json", b"\xef\xbb\xbf" + json.dumps({"results": rows("P1", "P2")}).encode())
    lab.drop("own.json", json.dumps({"batch_no": "OWN-J", "results": rows("P3")}).encode())
    partly = fhir.body("OWN", rows("F1", "F2")).replace(b"260415000", b"1", 1)
    lab.drop("partly.fhir", partly)
    await lab.once()
    assert sorted(await accepted(lab)) == [(1, 1)] * 4 + [(2, 1), (2, 2)]
    assert "OWN-J" in {batch["batch_no"] for batch in await lab.batches()}
    assert lab.names("refused") == set()
    beside = (".回执.json", ".应答.json")
    assert lab.names("done") == {
        *with_suffixes("a.fhir", *beside), *with_suffixes("b.fhir.json", *beside),
        *with_suffixes("c.json", *beside), *with_suffixes("partly.fhir", *beside, ".问题.csv"),
        *with_suffixes("plain.json", ".回执.json"), *with_suffixes("own.json", ".回执.json"),
    }  # fmt: skip
    outcome = receipt(lab, "done/c.json.应答.json")
    assert (outcome["resourceType"], outcome["issue"][0]["severity"]) == ("OperationOutcome", "information")
    [[_, where, code, _]] = problems(lab, "done/partly.fhir.问题.csv")
    assert where.startswith("Bundle.entry[1]")
    assert code == "not_allowed"


async def test_what_is_refused_says_to_its_sender_what_to_change(lab: Lab) -> None:
    lab.drop("text.hl7", "不是消息".encode())
    trial = hl7.message(rows("R1")[0], head={"f11": "T"})
    lab.drop("trial.hl7", joined(trial))
    lab.drop("patient.fhir", json.dumps({"resourceType": "Patient"}).encode())
    lab.drop("cut.fhir.json", fhir.body("OWN", rows("R2"))[:-9])
    lab.drop("deep.json", b"[" * 200_000)
    said = await lab.once()
    assert lab.names() == set()
    assert await accepted(lab) == [(1, 0)], (
        "only the message of a test is a batch, in which nothing was taken"
    )
    names = {name for name in lab.names("refused") if name.count(".") == 1 or name == "cut.fhir.json"}
    assert names == {"text.hl7", "trial.hl7", "patient.fhir", "cut.fhir.json", "deep.json"}
    found = {
        name: [(one[1], one[2]) for one in problems(lab, f"refused/{name}.问题.csv")]
        for name in ("text.hl7", "trial.hl7", "patient.fhir", "cut.fhir.json")
    }
    assert found == {
        "text.hl7": [("MSH^1", "message_expected")],
        "trial.hl7": [("MSH^1^11", "not_production")],
        "patient.fhir": [("", "resource_unsupported")],
        "cut.fhir.json": [("", "not_json")],
    }
    assert "text.hl7:整份被拒收,原因:不是 HL7 v2 消息" in said
    assert "trial.hl7:已上传,接收 0 行,拒收 1 行" in said
    assert "MSA|AR|" in (lab.folder / "refused/trial.hl7.应答.hl7").read_text()


@pytest.mark.parametrize("kind", [HL7, FHIR])
async def test_cut_off_between_the_answer_and_its_receipt_it_goes_on_where_it_was(
    lab: Lab, kind: str
) -> None:
    raw = hl7.file("OWN", rows("C1")).encode() if kind == HL7 else fhir.body("OWN", rows("C1"))
    name = "a.hl7" if kind == HL7 else "a.json"
    lab.drop(name, raw)
    lab.gate.turned_away = [(503, "0")]

    async def lose_the_receipt() -> int:
        lab.gate.taken = nothing
        lab.gate.receipts_away = 1
        return 0

    lab.gate.taken = lose_the_receipt
    assert said_of(await lab.once()) == ["服务器答复 503"] * 2
    assert (len(lab.gate.posts), await accepted(lab)) == (3, [(1, 1)])
    # Its receipt is there and the file was not put away: nothing is sent again.
    for one in (name, f"{name}.回执.json"):
        (lab.folder / "done" / one).replace(lab.folder / one)
    await lab.once()
    assert (len(lab.gate.posts), lab.names()) == (3, set())
    assert uploader.REPLIES[kind] in "".join(lab.names("done"))


async def test_its_own_receipts_and_answers_are_never_taken_for_results(lab: Lab) -> None:
    settings = uploader.read_settings(lab.home / "uploader.ini")
    settings.settle = 60.0
    lab.drop("a.json", b"{}")  # still being written
    for ending in uploader.OURS:
        lab.drop(f"a.json{ending}", b"{}")
        os.utime(lab.folder / f"a.json{ending}", (0, 0))
    sender = uploader.Uploader(settings, threading.Event())
    assert await asyncio.to_thread(sender.sweep) == 0
    assert (lab.gate.posts, len(lab.names())) == ([], 1 + len(uploader.OURS))


def said_of(lines: str) -> list[str]:
    """Return each time that the uploader was turned away."""
    return [f"服务器答复 {part[:3]}" for part in lines.split("服务器答复 ")[1:]]
