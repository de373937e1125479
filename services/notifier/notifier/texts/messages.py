"""What leaves the house: it names nobody, no result and no number."""

from typing import Final

from notifier.texts.text import Text

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
    "report.missing": Text(
        "【应检】有报表或报告到期未交,请登录系统查看并补交。",
        "[Yingjian] A report is missing. Log in to read and file it.",
    ),
    "report": Text(
        "【应检】您有一份新呈报,请登录系统查看。", "[Yingjian] You have a new report. Log in to read it."
    ),
    "digest": Text(
        "【应检】您今日还有多条通知,请登录系统一并查看。",
        "[Yingjian] There are more notices for you today. Log in to read them together.",
    ),
    "canary": Text(
        "【应检】通道自检,收到即表示通道正常,无需处理。",
        "[Yingjian] A channel's self-test: it works if you read this. Nothing is to be done.",
    ),
    "update": Text(
        "【应检】一条通知已有更新,请登录系统查看。", "[Yingjian] A notice was updated. Log in to read it."
    ),
    "revocation": Text(
        "【应检】一条通知已撤销,请登录系统查看。", "[Yingjian] A notice was revoked. Log in to read it."
    ),
}
