"""Figures as a sheet with native charts, and as a page that needs nothing from outside."""

import io
import re
import zipfile
from datetime import timedelta
from html.parser import HTMLParser
from typing import Any

import pytest
from python_calamine import CalamineWorkbook
from typing_extensions import override

from shared.charts import Chart, Column, shown
from shared.sheets.charting import write_charted
from shared.web.drawing import figure
from tests.registry.conftest import NOON
from tests.registry.figures.scene import counted
from tests.registry.figures.test_figures import build
from tests.support.district import District

WEEK = {"from": "2030-11-11", "to": "2030-11-17"}
# What may stand in an attribute of the page that leads anywhere: a path of this origin, or the sibling services.
LEADS = ("href", "src", "action", "data", "poster", "srcset", "xlink:href")


class Page(HTMLParser):
    """What a page holds: its tags, where they lead, its texts, and the cells of its tables."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.leads: list[str] = []
        self.attributes: set[str] = set()
        self.fields: dict[str, str] = {}
        self.text = text
        self.feed(text)

    @override
    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note a tag."""
        self.tags.append(tag)
        values = dict(attrs)
        self.attributes |= set(values)
        self.leads += [value or "" for name, value in attrs if name in LEADS]
        if tag == "input":
            self.fields[values["name"] or ""] = values.get("value") or ""


async def credentials(district: District, **fields: Any) -> dict[str, str]:
    """Return a client that may read figures."""
    body = {"name": "统计员", "kind": "person", "scopes": ["records:read"], **fields}
    made = await district.post("/v1/clients", body)
    return {"client_id": made["client_id"], "client_secret": made["client_secret"]}


async def asked(district: District, form: dict[str, str], *, status: int = 200) -> Page:
    """Answer the page's form."""
    client = await district.system.client("registry", scopes=["status:read"])
    del client.headers["Authorization"]
    answer = await client.post("/figures", data=form)
    assert answer.status_code == status, answer.text
    assert answer.headers["cache-control"] == "no-store"
    assert "default-src 'self'" in answer.headers["content-security-policy"]
    return Page(answer.text)


@pytest.mark.parametrize(
    ("by", "chart"),
    [("week", "lineChart"), ("unit", "barChart"), ("department", "barChart"), ("township", "barChart")],
)
async def test_the_sheet_holds_every_row_and_a_native_chart_of_them(
    district: District, by: str, chart: str
) -> None:
    await build(district)
    await counted(district)
    query = {"by": by, **WEEK}
    rows = (await district.get("/v1/figures", query))["rows"]
    answer = await district.http.get("/v1/figures/sheet", params=query)
    assert answer.status_code == 200, answer.text
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        drawn = archive.read("xl/charts/chart1.xml").decode()
    assert f"<c:{chart}>" in drawn
    book = CalamineWorkbook.from_filelike(io.BytesIO(answer.content))
    assert book.sheet_names == ["数据", "图表"]
    for name in book.sheet_names:
        head, *cells = book.get_sheet_by_name(name).to_python()
        assert head[1:4] == ["达标率", "从未逾期人次", "应检人次"]
        found = {
            (str(cell[0]).split(" ")[0], *(int(float(str(each))) for each in cell[2:7])) for cell in cells
        }
        names = ("numerator", "denominator", "late", "missed", "never_tested")
        assert found == {(row["key"] or "无", *(row[each] for each in names)) for row in rows}


async def test_the_same_as_csv_opens_in_excel_and_is_in_english_where_asked(district: District) -> None:
    await build(district)
    await counted(district)
    answer = await district.http.get(
        "/v1/figures/sheet",
        params={"by": "township", "format": "csv", **WEEK},
        headers={"Accept-Language": "en"},
    )
    lines = answer.content.decode("utf-8-sig").splitlines()
    assert lines[0] == "Township,Share,Numerator,Denominator,Late,Missed,Never tested"
    assert lines[2] == "TOWN-01 TOWN-01,0.25,1,4,1,1,1"
    assert answer.headers["content-disposition"] == 'attachment; filename="figures.csv"'


@pytest.mark.settings(sheet_most_rows=2)
async def test_a_sheet_of_too_many_rows_is_refused_before_it_is_written(district: District) -> None:
    await build(district)
    await counted(district)
    answer = await district.get("/v1/figures/sheet", {"by": "unit", **WEEK}, status=422)
    assert answer["code"] == "export_too_large"


async def test_an_area_takes_out_its_own_rows_alone(district: District) -> None:
    await build(district)
    await counted(district)
    client = await district.system.client(
        "registry", scopes=["records:read"], area_code="TOWN-02", area_level="township"
    )
    answer = await client.get("/v1/figures/sheet", params={"by": "unit", "format": "csv", **WEEK})
    assert [line.split(" ")[0] for line in answer.text.splitlines()[1:]] == ["U-2", "U-3"]


