"""What goes back to people: the annotated copy, the templates, and their way in again."""

import asyncio
from datetime import date
from io import BytesIO
from typing import Any

import pytest
from python_calamine import CalamineWorkbook

from registry.sheets import running
from registry.sheets.kinds import KINDS
from shared.sheets.rows import Format
from tests.registry.sheets.office import imported, send, work
from tests.registry.sheets.test_imports import HEADER, row
from tests.sheets.making import in_csv, xlsx
from tests.support.district import CONTACT, District, id_no

ROWS = 2_500


def cells_of(raw: bytes) -> list[list[Any]]:
    return CalamineWorkbook.from_filelike(BytesIO(raw)).get_sheet_by_index(0).to_python()


@pytest.mark.parametrize("form", ["csv", "xlsx"])
async def test_the_sheet_comes_back_with_its_problems_and_corrected_goes_in_as_it_is(
    district: District, form: Format
) -> None:
    await district.unit()
    rows = (HEADER, row(1), row(2, 手机号="12", 单位代码="=HYPERLINK(1)"), row(3))
    done = await imported(district, xlsx(*rows) if form == "xlsx" else in_csv(*rows), form=form)
    answer = await district.http.get(f"/v1/imports/{done['import_id']}/sheet")
    assert answer.headers["cache-control"] == "no-store"
    raw = answer.content
    if form == "csv":
        lines = raw.decode("utf-8-sig").splitlines()
        assert lines[0].endswith("校验结果,问题")
        assert [line.split(",")[7] for line in lines[1:]] == ["通过", "有误", "通过"]
        assert "'=HYPERLINK(1)" in lines[2]
        assert "手机号: 电话号码无效" in lines[2]
        corrected = (
            raw.decode("utf-8-sig").replace(",12,", ",13800138000,").replace("'=HYPERLINK(1)", "U-1").encode()
        )
    else:
        copy = cells_of(raw)
        assert copy[0][7:] == ["校验结果", "问题"]
        assert [line[7] for line in copy[1:]] == ["通过", "有误", "通过"]
        copy[2][2], copy[2][4] = "13800138000", "U-1"
        corrected = xlsx(*copy)
    again = await imported(district, corrected, form=form)
    assert (again["accepted"], again["updated"], again["errors"]) == (1, 2, [])


async def test_the_copy_goes_to_its_sender_only_and_not_before_the_end(district: District) -> None:
    await district.unit()
    answer = await send(district, in_csv(HEADER, row(1)))
    path = answer.headers["Location"] + "/sheet"
    assert (await district.http.get(path)).json()["code"] == "import_under_way"
    await work(district)
    other = await district.system.client("registry", scopes=["admin"])
    assert (await other.get(path)).status_code == 404
    assert (await other.get(answer.headers["Location"])).status_code == 200
    assert (await district.http.get(path)).status_code == 200


async def test_a_template_has_text_columns_choices_and_notes(district: District) -> None:
    raw = (await district.http.get("/v1/sheets/people/template")).content
    book = CalamineWorkbook.from_filelike(BytesIO(raw))
    assert book.sheet_names == ["人员", "说明"]
    notes = book.get_sheet_by_index(1).to_python()
    assert [line[4] for line in notes[1:]] == [column.field for column in KINDS["people"].columns]


async def test_a_workers_end_in_the_middle_of_a_part_loses_and_doubles_nothing(
    district: District, monkeypatch: pytest.MonkeyPatch
) -> None:
    await district.unit()
    rows = [row(number, 姓名="" if number == 1_700 else "张伟") for number in range(1, ROWS + 1)]
    answer = await send(district, in_csv(HEADER, *rows))
    context = district.system.context("registry")

    async def once() -> None:
        async with context.db.transaction() as session:
            await running.run(session, context)

    class KilledError(BaseException):
        pass

    async def killed(*_: Any, **__: Any) -> None:
        raise KilledError

    await once()
    with monkeypatch.context() as patch:
        patch.setattr(running, "store_errors", killed)  # the rows are in, the progress not yet
        with pytest.raises(KilledError):
            await once()
    shown = await district.get(answer.headers["Location"])
    assert (shown["status"], shown["processed"]) == ("running", 1_000)
    assert await district.system.owner.fetchval("SELECT count(*) FROM registry.person") == 1_000
    await work(district)
    done = await district.get(answer.headers["Location"])
    assert (done["status"], done["processed"]) == ("done", ROWS)
    assert (done["accepted"], done["updated"], done["rejected"]) == (ROWS - 1, 0, 1)
    assert await district.system.owner.fetchval("SELECT count(*) FROM registry.person") == ROWS - 1


