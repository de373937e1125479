"""Checks an export against its own chain and against heads that were signed earlier: pure.

It finds a row that was edited, deleted, inserted, moved or cut off at the end, and a chain that was
rewritten as a whole, which only a head from outside can tell.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Literal

import msgspec

from shared.audit.chain import FORMAT, Begin, Link, genesis, next_hash
from shared.audit.heads import SignedHead, is_signed

Kind = Literal["changed", "missing", "unchained", "truncated", "rewritten", "signature", "malformed"]
TEXTS: Final[dict[Kind, str]] = {
    "changed": "内容与哈希不符:改动或调换 · edited or moved: its hash does not fit",
    "missing": "记录被删除 · deleted",
    "unchained": "记录不在链上:被插入 · inserted: it hangs on no chain",
    "truncated": "链尾被截断:早于已签名的链头 · cut off: it ends before a head that was signed",
    "rewritten": "整链被改写:与已签名的链头不符 · rewritten: it differs from a head that was signed",
    "signature": "链头签名无效 · a head's signature does not hold",
    "malformed": "不是导出文件的行 · not a line of an export",
}
MOST_FINDINGS: Final = 1_000


@dataclass(frozen=True, slots=True)
class Finding:
    """What is wrong and where: `n` in the chain, or the row's own id where it has no place there."""

    kind: Kind
    n: int | None = None
    audit_id: int | None = None

    def text(self) -> str:
        """Return a line for people."""
        place = f"n={self.n}" if self.n is not None else f"audit_id={self.audit_id}"
        return f"{self.kind} {place}: {TEXTS[self.kind]}"


class _Row(msgspec.Struct):
    n: int | None
    audit_id: int
    gone: bool = False


_begin = msgspec.json.Decoder(Begin)
_link = msgspec.json.Decoder(Link)
_row = msgspec.json.Decoder(_Row)
_head = msgspec.json.Decoder(SignedHead)


def verify(
    lines: Iterable[bytes],
    heads: Sequence[SignedHead] = (),
    *,
    trusted: frozenset[str] | None = None,
) -> list[Finding]:
    """Return what is wrong with an export, nothing if nothing is.

    `heads` are those kept outside, of the same service; `trusted` the public keys (base64) that may have
    signed. Without `trusted` any one key may, but only one.
    """
    return Verification(heads, trusted).run(lines)


class Verification:
    """One run over an export. `rows` counts what was hashed."""

    def __init__(self, heads: Sequence[SignedHead], trusted: frozenset[str] | None) -> None:
        self.rows = 0
        self.service = ""
        self._kept = heads
        self._trusted = trusted
        self._wanted: dict[int, set[str]] = {}
        self._n = 0
        self._previous = b""

    def run(self, lines: Iterable[bytes]) -> list[Finding]:
        """Return the findings, at most `MOST_FINDINGS`."""
        found: list[Finding] = []
        for finding in self._findings(iter(lines)):
            found.append(finding)
            if len(found) == MOST_FINDINGS:
                break
        return found

    def _findings(self, lines: Iterator[bytes]) -> Iterator[Finding]:
        try:
            yield from self._start(_begin.decode(next(lines, b"")))
            own: SignedHead | None = None
            for line in lines:
                if own is not None:
                    yield Finding("malformed", self._n)
                    return
                if line.startswith(b'{"head":'):
                    own = _head.decode(line)
                else:
                    yield from self._line(_link.decode(line))
        except (msgspec.DecodeError, ValueError):
            yield Finding("malformed", self._n)
            return
        if own is None:
            yield Finding("truncated", self._n)
        else:
            yield from self._head(own)
        yield from (Finding("truncated", n) for n in sorted(self._wanted) if n > self._n)

    def _start(self, begin: Begin) -> Iterator[Finding]:
        self.service, self._n, self._previous = begin.service, begin.after, bytes.fromhex(begin.hash)
        if begin.audit != FORMAT or (self._n == 0 and self._previous != genesis(begin.service)):
            yield Finding("malformed", 0)
        if self._trusted is None:
            self._trusted = frozenset(each.public_key for each in self._kept[:1]) or None
        for kept in self._kept:
            if kept.head.service != self.service or not is_signed(kept, trusted=self._trusted):
                yield Finding("signature", kept.head.n)
            else:
                self._wanted.setdefault(kept.head.n, set()).add(kept.head.hash)
        yield from self._compare()

    def _line(self, link: Link) -> Iterator[Finding]:
        row = _row.decode(link.row)
        if link.hash is None or row.n is None:
            yield Finding("unchained", audit_id=row.audit_id)
            return
        self.rows += 1
        stored = bytes.fromhex(link.hash)
        if row.n != self._n + 1:
            yield Finding("missing" if row.n > self._n + 1 else "changed", self._n + 1)
        elif row.gone:
            yield Finding("missing", row.n, row.audit_id)
        elif next_hash(self._previous, bytes(link.row)) != stored:
            yield Finding("changed", row.n, row.audit_id)
        self._n, self._previous = row.n, stored  # goes on from what is stored, to find the next one too
        yield from self._compare()

    def _compare(self) -> Iterator[Finding]:
        if self._wanted and (wanted := self._wanted.get(self._n)) and wanted != {self._previous.hex()}:
            yield Finding("rewritten", self._n)

    def _head(self, own: SignedHead) -> Iterator[Finding]:
        if own.head.service != self.service or not is_signed(own, trusted=self._trusted):
            yield Finding("signature", own.head.n)
        elif (own.head.n, own.head.hash) != (self._n, self._previous.hex()):
            yield Finding("truncated" if own.head.n > self._n else "rewritten", own.head.n)
