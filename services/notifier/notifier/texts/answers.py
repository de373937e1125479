"""The texts of what is to be answered, and of what venues filed."""

from typing import Final

from notifier.texts.text import Text

ANSWERS: Final[dict[str, Text]] = {
    "report.venue": Text(
        "【场所直报】{{ day }} 本辖区(行业)场所直报 {{ reports }} 份:人员 {{ people }} 人次,"
        "环境 {{ environment }} 份,物表 {{ surfaces }} 份,物品 {{ goods }} 份。"
        "明细及未报场所可在结果接收服务查阅。",
        "[Venues] Of {{ day }} venues of yours filed {{ reports }} reports: {{ people }} person-tests, "
        "{{ environment }} environment, {{ surfaces }} surface and {{ goods }} goods samples. Each report, "
        "and who has filed none, is listed at results-ingest.",
    ),
    "task.answer.gaps": Text(
        "【单位底数差异】{{ round }}比对结果:"
        "{% if only_licensed %}只有许可、未摸排到的 {{ only_licensed }} 家;{% endif %}"
        "{% if only_surveyed %}摸排到、没有许可的 {{ only_surveyed }} 家;{% endif %}"
        "{% if absent_unit %}台账中有、本轮未见的 {{ absent_unit }} 家;{% endif %}"
        "请签收后逐一核实,于 {{ due_on }} 前反馈。",
        "[Unit counts] {{ round }}: "
        "{% if only_licensed %}{{ only_licensed }} licensed but not found; {% endif %}"
        "{% if only_surveyed %}{{ only_surveyed }} found without a licence; {% endif %}"
        "{% if absent_unit %}{{ absent_unit }} units of the ledger not found; {% endif %}"
        "confirm receipt, look into each and answer by {{ due_on }}.",
    ),
    "task.answer.contact": Text(
        "【责任人核实】单位 {{ unit }} 的责任人(最近确认 {{ confirmed_on }})"
        "{{ {'expired': '已超过确认期限', 'moved': '已调离', 'unreachable': '无法联系'}[reason] }},"
        "请核实并更新名单。",
        "[Responsible person] The named person of unit {{ unit }} (last confirmed {{ confirmed_on }}) "
        "{{ {'expired': 'was not confirmed in time', 'moved': 'has moved on', "
        "'unreachable': 'cannot be reached'}[reason] }}: look into it and bring the list up to date.",
    ),
    "task.answer.samples": Text(
        "【样本滞留】截至 {{ told_on }},{% if platform %}健康码平台{% else %}贵单位{% endif %}"
        "有 {{ samples }} 份样本超过时限:{% for c, n in causes %}"
        "{{ {'not_bound': '未绑定', 'not_received': '未送达', 'not_tested': '未检测', "
        "'not_uploaded': '未上传', "
        "'not_matched': '未匹配', 'invalid': '无效待重采', 'not_shown': '未展示'}[c] }} {{ n }} 份"
        "{{ '、' if not loop.last }}{% endfor %}。明细见逐样核对,请签收并处理。",
        "[Samples held up] By {{ told_on }} {{ samples }} samples of "
        "{% if platform %}the platform{% else %}yours{% endif %} are past their time: "
        "{% for c, n in causes %}"
        "{{ c | replace('_', ' ') }} {{ n }}{{ ', ' if not loop.last }}{% endfor %}. The reconciliation "
        "lists them: "
        "confirm receipt and put them right.",
    ),
    "task.answer.sites_late": Text(
        "【采样点设置超时】{{ title }}:应于 {{ due }} 前就绪的 {{ planned }} 个采样点中 {{ late }} "
        "个未按时就绪:"
        "{{ sites | join('、') }}{{ '等' if late > sites | length }}。请立即设置到位、配备人员并反馈。",
        "[Sites not ready] {{ title }}: {{ late }} of {{ planned }} sites were not ready by {{ due }}: "
        "{{ sites | join(', ') }}{{ ' …' if late > sites | length }}. Set up and staff them now.",
    ),
    "task.answer.coverage": Text(
        "【{% if drill %}演练·{% endif %}轮次覆盖】{{ title }}"
        "{% if final %}已结束{% else %}(截止 {{ deadline }}){% endif %}:{{ grids }} 个网格应检 "
        "{{ expected }} 人,"
        "已采 {{ sampled }} 人,已出结果 {{ resulted }} 人;缺检 {{ missing }} 人(名单见轮次网格),"
        "另有 {{ unnamed }} 人未登记姓名。请组织补采。",
        "[{% if drill %}Drill, {% endif %}coverage] {{ title }}"
        "{% if final %}, ended{% else %}, until {{ deadline }}{% endif %}: {{ grids }} grids, "
        "{{ expected }} people, "
        "{{ sampled }} sampled, {{ resulted }} with a result; {{ missing }} are missing (by name in the "
        "grid) and "
        "{{ unnamed }} are not known by name.",
    ),
    "task.answer.visible": Text(
        "【轮次结果未显示】{{ title }}:{{ labs }} 家检测机构已采 {{ sampled }} 份,已出结果 {{ resulted }} 份,"
        "已匹配 {{ matched }} 份,健康码可见 {{ visible }} 份,差 {{ sampled - visible }} 份。请核对处理。",
        "[Results not visible] {{ title }}, {{ labs }} laboratories: {{ sampled }} sampled, "
        "{{ resulted }} resulted, "
        "{{ matched }} matched, {{ visible }} visible, {{ sampled - visible }} lacking.",
    ),
    "task.answer.intake": Text(
        "【采样进度】{{ day }}:应采 {{ total }} 份,已采 {{ sampled }} 份,剩余 {{ remaining }} 份;已采中阴性 "
        "{{ negative }} 份,未出结果 {{ pending }} 份,非阴性 {{ not_negative }} 份。",
        "[Intake] {{ day }}: {{ total }} samples, {{ sampled }} taken, {{ remaining }} remaining; of "
        "those taken "
        "{{ negative }} negative, {{ pending }} without result, {{ not_negative }} not negative.",
    ),
    "task.answer.referral_open": Text(
        "【发热患者转诊】机构 {{ sender }} 引导一名发热患者至发热门诊 {{ clinic }},应于 {{ due }} 前到达;"
        "到达后请登记,采样检测,结果出具前留观。",
        "[Fever patient referred] {{ sender }} has sent a fever patient to {{ clinic }}, to arrive by "
        "{{ due }}. Record the arrival, test, and keep the patient until the result.",
    ),
    "task.answer.referral_open_late": Text(
        "【转诊未到】机构 {{ sender }} 引导至 {{ clinic }} 的发热患者未在 {{ due }} 前到达,请立即随访核实。",
        "[Referral: not arrived] The fever patient whom {{ sender }} sent to {{ clinic }} had not arrived by "
        "{{ due }}: follow up now.",
    ),
    "task.answer.referral_lost": Text(
        "【转诊失访】机构 {{ sender }} 引导至 {{ clinic }} 的发热患者应于 {{ due }} 前到达,至今未到,"
        "已列为失访,请组织追踪。",
        "[Referral: lost] The fever patient whom {{ sender }} sent to {{ clinic }} was to arrive by "
        "{{ due }} and never did: have the patient traced.",
    ),
    "task.answer.referral_arrived": Text(
        "【转诊已到】机构 {{ sender }} 引导的发热患者已到达 {{ clinic }},留观中,结果应于 {{ due }} 前出具。",
        "[Referral: arrived] The fever patient of {{ sender }} is at {{ clinic }} and held; the result is to "
        "come by {{ due }}.",
    ),
    "task.answer.referral_arrived_late": Text(
        "【留观超时】机构 {{ sender }} 引导的发热患者在 {{ clinic }} 留观,结果未在 {{ due }} 前出具,请核实。",
        "[Referral: no result] The fever patient of {{ sender }}, held at {{ clinic }}, had no result by "
        "{{ due }}: look into it.",
    ),
    "task.answer.referral_closed": Text(
        "【转诊办结】机构 {{ sender }} 引导至 {{ clinic }} 的发热患者已到达并出具结果,转诊办结。",
        "[Referral: closed] The fever patient whom {{ sender }} sent to {{ clinic }} has arrived and has a "
        "result.",
    ),
    "task.answer.open": Text(
        "【申诉待办】对象 {{ subject }} 提出申诉({{ claim_zh }}),请于 {{ due }} 前由经办人"
        "以外的人员核实并作出决定。"
        "{% if late %}已超期未决,请督办。{% endif %}",
        "[Appeal] {{ subject }} disputes what is shown ({{ claim }}). Somebody who has not handled it "
        "decides by {{ due }}.{% if late %} It is late.{% endif %}",
    ),
    "task.answer.upheld": Text(
        "【申诉成立】对象 {{ subject }} 的申诉({{ claim_zh }})成立,等待检测机构更正或疾控复核,"
        "到达后自动办结。",
        "[Appeal upheld] {{ subject }} was right ({{ claim }}). The laboratory's correction or the CDC's "
        "review is awaited and ends it.",
    ),
    "task.answer.corrected": Text(
        "【申诉办结】对象 {{ subject }} 的申诉({{ claim_zh }})成立并已更正。",
        "[Appeal settled] {{ subject }} was right ({{ claim }}), and it is corrected.",
    ),
    "task.answer.rejected": Text(
        "【申诉不成立】对象 {{ subject }} 的申诉({{ claim_zh }})经核实不成立。",
        "[Appeal rejected] What {{ subject }} disputed ({{ claim }}) stands.",
    ),
    "task.answer.withdrawn": Text(
        "【申诉撤回】对象 {{ subject }} 已撤回申诉({{ claim_zh }})。",
        "[Appeal withdrawn] {{ subject }} has taken the appeal back ({{ claim }}).",
    ),
}
