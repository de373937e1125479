"""Batches as CSV and XLSX: the same rows, the same verdicts, by the numbers that a person sees."""

import io
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest
from python_calamine import CalamineWorkbook

from results_ingest.batches import copies
from results_ingest.batches.rules import SHANGHAI
from shared.sheets.reading import CSV, XLSX
from tests.results_ingest.batches.support import COLLECTED, NOW, TESTED, Desk, Lab, row
from tests.sheets.making import in_csv, xlsx

EXPORT = (
    "姓名", "出生日期", "年龄", "电话号码", "机构所在地", "采样机构", "采样时间", "检测机构", "检测时间",
    "检测结果", "检测结果填报时间", "复核结果", "复核机构", "复核时间", "性别", "国家/地区", "居住地", "证件类型",
    "证件号码", "未提供有效证件原因", "检测人群分类", "应检尽检类别", "导入机构", "样本条形码", "样本类型",
    "检测项目", "采样点行政区划", "采样地点", "所在学校/单位名称", "备注1", "备注2", "采集类型", "导入时间",
    "创建人账号", "创建人姓名",
)  # fmt: skip
SHORT = ("样本条形码", "采样时间", "检测时间", "检测结果")
SENT = ("2030-01-14 08:00:00", "2030-01-14 11:05:00")


def export_row(**cells: str) -> list[str]:
    """Return a row of the provincial export."""
    usual = {
        "采样时间": "2030-01-14 08:00:00", "检测时间": "2030/1/14 11:05", "检测结果": "阴性",
        "检测项目": "新型冠状病毒核酸检测", "年龄": "41", "电话号码": "13800000001",
    }  # fmt: skip
    return [{**usual, **cells}.get(name, "") for name in EXPORT]


async def post(lab: Lab, raw: bytes, kind: str = CSV, **query: str) -> httpx.Response:
    """Post a sheet."""
    return await lab.http.post("/v1/batches", params=query, content=raw, headers={"Content-Type": kind})


async def taken(lab: Lab, raw: bytes, kind: str = CSV, **query: str) -> dict[str, Any]:
    """Post a sheet and return the receipt of a new batch."""
    answer = await post(lab, raw, kind, **query)
    assert answer.status_code == 202, answer.text
    receipt: dict[str, Any] = answer.json()
    return receipt


def faults(receipt: dict[str, Any]) -> list[tuple[int, str | None, str]]:
    """Return what a receipt says is wrong."""
    return [(one["row"], one["field"], one["code"]) for one in receipt["errors"]]


def cells_of(answer: httpx.Response) -> list[list[Any]]:
    """Return the cells of a workbook that was answered."""
    assert answer.status_code == 200, answer.text
    found: list[list[Any]] = (
        CalamineWorkbook.from_filelike(io.BytesIO(answer.content)).get_sheet_by_index(0).to_python()
    )
    return found


FORMS = {
    "CSV in UTF-8": lambda rows: (in_csv(*rows), CSV),
    "CSV in UTF-8 with a mark": lambda rows: (in_csv(*rows, encoding="utf-8-sig"), CSV),
    "CSV in GBK, declared": lambda rows: (in_csv(*rows, encoding="gbk"), f"{CSV}; charset=gbk"),
    "CSV in GBK, proved by its header": lambda rows: (in_csv(*rows, encoding="gbk"), CSV),
    "XLSX": lambda rows: (xlsx(*rows), XLSX),
}


