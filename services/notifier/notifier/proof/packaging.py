"""A proof as one file to hand over: tables, every text, every paper, the chained proof, a signed manifest.

Tables, texts and papers are the same bytes whenever they are asked for, as long as nothing has happened
since; the proof, the manifest and its signature say when they were made. Names of people are masked.
"""

import io
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, time
from tempfile import SpooledTemporaryFile
from typing import IO, Any, Final
from uuid import UUID

from anyio import to_thread

from notifier.documents import docx, pdf
from notifier.documents.rules import paper_of
from notifier.notices import reading
from notifier.notices.rules import Sight
from notifier.notices.service import Notifier
from notifier.proof import errors, queries, tables
from notifier.proof.service import Wanted, about_of, check_known, page, parameters_of
from shared.audit import heads, packages
from shared.audit.proofs import Chain
from shared.audit.recording import record
from shared.db import LONG_SECONDS, execute, fetch_value
from shared.errors import Problem
from shared.ids import new_id
from shared.security.principal import Principal
from shared.sheets.rows import Format
from shared.sheets.writing import table
from shared.web.glossary import VALUES
from shared.web.paging import FIRST

PACKAGE_CONTEXT: Final = "proof.reason"
REASON_INDEX: Final = "audit.reason"
IN_MEMORY: Final = 8_000_000
FORMS: Final[tuple[Format, ...]] = ("csv", "xlsx")
README: Final = """送达证明包 Package of a proof

notices.csv / .xlsx    每条通知一行:签发、交付、送达、查阅、签收、答复、撤销  one row a notice
deliveries.csv / .xlsx 每次投递的每次尝试一行  one row an attempt of a delivery
texts/                 通知正文  the texts
papers/                公文:DOCX;曾生成过 PDF 的另附 PDF  the papers: DOCX, and PDF where one came out before
proof.jsonl            逐条相连并签名的送达证明  the proof, chained and signed
manifest.json          清单:每个文件的长度和 SHA-256  every file with its length and SHA-256
signature.json         清单的 Ed25519 签名  the signature of the manifest

核验(任何改动、删除、加入都能查出):将本文件原样提交 POST /v1/proof/verification,
或离线运行 python -m shared.audit.proofs 文件.zip --public-key 公钥(公钥见 /v1/audit/key)。
To check it (whatever is edited, taken out or put in is found): POST the file as it is to
/v1/proof/verification, or offline: python -m shared.audit.proofs FILE.zip --public-key KEY (/v1/audit/key).
"""


@dataclass(frozen=True, slots=True)
class Package:
    """A package that was made: an open file at its beginning, and the digest of its manifest."""

    file: IO[bytes]
    size: int
    sha256: str


async def package(
    context: Notifier, wanted: Wanted, sight: Sight, *, who: Principal, reason: str, now: datetime
) -> Package:
    """Make the package of a body and period; Problem 404 outside the area, 422 for too many notices.

    The reason is kept sealed beside the manifest's digest; the audit row carries the keyed digest of it.
    """
    async with context.db.transaction(limits=who.limits) as session:
        await check_known(session, wanted, sight)
        count = await fetch_value(session, queries.COUNT, **parameters_of(wanted, sight))
    if count > context.settings.proof_package_notices:
        raise Problem(errors.TOO_MANY)
    file: IO[bytes] = SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115 - closed by who sends it
    try:
        sha256, entries = await _write(context, file, wanted, sight, limits=who.limits, now=now)
        async with context.db.transaction(limits=who.limits) as session:
            await execute(
                session,
                queries.KEEP_PACKAGE,
                package_id=new_id(now),
                body_type=wanted.body_type,
                body_code=wanted.body_code,
                first_day=wanted.first,
                last_day=wanted.last,
                notices=entries,
                sha256=sha256,
                client_id=who.client_id,
                reason=context.sealer.seal(reason.encode(), context=PACKAGE_CONTEXT),
                now=now,
            )
            await record(
                session,
                context,
                who=who,
                action="proof.package",
                now=now,
                subject=wanted.body_code,
                purpose=f"{wanted.body_type} {context.index.of(REASON_INDEX, reason).hex()}",
                rows=entries,
            )
    except BaseException:
        file.close()
        raise
    size = file.seek(0, 2)
    file.seek(0)
    return Package(file, size, sha256)


async def _write(
    context: Notifier,
    file: IO[bytes],
    wanted: Wanted,
    sight: Sight,
    *,
    limits: Mapping[str, str] | None,
    now: datetime,
) -> tuple[str, int]:
    """Write the package page by page; return its manifest's digest and how many notices it tells of."""
    about, key = about_of(context, wanted, now=now), heads.signing_key(context.settings)
    chain, writer = Chain(about), packages.Writer(file)
    lines, rows, attempts = [chain.first], list[Any](), list[Any]()
    after: UUID | None = FIRST
    while after is not None:
        async with context.db.transaction(seconds=LONG_SECONDS, limits=limits) as session:
            entries, after = await page(session, context, wanted, sight, after=after)
            ids = [UUID(entry["notice_id"]) for entry in entries]
            notices = await reading.some(session, context, notice_ids=ids, sight=sight, language="zh")
        issuer = context.settings.document_issuer
        named = await to_thread.run_sync(_add_papers, writer, issuer, entries, notices, len(rows))
        for entry, files in zip(entries, named, strict=True):
            rows.append(tables.notice_row(len(rows) + 1, entry, files))
            attempts += tables.attempt_rows(len(rows), entry)
        lines += [chain.add(entry) for entry in entries]
    lines.append(chain.close(key, now=now))
    writer.add(packages.PROOF, b"\n".join(lines) + b"\n")
    await to_thread.run_sync(_add_tables, writer, rows, attempts, wanted.last)
    writer.add("README.txt", README.encode())
    return writer.close(about, key, entries=len(rows), now=now), len(rows)


def _add_papers(
    writer: packages.Writer,
    issuer: str,
    entries: Sequence[Mapping[str, Any]],
    notices: Sequence[Mapping[str, Any]],
    before: int,
) -> list[list[str]]:
    """Add each notice's text and papers, and return their names; a PDF only where one came out before."""
    shown = {str(notice["notice_id"]): notice for notice in notices}
    found = []
    for n, entry in enumerate(entries, start=before + 1):
        name = f"{n:05}-{entry['notice_id']}"
        paper = paper_of(shown[entry["notice_id"]], issuer=issuer, values=VALUES)
        files = {f"texts/{name}.txt": entry["text"].encode(), f"papers/{name}.docx": docx.docx_of(paper)}
        if any(each["format"] == "pdf" for each in entry["documents"]):
            with suppress(pdf.NotInstalled):  # the table names what is there
                files[f"papers/{name}.pdf"] = pdf.pdf_of(paper)
        for path, content in files.items():
            writer.add(path, content)
        found.append(list(files))
    return found


def _add_tables(writer: packages.Writer, rows: Sequence[Any], attempts: Sequence[Any], day: date) -> None:
    of_period = datetime.combine(day, time())
    for name, title, header, listed in (
        ("notices", "通知 Notices", tables.NOTICES, rows),
        ("deliveries", "投递 Deliveries", tables.ATTEMPTS, attempts),
    ):
        for form in FORMS:
            file = io.BytesIO()
            with table(file, form, header, title=title, made_at=of_period) as sheet:
                for row in listed:
                    sheet.add(row)
            writer.add(f"{name}.{form}", file.getvalue())