async def test_a_step_that_fails_is_taken_again_and_given_up_at_last(
    district: District, monkeypatch: pytest.MonkeyPatch
) -> None:
    await district.unit()
    answer = await send(district, in_csv(HEADER, row(1)))
    monkeypatch.setattr(running, "MOST_FAILURES", 2)

    async def broken(*_: Any, **__: Any) -> None:
        raise RuntimeError

    context = district.system.context("registry")
    with monkeypatch.context() as patch:
        patch.setattr(running, "_applied", broken)
        async with context.db.transaction() as session:
            await running.run(session, context)
        assert (await district.get(answer.headers["Location"]))["status"] == "received"
        await district.system.owner.execute("UPDATE registry.sheet_import SET again_at = NULL")
        async with context.db.transaction() as session:
            await running.run(session, context)
    assert (await district.get(answer.headers["Location"]))["status"] == "failed"


async def test_rows_lie_sealed_and_are_forgotten_after_their_time(district: District) -> None:
    await district.unit()
    done = await imported(district, in_csv(HEADER, row(1, 手机号="not-a-phone")))
    owner = district.system.owner
    stored = b"".join([each[0] for each in await owner.fetch("SELECT sealed_rows FROM registry.sheet_part")])
    assert id_no(1).encode() not in stored
    assert b"not-a-phone" not in stored
    context = district.system.context("registry")
    for days, left in ((0, 1), (8, 0)):
        await owner.execute(
            "UPDATE registry.sheet_import SET finished_at = finished_at - make_interval(days => $1)", days
        )
        async with context.db.transaction() as session:
            await running.forget(session, context)
        assert await owner.fetchval("SELECT count(*) FROM registry.sheet_part") == left
    await district.get(f"/v1/imports/{done['import_id']}", status=404)


async def test_a_client_of_a_township_imports_into_its_own_units_only(district: District) -> None:
    await district.unit("U-1")
    await district.unit("U-2", township_code="TOWN-02")
    mine = await district.system.client(
        "registry", scopes=["admin"], area_code="TOWN-02", area_level="township"
    )
    raw = in_csv(HEADER, row(1), row(2, 单位代码="U-2"), row(3, 单位代码=""))
    done = await imported(district, raw, http=mine)
    assert done["accepted"] == 1
    assert done["errors"] == [(2, "unit_code", "unknown_unit_code"), (4, "unit_code", "unit_needed_in_area")]
    header = (
        "unit_code",
        "unit_code_type",
        "name",
        "industry_code",
        "township_code",
        "contact.name",
        "contact.phone",
    )
    unit = ("licence", "别人的", "6210", "TOWN-01", *CONTACT.values())
    taken = await imported(district, in_csv(header, ("U-1", *unit), ("U-9", *unit)), "units", http=mine)
    assert taken["accepted"] + taken["updated"] == 0
    assert [code for _, _, code in taken["errors"]] == ["unit_code_in_use", "not_found"]
    assert (await district.get("/v1/units/U-1"))["name"] == "海棠餐厅"
    refused = await send(district, in_csv(("code",), ("x",)), "departments", http=mine)
    assert refused.status_code == 403
    other = await district.system.client(
        "registry", scopes=["admin"], area_code="TOWN-01", area_level="township"
    )
    path = f"/v1/imports/{done['import_id']}"
    for each in (path, f"{path}/errors", f"{path}/sheet"):
        assert (await other.get(each)).status_code == 404
    assert (await other.get("/v1/imports")).json()["imports"] == []


async def test_a_worker_takes_a_sheet_in_by_itself(system: Any) -> None:
    http = await system.client("registry", scopes=["admin"])
    town = in_csv(
        ("部门代码", "部门名称", "级别", "联系人", "联系电话"), ("T", "镇", "镇街", "李明", "13800138000")
    )
    answer = await http.post(
        "/v1/imports", params={"kind": "departments"}, content=town, headers={"Content-Type": "text/csv"}
    )
    shown: dict[str, Any] = {}
    for _ in range(400):
        shown = (await http.get(answer.headers["Location"])).json()
        if shown["status"] == "done":
            break
        await asyncio.sleep(0.05)
    assert (shown["status"], shown["accepted"]) == ("done", 1)
    assert date.fromisoformat(shown["finished_at"][:10]) >= date.fromisoformat(shown["created_at"][:10])
