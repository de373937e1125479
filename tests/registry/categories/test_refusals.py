"""What cannot stand beside other entries is refused with a code, in the reader's language, over HTTP."""

from typing import Any

import pytest

from shared.errors import CATALOGUE
from tests.support.district import District, coded

LIMITED = {"effective_from": "2030-11-20", "effective_to": "2030-11-30"}
MAPPED = {
    "industry_prefix": "62", "department_code": "MARKET", "basis": "工作清单(七)", "effective_from": "2030-01-01",
}  # fmt: skip
LEAVE = {"kind": "exempt", "from": "2030-11-20", "reason": "孕期"}


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize(
    ("path", "first", "second", "status", "code"),
    [
        (
            "/v1/categories/8A1/rules",
            {**LIMITED, "shape": "every_n_days", "params": {"days": 2}},
            {**LIMITED, "shape": "on_event", "params": {"event": "fair"}},
            409,
            "rule_contradicts",
        ),
        ("/v1/people/{person}/exemptions", None, LEAVE, 422, "field_required"),
        ("/v1/industry-map", MAPPED, {**MAPPED, "basis": "另一份清单"}, 409, "mapping_in_use"),
    ],
    ids=["a rule of another kind on the same days", "an exemption without end", "an industry mapped twice"],
)
async def test_it_is_refused_in_both_languages(
    district: District,
    path: str,
    first: dict[str, Any] | None,
    second: dict[str, Any],
    status: int,
    code: str,
    language: str,
) -> None:
    await district.department("MARKET")
    await district.people(coded(1))
    path = path.format(person=(await district.found())["person_id"])
    if first is not None:
        await district.post(path, first, status=201)
    answer = await district.http.post(path, json=second, headers={"Accept-Language": language})
    problem = answer.json()
    told = {problem["code"]: problem["title"]}
    told |= {each["code"]: each["message"] for each in problem["errors"]}
    assert answer.status_code == status
    message = CATALOGUE[code]
    assert told[code] == {"zh": message.zh, "en": message.en}[language]
