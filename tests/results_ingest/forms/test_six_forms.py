"""The same rows as JSON, NDJSON, CSV, XLSX, HL7 v2 and FHIR R4 have the same effects, row by row."""

import json
import random
from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

from results_ingest.forms.service import FHIR, HL7
from shared.messages import AlarmRaised, RecheckOrdered, ResampleOrdered, ResultsApplied
from shared.sheets.reading import CSV, XLSX
from tests.results_ingest.support import Ingest, Person, effects
from tests.sheets.making import in_csv, xlsx
from tests.support import fhir, hl7

Row = dict[str, Any]
SEED = 20260821


def _json(batch_no: str, rows: Sequence[Row]) -> bytes:
    return json.dumps({"batch_no": batch_no, "results": rows}).encode()


def _ndjson(batch_no: str, rows: Sequence[Row]) -> bytes:
    return "\n".join(json.dumps(line) for line in ({"batch_no": batch_no}, *rows)).encode()


def _cells(rows: Sequence[Row]) -> list[list[str]]:
    flat = [
        {name: value for name, value in row.items() if name != "corrects"}
        | {f"corrects.{name}": value for name, value in row.get("corrects", {}).items()}
        for row in rows
    ]
    header = list(dict.fromkeys(name for row in flat for name in row))
    return [header, *([str(row.get(name, "")) for name in header] for row in flat)]


FORMS: dict[str, tuple[str, Callable[[str, Sequence[Row]], bytes]]] = {
    "JSON": ("application/json", _json),
    "NDJSON": ("application/x-ndjson", _ndjson),
    "CSV": (CSV, lambda _, rows: in_csv(*_cells(rows))),
    "XLSX": (XLSX, lambda _, rows: xlsx(*_cells(rows))),
    "HL7": (HL7, lambda batch_no, rows: hl7.file(batch_no, rows).encode()),
    "FHIR": (FHIR, fhir.body),
}


