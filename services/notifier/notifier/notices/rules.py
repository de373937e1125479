"""Pure: what a notice is, who may see which, and what it allows."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal, get_args
from uuid import UUID

from notifier.contacts.rules import Body
from notifier.texts.text import Wording

Kind = Literal[
    "reminder.due_soon",
    "reminder.due",
    "reminder.overdue",
    "alert.positive",
    "alert.pool",
    "alert.lab_late",
    "alert.lab_silent",
    "bulletin.unit",
    "task.written_report",
    "task.interview",
    "task.recheck",
    "task.resample",
    "task.rectification",
    "task.answer",
    "report.upward",
    "report.missing",
    "report.venue",
]
Status = Literal["queued", "sent", "delivered", "failed", "acknowledged", "revoked"]

KINDS: Final = get_args(Kind)
# What a reviewer at the CDC works with, whoever else it went to.
REVIEWERS_KINDS: Final = ("alert.positive", "alert.pool", "task.recheck", "task.resample")


@dataclass(frozen=True, slots=True)
class Content:
    """What is sealed: the text in both languages, the evidence as of its time, and whose wording it is."""

    zh: str
    en: str
    evidence: dict[str, Any]
    wording: Wording | None = None

    def as_json(self) -> dict[str, Any]:
        """Return the form that is sealed."""
        plain = {"zh": self.zh, "en": self.en, "evidence": self.evidence}
        if self.wording is None:
            return plain
        return {**plain, "wording": {"key": self.wording.key, "version": self.wording.version}}

    @classmethod
    def from_json(cls, sealed: dict[str, Any]) -> "Content":
        """Return what was sealed; notices from before wordings were recorded have none."""
        wording = Wording(**sealed["wording"]) if "wording" in sealed else None
        return cls(sealed["zh"], sealed["en"], sealed["evidence"], wording)

    def says(self, other: "Content") -> bool:
        """Say whether both read the same, whatever they were worded with."""
        return (self.zh, self.en, self.evidence) == (other.zh, other.en, other.evidence)


@dataclass(frozen=True, slots=True)
class Draft:
    """A notice about to be issued; `dedupe_key` is what makes it the same one when it comes again."""

    kind: str
    dedupe_key: str
    recipient_type: str
    recipient_code: str
    subject_type: str
    subject_code: str
    content: Content
    as_of: datetime
    urgent: bool = False
    acknowledge: bool = True
    placeholder: bool = False
    source_id: UUID | None = None
    person_id: UUID | None = None
    number: str | None = None
    level: str | None = None

    def said(self) -> tuple[object, ...]:
        """Return what is equal for notices that differ in nothing but whom they go to."""
        return (
            self.kind, self.source_id, self.recipient_type, self.placeholder, self.subject_type,
            self.subject_code, self.urgent, self.as_of, self.acknowledge, id(self.content), self.number,
            self.level,
        )  # fmt: skip


def draft_to(
    body: Body,
    *,
    kind: str,
    key: str,
    subject: tuple[str, str],
    content: Content,
    as_of: datetime,
    urgent: bool = False,
    acknowledge: bool = True,
    source_id: UUID | None = None,
    person_id: UUID | None = None,
    number: str | None = None,
    level: str | None = None,
) -> Draft:
    """Return the draft to one body; of one `key` each body gets one notice of a kind, ever."""
    return Draft(
        kind=kind,
        dedupe_key=f"{key}:{body.type}:{body.code}",
        recipient_type=body.type,
        recipient_code=body.code,
        placeholder=body.placeholder,
        subject_type=subject[0],
        subject_code=subject[1],
        content=content,
        as_of=as_of,
        urgent=urgent,
        acknowledge=acknowledge,
        source_id=source_id,
        person_id=person_id,
        number=number,
        level=level,
    )


@dataclass(frozen=True, slots=True)
class Sight:
    """What a caller may see: an area, and the kinds if they are limited."""

    township: str | None = None
    department: str | None = None
    kinds: tuple[str, ...] | None = None
    cdc_only: bool = False


def sight(
    scopes: frozenset[str], *, township: str | None, department: str | None, to_act: bool = False
) -> Sight:
    """Return what these scopes show in this area; `to_act`: what may be acknowledged."""
    everything = {"admin", "cases:respond"} if to_act else {"admin", "cases:respond", "records:read"}
    if scopes & everything:
        return Sight(township, department)
    return Sight(township, department, REVIEWERS_KINDS, cdc_only=to_act)
