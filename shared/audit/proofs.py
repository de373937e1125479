"""A proof: lines of JSON about one body and period, each chained to the one before, the last one signed.

The first line says whom and when it is about, and the chain begins with it, so it is covered too. The key is
the one that signs heads of the audit log. `python -m shared.audit.proofs FILE … [--public-key KEY …]` checks
files offline, packages (ZIP) too, and ends with 1 if anything was found that was edited, taken out, put in or
moved.
"""

import argparse
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from shared.audit import heads
from shared.audit.chain import next_hash
from shared.audit.heads import SignedHead, is_signed
from shared.audit.verifying import MOST_FINDINGS, Finding

if TYPE_CHECKING:
    from shared.audit import packages

FORMAT: Final = "yingjian-proof-1"
# Signed under a name of its own, so that no head of a proof can stand for one of the audit log.
SIGNED_AS: Final = "{service}-proof"


class About(msgspec.Struct, frozen=True, kw_only=True):
    """The first line: whom and which days the proof is about, and when it was made."""

    proof: str = FORMAT
    service: str
    body_type: str
    body_code: str
    first_day: str
    last_day: str
    made_at: str


class Line(msgspec.Struct, frozen=True):
    """One entry with its hash."""

    hash: str
    entry: msgspec.Raw


class _Numbered(msgspec.Struct):
    n: int


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a check found, how many entries it read, and what the proof says it is about."""

    findings: list[Finding]
    entries: int
    about: About | None


_encode: Final = msgspec.json.Encoder().encode
_about: Final = msgspec.json.Decoder(About)
_line: Final = msgspec.json.Decoder(Line)
_numbered: Final = msgspec.json.Decoder(_Numbered)
_head: Final = msgspec.json.Decoder(SignedHead)


class Chain:
    """Writes a proof line by line."""

    def __init__(self, about: About) -> None:
        self._service = about.service
        self.first = _encode(about)
        self._n = 0
        self._previous = sha256(self.first).digest()

    def add(self, entry: Mapping[str, Any]) -> bytes:
        """Return the line of the next entry."""
        self._n += 1
        raw = _encode({"n": self._n, **entry})
        self._previous = next_hash(self._previous, raw)
        return _encode(Line(self._previous.hex(), msgspec.Raw(raw)))

    def close(self, key: Ed25519PrivateKey, *, now: datetime) -> bytes:
        """Return the last line: how many entries there are and the last hash, signed; `now` is real time."""
        name = SIGNED_AS.format(service=self._service)
        return heads.line(heads.sign(key, service=name, n=self._n, previous=self._previous, now=now))


def verify(lines: Iterable[bytes], *, trusted: frozenset[str] | None = None) -> Verdict:
    """Say what is wrong with a proof; `trusted`: the public keys (base64) that may have signed it."""
    checking = _Checking(trusted)
    found: list[Finding] = []
    for finding in checking.run(line.rstrip(b"\r\n") for line in lines):
        found.append(finding)
        if len(found) == MOST_FINDINGS:
            break
    return Verdict(found, checking.entries, checking.about)


class _Checking:
    def __init__(self, trusted: frozenset[str] | None) -> None:
        self.entries = 0
        self.about: About | None = None
        self._trusted = trusted
        self._n = 0
        self._previous = b""

    def run(self, lines: Iterator[bytes]) -> Iterator[Finding]:
        """Yield what is wrong, going on behind it as far as that makes sense."""
        try:
            first = next(lines, b"")
            self.about = _about.decode(first)
            self._previous = sha256(first).digest()
            if self.about.proof != FORMAT:
                yield Finding("malformed", 0)
                return
            own: SignedHead | None = None
            for line in lines:
                if own is not None:
                    yield Finding("malformed", self._n)
                    return
                if line.startswith(b'{"head":'):
                    own = _head.decode(line)
                else:
                    yield from self._entry(_line.decode(line))
        except (msgspec.DecodeError, ValueError, RecursionError):
            yield Finding("malformed", self._n)
            return
        if own is None:
            yield Finding("truncated", self._n)
        else:
            yield from self._signed(own, self.about)

    def _entry(self, line: Line) -> Iterator[Finding]:
        n = _numbered.decode(line.entry).n
        stored = bytes.fromhex(line.hash)
        self.entries += 1
        if n != self._n + 1:
            yield Finding("missing" if n > self._n + 1 else "changed", self._n + 1)
        elif next_hash(self._previous, bytes(line.entry)) != stored:
            yield Finding("changed", n)
        self._n, self._previous = n, stored  # goes on from what is written, to find the next one too

    def _signed(self, own: SignedHead, about: About) -> Iterator[Finding]:
        name = SIGNED_AS.format(service=about.service)
        if own.head.service != name or not is_signed(own, trusted=self._trusted):
            yield Finding("signature", own.head.n)
        elif (own.head.n, own.head.hash) != (self._n, self._previous.hex()):
            yield Finding("truncated" if own.head.n > self._n else "rewritten", own.head.n)


def _of_file(path: Path, trusted: frozenset[str] | None) -> "Verdict | packages.Verdict":
    from shared.audit import packages  # it is built of proofs

    with path.open("rb") as file:
        if not packages.is_package(file.read(2)):
            file.seek(0)
            return verify(file, trusted=trusted)
        return packages.verify(file, trusted=trusted)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", type=Path, nargs="+", metavar="FILE")
    parser.add_argument("--public-key", nargs="*", help="who may have signed, base64; default: anybody")
    chosen = parser.parse_args(arguments)
    trusted = frozenset(chosen.public_key) if chosen.public_key else None
    failed = False
    for path in chosen.files:
        verdict = _of_file(path, trusted)
        failed = failed or bool(verdict.findings)
        said = f"{len(verdict.findings)} 处问题 findings" if verdict.findings else "完好 intact"
        about = verdict.about
        whom = f"{about.body_type} {about.body_code} {about.first_day}…{about.last_day}" if about else "?"
        sys.stdout.write(f"{path}: {said}; {whom}; {verdict.entries} 条 entries\n")
        sys.stdout.writelines(f"  {each.text()}\n" for each in verdict.findings)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
