"""The uploader of a laboratory whose system only drops files: killed, turned away, never lost, never doubled."""

import asyncio
import hashlib
import json
import signal
import threading
from pathlib import Path

import pytest

from deploy.uploader import uploader
from tests.deploy.uploading import Lab, ndjson, nothing, rows
from tests.sheets.making import in_csv, xlsx

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_each_file_is_sent_once_and_lies_beside_its_receipt(lab: Lab) -> None:
    sheet = lab.drop("一.csv", in_csv(*rows("A1", "A2")))
    lab.drop("二.xlsx", xlsx(*rows("B1"), *rows("B2", outcome="不详")[1:]))
    lab.drop("three.ndjson", ndjson("C1"))
    lab.drop("four.ndjson", ndjson("D1", "D2", "D3", first={"batch_no": "OWN-1"}))
    lab.drop("broken.csv", in_csv(("甲", "乙"), ("1", "2")))
    lab.drop("notes.txt", b"no results")
    said = await lab.once()
    found = {batch["batch_no"]: (batch["rows"], batch["accepted"]) for batch in await lab.batches()}
    assert found == {
        uploader.number_of(sheet, ""): (2, 2),
        uploader.number_of((lab.folder / "done/二.xlsx").read_bytes(), ""): (2, 1),
        uploader.number_of(ndjson("C1"), ""): (1, 1),
        "OWN-1": (3, 3),
    }
    assert lab.names() == {"notes.txt"}
    files = {"一.csv", "二.xlsx", "three.ndjson", "four.ndjson"}
    assert lab.names("done") == files | {f"{name}.回执.json" for name in files} | {"二.xlsx.问题.csv"}
    assert lab.names("refused") == {"broken.csv", "broken.csv.回执.json", "broken.csv.问题.csv"}
    receipt = json.loads((lab.folder / "done/一.csv.回执.json").read_text(encoding="utf-8"))
    assert receipt["file_sha256"] == receipt["answer"]["sha256"] == hashlib.sha256(sheet).hexdigest()
    assert "3,outcome" in (lab.folder / "done/二.xlsx.问题.csv").read_text(encoding="utf-8-sig")
    assert "接收 2 行,拒收 0 行,重复 0 行" in said
    assert (lab.home / "secret").read_text().strip() not in said

    lab.drop("一.csv", sheet)
    lab.drop("again.csv", sheet)
    assert "此前已上传过" in await lab.once()
    assert len(await lab.batches()) == 4
    assert lab.names() == {"notes.txt"}


async def test_killed_after_the_server_took_a_file_it_neither_loses_nor_doubles(lab: Lab) -> None:
    lab.drop("a.csv", in_csv(*rows("K1", "K2")))
    lab.drop("b.csv", in_csv(*rows("K3")))
    process = await lab.start()

    async def kill() -> int:
        process.send_signal(signal.SIGKILL)
        return await process.wait()

    lab.gate.taken = kill
    await process.communicate()
    assert process.returncode == -signal.SIGKILL
    assert (len(await lab.batches()), lab.names()) == (1, {"a.csv", "b.csv"})
    lab.gate.taken = nothing
    await lab.once()
    assert [batch["accepted"] for batch in await lab.batches()] == [2, 1]
    assert (lab.names(), len(lab.names("done"))) == (set(), 4)


async def test_killed_after_its_receipt_was_written_it_only_puts_the_file_away(lab: Lab) -> None:
    raw = lab.drop("a.csv", in_csv(*rows("R1")))
    await lab.once()
    for name in ("a.csv", "a.csv.回执.json"):
        (lab.folder / "done" / name).replace(lab.folder / name)
    await lab.once()
    assert (len(lab.gate.posts), lab.names()) == (1, set())
    # A file that was written anew under the same name is not taken for the one of the old receipt.
    for name in ("a.csv", "a.csv.回执.json"):
        (lab.folder / "done" / name).replace(lab.folder / name)
    changed = lab.drop("a.csv", in_csv(*rows("R1", "R2")))
    await lab.once()
    assert [batch["batch_no"] for batch in await lab.batches()] == [
        uploader.number_of(raw, ""),
        uploader.number_of(changed, ""),
    ]


@pytest.mark.parametrize("status", [429, 503])
async def test_turned_away_it_waits_as_long_as_it_is_told_and_keeps_the_file(lab: Lab, status: int) -> None:
    lab.drop("a.csv", in_csv(*rows("W1")))
    lab.gate.turned_away = [(status, "2")]
    said = await lab.once()
    assert f"服务器答复 {status}" in said
    first, second = lab.gate.posts
    assert second - first >= 2
    assert [batch["accepted"] for batch in await lab.batches()] == [1]


async def test_what_is_written_on_after_it_was_sent_is_sent_again(lab: Lab, tmp_path: Path) -> None:
    settings = uploader.read_settings(tmp_path / "uploader.ini")
    sender = uploader.Uploader(settings, threading.Event())
    lab.drop("a.csv", in_csv(*rows("L1")))
    assert await asyncio.to_thread(sender.sweep) == 0
    (lab.folder / "done/a.csv").write_bytes(in_csv(*rows("L1", "L2")))
    assert await asyncio.to_thread(sender.sweep) == 0
    first, second = await lab.batches()
    assert (first["accepted"], second["accepted"], second["duplicates"]) == (1, 1, 1)


async def test_it_starts_only_with_a_secret_of_its_own_and_a_folder_of_its_own(lab: Lab) -> None:
    lab.drop("a.csv", in_csv(*rows("S1")))
    (lab.home / "secret").chmod(0o640)
    assert "其他用户可读" in await lab.once(2)
    (lab.home / "secret").chmod(0o600)
    with uploader.hold(lab.folder):
        assert "另一个上传程序" in await lab.once(2)
    text = (lab.home / "uploader.ini").read_text(encoding="utf-8")
    (lab.home / "uploader.ini").write_text(
        text.replace("http://127.0.0.1", "http://results.example"), encoding="utf-8"
    )
    assert "https://" in await lab.once(2)
    assert (lab.gate.posts, lab.names()) == ([], {"a.csv"})


async def test_a_wrong_secret_leaves_every_file_where_it_is(lab: Lab) -> None:
    lab.drop("a.csv", in_csv(*rows("X1")))
    (lab.home / "secret").write_text("not-the-secret-of-anybody")
    text = (lab.home / "uploader.ini").read_text(encoding="utf-8")
    (lab.home / "uploader.ini").write_text(f"{text}tries = 1\nlongest_pause = 0\n", encoding="utf-8")
    assert "登录失败(401)" in await lab.once(1)
    assert (lab.gate.posts, lab.names()) == ([], {"a.csv"})