def test_no_text_of_a_chart_becomes_a_formula_or_markup() -> None:
    text = "=1+1<script>alert('x')</script>"
    chart = Chart(text, text, "bars", Column(text, text), [Column("数", "n")], [(text, [3])])
    file = io.BytesIO()
    write_charted(file, chart, [[text, 3]], language="zh")
    for name in ("数据", "图表"):
        cells = (
            CalamineWorkbook.from_filelike(io.BytesIO(file.getvalue())).get_sheet_by_name(name).to_python()
        )
        assert cells[1][0] == f"'{text}"
    with zipfile.ZipFile(io.BytesIO(file.getvalue())) as archive:
        assert not any(b"<f>" in archive.read(each) for each in archive.namelist() if "worksheets/" in each)
    assert "<script" not in figure(chart, 0)


def test_nothing_is_divided_by_nobody_and_large_numbers_stay_readable() -> None:
    column = [Column("率", "Share", "share"), Column("数", "Number")]
    for kind in ("bars", "line"):
        chart = Chart("图", "Chart", kind, Column("周", "Week"), column, [("2030-11-11", [None, 12_345_678])])
        drawn = figure(chart, 0)
        assert "12,345,678" in drawn
        assert "–" in drawn
    counts = Chart("图", "Chart", "bars", Column("周", "Week"), column[1:], [("a", [0]), ("b", [None])])
    assert "width='0.0'" in figure(counts, 0)
    assert "没有数据" in figure(Chart("图", "Chart", "line", column[0], column, []), 0)
    assert (shown(1, "share"), shown(0.12345, "share"), shown(2.25, "hours")) == ("100.0%", "12.3%", "2.2")


async def test_the_page_is_opened_by_id_and_secret_and_shows_each_chart_with_its_table(
    district: District,
) -> None:
    await build(district)
    await counted(district)
    page = await asked(district, {**await credentials(district), "to": "2030-11-17"})
    assert page.tags.count("svg") == page.tags.count("table") == 5
    text = page.text
    rows = (await district.get("/v1/figures", {"by": "township", **WEEK}))["rows"]
    for row in rows:
        share = f"{row['share'] * 100:.1f}%"
        cells = "".join(f"<td>{each}</td>" for each in (share, row["numerator"], row["denominator"]))
        assert f"</th>{cells}" in text
    assert text.index("统计") < text.index("figures</span>")
    again = await asked(district, {"token": page.fields["token"], "to": "2030-11-20"})
    assert "(截至目前)" in again.text


async def test_the_page_needs_no_script_no_style_and_no_address_from_outside(district: District) -> None:
    await build(district)
    await counted(district)
    page = await asked(district, await credentials(district))
    text = page.text
    assert "script" not in page.tags
    assert not {each for each in page.attributes if each.startswith("on") or each == "style"}
    own = {"http://registry.test:8002/figures", "http://registry.test:8003/figures"}  # the sibling services
    assert {each for each in page.leads if ":" in each or each.startswith("//")} <= own
    assert set(re.findall(r"(?:https?:)?//[^\s\"'<]+", text)) <= own
    assert "@import" not in (await district.http.get("/docs/assets/pages.css")).text


async def test_without_the_right_the_form_comes_back_with_the_reason(district: District) -> None:
    empty = await district.http.get("/figures", headers={"Authorization": ""})
    assert empty.status_code == 401
    known = await credentials(district)
    for form, status, reason in (
        ({}, 401, "缺少有效的访问令牌"),
        ({**known, "client_secret": "wrong"}, 401, "缺少有效的访问令牌"),
        ({"token": "nonsense"}, 401, "缺少有效的访问令牌"),
        (await credentials(district, scopes=["status:read"], kind="system"), 403, "没有所需的权限范围"),
        ({**known, "to": "2030-02-30"}, 422, "请求参数不符合要求"),
    ):
        page = await asked(district, form, status=status)
        text = page.text
        assert reason in text
        assert "<svg" not in text
        assert "wrong" not in text
        assert {"client_id", "client_secret", "token"} <= set(page.fields)


async def test_the_empty_form_is_open_to_everybody_and_holds_nothing(district: District) -> None:
    client = await district.system.client("registry", scopes=["status:read"])
    del client.headers["Authorization"]
    answer = await client.get("/figures")
    assert answer.status_code == 200
    assert set(Page(answer.text).fields) == {"client_id", "client_secret", "token", "to"}


async def test_the_page_of_an_area_shows_nothing_of_another(district: District) -> None:
    await build(district)
    await counted(district)
    form = await credentials(district, area_code="TOWN-02")
    text: str = (await asked(district, {**form, "to": "2030-11-17"})).text
    assert "TOWN-02" in text
    assert "U-1 " not in text
    assert "TOWN-01" not in text


async def test_an_empty_district_has_a_page_too(district: District) -> None:
    page = await asked(
        district, {**await credentials(district), "to": (NOON + timedelta(days=400)).date().isoformat()}
    )
    assert page.tags.count("svg") == 0
    assert page.text.count("没有数据") == 5