@pytest.mark.parametrize("form", FORMS)
async def test_the_provincial_export_is_the_same_batch_as_its_rows_in_json(lab: Lab, form: str) -> None:
    rows = [
        EXPORT,
        export_row(样本条形码="T1", 采集类型="混采"),
        export_row(
            姓名="张伟",
            证件类型="居民身份证",
            证件号码="11010519491231002X",
            检测结果="阳性",
            复核结果="阳性",
        ),
    ]
    raw, kind = FORMS[form](rows)  # type: ignore[no-untyped-call]
    receipt = await taken(lab, raw, kind, batch_no="EXPORT")
    assert (receipt["rows"], receipt["accepted"], receipt["errors"]) == (2, 2, [])
    assert [one["code"] for one in receipt["warnings"]] == ["offset_assumed"]
    same = [
        row("T1", mode="mixed", test_kind="pcr"),
        row(
            ...,
            id_type="resident_id",
            id_no="11010519491231002X",
            name="张伟",
            outcome="positive",
            test_kind="pcr",
        ),
    ]
    again = await lab.post(same, batch_no="EXPORT")
    assert (again.status_code, again.json()) == (200, receipt)
    other = await lab.post([*same, row("T3")], batch_no="EXPORT")
    assert (other.status_code, other.json()["code"]) == (409, "batch_conflict")


async def test_rows_bear_the_numbers_of_the_sheet_everywhere(lab: Lab) -> None:
    sheet = xlsx((), SHORT, ("T1", *SENT, "阴性"), (), ("T2", *SENT, "不明"), ("T1", *SENT, "阴性"))
    receipt = await taken(lab, sheet, XLSX, batch_no="NUMBERS")
    assert (receipt["accepted"], receipt["rejected"], receipt["duplicates"]) == (1, 1, 1)
    assert faults(receipt) == [(5, "outcome", "not_allowed")]
    page = await lab.get(f"/v1/batches/{receipt['batch_id']}/rows")
    assert [(one["row"], one["verdict"]) for one in page["rows"]] == [(5, "rejected"), (6, "duplicate")]
    strict = await post(lab, sheet, XLSX, batch_no="STRICT", mode="all_or_nothing")
    assert (strict.status_code, faults(strict.json())) == (422, [(5, "outcome", "not_allowed")])
    dry = await post(lab, sheet, XLSX, batch_no="DRY", dry_run="true")
    assert (dry.status_code, faults(dry.json())) == (200, [(5, "outcome", "not_allowed")])


async def test_a_correction_names_a_row_as_the_sheet_shows_it(lab: Lab) -> None:
    await taken(
        lab, xlsx((), SHORT, ("T1", *SENT, "阴性"), (), ("T2", *SENT, "阴性")), XLSX, batch_no="FIRST"
    )
    correction = {"batch_no": "FIRST", "row": 5, "reason": "录入有误"}
    good = await lab.accepted([row("T2", outcome="positive", corrects=correction)])
    assert good["accepted"] == 1, good
    for number in (1, 2, 4, 6):
        bad = await lab.accepted([row("T2", outcome="positive", corrects=correction | {"row": number})])
        assert [one["code"] for one in bad["errors"]] == ["corrects_not_found"], number
    header = (*SHORT, "更正批次号", "更正行号", "更正原因")
    by_sheet = in_csv(header, ("T1", *SENT, "无效", "FIRST", "3", "录入有误"))
    assert (await taken(lab, by_sheet, batch_no="BY-SHEET"))["accepted"] == 1


async def test_cells_that_cannot_be_read_reject_their_row_beside_what_else_is_wrong(lab: Lab) -> None:
    at = datetime.fromisoformat("2030-01-14T11:05:00")
    good = datetime.fromisoformat("2030-01-14T08:00:00")
    sheet = xlsx(
        SHORT,
        ("T1", good, at, "阴性"),
        (20300114000123456, good, at, "弱阳"),
        ("T3", good, at.replace(hour=0, minute=0), "阴性"),
        ("T 4", 45678, "", "阴性"),
        ("T5", at, good, "阴性"),
    )  # fmt: skip
    receipt = await taken(lab, sheet, XLSX, batch_no="CELLS")
    assert receipt["accepted"] == 1
    found = set(faults(receipt))
    assert {(3, "tube_code", "number_damaged"), (3, "outcome", "not_allowed")} <= found
    assert (4, "tested_at", "moment_without_time") in found
    assert {
        (5, "collected_at", "day_as_number"),
        (5, "tube_code", "bad_format"),
        (5, "tested_at", "field_required"),
    } <= found
    assert (6, "tested_at", "tested_before_collected") in found
    assert {number for number, _, _ in found} == {3, 4, 5, 6}


