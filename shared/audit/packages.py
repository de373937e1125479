"""A proof as one file: a ZIP of tables, texts and papers around the chained proof, under a signed manifest.

The manifest lists every file with its length and digest, and is signed with the key of the audit log's heads
under a name of its own. Files are stored, never compressed, without extra fields, comments or times, so the
same content is the same bytes, and nothing can hide between them. `python -m shared.audit.proofs FILE.zip`
checks it offline: what was edited, taken out or put in.
"""

import io
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import IO, Final, Literal

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from shared.audit import heads, proofs
from shared.audit.heads import SignedHead, is_signed

FORMAT: Final = "yingjian-proof-package-1"
SIGNED_AS: Final = "{service}-proof-package"
PROOF: Final = "proof.jsonl"
MANIFEST: Final = "manifest.json"
SIGNATURE: Final = "signature.json"
# The earliest that a ZIP can say: no clock is asked.
WHEN: Final = (1980, 1, 1, 0, 0, 0)
_UNIX: Final = 3
_PLAIN_FILE: Final = 0o644 << 16
Kind = Literal["changed", "missing", "added", "signature", "proof", "malformed"]
TEXTS: Final[dict[Kind, str]] = {
    "changed": "内容与清单不符:被改动 · edited: its digest does not fit the manifest",
    "missing": "清单所列文件被删除 · taken out",
    "added": "清单之外的文件:被加入 · put in: the manifest does not list it",
    "signature": "清单签名无效 · the signature of the manifest does not hold",
    "proof": "送达证明不完好 · the chained proof inside is not intact",
    "malformed": "不是送达证明包 · not a package as it was made",
}


class File(msgspec.Struct, frozen=True):
    """A file of a package."""

    name: str
    bytes: int
    sha256: str


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """What a package is about, and every file in it but itself and its signature."""

    package: str = FORMAT
    service: str
    body_type: str
    body_code: str
    first_day: str
    last_day: str
    made_at: str
    entries: int
    files: tuple[File, ...]


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a package, and with which file of it."""

    kind: Kind
    file: str | None = None

    def text(self) -> str:
        """Return a line for people."""
        return f"{self.kind} {self.file or '-'}: {TEXTS[self.kind]}"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a check found, how many notices the package tells of, and whom it is about."""

    findings: Sequence[Fault]
    entries: int
    about: Manifest | None


_encode: Final = msgspec.json.Encoder().encode
_manifest: Final = msgspec.json.Decoder(Manifest)
_head: Final = msgspec.json.Decoder(SignedHead)


class Writer:
    """Writes a package file by file; `size`: how many bytes of content it holds so far."""

    def __init__(self, file: IO[bytes]) -> None:
        self._archive = zipfile.ZipFile(file, "w", zipfile.ZIP_STORED)
        self._files: list[File] = []
        self.size = 0

    def add(self, name: str, content: bytes) -> None:
        """Add a file; its name is plain ASCII."""
        self._files.append(File(name, len(content), sha256(content).hexdigest()))
        self._write(name, content)

    def close(self, about: proofs.About, key: Ed25519PrivateKey, *, entries: int, now: datetime) -> str:
        """Add the manifest and its signature, and return the manifest's digest."""
        manifest = Manifest(
            service=about.service,
            body_type=about.body_type,
            body_code=about.body_code,
            first_day=about.first_day,
            last_day=about.last_day,
            made_at=about.made_at,
            entries=entries,
            files=tuple(self._files),
        )
        raw = _encode(manifest)
        digest = sha256(raw).digest()
        name = SIGNED_AS.format(service=about.service)
        signed = heads.sign(key, service=name, n=len(self._files), previous=digest, now=now)
        self._write(MANIFEST, raw)
        self._write(SIGNATURE, heads.line(signed))
        self._archive.close()
        return digest.hex()

    def _write(self, name: str, content: bytes) -> None:
        self.size += len(content)
        self._archive.writestr(plain(name), content)


def plain(name: str) -> zipfile.ZipInfo:
    """Return the entry of a file: the same whoever writes it, and when."""
    info = zipfile.ZipInfo(name, WHEN)
    info.create_system, info.external_attr = _UNIX, _PLAIN_FILE
    return info


