"""The columns of a sheet of results: the provincial export's (norms 2D) and the fields of the wire; pure."""

from typing import Final

from shared.identifiers import is_resident_id
from shared.sheets.columns import Column
from shared.sheets.words import ID_TYPES

OUTCOMES: Final = {
    "阴性": "negative", "阴": "negative", "阴性(-)": "negative", "未检出": "negative", "negative": "negative",
    "neg": "negative", "not detected": "negative", "阳性": "positive", "阳": "positive",
    "阳性(+)": "positive", "检出": "positive", "positive": "positive", "pos": "positive",
    "detected": "positive", "可疑": "indeterminate", "灰区": "indeterminate", "待定": "indeterminate",
    "indeterminate": "indeterminate", "inconclusive": "indeterminate", "无效": "invalid",
    "不合格": "invalid", "invalid": "invalid",
}  # fmt: skip
"""A closed list: numbers such as 1 and 3 mean nothing until a laboratory says what they do."""
MODES: Final = {
    "单采": "single", "单检": "single", "单人单管": "single", "single": "single", "混采": "mixed",
    "混检": "mixed", "5混1": "mixed", "10混1": "mixed", "20混1": "mixed", "5合1": "mixed",
    "10合1": "mixed", "20合1": "mixed", "mixed": "mixed",
}  # fmt: skip
TEST_KINDS: Final = {
    "核酸": "pcr", "核酸检测": "pcr", "新冠病毒核酸": "pcr", "新冠病毒核酸检测": "pcr",
    "新型冠状病毒核酸检测": "pcr", "新型冠状病毒核酸": "pcr", "pcr": "pcr", "抗原": "antigen",
    "抗原检测": "antigen", "新冠病毒抗原检测": "antigen", "antigen": "antigen", "抗体": "antibody",
    "抗体检测": "antibody", "新冠病毒抗体检测": "antibody", "antibody": "antibody",
}  # fmt: skip
# A word of one or two digits in a number cell: only a saved list of words gives it a meaning.
_CODE: Final = r"[0-9]{1,2}"
REVIEW: Final = "review_outcome"
"""No field of a row: it must not contradict `outcome`."""


def _any_may_be_real(_: str) -> bool:
    """Say that a barcode may end in zeros: only a column in which all do has been cut."""
    return True


COLUMNS: Final = (
    Column("row_ref", "行标识", "Row reference", "A1"),
    Column(
        "tube_code", "样本条形码", "Tube code", "T26112100001",
        ("样本条码", "条形码", "试管条码", "采样管编号", "样本编号", "sampleBarcode"), long=True,
        check=_any_may_be_real,
    ),
    Column("health_code_id", "健康码标识", "Health-code id", "HC-000001", personal=True),
    Column("id_type", "证件类型", "Document type", "居民身份证", ("identityType",), choices=ID_TYPES),
    Column(
        "id_no", "证件号码", "Document number", "11010519491231002X",
        ("身份证号", "身份证号码", "identityNumber"), long=True, check=is_resident_id, personal=True,
    ),
    Column("name", "姓名", "Name", "张伟", ("personName",), personal=True),
    Column(
        "outcome", "检测结果", "Outcome", "阴性", ("结果", "detectionResult"), required=True,
        choices=OUTCOMES, undamaged=_CODE,
    ),
    Column("mode", "采集类型", "Mode", "单采", ("采样方式", "collectType"), choices=MODES, undamaged=_CODE),
    Column("collected_at", "采样时间", "Collected at", "2026-11-21 08:10:00", ("sampleDate",), type="moment"),
    Column(
        "received_at", "接收时间", "Received at", "2026-11-21 09:40:00", ("收样时间", "送达时间"),
        type="moment",
    ),
    Column(
        "tested_at", "检测时间", "Tested at", "2026-11-21 11:05:00", ("detectionDate",), type="moment",
        required=True,
    ),
    Column(
        "released_at", "检测结果填报时间", "Released at", "2026-11-21 11:30:00",
        ("结果填报时间", "填报时间", "报告时间", "detectionApplicantDate"), type="moment",
    ),
    Column("reviewer_code", "审核人编码", "Reviewer code", "R07"),
    Column("ct_orf1ab", "ORF1ab基因Ct值", "Ct ORF1ab", "31.2", ("ORF1ab Ct值",), type="number"),
    Column("ct_n", "N基因Ct值", "Ct N", "30.4", ("N Ct值",), type="number"),
    Column(
        "test_kind", "检测项目", "Test kind", "新型冠状病毒核酸检测", ("detectionItem",), choices=TEST_KINDS,
        undamaged=_CODE,
    ),
    Column("specimen_type", "样本类型", "Specimen type", "鼻咽拭子", ("sampleType",)),
    Column("kit", "试剂", "Kit", "ORF1ab/N", ("试剂盒",)),
    Column(REVIEW, "复核结果", "Reviewed outcome", "", choices=OUTCOMES, undamaged=_CODE),
    Column("corrects.result_id", "更正结果编号", "Corrects result", ""),
    Column("corrects.batch_no", "更正批次号", "Corrects batch", ""),
    Column("corrects.row", "更正行号", "Corrects row", "", type="number"),
    Column("corrects.reason", "更正原因", "Correction reason", ""),
)  # fmt: skip

# Columns of the export that say nothing of a result, or what registry and the token know better.
BESIDE: Final = (
    "出生日期", "年龄", "电话号码", "机构所在地", "采样机构", "检测机构", "复核机构", "复核时间", "性别",
    "国家/地区", "居住地", "未提供有效证件原因", "检测人群分类", "应检尽检类别", "导入机构",
    "采样点行政区划", "采样地点", "所在学校/单位名称", "备注1", "备注2", "导入时间", "创建人账号",
    "创建人姓名",
)  # fmt: skip
