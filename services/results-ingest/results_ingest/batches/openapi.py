"""What /docs says of batches: bodies, answers, every code, good and bad examples."""

from typing import Any, Final

from results_ingest.batches import schemas
from results_ingest.forms.service import FHIR, HL7
from shared.sheets.reading import CSV, XLSX
from shared.web.bodies import MODELS
from shared.web.files import FILE

MODELS[schemas.BatchBody.__name__] = schemas.BatchBody


def _refusals(**codes: str) -> dict[int | str, dict[str, Any]]:
    """Return the documented refusals by status, such as `_refusals(s409="batch_conflict")`."""
    schema = {"$ref": "#/components/schemas/Problem"}
    return {
        int(status[1:]): {
            "description": f"`code`: {said}",
            "content": {"application/problem+json": {"schema": schema}},
        }
        for status, said in codes.items()
    }


_KINDS: Final = {
    HL7: {"schema": {"type": "string", "description": "ACK"}},
    FHIR: {"schema": {"type": "object", "description": "OperationOutcome"}},
}


def _in_kind(responses: dict[int | str, dict[str, Any]]) -> dict[int | str, dict[str, Any]]:
    """Return answers that may also be those of the standard that was sent."""
    for said in responses.values():
        said["content"] = {**said["content"], **_KINDS}
    return responses


def _shown(example: object) -> dict[str, Any]:
    return {"content": {"application/json": {"example": example}}}


_READING: Final = _refusals(
    s401="unauthenticated, token_expired", s403="forbidden", s404="not_found", s503="unavailable"
)

_BODY: Final = {
    "required": True,
    "content": {
        "application/json": {
            "schema": {"$ref": "#/components/schemas/BatchBody"},
            "examples": {
                "good": {"summary": "正确 good", "value": schemas.GOOD},
                "bad": {"summary": "有误:结果词、缺时区偏移 bad: outcome, no offset", "value": schemas.BAD},
            },
        },
        "application/x-ndjson": {
            "schema": {"type": "string"},
            "examples": {
                "good": {
                    "summary": "首行批次号,其后每行一条 first the number, then rows",
                    "value": schemas.NDJSON_GOOD,
                },
                "bad": {"summary": "第 2 行残缺:整批 400 line 2 is broken: 400", "value": schemas.NDJSON_BAD},
            },
        },
        CSV: {
            "schema": {"type": "string"},
            "examples": {"good": {"summary": "省级导出表 the export", "value": schemas.CSV_GOOD}},
        },
        XLSX: {"schema": {"type": "string", "format": "binary"}},
        HL7: {
            "schema": {"type": "string"},
            "examples": {
                "good": {"summary": "一条 ORU^R01 one ORU^R01", "value": schemas.HL7_GOOD},
                "bad": {
                    "summary": "结果未审核:该行拒收 not final: the row is refused",
                    "value": schemas.HL7_BAD,
                },
            },
        },
        FHIR: {
            "schema": {"type": "object", "required": ["resourceType"]},
            "examples": {
                "good": {"summary": "混采管 a pool: several parents", "value": schemas.FHIR_GOOD},
                "bad": {
                    "summary": "结果未审核:该行拒收 not final: the row is refused",
                    "value": schemas.FHIR_BAD,
                },
            },
        },
    },
}

