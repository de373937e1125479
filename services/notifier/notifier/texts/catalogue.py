"""Every text of the notifier, Chinese first, English beside. A test finds what is missing.

`TEXTS` are read by those who may see a notice; `MESSAGES` leave the house and name nobody and
no result. A capability adds a file of its own here and one line below.
"""

from typing import Final

from notifier.texts.alerts import ALERTS
from notifier.texts.answers import ANSWERS
from notifier.texts.chain import CHAIN
from notifier.texts.events import EVENTS
from notifier.texts.inspections import INSPECTIONS
from notifier.texts.ladder import LADDER
from notifier.texts.messages import MESSAGES
from notifier.texts.reminders import REMINDERS
from notifier.texts.reports import REPORTS
from notifier.texts.tasks import TASKS
from notifier.texts.text import Text
from notifier.texts.work import WORK

__all__ = ["MESSAGES", "TEXTS"]

TEXTS: Final[dict[str, Text]] = {
    **CHAIN,
    **ALERTS,
    **TASKS,
    **ANSWERS,
    **REMINDERS,
    **INSPECTIONS,
    **LADDER,
    **REPORTS,
    **EVENTS,
    **WORK,
}
