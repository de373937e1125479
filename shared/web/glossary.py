"""What parameters and listed values are called, for documents that are read without any other text."""

from collections.abc import Iterator
from typing import Any, Final

NAMES: Final[dict[str, str]] = {
    "action": "操作 Action",
    "after": "从此序号之后 After this number",
    "appeal_id": "申诉 Appeal",
    "batch_id": "批次 Batch",
    "batch_no": "批次号 Batch number",
    "body_code": "责任单位代码 Code of the body whose turn it is",
    "body_type": "接收方类型 Kind of body",
    "breach_id": "周违规 A week's breach",
    "by": "按何归类 Grouped by what",
    "case_id": "督办案件 Case",
    "category": "类别 Category",
    "cause": "原因 Cause",
    "claim": "申诉事由 What is claimed",
    "client_id": "客户端 Client",
    "day": "日期 Day",
    "defect": "缺陷 Defect",
    "department_code": "部门 Department",
    "draw_id": "抽取 Draw",
    "draw_no": "抽取编号 Number of a draw",
    "dry_run": "只检查,不保存 Only check, keep nothing",
    "entry_id": "待匹配条目 Unmatched entry",
    "evaluation_id": "评估 Evaluation",
    "event_id": "事件 Event",
    "exemption_id": "豁免、休假或停岗 Exemption",
    "extension_id": "延期申请 Request for an extension",
    "finding_id": "问题 Finding",
    "form_code": "报表 Form of a report",
    "format": "文件格式 File format",
    "former": "包括已离开的 Also those who left",
    "gap_id": "差异 Gap",
    "hold_code": "保全 Legal hold",
    "import_id": "导入 Import",
    "inspection_id": "检查 Inspection",
    "item_id": "清单事项 Item of a work list",
    "key": "文本键 Key of a text",
    "kid": "密钥标识 Key id",
    "kind": "种类 Kind",
    "kind_code": "问题种类 Kind of problem",
    "lab_code": "检测机构 Laboratory",
    "level": "级别 Level",
    "list_id": "工作清单 Work list",
    "lot_code": "货物批次 Lot of goods",
    "mapping": "已保存的列映射 Saved column mapping",
    "message_id": "消息 Message",
    "missing": "缺少的内容 What is missing",
    "notice_id": "通知 Notice",
    "obligation_id": "报送任务 Who owes a report",
    "outcome": "结果 Outcome",
    "overdue": "只列逾期的 Only what is late",
    "overlap_seconds": "旧密钥继续有效的秒数 Seconds for which the old secret stays good",
    "packet_code": "封包 Packet",
    "person_id": "人员 Person",
    "problem_id": "问题 Problem",
    "readiness": "就位情况 Readiness",
    "recipient_code": "接收方代码 Recipient's code",
    "recipient_type": "接收方类型 Kind of recipient",
    "referral_id": "转诊 Referral",
    "registered": "是否已在单位台账 Whether it stands in the ledger of units",
    "report_id": "报告 Report",
    "result_id": "结果 Result",
    "role": "职能 Role",
    "round_code": "检测轮次 Round",
    "shape": "共性或个性 Common or individual",
    "shift_id": "班次 Shift",
    "site_code": "采样点 Sampling site",
    "source": "来源 Source",
    "spot_check_id": "现场抽查 Spot check",
    "stage": "环节 Stage",
    "state": "状态 State",
    "status": "状态 Status",
    "subject": "对象 Subject",
    "subject_code": "对象代码 Subject's code",
    "suggestion_id": "匹配建议 Suggested match",
    "summary_id": "汇总 Summary",
    "target_code": "检查对象代码 Code of what was inspected",
    "target_type": "检查对象类型 Kind of target",
    "team_code": "采样队伍 Sampling team",
    "tester_id": "检测分工 Assignment of who tests",
    "township_code": "镇街 Township",
    "tube_code": "采样管 Tube",
    "unit_code": "单位 Unit",
    "week": "周(任一天) Any day of the week",
}
VALUES: Final[dict[str, str]] = {
    "active": "进行中", "answered": "已反馈", "approvals": "审批局", "arrival": "到货",
    "arrived": "已到诊", "assigned": "已移交", "attribute_unstated": "未填属性", "both": "两边都有",
    "bureau_section": "局内科室", "cancelled": "已取消", "category": "按类别", "cdc": "疾控中心",
    "ceased": "已停业", "certificate_expired": "证书过期", "closed": "已结束",
    "closed_unlicensed": "无证且已关闭", "code_differs": "编码不符", "community": "社区", "confirm": "确认",
    "confirmed": "已确认", "contact_expired": "联系人过期未核实", "contact_reported": "联系人有误",
    "corrected": "已更正", "cover": "全员覆盖", "coverage": "不全员", "csv": "CSV", "current": "使用中",
    "data_entry_missing": "无信息录入人", "day": "日", "day_list": "指定日", "department": "主管部门",
    "department_ambiguous": "对应多个部门", "department_is_unit": "部门是其自身",
    "department_missing": "未填科室", "department_unknown": "科室未登记", "department_unmapped": "无对应部门",
    "district": "区县", "division": "区划", "duty": "职责分工",
    "done": "已完成", "done_late": "逾期完成", "doubled": "重复", "due": "到期",
    "due_soon": "即将到期", "duty_wrong": "检测任务有误", "environment": "环境", "evaluation": "每日评估",
    "every_n_days": "每 N 天", "every_n_months": "每 N 个月", "exempt": "豁免", "exemption": "豁免",
    "failed": "失败", "finding_wrong": "问题单有误", "finished": "已结束", "foreign_pr": "外国人永久居留证",
    "frequency": "不按频次", "given": "指定", "grid": "网格", "head_count": "底数",
    "headquarters": "指挥部", "health_bureau": "卫健局", "health_code": "健康码",
    "hk_mo_permit": "港澳通行证", "identity_wrong": "身份或健康码有误", "indeterminate": "可疑(灰区)",
    "industry": "管行业", "business": "管业务", "production": "管生产", "supervision": "管监管",
    "item": "物品", "lab_code": "检测机构", "late": "逾时", "leaders": "主要负责同志", "leave": "休假",
    "licence": "许可证号", "licensed": "已办证", "listed_wrongly": "名单有误", "lost": "失访",
    "member_repeated": "成员重复", "met": "达标", "missed": "未检", "mixed": "混采", "month": "月",
    "moved": "已迁移或调走", "negative": "阴性", "nested_share": "两级比例", "never_tested": "从未检测",
    "next": "下一个", "no_grid": "无网格", "no_sample": "没有采样", "no_team": "不属于任何队伍",
    "not_posted": "未安排值守", "inactive": "已停用", "no_members": "无成员", "nobody_enrolled": "无人纳入",
    "none": "无", "not_called": "未电话确认", "not_reached": "未接通", "not_required": "无任务",
    "ok": "正常", "on_event": "事件后", "on_the_way": "途中", "only_licensed": "只有许可",
    "only_surveyed": "只有摸排", "open": "未办结", "other": "其他", "out_of_scope": "不属本项工作",
    "overdue": "逾期", "passport": "护照", "pending": "待出结果", "person": "人员", "planned": "已计划",
    "positive": "阳性", "reached": "已接通", "ready": "已就位", "ready_late": "逾时就位",
    "received": "已签收", "redirected": "已转往别处", "refuse": "拒绝", "refused": "拒绝",
    "registered": "已登记", "reject": "否定", "rejected": "不采纳", "released": "任务解除",
    "resident_id": "居民身份证", "result_missing": "结果缺失", "result_not_mine": "非本人结果",
    "result_wrong": "结果有误", "retiring": "停用中", "returned": "退回", "rolling_share": "抽检比例",
    "running": "进行中", "sample": "样本", "share": "抽检比例", "single": "单采", "spot_check": "现场抽查",
    "stay": "纳入", "suspended": "停岗", "system": "系统", "team": "采样队伍", "team_code": "采样队伍",
    "tester_missing": "无检测机构", "times_per_day": "每天 n 次", "times_per_week": "每周 k 次",
    "township": "镇街", "tw_permit": "台湾通行证", "under_recheck": "待复核", "unit": "按单位",
    "units": "单位比例", "unreachable": "联系不上", "update": "更新", "upheld": "采纳",
    "uscc": "统一社会信用代码", "vaccination": "疫苗接种", "waiting": "等待", "week": "周",
    "withdrawn": "已撤回", "xlsx": "XLSX", "docx": "DOCX", "pdf": "PDF",
    # What the chain of a sample adds.
    "cold_chain": "冷链", "cold_chain_import": "进口冷链", "container": "集装箱", "not_negative": "有非阴性",
    "accept_valid": "接收合格行", "all": "全部", "all_or_nothing": "全有或全无", "bad_number": "号码有误",
    "body": "责任单位", "broken": "已超时限", "cause": "原因", "contradiction": "内容矛盾",
    "delivered": "已送达", "deliveries": "回调记录", "delivery": "送样",
    "display_delay": "已上传、尚在展示时限内", "dropped": "已取消", "duplicate": "重复",
    "duplicate_sample": "样本重复", "ended": "已结束", "entry": "录入", "explained": "已说明",
    "handed": "已交接", "handover": "交接", "held": "待裁定", "impossible_time": "时间不可能",
    "invalid": "无效", "lab": "检测机构", "longest": "最长", "malformed": "格式有误", "matched": "已匹配",
    "median": "中位数", "ndjson": "逐行 JSON", "not_bound": "未绑定人员", "not_listed": "清单无",
    "not_matched": "未匹配", "not_received": "未收到", "not_registered": "未登记",
    "not_shown": "已上传未展示", "not_tested": "未检测", "not_uploaded": "未上传", "originals": "原始报文",
    "p90": "第90百分位", "p95": "第95百分位", "platform": "健康码平台", "pool_member": "混采成员",
    "recheck": "复核", "reported": "已报告", "resolved": "已裁定", "result": "出结果", "resulted": "已出结果",
    "retained": "留样", "round": "轮次", "row": "结果行", "row_changes": "变更流", "sampled": "已采样",
    "sampling": "采样", "sealed": "已封包", "sheets": "表格", "shown": "已展示", "site": "采样点",
    "testing": "检测", "total": "全程", "unknown_code": "编码未知", "unmatched": "未匹配",
    "unregistered": "未登记", "void": "作废", "warned": "已预警",
    # What inspections and repairs add.
    "accepted": "已验收", "close_refused": "不予销号", "common": "共性", "concentrated": "集中检查",
    "evidence": "整改证明", "extended": "准予延期", "extension_asked": "申请延期",
    "extension_refused": "不予延期", "individual": "个性", "inspection": "检查", "listed": "挂牌督办",
    "major": "重大", "minor": "轻微", "no": "否", "not_applicable": "不适用", "ordinary": "一般",
    "passed": "复查通过", "penalty": "处罚", "recheck_failed": "复查不通过", "recheck_passed": "复查通过",
    "registry": "人员登记服务", "routine": "日常督导", "stopped": "停业整改", "unannounced": "随机暗访",
    "unlisted": "摘牌", "yes": "是",
    # What work lists and answers add.
    "assist": "配合", "departments": "全部部门", "grant": "同意", "interim": "阶段反馈",
    "lead": "牵头", "progress": "进展", "reopened": "退回", "townships": "全部镇街",
}  # fmt: skip


def explain(document: dict[str, Any]) -> None:
    """Describe every parameter, and every listed value of parameters and fields that has a Chinese word."""
    for methods in document["paths"].values():
        for operation in methods.values():
            for parameter in operation.get("parameters", ()):
                schema = parameter["schema"]
                said = (
                    parameter.get("description") or schema.get("description") or NAMES.get(parameter["name"])
                )
                parts = (said, words_of(schema))
                parameter["description"] = ":".join(part for part in parts if part)
    for schema in document["components"]["schemas"].values():
        for field in schema.get("properties", {}).values():
            words = words_of(field)
            if words and "description" not in field and "$ref" not in field:
                field["description"] = words


def words_of(schema: dict[str, Any]) -> str:
    """Return what the values of a schema mean, empty where it lists none that need saying."""
    return "、".join(f"{value} {VALUES[value]}" for value in values_of(schema) if value in VALUES)


def values_of(schema: dict[str, Any]) -> Iterator[str]:
    """Yield the listed values of a schema."""
    yield from (value for value in schema.get("enum", ()) if isinstance(value, str))
    for part in (*schema.get("anyOf", ()), *([schema["items"]] if "items" in schema else ())):
        yield from values_of(part)
