"""HL7 v2 in and its ACK out: the same validator and the same receipt as JSON."""

import re
from typing import Any

import httpx
import pytest

from results_ingest.forms.service import HL7
from tests.results_ingest.batches.support import Lab, row, running_desk
from tests.support import hl7
from tests.support.servers import Address

CARDS = {
    "health_code_id": "HC-000001", "id_type": "resident_id", "id_no": "11010519491231002X", "name": "张龘㐂",
}  # fmt: skip
FULL = row(
    "T1", row_ref="M-1", mode="mixed", test_kind="pcr", received_at="2030-01-14T09:00:00+08:00",
    released_at="2030-01-14T12:00:00+08:00", reviewer_code="R07", ct_orf1ab=31.2, ct_n=30,
    specimen_type="鼻咽拭子", kit="试剂|甲", **CARDS,
)  # fmt: skip


async def post(lab: Lab, raw: bytes | str, *, charset: str = "", **query: str) -> httpx.Response:
    """Post HL7 v2."""
    content = raw if isinstance(raw, bytes) else raw.encode()
    kind = f"{HL7}; charset={charset}" if charset else HL7
    return await lab.http.post("/v1/batches", params=query, content=content, headers={"Content-Type": kind})


def one(sent: dict[str, Any], *, offset: bool = True, **head: str) -> str:
    """Return a row as one message."""
    return "\r".join([*hl7.message(sent, offset=offset, head=head), ""])


def segments(answer: httpx.Response, name: str) -> list[list[str]]:
    """Return the segments of one name of an ACK."""
    assert answer.headers["content-type"].startswith(HL7), answer.text
    return [fields for fields in hl7.taken_apart(answer.content) if fields[0] == name]


def verdicts(answer: httpx.Response) -> list[str]:
    """Return MSA-1 of every ACK."""
    return [fields[1] for fields in segments(answer, "MSA")]


def faults(answer: httpx.Response, severity: str = "E") -> list[tuple[str, str]]:
    """Return where each ERR is and its code of the project."""
    found = [fields for fields in segments(answer, "ERR") if fields[4] == severity]
    return [(fields[2], fields[5].partition("^")[0]) for fields in found]


async def receipt(lab: Lab, answer: httpx.Response) -> Any:
    """Return the receipt that an ACK leads to."""
    return await lab.get(answer.headers["location"])


@pytest.mark.parametrize("charset", ["UNICODE UTF-8", "GB 18030-2000", ""])
async def test_a_message_is_the_same_batch_as_its_row_in_json(lab: Lab, charset: str) -> None:
    encoding = "gb18030" if charset.startswith("GB") else "utf-8"
    raw = one(FULL, charset=charset).encode(encoding)
    answer = await post(lab, raw)
    assert answer.status_code == 202
    assert answer.headers["content-type"] == f"{HL7}; charset={encoding}"
    lines = [line.split("|") for line in answer.content.decode(encoding).split("\r")]
    assert lines[0][17] == (charset or "UNICODE UTF-8")
    assert (lines[0][2:6], lines[1][1:3]) == (["YINGJIAN", "DISTRICT", "LIS", "LAB01"], ["AA", "M-1"])
    stored = await receipt(lab, answer)
    assert (stored["accepted"], stored["errors"], stored["warnings"]) == (1, [], [])
    same = await lab.post([FULL], batch_no="M-1")
    assert (same.status_code, same.json()["batch_id"]) == (200, stored["batch_id"])
    framed = await post(lab, b"\x0b" + raw + b"\x1c\r")
    assert (framed.status_code, framed.headers["location"]) == (200, answer.headers["location"])
    other = await lab.post([{**FULL, "outcome": "positive"}], batch_no="M-1")
    assert other.status_code == 409


async def test_a_file_of_messages_is_one_batch_answered_message_by_message(lab: Lab) -> None:
    rows = [row(f"T{n}", row_ref=f"M{n}", test_kind="pcr") for n in range(1, 5)]
    raw = hl7.file("FILE-1", rows).replace("260415000^Not detected^SCT", "1^?^L", 1)
    raw = raw.replace("20300114110500+0800", "20300114070000+0800").replace(
        "20300114070000", "20300114110500", 3
    )
    answer = await post(lab, raw.replace("\r", "\r\n"))
    assert answer.status_code == 202
    assert verdicts(answer) == ["AE", "AA", "AA", "AE"]
    assert faults(answer) == [("OBX^1^5", "not_allowed"), ("OBX^1^19", "tested_before_collected")]
    assert segments(answer, "BTS") == [["BTS", "4"]]
    stored = await receipt(lab, answer)
    assert (stored["batch_no"], stored["accepted"], stored["rejected"]) == ("FILE-1", 2, 2)
    assert [(each["row"], each["row_ref"], each["field"]) for each in stored["errors"]] == [
        (1, "M1", "outcome"), (4, "M4", "tested_at"),
    ]  # fmt: skip
    texts = [fields[8] for fields in segments(answer, "ERR")]
    assert all(re.search(r"[\u4e00-\u9fff].* / [A-Z]", text) for text in texts), texts
    cut = await post(lab, raw.replace("BTS|4", "BTS|5"), batch_no="FILE-2")
    assert [each["code"] for each in (await receipt(lab, cut))["warnings"]] == ["message_count_differs"]


