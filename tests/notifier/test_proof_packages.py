"""A proof as one file: the same bytes for the same content, checked later by anybody, held to an area."""

import base64
import csv
import io
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from shared.audit import heads
from shared.audit.packages import Writer, plain, verify
from shared.audit.proofs import About, Chain, main
from tests.notifier.desk import Desk, alarm, due, evaluated

DAY = "2037-11-23"
ZIP = {"Content-Type": "application/zip"}
REASON = {"reason": "督查组调阅"}
OWN = Ed25519PrivateKey.from_private_bytes(b"k" * 32)
TRUSTED = frozenset({base64.b64encode(heads.public_bytes(OWN)).decode()})
Change = Callable[[list[tuple[str, bytes]]], list[tuple[str, bytes]]]


def made_up(*, key: Ed25519PrivateKey = OWN) -> bytes:
    """Return a package of one notice."""
    now = datetime(2037, 11, 23, tzinfo=UTC)
    about = About(
        service="notifier", body_type="unit", body_code="U", first_day=DAY, last_day=DAY, made_at=DAY
    )
    chain, file = Chain(about), io.BytesIO()
    writer = Writer(file)
    writer.add("texts/1.txt", "请采样".encode())
    lines = [chain.first, chain.add({"notice_id": "1"}), chain.close(key, now=now)]
    writer.add("proof.jsonl", b"\n".join(lines) + b"\n")
    writer.close(about, key, entries=1, now=now)
    return file.getvalue()


def files_of(raw: bytes) -> list[tuple[str, bytes]]:
    """Return what lies in a package."""
    with zipfile.ZipFile(io.BytesIO(raw)) as archive:
        return [(info.filename, archive.read(info)) for info in archive.infolist()]


