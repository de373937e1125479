"""What an administrator does with texts: lists, saves, approves and tries versions of them."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import RowMapping

from notifier.settings import NotifierSettings
from notifier.templates import errors, queries
from notifier.templates.schemas import (
    TemplateApprovalIn,
    TemplatePreviewIn,
    TemplateVersion,
    TemplateVersionIn,
)
from notifier.templates.service import MESSAGE, SHIPPED, standing
from notifier.texts.checking import (
    Fault,
    RenderedTooLong,
    Unusable,
    faults_of,
    faults_of_message,
    rendered,
    unsaid,
)
from notifier.texts.text import Text
from notifier.texts.variables import sample_of, variables
from shared.clock import day_of
from shared.context import Context
from shared.db import Session, execute, fetch_all, fetch_one
from shared.errors import CATALOGUE, NOT_FOUND, Language, Problem, RowError, refusal_of
from shared.security.access import Principal

VERSION_CONTEXT: Final = "template.step"


async def listed(
    session: Session, settings: NotifierSettings, *, after: str, limit: int, today: date
) -> list[dict[str, Any]]:
    """Return up to `limit` + 1 texts behind a key."""
    keys = sorted(key for key in SHIPPED if key > after)[: limit + 1]
    found = await standing(session, settings, keys, today=today)
    counted = await fetch_all(session, queries.COUNTS, keys=keys)
    version = {key: row["version"] for key, row in found.items()}
    count = {row["template_key"]: row["versions"] for row in counted}
    return [
        {
            "key": key,
            "leaves_house": key.startswith(MESSAGE),
            "version": version.get(key, 0),
            "versions": count.get(key, 0),
        }
        for key in keys
    ]


async def one(session: Session, context: Context[Any], key: str, *, today: date) -> dict[str, Any]:
    """Return a text with its variables and versions; Problem 404."""
    shipped = _shipped(key)
    rows = await fetch_all(session, queries.VERSIONS, key=key)
    found = await standing(session, context.settings, [key], today=today)
    return {
        "key": key,
        "leaves_house": key.startswith(MESSAGE),
        "in_force": found[key]["version"] if found else 0,
        "variables": [
            {
                "name": each.name,
                "kind": each.kind,
                "choices": list(each.choices),
                "fields": sorted(each.fields),
                "sample": each.sample(),
            }
            for each in variables(shipped).values()
        ],
        "versions": [*(_shown(context, row) for row in rows), _shown_shipped(shipped)],
    }


async def save(
    session: Session,
    context: Context[Any],
    key: str,
    wanted: TemplateVersionIn,
    *,
    who: Principal,
    now: datetime,
) -> tuple[dict[str, Any], bool]:
    """Keep a version, and say whether it is new; the newest again is that one. Problem 404 or 422."""
    text = Text(wanted.zh, wanted.en)
    _refuse(_faults(context, key, text))
    await execute(session, queries.SERIALISE)
    rows = await fetch_all(session, queries.VERSIONS, key=key)
    newest = rows[0] if rows else None
    if newest and all(newest[name] == getattr(wanted, name) for name in ("zh", "en", "effective_from")):
        return {"key": key, **_shown(context, newest)}, False
    if wanted.effective_from < day_of(now):
        raise refusal_of(errors.BACKDATED, "effective_from")
    step = {"by": wanted.by, "reason": wanted.reason}
    await execute(
        session,
        queries.INSERT,
        key=key,
        version=newest["version"] + 1 if newest else 1,
        effective_from=wanted.effective_from,
        zh=wanted.zh,
        en=wanted.en,
        client_id=who.client_id,
        step=context.sealer.seal_json(step, context=VERSION_CONTEXT),
        now=now,
    )
    saved = (await fetch_all(session, queries.VERSIONS, key=key))[0]
    return {"key": key, **_shown(context, saved)}, True


async def approve(
    session: Session,
    context: Context[Any],
    key: str,
    version: int,
    wanted: TemplateApprovalIn,
    *,
    who: Principal,
    now: datetime,
) -> dict[str, Any]:
    """Record that a second person has read a version; again changes nothing. Problem 404 or 409."""
    _shipped(key)
    await execute(session, queries.SERIALISE)
    row = await _version(session, key, version)
    if row["client_id"] == who.client_id:
        raise Problem(errors.SECOND_PERSON)
    if row["approved_at"] is None:
        sealed = context.sealer.seal_json({"by": wanted.by}, context=VERSION_CONTEXT)
        parameters = {"key": key, "version": version, "client_id": who.client_id, "now": now}
        await execute(session, queries.APPROVE, approval=sealed, **parameters)
        row = await _version(session, key, version)
    return {"key": key, **_shown(context, row)}


async def _version(session: Session, key: str, version: int) -> RowMapping:
    rows = await fetch_all(session, queries.VERSIONS, key=key)
    found = next((row for row in rows if row["version"] == version), None)
    if found is None:
        raise Problem(NOT_FOUND)
    return found


async def preview(
    session: Session,
    context: Context[Any],
    key: str,
    wanted: TemplatePreviewIn,
    *,
    today: date,
    language: Language,
) -> dict[str, Any]:
    """Return what a text reads like with sample facts, or those given; Problem 404 or 422."""
    shipped = _shipped(key)
    text = await _to_preview(session, context, key, shipped, wanted, today=today)
    _refuse(_faults(context, key, text))
    facts = sample_of(shipped) | (wanted.facts or {})
    try:
        shown = rendered(text, facts, longest=context.settings.text_most_characters)
    except RenderedTooLong:
        raise _refusal([Fault("facts", "template_renders_too_long")]) from None
    except Unusable:
        raise _refusal([Fault("facts", "template_fails")]) from None
    warnings = [
        {
            "field": each.field,
            "code": each.code,
            "name": each.name,
            "message": CATALOGUE[each.code].text(language),
        }
        for each in unsaid(shipped, text)
    ]
    return {"zh": shown.zh, "en": shown.en, "warnings": warnings}


async def _to_preview(
    session: Session,
    context: Context[Any],
    key: str,
    shipped: Text,
    wanted: TemplatePreviewIn,
    *,
    today: date,
) -> Text:
    row = None
    if wanted.version is None:
        row = (await standing(session, context.settings, [key], today=today)).get(key)
    elif wanted.version:
        row = await fetch_one(session, queries.EXACTLY, key=key, version=wanted.version)
        if row is None:
            raise Problem(NOT_FOUND)
    text = Text(row["zh"], row["en"]) if row else shipped
    return Text(wanted.zh or text.zh, wanted.en or text.en)


def _shipped(key: str) -> Text:
    try:
        return SHIPPED[key]
    except KeyError:
        raise Problem(NOT_FOUND) from None


def _faults(context: Context[Any], key: str, text: Text) -> list[Fault]:
    shipped = _shipped(key)
    found = faults_of_message(text) if key.startswith(MESSAGE) else []
    return found or faults_of(shipped, text, longest=context.settings.text_most_characters)


def _refuse(faults: Sequence[Fault]) -> None:
    if faults:
        raise _refusal(faults)


def _refusal(faults: Sequence[Fault]) -> Problem:
    first = faults[0]
    return Problem(
        errors.REFUSED,
        errors=[RowError(each.line, each.field, each.code, each.name) for each in faults],
        field=first.field,
        line=first.line or "-",
        name=first.name or "-",
    )


def _shown(context: Context[Any], row: RowMapping) -> dict[str, Any]:
    step = context.sealer.open_json(row["step"], context=VERSION_CONTEXT)
    shown = (
        "version",
        "effective_from",
        "zh",
        "en",
        "client_id",
        "saved_at",
        "approved_client",
        "approved_at",
    )
    approval = row["approval"] and context.sealer.open_json(row["approval"], context=VERSION_CONTEXT)
    return {
        **{name: row[name] for name in shown},
        "by": step["by"],
        "reason": step["reason"],
        "approved_by": approval["by"] if approval else None,
    }


def _shown_shipped(shipped: Text) -> dict[str, Any]:
    return dict.fromkeys(TemplateVersion.model_fields) | {"version": 0, "zh": shipped.zh, "en": shipped.en}
