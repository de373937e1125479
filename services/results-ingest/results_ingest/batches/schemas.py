"""The wire shapes of batches. They document: rows are checked by `rules`, one by one, for speed."""

from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from shared.identifiers import CODE_PATTERN
from shared.web.types import PLAIN

Code = Annotated[str, Field(pattern=CODE_PATTERN)]
Time = Annotated[str, Field(json_schema_extra={"format": "date-time"})]


class Closed(BaseModel):
    """What is sent: unknown fields are refused."""

    model_config = ConfigDict(extra="forbid")


class Corrects(Closed):
    """The accepted result that a row replaces: `result_id`, or `batch_no` with `row`."""

    result_id: str | None = None
    batch_no: Code | None = None
    row: int | None = Field(None, ge=1, le=10_000)
    reason: str = Field(max_length=500, json_schema_extra=PLAIN)


class ResultRow(Closed):
    """A row carries a `tube_code`, a `health_code_id`, or `id_type` with `id_no`."""

    row_ref: Code | None = None
    tube_code: Code | None = None
    health_code_id: str | None = Field(None, pattern="^[A-Za-z0-9_-]{4,64}$")
    id_type: Literal["resident_id", "passport", "hk_mo_permit", "tw_permit", "foreign_pr", "other"] | None = (
        None
    )
    id_no: str | None = None
    name: str | None = Field(None, max_length=100, json_schema_extra=PLAIN)
    outcome: Literal["negative", "positive", "indeterminate", "invalid"]
    mode: Literal["single", "mixed"] | None = None
    collected_at: Time | None = None
    received_at: Time | None = None
    tested_at: Time
    released_at: Time | None = None
    reviewer_code: Code | None = None
    ct_orf1ab: float | None = Field(None, ge=0, le=50)
    ct_n: float | None = Field(None, ge=0, le=50)
    test_kind: Literal["pcr", "antigen", "antibody"] | None = "pcr"
    specimen_type: str | None = Field(None, max_length=64, json_schema_extra=PLAIN)
    kit: str | None = Field(None, max_length=200, json_schema_extra=PLAIN)
    corrects: Corrects | None = None
    lab_extra: dict[str, Any] | None = Field(None, description="≤ 2 KB,原样加密保存 kept sealed, never read")


class BatchBody(Closed):
    """A batch: 1 to 10,000 rows, 50 MB after decompression."""

    batch_no: Code
    results: list[ResultRow] = Field(min_length=1, max_length=10_000)


class RowNote(BaseModel):
    """What is said of a row; `row` 1 is the first data row, null the body itself."""

    row: int | None
    row_ref: str | None = None
    field: str | None
    code: str
    message: str


class Rehearsal(BaseModel):
    """The receipt of a dry run: nothing was kept."""

    batch_no: str
    lab_code: str
    received_at: str
    sha256: str
    status: Literal["received", "matched"]
    rows: int
    accepted: int
    rejected: int
    duplicates: int
    errors: list[RowNote] = Field(description="前 1,000 条 the first 1,000")
    errors_total: int
    warnings: list[RowNote]
    warnings_total: int


class Receipt(Rehearsal):
    """What the laboratory keeps: by then the batch is durable."""

    batch_id: str
    links: dict[str, str]


class BatchState(Receipt):
    """A receipt and where its rows stand: accepted = waiting + matched + unmatched + held."""

    waiting: int
    matched: int
    unmatched: int
    held: int
    pooled_people: int
    pooled_unmatched: int


class BatchItem(BaseModel):
    """A batch in a list."""

    batch_id: str
    batch_no: str
    lab_code: str
    received_at: str
    sha256: str
    status: Literal["received", "matched"]
    rows: int
    accepted: int
    rejected: int
    duplicates: int
    waiting: int
    errors_total: int
    warnings_total: int
    links: dict[str, str]


class BatchPage(BaseModel):
    """Batches, newest first."""

    batches: list[BatchItem]
    next_cursor: str | None


class RowVerdict(BaseModel):
    """What became of a row; rows that still wait are not listed."""

    row: int
    row_ref: str | None = None
    verdict: Literal["matched", "unmatched", "held", "rejected", "duplicate"]
    result_id: str | None = None
    code: str | None = None


class RowPage(BaseModel):
    """Rows of a batch in their order."""

    rows: list[RowVerdict]
    next_cursor: str | None