async def test_times_without_an_offset_take_that_of_the_message_or_beijings(lab: Lab) -> None:
    sent = row("T1", test_kind="pcr", row_ref="A")
    plain = await post(lab, one(sent, offset=False))
    assert faults(plain, "W") == [("MSH^1", "offset_assumed")]
    assert (await lab.post([sent], batch_no="A")).status_code == 200
    other = await post(lab, one({**sent, "row_ref": "B"}, offset=False, f7="20300114120000+0900"))
    assert faults(other, "W") == []
    moved = {"collected_at": "2030-01-14T08:00:00+09:00", "tested_at": "2030-01-14T11:05:00+09:00"}
    assert (await lab.post([{**sent, **moved, "row_ref": "B"}], batch_no="B")).status_code == 200


async def test_what_is_no_final_result_of_a_patient_is_refused_where_it_stands(lab: Lab) -> None:
    good = one(row("T1", test_kind="pcr", row_ref="M1", mode="single"))
    wrong = {
        good.replace("|F||||||||2030", "|P||||||||2030"): ("OBX^1^11", "result_not_final"),
        good.replace("|P||||||2030", "|Q||||||2030"): ("SPM^1^11", "specimen_not_patient"),
        good.replace("94500-6", "85478-6").replace("SARS-CoV-2 RNA", "Flu B"): (
            "OBX^1^3",
            "test_not_covered",
        ),
        good.replace("Not detected", "阳性"): ("OBX^1^5", "outcome_contradicts"),
        good.replace("20300114110500+0800", "20300114"): ("OBX^1^19", "moment_without_time"),
        good.replace("|T1|", "|T\\Q\\1|"): ("SPM^1^2", "escape_unknown"),
        good.replace("|T1|", "||"): ("SPM^1^2", "identifier_missing"),
        good.replace("|P|2.5.1", "|T|2.5.1"): ("MSH^1^11", "not_production"),
        good.replace("|2.5.1|", "|3.0|"): ("MSH^1^12", "version_unsupported"),
        "\r".join(good.split("\r")[:1]): ("MSH^1", "message_without_result"),
    }
    for number, (raw, (place, code)) in enumerate(wrong.items()):
        assert raw != good
        answer = await post(lab, raw, batch_no=f"WRONG-{number}")
        assert (answer.status_code, (place, code) in faults(answer)) == (202, True), answer.text
        assert (await receipt(lab, answer))["accepted"] == 0
        assert verdicts(answer) == ["AR" if place.startswith("MSH^1^1") else "AE"]


async def test_a_correction_names_what_it_replaces_and_why(lab: Lab) -> None:
    first = await post(lab, one(row("T1", test_kind="pcr", row_ref="M1")))
    corrects = {"batch_no": "M1", "row": 1, "reason": "录入有误"}
    sent = row("T1", test_kind="pcr", row_ref="M2", outcome="invalid", corrects=corrects)
    again = await post(lab, one(sent))
    assert (verdicts(first), verdicts(again)) == (["AA"], ["AA"])
    assert (await lab.post([sent], batch_no="M2")).status_code == 200
    unnamed = await post(lab, one({**sent, "row_ref": "M3"}).replace("|1^M1", "|"))
    assert faults(unnamed) == [("OBX^1^21", "correction_unnamed")]