async def test_a_cell_put_right_makes_another_batch_and_a_ragged_row_is_never_shifted(lab: Lab) -> None:
    bad = in_csv(SHORT, ("T1", *SENT, "不明"))
    receipt = await taken(lab, bad, batch_no="RIGHT")
    assert receipt["accepted"] == 0
    assert (await post(lab, bad, batch_no="RIGHT")).json() == receipt
    assert (await post(lab, in_csv(SHORT, ("T1", *SENT, "阴性")), batch_no="RIGHT")).status_code == 409
    ragged = in_csv(SHORT, ("T1", *SENT), ("T2", *SENT, "阴性", "x"), ("T3", *SENT, "阴性"))
    receipt = await taken(lab, ragged, batch_no="RAGGED")
    assert faults(receipt) == [(2, None, "row_ragged"), (3, None, "row_ragged")]
    assert receipt["accepted"] == 1


async def test_a_review_that_says_otherwise_rejects_the_row(lab: Lab) -> None:
    header = (*SHORT, "复核结果")
    sheet = in_csv(
        header, ("T1", *SENT, "阴性", "阳性"), ("T2", *SENT, "阴性", "阴性"), ("T3", *SENT, "阴性", "")
    )
    receipt = await taken(lab, sheet, batch_no="REVIEWED")
    assert (receipt["accepted"], faults(receipt)) == (2, [(2, "outcome", "reviewed_otherwise")])


async def test_a_laboratory_saves_its_own_headers_words_and_constants(lab: Lab, other_lab: Lab) -> None:
    sheet = in_csv(("管", "结果", "时间", "操作员"), ("T1", "1", SENT[1], "甲"), ("T2", "3", SENT[1], "乙"))
    unknown = await post(lab, sheet, batch_no="OWN")
    assert (unknown.status_code, unknown.json()["code"]) == (422, "header_wrong")
    mapping = {
        "columns": {"管": "tube_code", "结果": "outcome", "时间": "tested_at", "操作员": ""},
        "constants": {"test_kind": "pcr", "id_type": "resident_id"},
        "words": {"outcome": {"1": "negative", "3": "positive"}},
    }
    path = "/v1/sheets/results/mappings/lis"
    saved = await lab.http.put(path, json=mapping)
    assert saved.status_code == 200, saved.text
    receipt = await taken(lab, sheet, batch_no="OWN", mapping="lis")
    assert (receipt["accepted"], receipt["errors"]) == (2, [])
    same = [
        row(tube, outcome=word, collected_at=..., test_kind="pcr")
        for tube, word in (("T1", "negative"), ("T2", "positive"))
    ]
    assert (await lab.post(same, batch_no="OWN")).status_code == 200
    numbers = xlsx(("管", "结果", "时间", "操作员"), ("T8", 3, SENT[1], "甲"))
    assert (await taken(lab, numbers, XLSX, batch_no="OWN-XLSX", mapping="lis"))["accepted"] == 1
    others = await post(other_lab, sheet, batch_no="OWN", mapping="lis")
    assert (others.status_code, others.json()["code"]) == (422, "mapping_unknown")
    assert (await other_lab.get("/v1/sheets/results/mappings"))["mappings"] == []
    listed = (await lab.get("/v1/sheets/results/mappings"))["mappings"]
    assert [{name: one[name] for name in mapping} for one in listed] == [mapping]
    assert (await other_lab.http.delete(path)).status_code == 404
    assert (await lab.http.delete(path)).status_code == 204


