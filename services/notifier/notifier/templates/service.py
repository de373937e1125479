"""Which version of a text is in force, and a notice's facts in its words.

The version is asked for in the transaction that issues, so that every process has it from the commit of its
saving on, and nothing is kept in memory but compiled templates.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Final

import structlog
from sqlalchemy import RowMapping

from notifier.settings import NotifierSettings
from notifier.templates import queries
from notifier.texts.catalogue import MESSAGES, TEXTS
from notifier.texts.checking import RenderedTooLong, Unusable, rendered
from notifier.texts.text import Text, Wording, Words
from shared.db import Session, fetch_many, fetch_one

MESSAGE: Final = "message."
# Every text that may be worded anew, by the key under which it is.
SHIPPED: Final[Mapping[str, Text]] = TEXTS | {MESSAGE + key: text for key, text in MESSAGES.items()}
_log = structlog.get_logger()


async def standing(
    session: Session, settings: NotifierSettings, keys: Iterable[str], *, today: date
) -> dict[str, RowMapping]:
    """Return the versions in force on a day, by key."""
    approval = settings.template_approval
    rows = await fetch_many(session, queries.IN_FORCE, keys=sorted(keys), today=today, approval=approval)
    return {row["template_key"]: row for row in rows}


async def versions_for(
    session: Session,
    settings: NotifierSettings,
    wordings: Sequence[Wording],
    *,
    today: date,
    issued_as: Wording | None = None,
) -> dict[str, RowMapping]:
    """Return the versions in force by key; of `issued_as`'s own key that version, whatever is in force."""
    keys = {each.key for each in wordings if each.facts is not None}
    found = {}
    if issued_as is not None and issued_as.key in keys:
        keys.discard(issued_as.key)
        key, version = issued_as.key, issued_as.version
        if version and (row := await fetch_one(session, queries.EXACTLY, key=key, version=version)):
            found[key] = row
    return found | await standing(session, settings, keys, today=today) if keys else found


def words(settings: NotifierSettings, wording: Wording, version: RowMapping) -> Words | None:
    """Return a wording's facts in a version's words; None where that fails: the shipped words go out then."""
    try:
        text = rendered(
            Text(version["zh"], version["en"]), wording.facts or {}, longest=settings.text_most_characters
        )
    except (Unusable, RenderedTooLong):
        _log.exception("template_unusable", key=wording.key, version=version["version"])
        return None
    return Words(zh=text.zh, en=text.en, wording=Wording(wording.key, version["version"]))


async def in_force(session: Session, settings: NotifierSettings, shipped: Words, *, today: date) -> Words:
    """Return a text in the wording that is in force today."""
    wording = shipped["wording"]
    version = (await versions_for(session, settings, [wording], today=today)).get(wording.key)
    return (words(settings, wording, version) if version else None) or shipped


async def messages(
    session: Session, settings: NotifierSettings, keys: Iterable[str], *, today: date
) -> dict[str, Text]:
    """Return what is in force of the messages that leave the house, by their key in `MESSAGES`."""
    found = await standing(session, settings, {MESSAGE + key for key in keys}, today=today)
    return {key.removeprefix(MESSAGE): Text(row["zh"], row["en"]) for key, row in found.items()}