def packed(files: list[tuple[str, bytes]], *, compression: int = zipfile.ZIP_STORED) -> bytes:
    """Return files as a package without signing anything anew."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", compression) as archive:
        for name, content in files:
            info = plain(name)
            info.compress_type = compression
            archive.writestr(info, content)
    return out.getvalue()


@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.parametrize(
    ("change", "found"),
    [
        (lambda files: files, []),
        (lambda files: [(files[0][0], b"x"), *files[1:]], [("changed", "texts/1.txt")]),
        (lambda files: files[1:], [("missing", "texts/1.txt")]),
        (lambda files: [*files, ("texts/2.txt", b"x")], [("added", "texts/2.txt")]),
        (lambda files: [*files, files[0]], [("added", "texts/1.txt")]),
        (lambda files: [*files, files[2]], [("added", "manifest.json")]),
        (lambda files: [files[0], ("proof.jsonl", files[1][1][:-5]), *files[2:]],
         [("changed", "proof.jsonl"), ("proof", "proof.jsonl")]),
        (lambda files: [*files[:2], ("manifest.json", files[2][1].replace(b'"U"', b'"V"')), files[3]],
         [("signature", "manifest.json"), ("proof", "proof.jsonl")]),
        (lambda files: [*files[:2], ("manifest.json", b"{}"), files[3]], [("malformed", "manifest.json")]),
        (lambda files: files[:3], [("missing", "signature.json")]),
    ],
)  # fmt: skip
def test_a_file_edited_dropped_or_added_is_found(change: Change, found: list[tuple[str, str]]) -> None:
    verdict = verify(io.BytesIO(packed(change(files_of(made_up())))), trusted=TRUSTED)
    assert [(each.kind, each.file) for each in verdict.findings] == found


def test_no_byte_of_a_package_can_be_another_and_nothing_stands_beside_its_files() -> None:
    raw = made_up()
    assert raw == made_up()
    for place in range(len(raw)):
        edited = raw[:place] + bytes([raw[place] ^ 1]) + raw[place + 1 :]
        assert verify(io.BytesIO(edited)).findings, place
    squeezed = packed(files_of(raw), compression=zipfile.ZIP_DEFLATED)
    for other in (raw[:-1], raw + b"x", b"x" + raw, raw[:60], b"", b"PK", squeezed):
        assert [each.kind for each in verify(io.BytesIO(other)).findings] == ["malformed"]


def test_a_package_by_another_key_is_no_proof(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "proof.zip"
    path.write_bytes(made_up(key=Ed25519PrivateKey.generate()))
    assert main([str(path)]) == 0
    assert main([str(path), "--public-key", *TRUSTED]) == 1
    said = capsys.readouterr().out
    assert "完好 intact; unit U 2037-11-23…2037-11-23; 1 条" in said
    assert "signature manifest.json" in said


@pytest.mark.settings(quiet_from="00:00", quiet_until="00:00")
async def test_one_file_holds_all_that_a_body_was_sent_and_is_checked_later_by_whoever_has_it(
    desk: Desk, tmp_path: Path
) -> None:
    person = uuid4()
    await desk.founded()
    await desk.tell(desk.contact(person, "UNIT-01", name="张三丰"), alarm(person))
    await desk.tell(evaluated("UNIT-01", DAY, [due(person, "due", DAY)]))
    await desk.until_status("sent")
    path, days = "/v1/proof/department/DEPT-01/package", {"from": DAY, "to": DAY}
    async with desk.client("cases:respond", area=("department", "DEPT-01"), client_id="dept") as department:
        [notice] = (await department.get("/v1/notices", params={"recipient_code": "DEPT-01"})).json()[
            "notices"
        ]
        notice_id = notice["notice_id"]
        await department.post(f"/v1/notices/{notice_id}/acknowledgement", json={"by": "李四光"})
        paper = await department.get(f"/v1/notices/{notice_id}/document", params={"format": "pdf"})
        made = await department.post(path, params=days, json=REASON)
        assert made.status_code == 200, made.text
        again = await department.post(path, params=days, json=REASON)
        first, second = (dict(files_of(each.content)) for each in (made, again))
        assert {each for each in first if first[each] != second.get(each)} <= {
            "proof.jsonl",
            "manifest.json",
            "signature.json",
        }
        assert (await department.post(path, params=days, json={})).status_code == 422
        checked = (await department.post("/v1/proof/verification", content=made.content, headers=ZIP)).json()
    files = dict(files_of(made.content))
    name = f"00001-{notice_id}"
    assert set(files) == {
        f"texts/{name}.txt", f"papers/{name}.docx", f"papers/{name}.pdf", "proof.jsonl", "notices.csv",
        "notices.xlsx", "deliveries.csv", "deliveries.xlsx", "README.txt", "manifest.json", "signature.json",
    }  # fmt: skip
    assert files[f"texts/{name}.txt"].decode() == notice["text"]
    assert files[f"papers/{name}.pdf"] == paper.content
    assert files["notices.csv"].startswith(b"\xef\xbb\xbf")
    [row] = csv.DictReader(io.StringIO(files["notices.csv"].decode("utf-8-sig")))
    told = {key.rpartition(" ")[2]: value for key, value in row.items()}
    assert (told["status"], told["acknowledged_by"], told["acknowledged_client"]) == (
        "acknowledged",
        "李*",
        "dept",
    )
    assert all(told[each] for each in ("issued_at", "handed_at", "first_seen_at", "acknowledged_at"))
    with zipfile.ZipFile(io.BytesIO(files["notices.xlsx"])) as sheet:
        assert notice_id.encode() in sheet.read("xl/worksheets/sheet1.xml")
    assert b"file,issue,sent" in files["deliveries.csv"]
    assert not any("李四光".encode() in content for content in files.values())
    assert (checked["intact"], checked["entries"], checked["body_code"]) == (True, 1, "DEPT-01")

    # Later, offline, and by the house: what was done to it is named.
    edited = [(each, b"x" if each.endswith(".txt") else content) for each, content in files.items()]
    async with desk.client("records:read") as reader:
        answer = await reader.post("/v1/proof/verification", content=packed(edited), headers=ZIP)
        found = [(each["kind"], each["file"]) for each in answer.json()["findings"]]
        key = (await desk.client("audit:read").get("/v1/audit/key")).json()["public_key"]
    assert found == [("changed", f"texts/{name}.txt"), ("changed", "README.txt")]
    kept = tmp_path / "proof.zip"
    kept.write_bytes(made.content)
    assert main([str(kept), "--public-key", key]) == 0
    stored = await desk.rows("SELECT client_id, notices, sha256, reason FROM notifier.proof_package")
    wanted = [each.headers["x-manifest-sha256"] for each in (made, again)]
    assert sorted(one["sha256"] for one in stored) == sorted(wanted)
    assert {(one["client_id"], one["notices"]) for one in stored} == {("dept", 1)}
    assert "督查".encode() not in bytes(stored[0]["reason"])
    audited = await desk.rows(
        "SELECT subject, rows, purpose FROM notifier.audit WHERE action = 'proof.package'"
    )
    assert [(one["subject"], one["rows"]) for one in audited] == [("DEPT-01", 1)] * 2
    assert "督查" not in audited[0]["purpose"]


@pytest.mark.settings(proof_package_notices=1)
async def test_a_package_keeps_to_the_area_and_to_a_size(desk: Desk) -> None:
    await desk.founded()
    await desk.tell(desk.unit("UNIT-02", "DEPT-02"))
    people = [due(uuid4(), stage, DAY) for stage in ("due", "overdue")]
    async with desk.client("cases:respond", area=("department", "DEPT-01")) as department:
        for body_type, body_code in (("unit", "UNIT-02"), ("department", "DEPT-02"), ("cdc", "CDC-01")):
            answer = await department.post(f"/v1/proof/{body_type}/{body_code}/package", json=REASON)
            assert answer.status_code == 404
        nothing = await department.post("/v1/proof/unit/UNIT-01/package", json=REASON)
        assert b'"entries":0' in nothing.content
        await desk.tell(evaluated("UNIT-01", DAY, people))
        answer = await department.post("/v1/proof/unit/UNIT-01/package", json=REASON)
        assert (answer.status_code, answer.json()["code"]) == (422, "proof_package_too_large")
    assert len(await desk.rows("SELECT FROM notifier.proof_package")) == 1