@pytest.mark.parametrize(
    ("wanted", "field", "code"),
    [
        ({"columns": {"管": "tube"}}, "columns", "column_unknown"),
        ({"constants": {"name": "张伟"}}, "name", "personal_constant"),
        ({"constants": {"outcome": "阴性"}}, "outcome", "not_allowed"),
        ({"words": {"outcome": {"1": "good"}}}, "outcome", "not_allowed"),
        ({"words": {"kit": {"1": "a"}}}, "kit", "words_unused"),
        ({"words": {"colour": {"1": "a"}}}, "words", "column_unknown"),
    ],
)
async def test_a_mapping_to_what_there_is_not_is_refused(
    lab: Lab, wanted: Any, field: str, code: str
) -> None:
    answer = await lab.http.put("/v1/sheets/results/mappings/bad", json=wanted)
    assert answer.status_code == 422
    assert [(one["field"], one["code"]) for one in answer.json()["errors"]] == [(field, code)]


async def test_a_sheet_without_a_number_header_or_rows_is_refused_whole_and_uses_none_up(lab: Lab) -> None:
    good = in_csv(SHORT, ("T1", *SENT, "阴性"))
    unnumbered = await post(lab, good)
    assert [(one["field"], one["code"]) for one in unnumbered.json()["errors"]] == [
        ("batch_no", "batch_no_beside")
    ]
    refused: Sequence[tuple[bytes, str, int, str]] = (
        (in_csv(SHORT), CSV, 422, "sheet_empty"),
        (b"", CSV, 422, "sheet_empty"),
        (in_csv(("管", *SHORT[1:]), ("T1", *SENT, "阴性")), CSV, 422, "header_wrong"),
        (good, XLSX, 415, "unsupported_media_type"),
        (good, f"{CSV}; charset=utf-16", 415, "unsupported_media_type"),
        (b'"T1', CSV, 422, "csv_malformed"),
        (b"PK\x03\x04 no workbook", XLSX, 422, "sheet_damaged"),
        (in_csv(SHORT, *(("T1", *SENT, "阴性") for _ in range(10_001))), CSV, 413, "too_many_rows"),
        ("résultat,T\r\n1,2\r\n".encode("latin-1"), CSV, 422, "encoding_undeclared"),
    )
    for raw, kind, status, code in refused:
        answer = await post(lab, raw, kind, batch_no="ONCE")
        assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert (await taken(lab, good, batch_no="ONCE"))["accepted"] == 1


async def test_the_annotated_sheet_is_for_its_sender_and_may_be_sent_again(desk: Desk, lab: Lab) -> None:
    rows = (SHORT, ("T1", *SENT, "阴性"), (), ("=T2", *SENT, "不明"), ("T1", *SENT, "阴性"))
    receipt = await taken(lab, xlsx(*rows), XLSX, batch_no="BACK")
    path = f"/v1/batches/{receipt['batch_id']}/sheet"
    found = cells_of(await lab.http.get(path))
    assert found[0] == [*SHORT, "校验结果", "问题"]
    assert [(one[0], one[4]) for one in found[1:]] == [("T1", "已接收"), ("'=T2", "拒收"), ("T1", "重复")]
    assert found[2][5].startswith("检测结果: 不在允许的取值中")
    assert "样本条形码" in found[2][5]
    english = cells_of(await lab.http.get(path, headers={"Accept-Language": "en"}))
    assert english[2][4] == "refused"
    colleague = desk.client("colleague", "results:write", lab_code="LAB01")
    assert (await colleague.http.get(path)).status_code == 404
    found[2][0], found[2][3] = "T2", "阴性"
    again = await taken(lab, xlsx(*found), XLSX, batch_no="BACK-2")
    assert (again["accepted"], again["duplicates"], again["errors"]) == (1, 2, [])
    looks = await desk.run("SELECT rows FROM ingest.audit WHERE action = 'sheet.copy'")
    assert [look["rows"] for look in looks] == [3, 3]