class Side:
    """One laboratory with people and tubes of its own, whose names end in its number."""

    def __init__(self, ingest: Ingest, number: int) -> None:
        self.ingest, self.lab_code, self.end = ingest, f"LAB{number}", f"-LAB{number}"
        self.people: dict[UUID, str] = {}

    async def build(self) -> "Side":
        """Make twelve people, two pools of three and singles."""
        made = [Person(self._id(n), f"HC{n:04}{self.end}", None, "张三") for n in range(12)]
        self.people = {person.person_id: f"P{n}" for n, person in enumerate(made)}
        await self.ingest.learn(*made)
        for pool, first in (("POOL-A", 0), ("POOL-B", 3)):
            members = ({"health_code_id": each.code} for each in made[first : first + 3])
            answer = await self.ingest.bind(
                f"{pool}{self.end}", *members, collected_at=self.ingest.at(hours=-5)
            )
            assert answer.status_code == 201, answer.text
        for n in (6, 7):
            assert (
                await self.ingest.bind(f"S{n}{self.end}", {"health_code_id": made[n].code})
            ).status_code == 201
        return self

    def _id(self, n: int) -> UUID:
        return UUID(int=random.Random(f"{SEED}{self.end}{n}").getrandbits(128))

    def rows(self) -> list[Row]:
        """Return rows of every kind: taken, without an effect, held, refused; the same for every side."""
        dice, end, at = random.Random(SEED), self.end, self.ingest.at
        usual = {"test_kind": "pcr", "collected_at": at(hours=-5), "tested_at": at(hours=-2)}
        rows: list[Row] = [
            {"health_code_id": f"HC{n:04}{end}", "outcome": dice.choice(["negative", "negative", "positive"])}
            for n in range(8, 12)
        ]
        rows += [
            {
                "tube_code": f"POOL-A{end}",
                "mode": "mixed",
                "outcome": "negative",
                "specimen_type": "鼻咽拭子",
            },
            {
                "tube_code": f"POOL-B{end}",
                "mode": "mixed",
                "outcome": "positive",
                "ct_orf1ab": 31.2,
                "ct_n": 30,
            },
            {"tube_code": f"S6{end}", "outcome": "invalid", "kit": "甲|乙"},
            {"tube_code": f"S7{end}", "outcome": "indeterminate", "reviewer_code": "R07"},
            {"health_code_id": f"HC0008{end}", "outcome": "positive", "test_kind": "antigen"},
            {"health_code_id": f"HC0009{end}", "outcome": "negative", "test_kind": "antibody"},
            {"id_type": "passport", "id_no": f"E1234567{end}", "name": "张龘㐂", "outcome": "negative"},
            {"tube_code": f"NOBODYS{end}", "outcome": "positive", "released_at": at(hours=-1)},
            {
                "health_code_id": f"HC0010{end}",
                "tube_code": f"S6{end}",
                "outcome": "negative",
                "tested_at": at(hours=-3),
            },
            {"health_code_id": f"NEW1{end}", "outcome": "negative"},
            {"health_code_id": f"NEW1{end}", "outcome": "negative"},
            {"health_code_id": f"NEW2{end}", "outcome": "negative", "received_at": at(hours=-4)},
            {"health_code_id": f"NEW2{end}", "outcome": "positive"},
            {"id_type": "resident_id", "id_no": "110105194912310029", "outcome": "negative"},
            {"health_code_id": "13800000001", "outcome": "negative"},
            {"health_code_id": f"HC0011{end}", "outcome": "negative", "tested_at": at(hours=-6)},
            {"health_code_id": f"HC0011{end}", "outcome": "negative", "tested_at": at(hours=1)},
            {"outcome": "negative"},
        ]
        correction = {"batch_no": "EARLIER", "row": 1, "reason": "录入有误"}
        rows.append({"health_code_id": f"EARLIER{end}", "outcome": "negative", "corrects": correction})
        rows = [usual | row for row in rows]
        for number, row in enumerate(rows, start=1):
            row["row_ref"] = f"r-{number}"
        return rows

    async def post(self, form: str) -> Any:
        """Post the rows in a form and return what became of them, without the side's own names."""
        http = await self.ingest.lab(self.lab_code)
        earlier = {
            "health_code_id": f"EARLIER{self.end}",
            "outcome": "positive",
            "tested_at": self.ingest.at(hours=-2),
        }
        assert (
            await http.post("/v1/batches", json={"batch_no": "EARLIER", "results": [earlier]})
        ).status_code == 202
        kind, make = FORMS[form]
        headers = {"Content-Type": kind, "Accept": "application/json"}
        rows, query = self.rows(), {"batch_no": "SAME"} if kind in (CSV, XLSX) else {}
        answer = await http.post("/v1/batches", params=query, content=make("SAME", rows), headers=headers)
        assert answer.status_code == 202, (form, answer.text)
        await self.ingest.settle()
        as_json = await http.post("/v1/batches", json={"batch_no": "SAME", "results": rows})
        assert (form, as_json.status_code) == (form, 200), as_json.text
        receipt = (await http.get(answer.headers["location"])).json()
        listed = (await http.get(f"{answer.headers['location']}/rows", params={"limit": 1000})).json()["rows"]
        names = {each["result_id"]: each["row_ref"] for each in listed if "result_id" in each}
        counts = (
            "rows",
            "accepted",
            "rejected",
            "duplicates",
            "waiting",
            "matched",
            "unmatched",
            "held",
            "pooled_people",
        )
        found = {
            "counts": {name: receipt[name] for name in counts},
            "errors": [(each["row_ref"], each["field"], each["code"]) for each in receipt["errors"]],
            "warnings": [(each.get("row_ref"), each["code"]) for each in receipt["warnings"]],
            "verdicts": sorted((each["row_ref"], each["verdict"], each.get("code")) for each in listed),
            "effects": sorted(map(str, map(self._effect, effects(await self.ingest.told(ResultsApplied))))),
            "alarms": sorted((each.kind, str(each.members)) for each in await self.ingest.told(AlarmRaised)),
            "rechecks": [len(each.person_ids) for each in await self.ingest.told(RecheckOrdered)],
            "resamples": [len(each.person_ids) for each in await self.ingest.told(ResampleOrdered)],
            "named": sorted(names.values()),
        }
        return json.loads(json.dumps(found).replace(self.end, "").replace(self.lab_code, "LAB"))

    def _effect(self, told: Row) -> list[Any]:
        kept = (
            "outcome",
            "mode",
            "test_kind",
            "collected_at",
            "tested_at",
            "tube_code",
            "from_positive",
            "withdrawn",
        )
        row = int(str(told["result_id"])[-4:], 16)
        return [self.people[told["person_id"]], row, *(told[name] for name in kept)]


async def test_the_same_rows_in_six_forms_have_the_same_results(ingest: Ingest) -> None:
    found = {}
    for number, form in enumerate(FORMS, start=1):
        side = await Side(ingest, number).build()
        await ingest.told(ResultsApplied)
        found[form] = await side.post(form)
    counts = found["JSON"]["counts"]
    assert (counts["rows"], counts["accepted"], counts["rejected"], counts["duplicates"]) == (23, 15, 7, 1)
    assert counts["matched"] > 8
    assert counts["unmatched"] > 3
    assert counts["held"] > 0
    assert counts["pooled_people"] == 8
    assert len(found["JSON"]["effects"]) >= 12
    for form in FORMS:
        for what, said in found[form].items():
            assert (form, what, said) == (form, what, found["JSON"][what])