GOOD: Final = {
    "batch_no": "2026-11-21-0001",
    "results": [
        {
            "row_ref": "A1",
            "tube_code": "T26112100001",
            "outcome": "negative",
            "mode": "mixed",
            "received_at": "2026-11-21T09:40:00+08:00",
            "tested_at": "2026-11-21T11:05:00+08:00",
            "released_at": "2026-11-21T11:30:00+08:00",
            "reviewer_code": "R07",
            "kit": "ORF1ab/N",
        },
        {
            "row_ref": "A2",
            "health_code_id": "HC-7f3a9c2e",
            "outcome": "positive",
            "collected_at": "2026-11-21T08:10:00+08:00",
            "tested_at": "2026-11-21T11:05:00+08:00",
            "ct_orf1ab": 31.2,
            "ct_n": 30.4,
        },
    ],
}
BAD: Final = {
    "batch_no": "2026-11-21-0002",
    "results": [
        {"row_ref": "B1", "tube_code": "T26112100002", "outcome": "阴性", "tested_at": "2026-11-21T11:05:00"}
    ],
}
_ID: Final = "019aa5b3-5c00-7abc-8def-123456780000"
_ITEM: Final = {
    "batch_id": _ID,
    "batch_no": "2026-11-21-0001",
    "lab_code": "LAB01",
    "received_at": "2026-11-21T11:31:02.482+08:00",
    "sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    "status": "received",
    "rows": 2,
    "accepted": 2,
    "rejected": 0,
    "duplicates": 0,
}
_LINKS: Final = {"links": {"self": f"/v1/batches/{_ID}", "rows": f"/v1/batches/{_ID}/rows"}}
_NOTES: Final = {"errors": [], "errors_total": 0, "warnings": [], "warnings_total": 0}
TAKEN: Final = {**_ITEM, **_NOTES, **_LINKS}
REHEARSED: Final = {name: value for name, value in (_ITEM | _NOTES).items() if name != "batch_id"}
STATE: Final = {
    **TAKEN,
    "status": "matched",
    "waiting": 0,
    "matched": 1,
    "unmatched": 1,
    "held": 0,
    "pooled_people": 0,
    "pooled_unmatched": 0,
}
PAGE: Final = {
    "batches": [
        {**_ITEM, **_LINKS, "status": "matched", "waiting": 0, "errors_total": 0, "warnings_total": 0}
    ],
    "next_cursor": None,
}
ROWS: Final = {
    "rows": [
        {
            "row": 1,
            "row_ref": "A1",
            "verdict": "unmatched",
            "result_id": f"{_ID[:-1]}1",
            "code": "tube_not_bound",
        },
        {"row": 2, "row_ref": "A2", "verdict": "matched", "result_id": f"{_ID[:-1]}2"},
    ],
    "next_cursor": None,
}
NDJSON_GOOD: Final = (
    '{"batch_no":"2026-11-21-0003"}\n'
    '{"tube_code":"T26112100003","outcome":"negative","tested_at":"2026-11-21T11:05:00+08:00"}\n'
    '{"tube_code":"T26112100004","outcome":"negative","tested_at":"2026-11-21T11:05:00+08:00"}\n'
)
NDJSON_BAD: Final = '{"batch_no":"2026-11-21-0004"}\n{"tube_code":"T26112100005","outcome":"negative"\n'
CSV_GOOD: Final = (
    "样本条形码,采集类型,采样时间,检测时间,检测结果,检测结果填报时间\r\n"
    "T26112100006,混采,2026-11-21 08:10:00,2026-11-21 11:05:00,阴性,2026-11-21 11:30:00\r\n"
)
_HL7: Final = (
    "MSH|^~\\&|LIS|LAB01|YINGJIAN|DISTRICT|20261121113000+0800||ORU^R01^ORU_R01|{number}|P|2.5.1||||||"
    "UNICODE UTF-8\r{person}"
    "OBR|1|||94500-6^SARS-CoV-2 RNA^LN||||||||||||||||||20261121113000+0800|||F\r"
    "OBX|1|CWE|94500-6^SARS-CoV-2 RNA^LN||260415000^Not detected^SCT||||||{status}||||||||"
    "20261121110500+0800\r"
    "SPM|1|{tube}||^鼻咽拭子|||||||{role}||||||20261121081000+0800\r"
)
HL7_GOOD: Final = _HL7.format(
    number="MSG0001", person="PID|1||HC-000001^^^HC^HC\r", status="F", tube="", role=""
)
HL7_BAD: Final = _HL7.format(number="MSG0002", person="", status="P", tube="T26112100009", role="L")


def _fhir(number: str, status: str) -> dict[str, object]:
    code = {"coding": [{"system": "http://loinc.org", "code": "94500-6"}]}
    tested = "http://hl7.org/fhir/StructureDefinition/observation-analysis-date-time"
    resources: list[dict[str, object]] = [
        {
            "resourceType": "DiagnosticReport",
            "id": "r1",
            "status": "final",
            "code": code,
            "issued": "2026-11-21T11:30:00+08:00",
            "specimen": [{"reference": "Specimen/s1"}],
            "result": [{"reference": "Observation/o1"}],
        },
        {
            "resourceType": "Observation",
            "id": "o1",
            "status": status,
            "code": code,
            "extension": [{"url": tested, "valueDateTime": "2026-11-21T11:05:00+08:00"}],
            "valueCodeableConcept": {"coding": [{"system": "http://snomed.info/sct", "code": "260415000"}]},
        },
        {
            "resourceType": "Specimen",
            "id": "s1",
            "identifier": [{"system": "urn:yingjian:tube-code", "value": "T26112100010"}],
            "parent": [{"display": "1"}, {"display": "2"}],
            "collection": {"collectedDateTime": "2026-11-21T08:10:00+08:00"},
        },
    ]
    entries = [{"resource": each} for each in resources]
    return {"resourceType": "Bundle", "type": "collection", "identifier": {"value": number}, "entry": entries}


FHIR_GOOD: Final = _fhir("FHIR-0001", "final")
FHIR_BAD: Final = _fhir("FHIR-0002", "preliminary")
