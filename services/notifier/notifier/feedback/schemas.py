"""Wire models of answers."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import BaseModel

from notifier.feedback.rules import State, StepKind
from notifier.notices.schemas import Party, Recipient
from shared.web.types import LongText, PersonName, WireModel


class Answer(WireModel):
    """What a body answers; `state: open` is an interim answer, after which it still owes one."""

    by: PersonName
    text: LongText
    state: Literal["open", "answered"] = "answered"


class AnswerClosing(WireModel):
    """Who closes an answered item."""

    by: PersonName
    note: LongText | None = None


class AnswerReopening(WireModel):
    """Who returns an answer, and why."""

    by: PersonName
    reason: LongText


class FeedbackStep(BaseModel):
    """One step, as it was taken."""

    number: int
    kind: StepKind
    by: str
    text: str | None
    client_id: str
    at: datetime


class FeedbackItem(BaseModel):
    """One item that a body has to answer; `age_days` counts from when it was issued or opened again."""

    notice_id: UUID
    kind: str
    recipient: Recipient
    subject: Party
    issued_at: datetime
    state: State
    opened_at: datetime
    age_days: int
    overdue: bool
    text: str


class FeedbackOut(FeedbackItem):
    """An item with every step on it."""

    steps: list[FeedbackStep]


class FeedbackPage(BaseModel):
    """One page of items, newest first."""

    items: list[FeedbackItem]
    next_cursor: str | None