async def test_what_cannot_be_read_is_refused_whole_with_an_ack_and_uses_no_number_up(lab: Lab) -> None:
    good = one(row("T1", test_kind="pcr", row_ref="ONCE", kit="试剂"))
    refused = (
        (b"", 400, "message_expected"),
        (b"PID|1\rMSH|", 400, "message_expected"),
        (b"{}", 400, "message_expected"),
        (good.encode("utf-16"), 400, "message_expected"),
        (b"MSH", 400, "message_header_malformed"),
        (good.replace("|^~\\&|", "|^^\\&|").encode(), 400, "message_header_malformed"),
        (good.replace("UNICODE UTF-8", "8859/1").encode(), 415, "charset_unsupported"),
        (good.encode("gb18030"), 422, "encoding_wrong"),
        (good.replace("UNICODE UTF-8", "").encode("gb18030"), 422, "charset_undeclared"),
        (good.replace("ORU^R01", "ADT^A01").encode(), 422, "message_type_unsupported"),
        (good.replace("|ONCE|", "|a b|").encode(), 422, "invalid_body"),
    )
    for raw, status, code in refused:
        answer = await post(lab, raw)
        assert (answer.status_code, verdicts(answer)) == (status, ["AR"]), answer.text
        assert faults(answer)[0][1] == code
    differ = await post(lab, good, charset="gbk")
    assert (differ.status_code, faults(differ)) == (422, [("MSH^1", "charsets_differ")])
    strict = await post(
        lab, good.replace("260415000", "x").replace("Not detected", "y"), mode="all_or_nothing"
    )
    assert (strict.status_code, faults(strict)) == (
        422, [("MSH^1", "batch_refused"), ("OBX^1^5", "not_allowed")],
    )  # fmt: skip
    dry = await post(lab, good, dry_run="true")
    assert (dry.status_code, verdicts(dry), "location" in dry.headers) == (200, ["AA"], False)
    assert (await post(lab, good)).status_code == 202
    conflict = await post(lab, good.replace("|T1|", "|T2|"))
    assert (conflict.status_code, faults(conflict)) == (409, [("MSH^1", "batch_conflict")])
    assert faults(await post(lab, good, mapping="none"))[0][1] == "mapping_unknown"


async def test_a_laboratory_saves_its_own_codes_and_may_have_the_receipt_as_json(lab: Lab) -> None:
    mapping = {
        "columns": {"CTN": "ct_n", "RESULT": "outcome"},
        "words": {"outcome": {"1": "negative"}, "id_type": {"SFZ": "resident_id"}},
    }
    assert (await lab.http.put("/v1/sheets/results/mappings/lis", json=mapping)).status_code == 200
    raw = "\r".join(
        [
            hl7.header("OWN", charset=""),
            hl7.segment("PID", f3="11010519491231002x^^^X^SFZ~77^^^H^PI", f5="ZHANG^WEI"),
            hl7.segment("OBR", f2="P1", f7="20300114080000+0800"),
            hl7.segment("OBX", f3="CTN", f5="33", f11="F"),
            hl7.segment("OBX", f3="RESULT", f5="1", f11="F", f19="20300114110500+0800"),
            hl7.segment("OBX", f3="WBC", f5="6.1", f11="F"),
        ]
    )
    headers = {"Content-Type": HL7, "Accept": "application/json"}
    answer = await lab.http.post("/v1/batches?mapping=lis", content=raw, headers=headers)
    assert (answer.status_code, answer.json()["accepted"]) == (202, 1), answer.text
    same = {
        "row_ref": "OWN", "id_type": "resident_id", "id_no": "11010519491231002x", "name": "ZHANG WEI", "ct_n": 33,
        "outcome": "negative", "test_kind": "pcr", "collected_at": "2030-01-14T08:00:00+08:00",
        "tested_at": "2030-01-14T11:05:00+08:00",
    }  # fmt: skip
    assert (await lab.post([same], batch_no="OWN")).status_code == 200


async def test_no_value_of_a_row_is_in_an_answer(lab: Lab) -> None:
    sent = {
        **FULL,
        "kit": "x",
        "id_no": "110105194912310029",
        "name": "李四",
        "health_code_id": "13800000001",
    }
    for charset, query in (("UNICODE UTF-8", {}), ("UNICODE UTF-8", {"mode": "all_or_nothing"})):
        answer = await post(lab, one(sent, charset=charset), batch_no="QUIET", **query)
        assert ("PID^1^3", "id_no_checksum") in faults(answer)
        for value in ("110105194912310029", "李四", "13800000001", "T1"):
            assert value not in answer.text


async def test_too_much_is_refused_and_a_form_that_is_off_says_so(servers: Address, database: str) -> None:
    limits: dict[str, Any] = {"hl7_most_segments": 10, "hl7_segment_bytes": 2048}
    async with running_desk(servers, database, **limits) as desk:
        lab = await desk.lab("LAB01")
        good = one(row("T1", row_ref="M1"))
        for raw, code in (
            (good + "NTE|1\r" * 9, "too_many_segments"),
            (good + "\r" * 5_000_000, "too_many_segments"),
            (good + "NTE|" + "x" * 2048 + "\r", "segment_too_long"),
        ):
            answer = await post(lab, raw)
            assert (answer.status_code, faults(answer)) == (413, [("MSH^1", code)])
    async with running_desk(servers, database, optional_forms=()) as desk:
        answer = await post(await desk.lab("LAB01"), good)
        assert (answer.status_code, answer.json()["code"]) == (415, "form_unavailable")
