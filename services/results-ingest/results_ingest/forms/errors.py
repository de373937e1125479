"""What can be wrong with a message of HL7 v2 or a resource of FHIR, beside what is wrong with any row."""

from typing import Final

from shared.errors import define

FORM_UNAVAILABLE: Final = define(
    "form_unavailable",
    415,
    "本系统未启用该格式;请联系管理员,或改用 JSON、CSV 上传",
    "This system does not take this form: ask its administrator, or send JSON or CSV",
)
NOT_HL7: Final = define(
    "message_expected",
    400,
    "不是 HL7 v2 消息:须以 MSH、BHS 或 FHS 段开头",
    "Not HL7 v2: it must begin with an MSH, BHS or FHS segment",
)
HEADER_MALFORMED: Final = define(
    "message_header_malformed",
    400,
    "第 {number} 条消息的 MSH-1、MSH-2 分隔符缺失或重复",
    "The separators of message {number}, MSH-1 and MSH-2, are missing or not distinct",
)
CHARSET_UNSUPPORTED: Final = define(
    "charset_unsupported",
    415,
    "不支持 MSH-18 所声明的字符集;请用 UNICODE UTF-8 或 GB 18030-2000",
    "The charset of MSH-18 is not supported: use UNICODE UTF-8 or GB 18030-2000",
)
CHARSETS_DIFFER: Final = define(
    "charsets_differ",
    422,
    "MSH-18 与 Content-Type 声明的字符集不一致",
    "MSH-18 and Content-Type declare different charsets",
)
HL7_UNDECLARED: Final = define(
    "charset_undeclared",
    422,
    "消息不是 UTF-8,且 MSH-18 未声明字符集;请填 GB 18030-2000",
    "The message is not UTF-8 and MSH-18 declares nothing: put GB 18030-2000 there",
)
TOO_MANY_SEGMENTS: Final = define(
    "too_many_segments", 413, "段数超过上限 {limit}", "More than {limit} segments"
)
SEGMENT_TOO_LONG: Final = define(
    "segment_too_long",
    413,
    "第 {segment} 段超过 {limit} 字节",
    "Segment {segment} has more than {limit} bytes",
)
MESSAGE_TYPE: Final = define(
    "message_type_unsupported",
    422,
    "只接收检验结果消息 ORU^R01(MSH-9)",
    "Only messages of results are taken: ORU^R01 (MSH-9)",
)
VERSION_UNSUPPORTED: Final = define(
    "version_unsupported", 422, "只接收 HL7 v2.x(MSH-12)", "Only HL7 v2.x is taken (MSH-12)"
)
NOT_PRODUCTION: Final = define(
    "not_production",
    422,
    "MSH-11 不是 P(正式):测试消息不予接收;试报请用 ?dry_run=true",
    "MSH-11 is not P (production): test messages are not taken; to try, use ?dry_run=true with P",
)
NO_RESULT: Final = define(
    "message_without_result",
    422,
    "没有检测结果(HL7 的 OBR/OBX,FHIR 的 Observation)",
    "It holds no result (OBR/OBX of HL7, Observation of FHIR)",
)
TEST_NOT_COVERED: Final = define(
    "test_not_covered",
    422,
    "检测项目代码不在本系统范围;如属新冠检测,请在列映射的 words.test_kind 中登记该代码",
    "The code of the test is none of this programme's; if it is, save it under words.test_kind of a mapping",
)
NOT_FINAL: Final = define(
    "result_not_final",
    422,
    "不是最终结果(OBX-11、Observation.status);请在审核后以 F 或 final 重新上报",
    "Not a final result (OBX-11, Observation.status): send it again as F or final once it is released",
)
CORRECTION_UNNAMED: Final = define(
    "correction_unnamed",
    422,
    "更正须说明替换哪一条结果:HL7 填 OBX-21(结果编号,或 行号^批次号)与 NTE-3 原因;"
    "FHIR 填 Observation.identifier(urn:yingjian:result-id 或 urn:yingjian:row)与 note",
    "A correction names what it replaces: OBX-21 (result id, or row^batch number) with its reason in NTE-3; "
    "in FHIR Observation.identifier (urn:yingjian:result-id or urn:yingjian:row) with a note",
)
OUTCOME_CONTRADICTS: Final = define(
    "outcome_contradicts",
    422,
    "结果代码与结果文字不一致",
    "The code of the result and its text say different outcomes",
)
NOT_A_PATIENTS: Final = define(
    "specimen_not_patient",
    422,
    "标本角色(SPM-11)为质控或能力验证,不是受检者标本",
    "The specimen's role (SPM-11) is one of quality control, not a patient's",
)
SEVERAL_SPECIMENS: Final = define(
    "several_specimens",
    422,
    "一个结果对应多个标本,无法确定样本条码;每个标本请单独上报,混采请报混采管",
    "The result has several specimens: send one for each, and for a pool the pooled tube",
)
SEVERAL_IDENTITIES: Final = define(
    "several_identities",
    422,
    "同类标识出现多个不同号码",
    "Several different numbers of one kind of identifier",
)
ESCAPE_UNKNOWN: Final = define(
    "escape_unknown", 422, "含有无法识别的转义序列", "It holds an escape sequence that is not known"
)
TESTED_AT_ASSUMED: Final = define(
    "tested_at_assumed",
    422,
    "缺少检测时间(OBX-19、observation-analysis-date-time):以报告时间代替",
    "No time of analysis (OBX-19, observation-analysis-date-time): the time of reporting stands in for it",
)
COUNT_DIFFERS: Final = define(
    "message_count_differs",
    422,
    "批尾(BTS-1)声明的消息数与收到的不同,请核对是否漏发",
    "The trailer (BTS-1) says another number of messages than came: look whether some were left out",
)
BUNDLE_UNSUPPORTED: Final = define(
    "bundle_type_unsupported",
    422,
    "不支持的 Bundle.type;请用 message、collection、transaction、batch 或 document",
    "This Bundle.type is not taken: use message, collection, transaction, batch or document",
)
RESOURCE_UNSUPPORTED: Final = define(
    "resource_unsupported",
    422,
    "不支持的资源;请上传 FHIR R4 的 Bundle、DiagnosticReport 或 Observation",
    "This resource is not taken: send a Bundle, DiagnosticReport or Observation of FHIR R4",
)
TOO_MANY_RESOURCES: Final = define(
    "too_many_resources", 413, "资源数超过上限 {limit}", "More than {limit} resources"
)
REFERENCE_UNRESOLVED: Final = define(
    "reference_unresolved",
    422,
    "引用的资源不在上传内容中(或不唯一),也没有 identifier",
    "The resource that is referred to is not in the body, or not unique, and no identifier is given",
)
TOO_MANY_VALUES: Final = define(
    "too_many_values",
    413,
    "内容过于庞杂(成员与列表项超过 {limit} 个),请分批上传",
    "More than {limit} members and items: send it in parts",
)
