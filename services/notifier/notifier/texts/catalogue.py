"""Every text of the notifier, Chinese first, English beside. A test finds what is missing.

`TEXTS` are read by those who may see a notice; `MESSAGES` leave the house and name nobody and
no result.
"""

from typing import Final

from notifier.texts.chain import CHAIN
from notifier.texts.text import Text

_OUTCOME_ZH = "{{ {'positive': '阳性', 'indeterminate': '可疑(灰区)'}[outcome] }}"

TEXTS: Final[dict[str, Text]] = {
    **CHAIN,
    "alert.positive.provisional": Text(
        "【初筛" + _OUTCOME_ZH + "】{{ collected }}采集的样本(对象 {{ subject }}),检测机构 {{ lab_code }}。"
        "{% if conflict %}该结果与此前结果矛盾,已暂存待核。{% endif %}结果待复核,请立即按预案处置并签收。",
        "[Preliminary {{ outcome }}] Sample of {{ collected }} (subject {{ subject }}), laboratory "
        "{{ lab_code }}. {% if conflict %}It contradicts an earlier result and is held. {% endif %}"
        "Review is pending: act on the plan now and acknowledge.",
    ),
    "alert.positive.confirmed": Text(
        "【阳性已确认】{{ collected }}采集的样本(对象 {{ subject }}),检测机构 {{ lab_code }},经疾控复核确认。"
        "请立即按预案处置并签收。",
        "[Positive confirmed] Sample of {{ collected }} (subject {{ subject }}), laboratory {{ lab_code }}; "
        "the CDC has confirmed it. Act on the plan now and acknowledge.",
    ),
    "alert.positive.released": Text(
        "【已解除】{{ collected }}采集的样本(对象 {{ subject }})此前确认为阳性,疾控已解除。",
        "[Released] The CDC released the confirmed positive of {{ collected }} (subject {{ subject }}).",
    ),
    "alert.positive.refuted": Text(
        "【已撤销】{{ collected }}采集的样本(对象 {{ subject }})经复核排除阳性,预警撤销。",
        "[Revoked] Review refuted the positive of {{ collected }} (subject {{ subject }}); the alert "
        "is revoked.",
    ),
    "alert.positive.withdrawn": Text(
        "【已撤销】{{ collected }}采集的样本(对象 {{ subject }})的结果已由检测机构更正,本预警撤销。",
        "[Revoked] The laboratory corrected the result of {{ collected }} (subject {{ subject }}); "
        "the alert is revoked.",
    ),
    "alert.pool.provisional": Text(
        "【混采"
        + _OUTCOME_ZH
        + "】混采管 {{ subject }}({{ collected }}采集,检测机构 {{ lab_code }})初筛异常,"
        "涉及 {{ members }} 人{% if members_here is not none %},其中本辖区(行业){{ members_here }} 人"
        "{% endif %}。成员列为待复核,不作阳性或阴性判定。请立即组织单采复核并签收。",
        "[Pool {{ outcome }}] Pooled tube {{ subject }} ({{ collected }}, laboratory {{ lab_code }}), "
        "{{ members }} people{% if members_here is not none %}, {{ members_here }} of them yours{% endif %}. "
        "They are under re-check, neither positive nor negative. Have them tested singly and acknowledge.",
    ),
    "alert.pool.confirmed": Text(
        "【混采管已复核】混采管 {{ subject }}({{ collected }}采集)经疾控复核属实,涉及 {{ members }} 人。"
        "请立即完成单采复核并签收。",
        "[Pool reviewed] Pooled tube {{ subject }} ({{ collected }}) stands after review, {{ members }} "
        "people. Complete the single tests now and acknowledge.",
    ),
    "alert.pool.released": Text(
        "【已解除】混采管 {{ subject }}({{ collected }}采集)的预警已由疾控解除。",
        "[Released] The CDC released the alert of pooled tube {{ subject }} ({{ collected }}).",
    ),
    "alert.pool.refuted": Text(
        "【已撤销】混采管 {{ subject }}({{ collected }}采集)经复核排除,本预警撤销。",
        "[Revoked] Review refuted pooled tube {{ subject }} ({{ collected }}); the alert is revoked.",
    ),
    "alert.pool.withdrawn": Text(
        "【已撤销】混采管 {{ subject }}({{ collected }}采集)的结果已由检测机构更正,本预警撤销。",
        "[Revoked] The laboratory corrected pooled tube {{ subject }} ({{ collected }}); "
        "the alert is revoked.",
    ),
    "alert.lab_silent.open": Text(
        "【检测机构静默】检测机构 {{ lab_code }} 自 {{ since }} 起未上传结果,已超过 {{ minutes }} 分钟上限"
        "{% if waiting %},尚有 {{ waiting }} 管待出结果{% endif %}。请立即联系核实并签收。",
        "[Laboratory silent] {{ lab_code }} has posted nothing since {{ since }}, longer than its "
        "{{ minutes }} minutes{% if waiting %}; {{ waiting }} tubes wait for it{% endif %}. Ask there now "
        "and acknowledge.",
    ),
    "alert.lab_silent.ended": Text(
        "【已恢复】检测机构 {{ lab_code }} 自 {{ since }} 起的静默已于 {{ ended }} 结束。",
        "[Recovered] The silence of {{ lab_code }} since {{ since }} ended at {{ ended }}.",
    ),
    "task.recheck": Text(
        "【复核任务】混采管 {{ subject }} 的 {{ members }} 名成员须在 {{ due }} 前完成单采复核。"
        "{% if retained_tubes %}请优先检测留存单管:{{ retained_tubes | join('、') }}。"
        "{% else %}无留存单管,请重新单采单检。{% endif %}",
        "[Re-check] The {{ members }} members of pooled tube {{ subject }} must be tested singly by "
        "{{ due }}. "
        "{% if retained_tubes %}Test the retained singles first: {{ retained_tubes | join(', ') }}."
        "{% else %}Nothing is retained: take new single samples.{% endif %}",
    ),
    "task.resample": Text(
        "【重采任务】{% if tube_code %}采样管 {{ tube_code }} {% endif %}检测结果无效,"
        "请尽快为 {{ members }} 人重新采样;原结果不计入。",
        "[Re-sample] {% if tube_code %}Tube {{ tube_code }} {% else %}A sample {% endif %}was invalid: "
        "sample {{ members }} people again soon. The result does not count.",
    ),
    "task.rectification.coverage": Text(
        "【限期整改·不全员】经检查,贵单位有 {{ count }} 人应检未检或未纳入系统"
        "{% if not_enrolled %}(其中在岗未纳入 {{ not_enrolled }} 人){% endif %}。"
        "请立即纳入并组织采样,补检前不得上岗。",
        "[Rectify: coverage] {{ count }} people of your unit were never tested or are not enrolled"
        "{% if not_enrolled %} ({{ not_enrolled }} at work and not enrolled){% endif %}. Enrol and sample "
        "them now; until then they must not work.",
    ),
    "task.rectification.frequency": Text(
        "【限期整改·不按频次】经检查,贵单位有 {{ count }} 人超过规定检测期限(最早自 {{ from }} 到期)。"
        "请立即组织采样,补检前不得上岗。",
        "[Rectify: frequency] {{ count }} people of your unit are past their testing period (the earliest "
        "was due on {{ from }}). Sample them now; until then they must not work.",
    ),
    "task.rectification.share": Text(
        "【限期整改·抽检率不足】{% if department %}{{ department }}{% endif %}编码 {{ category }} 人员"
        "自 {{ from }} 至 {{ to }} 应检 {{ denominator }} 人,已检 {{ numerator }} 人,未达到 {{ percent }}%。"
        "请立即组织至少 {{ missing }} 人补检。",
        "[Rectify: share] {% if department %}{{ department }}, {% endif %}code {{ category }}: from "
        "{{ from }} to {{ to }} {{ numerator }} of {{ denominator }} people were sampled, less than "
        "{{ percent }} %. Sample at least {{ missing }} more now.",
    ),
    "task.rectification.done": Text("【{{ on }} 已整改】", "[Put right on {{ on }}]"),
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
    "reminder.due_soon": Text(
        "【即将到期】贵单位有 {{ count }} 人核酸检测即将到期,请安排采样:"
        "{% for p in people %}{{ p.name_masked or p.code }}({{ p.due_on }}){{ '、' if not loop.last }}"
        "{% endfor %}{{ '等' if count > people | length }}。",
        "[Due soon] {{ count }} people of your unit are due soon: "
        "{% for p in people %}{{ p.name_masked or p.code }} ({{ p.due_on }}){{ ', ' if not loop.last }}"
        "{% endfor %}. Arrange sampling.",
    ),
    "reminder.due": Text(
        "【今日到期】贵单位有 {{ count }} 人核酸检测今日到期,请于今日完成采样:"
        "{% for p in people %}{{ p.name_masked or p.code }}{{ '、' if not loop.last }}{% endfor %}"
        "{{ '等' if count > people | length }}。",
        "[Due today] {{ count }} people of your unit must be sampled today: "
        "{% for p in people %}{{ p.name_masked or p.code }}{{ ', ' if not loop.last }}{% endfor %}.",
    ),
    "reminder.overdue": Text(
        "【已逾期】贵单位有 {{ count }} 人应检未检,请立即组织采样,补检前不得上岗:"
        "{% for p in people %}{{ p.name_masked or p.code }}({{ p.due_on }}){{ '、' if not loop.last }}"
        "{% endfor %}{{ '等' if count > people | length }}。",
        "[Overdue] {{ count }} people of your unit are overdue: "
        "{% for p in people %}{{ p.name_masked or p.code }} ({{ p.due_on }}){{ ', ' if not loop.last }}"
        "{% endfor %}. Sample them now; until then they must not work.",
    ),
    "reminder.due_soon.person": Text(
        "您的核酸检测将于 {{ due_on }} 到期,请按时采样。",
        "Your test is due on {{ due_on }}; please be sampled in time.",
    ),
    "reminder.due.person": Text(
        "您的核酸检测今日({{ due_on }})到期,请于今日采样。", "Your test is due today ({{ due_on }})."
    ),
    "reminder.overdue.person": Text(
        "您的核酸检测已逾期(应检日 {{ due_on }}),请尽快采样。",
        "Your test is overdue (it was due on {{ due_on }}); please be sampled soon.",
    ),
}

MESSAGES: Final[dict[str, Text]] = {
    "alert": Text(
        "【应检】您有一条紧急通知,请立即登录系统查看并签收。",
        "[Yingjian] You have an urgent notice. Log in, read and acknowledge it now.",
    ),
    "task": Text(
        "【应检】您有一项新任务,请登录系统查看并签收。", "[Yingjian] You have a new task. Log in to read it."
    ),
    "reminder": Text(
        "【应检】您有一条核酸检测提醒,请登录系统查看。", "[Yingjian] You have a reminder. Log in to read it."
    ),
    "bulletin": Text(
        "【应检】您有一份新通报,请登录系统查看并签收。",
        "[Yingjian] You have a new bulletin. Log in to read it.",
    ),
    "report": Text(
        "【应检】您有一份新呈报,请登录系统查看。", "[Yingjian] You have a new report. Log in to read it."
    ),
    "update": Text(
        "【应检】一条通知已有更新,请登录系统查看。", "[Yingjian] A notice was updated. Log in to read it."
    ),
    "revocation": Text(
        "【应检】一条通知已撤销,请登录系统查看。", "[Yingjian] A notice was revoked. Log in to read it."
    ),
}