def is_package(start: bytes) -> bool:
    """Say whether a file that begins so may be a package."""
    return start.startswith(b"PK")


def verify(file: IO[bytes], *, trusted: frozenset[str] | None = None) -> Verdict:
    """Say what is wrong with a package; `trusted`: the public keys (base64) that may have signed it."""
    try:
        with zipfile.ZipFile(file) as archive:
            checking = _Checking(archive, file, trusted)
            return Verdict(checking.run(), checking.entries, checking.about)
    except (zipfile.BadZipFile, NotImplementedError, ValueError, OSError, EOFError):
        return Verdict([Fault("malformed")], 0, None)


class _Checking:
    def __init__(self, archive: zipfile.ZipFile, file: IO[bytes], trusted: frozenset[str] | None) -> None:
        self.entries = 0
        self.about: Manifest | None = None
        self._archive = archive
        self._file = file
        self._trusted = trusted

    def run(self) -> list[Fault]:
        """Return what is wrong, going on behind it as far as that makes sense."""
        infos = self._archive.infolist()
        # Nothing is unpacked that could be longer than the file itself.
        stored = all(info.compress_type == zipfile.ZIP_STORED and not info.flag_bits for info in infos)
        if not stored or sum(info.file_size for info in infos) > self._file.seek(0, 2):
            return [Fault("malformed")]
        names = [info.filename for info in infos]
        if absent := [Fault("missing", name) for name in (MANIFEST, SIGNATURE) if name not in names]:
            return absent
        try:
            raw = self._archive.read(MANIFEST)
            self.about = _manifest.decode(raw)
            signed = _head.decode(self._archive.read(SIGNATURE))
        except (msgspec.DecodeError, ValueError, RecursionError, zipfile.BadZipFile):
            return [Fault("malformed", MANIFEST)]
        self.entries = self.about.entries
        found = [*self._signed(signed, raw, self.about), *self._files(names, self.about)]
        return found or ([] if self._is_as_written(infos) else [Fault("malformed")])

    def _signed(self, signed: SignedHead, raw: bytes, about: Manifest) -> Iterator[Fault]:
        head = signed.head
        told = (head.service, head.n, head.hash)
        wanted = (SIGNED_AS.format(service=about.service), len(about.files), sha256(raw).hexdigest())
        if about.package != FORMAT or told != wanted or not is_signed(signed, trusted=self._trusted):
            yield Fault("signature", MANIFEST)

    def _files(self, names: Sequence[str], about: Manifest) -> Iterator[Fault]:
        left = {each.name: each for each in about.files}
        own = {MANIFEST, SIGNATURE}
        proof = PROOF in left
        for name in names:
            listed = left.pop(name, None)
            if listed is not None:
                if not self._is(listed):
                    yield Fault("changed", name)
            elif name in own:
                own.remove(name)
            else:
                yield Fault("added", name)
        for name in left:
            yield Fault("missing", name)
        if not proof or (PROOF in names and not self._proves(about)):
            yield Fault("proof", PROOF)

    def _is(self, listed: File) -> bool:
        try:
            content = self._archive.read(listed.name)
        except zipfile.BadZipFile:
            return False
        return (len(content), sha256(content).hexdigest()) == (listed.bytes, listed.sha256)

    def _proves(self, manifest: Manifest) -> bool:
        """Say whether the chained proof inside is intact, of a trusted key, and about the same."""
        try:
            lines = self._archive.read(PROOF).removesuffix(b"\n").split(b"\n")
        except zipfile.BadZipFile:
            return False
        verdict = proofs.verify(lines, trusted=self._trusted)
        about = verdict.about
        same = about is not None and all(
            getattr(about, name) == getattr(manifest, name)
            for name in ("service", "body_type", "body_code", "first_day", "last_day", "made_at")
        )
        return same and not verdict.findings and verdict.entries == manifest.entries

    def _is_as_written(self, infos: Sequence[zipfile.ZipInfo]) -> bool:
        """Say whether the same files written again are the same bytes: nothing stands beside them."""
        again = io.BytesIO()
        with zipfile.ZipFile(again, "w", zipfile.ZIP_STORED) as archive:
            for info in infos:
                archive.writestr(plain(info.filename), self._archive.read(info))
        self._file.seek(0)
        return self._file.read() == again.getbuffer()
