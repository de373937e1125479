"""A notice as an official paper, the same bytes whenever it is asked for, and remembered by their digest."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from anyio import to_thread

from notifier.contacts.service import PERSON_CONTEXT
from notifier.documents import docx, errors, pdf, queries
from notifier.documents.rules import Paper, paper_of, people_of
from notifier.documents.schemas import DocumentIn, Format, State
from notifier.notices import reading
from notifier.notices.rules import Sight
from notifier.notices.service import Notifier
from shared.audit.recording import record
from shared.db import Session, execute, fetch_all
from shared.errors import Problem
from shared.ids import new_id
from shared.security.access import Principal
from shared.web.glossary import VALUES

DISCLOSURE_CONTEXT: Final = "document.reason"
REASON_INDEX: Final = "audit.reason"
MEDIA_TYPES: Final[Mapping[Format, str]] = {"docx": docx.MEDIA_TYPE, "pdf": pdf.MEDIA_TYPE}


@dataclass(frozen=True, slots=True)
class Document:
    """A file and how it compares with what came out before."""

    raw: bytes
    sha256: str
    state: State


async def rendered(
    session: Session,
    context: Notifier,
    *,
    notice_id: UUID,
    form: Format,
    sight: Sight,
    who: Principal,
    now: datetime,
) -> Document:
    """Return a notice's paper, names masked; Problem 404, or 422 without the means to make it.

    `changed`: the notice was reworded since it first came out, or the way of rendering is another now.
    """
    notice = await reading.one(session, context, notice_id=notice_id, sight=sight, language="zh")
    raw = await _set(form, paper_of(notice, issuer=context.settings.document_issuer, values=VALUES))
    sha256 = hashlib.sha256(raw).hexdigest()
    rows = await fetch_all(session, queries.KNOWN, notice_id=notice_id, format=form)
    known = {row["sha256"] for row in rows}
    if sha256 not in known:
        await execute(
            session,
            queries.KEEP,
            notice_id=notice_id,
            format=form,
            sha256=sha256,
            now=now,
            client_id=who.client_id,
        )
    await reading.note_seen(session, who, [notice_id], now=now)
    state: State = "same" if sha256 in known else "changed" if known else "first"
    await record(
        session, context, who=who, action="notice.document", now=now, subject=str(notice_id), purpose=form
    )
    return Document(raw, sha256, state)


async def disclosed(
    session: Session,
    context: Notifier,
    wanted: DocumentIn,
    *,
    notice_id: UUID,
    sight: Sight,
    who: Principal,
    now: datetime,
) -> bytes:
    """Return a notice's paper with the names in clear; Problem 404, 403 for a system, 422.

    The reason lies sealed beside the disclosure; the audit row carries its keyed digest.
    """
    notice = await reading.one(session, context, notice_id=notice_id, sight=sight, language="zh")
    if who.kind != "person":
        raise Problem(errors.NAMED_PERSON_NEEDED)
    names = await _names(session, context, notice["evidence"])
    paper = paper_of(notice, issuer=context.settings.document_issuer, values=VALUES, names=names)
    raw = await _set(wanted.format, paper)
    await execute(
        session,
        queries.DISCLOSE,
        disclosure_id=new_id(now),
        notice_id=notice_id,
        format=wanted.format,
        people=len(names),
        client_id=who.client_id,
        reason=context.sealer.seal(wanted.reason.encode(), context=DISCLOSURE_CONTEXT),
        now=now,
    )
    await record(
        session,
        context,
        who=who,
        action="notice.disclosure",
        now=now,
        subject=str(notice_id),
        purpose=f"name {context.index.of(REASON_INDEX, wanted.reason).hex()}",
        rows=len(names),
    )
    return raw


async def _names(session: Session, context: Notifier, evidence: Mapping[str, Any]) -> dict[str, str]:
    """Return the names of the people in the evidence, by the code under which they stand there."""
    codes = people_of(evidence)
    rows = await fetch_all(session, queries.CONTACTS, codes=codes) if codes else []
    found: dict[str, str] = {}
    for row in rows:
        name = context.sealer.open_json(row["contact"], context=PERSON_CONTEXT)["name"]
        found |= {code: name for code in (row["health_code_id"], str(row["person_id"])) if code in codes}
    return found


async def _set(form: Format, paper: Paper) -> bytes:
    try:
        return await to_thread.run_sync(docx.docx_of if form == "docx" else pdf.pdf_of, paper)
    except pdf.NotInstalled:
        raise Problem(errors.NO_PDF) from None
