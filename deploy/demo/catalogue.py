"""The tables a district is drawn from: offices, townships, trades, categories and names.

Data only. Every office, place and person is made up; trades carry their GB/T 4754-2017 class.
"""

from dataclasses import dataclass
from typing import Final

Category = tuple[str, int, str | None]
"""A category code, its weight, and the place inside the unit."""


@dataclass(frozen=True, slots=True)
class Office:
    """A department: `level` and `role` as in contract §4."""

    code: str
    name: str
    level: str = "department"
    role: str | None = None
    parent_code: str | None = None


@dataclass(frozen=True, slots=True)
class Trade:
    """A kind of unit: its industry, its sector department, and whom it employs or houses.

    `weight` is its share of the district's units; `licensed` marks trades in which some shops have
    a licence number and no credit code.
    """

    key: str
    label: str
    industry_code: str
    department_code: str
    weight: int
    categories: tuple[Category, ...]
    licensed: bool = False


OFFICES: Final = (
    Office("HQ", "区疫情防控指挥部", "district", "headquarters"),
    Office("LEADERS", "区委、区政府主要负责同志", "district", "leaders"),
    Office("CDC", "区疾病预防控制中心", role="cdc", parent_code="HQ"),
    Office("HEALTH", "区卫生健康局", role="health_bureau", parent_code="HQ"),
    Office("HEALTH-MED", "区卫健局医政科", role="bureau_section", parent_code="HEALTH"),
    Office("HEALTH-PRIM", "区卫健局基妇科", role="bureau_section", parent_code="HEALTH"),
    Office("HEALTH-SUPV", "区卫健局综合监督科", role="bureau_section", parent_code="HEALTH"),
    Office("HEALTH-DC", "区卫健局疾控科", role="bureau_section", parent_code="HEALTH"),
    Office("APPROVALS", "区行政审批服务局", role="approvals", parent_code="HQ"),
    Office("COMMERCE", "区商务博览局", parent_code="HQ"),
    Office("MARKET", "区市场监督管理局", parent_code="HQ"),
    Office("CULTURE", "区文化广电和旅游局", parent_code="HQ"),
    Office("TRANSPORT", "区交通运输局", parent_code="HQ"),
    Office("INDUSTRY", "区经济和信息化局", parent_code="HQ"),
    Office("CIVIL", "区民政局", parent_code="HQ"),
    Office("EDUCATION", "区教育体育局", parent_code="HQ"),
    Office("PUBLICITY", "区委宣传部", parent_code="HQ"),
    Office("OFFICES", "区机关事务服务中心", parent_code="HQ"),
    Office("AGRICULTURE", "区农业农村局", parent_code="HQ"),
    Office("POSTAL", "区邮政管理局", parent_code="HQ"),
)

TOWNSHIP_NAMES: Final = (
    "青石镇",
    "柳河镇",
    "白塔镇",
    "长岭镇",
    "东湖街道",
    "双桥街道",
    "云台镇",
    "沙洲镇",
    "南关街道",
)

TRADES: Final = (
    Trade(
        "hospital",
        "医院",
        "8411",
        "HEALTH-MED",
        6,
        (
            ("6", 6, "发热门诊"),
            ("7A", 4, "急诊留观室"),
            ("7B", 6, "呼吸科"),
            ("7C", 20, "普通病区"),
            ("7D", 5, "血液透析科"),
            ("8A1", 10, "急诊"),
            ("8A2", 12, "行政科室"),
            ("8A3", 14, "骨科"),
            ("8A4", 12, "口腔科"),
        ),
    ),
    Trade(
        "clinic",
        "卫生院",
        "8423",
        "HEALTH-PRIM",
        12,
        (("6", 1, "发热诊室"), ("8A1", 2, "急诊"), ("8A3", 4, "全科"), ("8A2", 3, "全科")),
    ),
    Trade("cdc", "血站与卫生监督", "8432", "HEALTH-DC", 4, (("LOCAL-CDC", 12, "检验科"),)),
    Trade("cold", "冷库", "5930", "COMMERCE", 20, (("LOCAL-COLD", 6, None),)),
    Trade("cold-import", "进口冷链", "5930", "COMMERCE", 5, (("LOCAL-COLD-IMPORT", 12, None),)),
    Trade("container", "货运场站", "5442", "TRANSPORT", 5, (("LOCAL-CONTAINER", 12, None),)),
    Trade("market", "农贸市场", "5121", "MARKET", 25, (("LOCAL-MARKET", 8, None),)),
    Trade("supermarket", "超市", "5212", "COMMERCE", 15, (("LOCAL-OTHER", 5, None),)),
    Trade("catering", "餐厅", "6210", "MARKET", 100, (("LOCAL-CATERING", 3, "后厨"),), licensed=True),
    Trade("bath", "浴池", "8051", "COMMERCE", 30, (("LOCAL-BATH-BEAUTY", 2, None),), licensed=True),
    Trade("beauty", "美发店", "8040", "COMMERCE", 30, (("LOCAL-BATH-BEAUTY", 2, None),), licensed=True),
    Trade("ktv", "歌厅", "9011", "CULTURE", 8, (("LOCAL-OTHER", 3, None),)),
    Trade("guesthouse", "宾馆", "6121", "COMMERCE", 12, (("LOCAL-ARRIVAL", 4, "客房"),)),
    Trade("isolation", "集中隔离点", "6110", "CULTURE", 3, (("LOCAL-QUARANTINE", 12, "隔离区"),)),
    Trade("care", "养老院", "8514", "CIVIL", 8, (("LOCAL-OTHER", 5, "护理部"),)),
    Trade("school", "学校", "8321", "EDUCATION", 10, (("LOCAL-OTHER", 6, "后勤"),)),
    Trade("courier", "快递网点", "6010", "POSTAL", 7, (("LOCAL-OTHER", 6, None),)),
)

# 美容 has no line in the list of sector departments: such a unit shows as a defect (requirement row 44).
UNMAPPED_INDUSTRIES: Final = frozenset({"8040"})
INDUSTRY_MAP: Final = {
    trade.industry_code: trade.department_code
    for trade in TRADES
    if trade.industry_code not in UNMAPPED_INDUSTRIES
}

EMPLOYMENT_TYPES: Final = ("staff", "staff", "staff", "intern", "trainee", "cleaner", "guard")
PATIENT_CATEGORIES: Final = frozenset({"6", "7A", "7B", "7C", "7D", "LOCAL-ARRIVAL", "LOCAL-QUARANTINE"})
LAB_NAMES: Final = (
    "区疾控中心检验所",
    "区人民医院检验科",
    "区中医院检验科",
    "康衡医学检验所",
    "金泽医学检验所",
    "博诚医学检验所",
)
UNIT_WORDS: Final = tuple("安和平康宁顺兴旺祥瑞福禄嘉丰泰裕恒昌隆盛鑫德源广")
SURNAMES: Final = tuple("王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕")
GIVEN_WORDS: Final = tuple(
    "伟芳娜敏静丽强磊洋艳勇军杰娟涛明超秀霞平刚桂英华玉兰红梅建国志文斌波宇浩凯晨雨欣怡佳思雪梓涵俊峰"
)
