"""Pure: a proof as tables for people: one row a notice, one row an attempt of a delivery."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

Cell = str | int | None
NOTICES: Final = (
    "序号 n", "通知 notice_id", "文号 number", "种类 kind", "级别 level", "对象类型 subject_type",
    "对象 subject_code", "数据截至 as_of", "签发 issued_at", "首次交付通道 handed_at",
    "送达回执 delivered_at", "对方已读回执 read_at", "首次查阅 first_seen_at", "签收期限 ack_due_at",
    "签收 acknowledged_at", "签收人 acknowledged_by", "签收客户端 acknowledged_client", "答复 answers",
    "最近答复 last_answer_at", "撤销 revoked_at", "状态 status", "正文 text", "内容摘要 content_sha256",
    "文件 files",
)  # fmt: skip
ATTEMPTS: Final = (
    "序号 n", "通知 notice_id", "投递 delivery_id", "次序 sequence", "通道 channel", "缘由 reason",
    "状态 state", "排队 queued_at", "交付 handed_at", "送达 delivered_at", "已读 read_at",
    "服务商编号 provider_ref", "尝试 attempt", "时间 at", "结果 outcome", "差错 error",
)  # fmt: skip
_DELIVERY: Final = (
    "delivery_id", "sequence", "channel", "reason", "state", "queued_at", "handed_at", "delivered_at",
    "read_at", "provider_ref",
)  # fmt: skip


def notice_row(n: int, entry: Mapping[str, Any], files: Sequence[str]) -> list[Cell]:
    """Return the row of a notice; `files`: where its text and its papers lie in the package."""
    acknowledged = entry["acknowledged"] or {}
    answers = entry["answers"]
    return [
        n, entry["notice_id"], entry["number"], entry["kind"], entry["level"], entry["subject"]["type"],
        entry["subject"]["code"], entry["as_of"], entry["issued_at"],
        _first(entry["deliveries"], "handed_at"), _first(entry["deliveries"], "delivered_at"),
        _first(entry["deliveries"], "read_at"), _first(entry["seen"], "at"), entry["ack_due_at"],
        acknowledged.get("at"), acknowledged.get("by_masked"), acknowledged.get("client_id"),
        " ".join(each["kind"] for each in answers), answers[-1]["at"] if answers else None,
        (entry["revoked"] or {}).get("at"), entry["status"], entry["text"], entry["content_sha256"],
        " ".join(files),
    ]  # fmt: skip


def attempt_rows(n: int, entry: Mapping[str, Any]) -> list[list[Cell]]:
    """Return a row for each attempt of each delivery; a delivery that was never tried has one too."""
    return [
        [n, entry["notice_id"], *(delivery[name] for name in _DELIVERY),
         *(attempt.get(name) for name in ("attempt", "at", "outcome", "error"))]
        for delivery in entry["deliveries"]
        for attempt in delivery["attempts"] or [dict[str, Any]()]
    ]  # fmt: skip


def _first(rows: Sequence[Mapping[str, Any]], name: str) -> str | None:
    """Return the earliest of some times, all written alike."""
    return min((each[name] for each in rows if each[name] is not None), default=None)