POST: Final[dict[str, Any]] = {
    "summary": "上传一批检测结果 Post a batch of results",
    "description": """逐行校验:不合格的行被拒收并说明原因,其余照收;返回 202 时已持久保存。

- 同一机构同一批次号:内容相同(按 JSON 值、按行序比较)返回 200 与首次回执;不同返回 409 `batch_conflict`。
- 与 90 天内已接收的行相同:计入 `duplicates`,不产生影响;带 `corrects` 的行不算重复。
- 同一样本不同结果且无 `corrects`:同批内均拒收 `conflicting_outcome`;与早前批次不同则挂起待核。
- 每批 1-10,000 行,解压后不超过 50 MB,可用 gzip。4xx 不占用批次号。
- CSV(UTF-8、GBK、GB18030;非 UTF-8 请写明 charset)与 XLSX:批次号写在 `?batch_no=`,省级导出表的列名可直接使用,
  其他列名见 `PUT /v1/sheets/results/mappings/{name}`。行号即表格中看到的行号;没有时区的时间按北京时间读取。
- HL7 v2(ORU^R01,单条或 BHS 批文件):批次号取 `?batch_no=`、BHS-11 或单条消息的 MSH-10;字符集以 MSH-18 为准
  (UNICODE UTF-8、GB 18030-2000)。每个新冠检测 OBX 为一行:样本条码 SPM-2,健康码标识 PID-3(类型 HC),
  证件号码 PID-3(NNCHN、PPN),结果 OBX-5,检测时间 OBX-19,采样时间 SPM-17,混采 SPM-11=L。自有代码用
  `?mapping=` 指明。回答为 ACK(MSA 与 ERR,指明段和字段);`Accept: application/json` 则回 JSON 回执。
- FHIR R4(Bundle、DiagnosticReport、Observation):批次号取 `?batch_no=` 或 Bundle.identifier。每个新冠检测
  Observation 为一行:样本条码 Specimen.identifier(`urn:yingjian:tube-code`),健康码标识 Patient.identifier
  (`urn:yingjian:health-code-id`),采样时间 Specimen.collection,检测时间扩展 observation-analysis-date-time,
  混采为 Specimen.parent 多个父标本或 subject 为 Group。回答为 OperationOutcome。

  对照表见 docs/laboratories.md。

Rows are checked one by one: bad rows are refused with their reasons, the rest is taken; by the 202 it is
durable. The same number of the same laboratory again: the same rows (as JSON values, in order) get 200 and
the first receipt, other rows 409. Rows equal to one accepted within 90 days count as duplicates; the same
sample with another outcome and without `corrects` is refused within one batch and held against an earlier.
A 4xx uses up no batch number. CSV (UTF-8, GBK, GB18030: say which unless UTF-8) and XLSX: the number goes
into `?batch_no=`; the provincial export's headers are read as they are, others by a saved mapping. Rows bear
the numbers that a person sees; times without an offset are Beijing time. HL7 v2 (ORU^R01, one message or a
file of many): the number is `?batch_no=`, BHS-11, or MSH-10 of a single message; the charset is MSH-18's.
Each OBX of a covered test is a row: tube SPM-2, health code PID-3 of type HC, document PID-3 of NNCHN or
PPN, result OBX-5, tested OBX-19, collected SPM-17, a pool by SPM-11 = L. The answer is an ACK that names
segment and field; `Accept: application/json` asks for the receipt. FHIR R4 (Bundle, DiagnosticReport,
Observation): the number is `?batch_no=` or Bundle.identifier; each Observation of a covered test is a row,
its tube and times are its Specimen's, a pool has several parents or a Group as its subject; the answer is an
OperationOutcome. Every field: docs/laboratories.md.

行内代码 row codes: `field_required` `unknown_field` `wrong_type` `bad_format` `not_allowed` `out_of_range`
`too_long` `too_short` `too_deep` `character_forbidden` `time_malformed` `time_naive` `time_before_2020`
`time_in_future` `tested_before_collected` `identifier_missing` `id_no_malformed` `id_no_birth_date`
`id_no_checksum` `health_code_malformed` `health_code_id_is_personal` `corrects_malformed`
`corrects_not_found` `conflicting_outcome`; 表格单元格 cells of sheets: `row_ragged` `number_damaged`
`number_for_text` `day_for_text` `day_as_number` `moment_without_time` `cell_failed` `reviewed_otherwise`;
HL7: `message_type_unsupported` `version_unsupported` `not_production` `message_without_result`
`test_not_covered` `result_not_final` `correction_unnamed` `outcome_contradicts` `specimen_not_patient`
`several_specimens` `several_identities` `escape_unknown` `moment_without_time`; FHIR:
`reference_unresolved` `pool_of_pools` `resource_unsupported`;
警告 warnings: `collected_at_assumed` `offset_assumed` `tested_at_assumed` `message_count_differs`
`batch_no_used`.""",
    "response_model": None,
    "openapi_extra": {"requestBody": _BODY},
    "responses": _in_kind(
        {
            202: {
                **_shown(schemas.TAKEN),
                "model": schemas.Receipt,
                "description": "已接收并持久保存 Taken and durable",
                "headers": {
                    "Location": {"schema": {"type": "string"}, "description": "/v1/batches/{batch_id}"}
                },
            },
            200: {
                **_shown(schemas.REHEARSED),
                "model": schemas.Receipt | schemas.Rehearsal,
                "description": "重复提交:首次回执;或 dry_run:无编号的回执 "
                "A repeat: the first receipt; or dry_run: a receipt without id and links",
            },
            **_refusals(
                s400="not_json, line_not_json, bad_encoding, bad_gzip, message_expected, "
                "message_header_malformed",
                s401="unauthenticated, token_expired",
                s403="forbidden, lab_not_registered",
                s409="batch_conflict",
                s413="body_too_large, too_many_rows, too_many_columns, too_many_cells, sheet_too_complex, "
                "too_many_segments, segment_too_long, too_many_resources, too_many_values",
                s415="unsupported_media_type, sheet_old_format, form_unavailable, charset_unsupported",
                s422="invalid_body, invalid_parameter; batch_refused (mode=all_or_nothing); header_wrong, "
                "mapping_unknown, sheet_empty, sheet_damaged, sheet_encrypted, sheet_unsafe, csv_malformed, "
                "encoding_wrong, encoding_undeclared, too_long, charsets_differ, charset_undeclared, "
                "message_type_unsupported, bundle_type_unsupported, resource_unsupported, test_not_covered, "
                "message_without_result",
                s429="too_many_requests (Retry-After)",
                s503="unavailable (Retry-After)",
            ),
        }
    ),
}
LIST: Final[dict[str, Any]] = {
    "summary": "批次列表 List of batches",
    "description": "新的在前。检测机构只看到自己的批次;`records:read` 看到全部,可用 `lab_code` 筛选。"
    "`received_from` 与 `received_to` 均含在内。\n\nNewest first. A laboratory sees its own; `records:read` "
    "sees all and may filter by `lab_code`. Both ends of the period are included.",
    "responses": {
        200: _shown(schemas.PAGE),
        **_READING,
        **_refusals(s422="cursor_invalid, invalid_parameter"),
    },
}
ONE: Final[dict[str, Any]] = {
    "summary": "一个批次的回执与进度 A batch: receipt and where its rows stand",
    "description": "accepted = waiting + matched + unmatched + held;`matched` 表示 waiting 为 0。"
    "其他机构的批次返回 404。\n\n`matched` means waiting = 0. Another laboratory's batch is 404.",
    "responses": {200: _shown(schemas.STATE), **_READING},
}
ROWS: Final[dict[str, Any]] = {
    "summary": "逐行结论 Verdicts row by row",
    "description": "按行号;等待匹配的行尚无结论,不列出。\n\nBy row; rows that still wait are not listed.",
    "responses": {
        200: _shown(schemas.ROWS),
        **_READING,
        **_refusals(s422="cursor_invalid, invalid_parameter"),
    },
}
SHEET: Final[dict[str, Any]] = {
    "summary": "下载批注后的表格 Get the annotated sheet",
    "description": "以 CSV 或 XLSX 上传的原表,加“校验结果”“问题”两列,有误的单元格标红;"
    "改好后可用新的批次号再次上传,已接收的行计为重复。仅限上传者本人,保存 `SHEET_RETENTION_DAYS` 天。\n\n"
    "A batch that came as CSV or XLSX, with each row's verdict and problems; corrected, it may be sent "
    "again under a new number, and what was taken counts as duplicates. For its sender, while it is kept.",
    "responses": {
        **FILE,
        **_refusals(
            s401="unauthenticated, token_expired",
            s403="forbidden",
            s404="not_found, not_a_sheet",
            s503="unavailable",
        ),
    },
}