async def test_a_sheet_is_sealed_and_forgotten_in_time_but_its_numbers_stay(desk: Desk, lab: Lab) -> None:
    receipt = await taken(lab, xlsx((), SHORT, ("TUBE-OPEN", *SENT, "不明")), XLSX, batch_no="SEALED")
    stored = (await desk.run("SELECT sealed FROM ingest.batch_sheet"))[0]["sealed"]
    assert b"TUBE-OPEN" not in bytes(stored)
    path = f"/v1/batches/{receipt['batch_id']}"
    days, code = desk.context.settings.sheet_retention_days, None
    for ahead, status in ((days - 1, 200), (days + 1, 404)):
        await desk.set_clock(NOW.astimezone(SHANGHAI) + timedelta(days=ahead))
        async with desk.context.db.transaction() as session:
            await copies.forget(session, desk.context)
        answer = await lab.http.get(f"{path}/sheet")
        assert answer.status_code == status
        code = answer.json()["code"] if status != 200 else None
    assert code == "not_a_sheet"
    assert (await lab.get(f"{path}/rows"))["rows"][0]["row"] == 3


@pytest.mark.parametrize("form", ["csv", "xlsx"])
@pytest.mark.parametrize("language", ["zh-CN", "en"])
async def test_the_template_filled_in_is_taken(lab: Lab, form: str, language: str) -> None:
    answer = await lab.http.get(
        "/v1/sheets/results/template", params={"format": form}, headers={"Accept-Language": language}
    )
    assert answer.status_code == 200
    header = answer.content.decode("utf-8-sig").strip().split(",") if form == "csv" else cells_of(answer)[0]
    cells = {"outcome": "阴性", "tested_at": TESTED, "collected_at": COLLECTED, "tube_code": f"T-{form}"}
    zh = {
        "检测结果*": "outcome",
        "检测时间*": "tested_at",
        "采样时间": "collected_at",
        "样本条形码": "tube_code",
    }
    en = {
        "Outcome*": "outcome",
        "Tested at*": "tested_at",
        "Collected at": "collected_at",
        "Tube code": "tube_code",
    }
    filled = [cells.get((zh | en).get(name, ""), "") for name in header]
    raw, kind = (in_csv(header, filled), CSV) if form == "csv" else (xlsx(header, filled), XLSX)
    receipt = await taken(lab, raw, kind, batch_no=f"TEMPLATE-{language}")
    assert (receipt["accepted"], receipt["errors"], receipt["warnings"]) == (1, [], [])


async def test_barcodes_that_end_in_zeros_are_real_unless_all_of_them_do(lab: Lab) -> None:
    real = [(f"20300114000000{number}", *SENT, "阴性") for number in range(10, 31)]
    assert (await taken(lab, in_csv(SHORT, *real), batch_no="REAL"))["rejected"] == 0
    cut = [("2030011400000010", *SENT, "阴性"), ("2030011400000020", *SENT, "阴性")]
    receipt = await taken(lab, in_csv(SHORT, *cut), batch_no="CUT")
    assert faults(receipt) == [(2, "tube_code", "number_damaged"), (3, "tube_code", "number_damaged")]


async def test_the_sheet_of_another_system_is_refused_with_reasons_and_taken_by_a_mapping(lab: Lab) -> None:
    header = (
        "Result_ID",
        "Test_date",
        "Specimen_collection_date_time",
        "Test_result_code",
        "Patient_last_name",
    )
    sheet = in_csv(header, ("3268e1d6-cb84", "20300114110500", "20300114080000+0800", "260373001", "Wolf"))
    refused = (await post(lab, sheet, batch_no="FOREIGN")).json()
    assert [(one["field"], one["code"]) for one in refused["errors"]] == [
        *((letter, "header_unknown") for letter in "ABCDE"),
        ("outcome", "column_missing"),
        ("tested_at", "column_missing"),
    ]
    assert "Wolf" not in str(refused)
    fields = ("tube_code", "tested_at", "collected_at", "outcome", "")
    words = {"outcome": {"260373001": "positive", "260415000": "negative"}}
    mapping = {"columns": dict(zip(header, fields, strict=True)), "words": words}
    assert (await lab.http.put("/v1/sheets/results/mappings/foreign", json=mapping)).status_code == 200
    receipt = await taken(lab, sheet, batch_no="FOREIGN", mapping="foreign")
    assert (receipt["accepted"], receipt["errors"]) == (1, [])
    assert (await lab.post([row("3268e1d6-cb84", outcome="positive")], batch_no="FOREIGN")).status_code == 200
