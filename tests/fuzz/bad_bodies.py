"""The table of bodies that are refused whole: encodings, structure, sizes, compression."""

import gzip
import json
import random
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from results_ingest.forms.service import FHIR, HL7
from tests.results_ingest.batches.support import row
from tests.support import fhir, hl7

JSON: Final = {"Content-Type": "application/json"}
GZIP: Final = {**JSON, "Content-Encoding": "gzip"}
GZIPPED: Final = {"Content-Encoding": "gzip"}
OF_HL7: Final = {"Content-Type": HL7, "Accept": "application/json"}
OF_FHIR: Final = {"Content-Type": FHIR, "Accept": "application/json"}
SEED: Final = 20260106
REFUSED: Final = frozenset({400, 413, 415, 422})


@dataclass(frozen=True, slots=True)
class Body:
    """Bytes with their headers; `status` is the set of right answers."""

    group: str
    name: str
    content: bytes
    headers: dict[str, str] = field(default_factory=lambda: dict(JSON))
    status: frozenset[int] = REFUSED


def text(**fields: Any) -> str:
    """Return a good batch as text, with what is changed."""
    return json.dumps({"batch_no": "B1", "results": [row(name="张龘㐂")]} | fields, ensure_ascii=False)


def encodings() -> Iterator[Body]:
    """Yield good batches in encodings that nobody has declared, and declared ones that are not UTF-8."""
    for codec in ("gbk", "gb18030", "utf-16", "utf-16-le", "utf-16-be", "utf-32"):
        yield Body("encodings", f"undeclared {codec}", text().encode(codec, errors="replace"))
    for codec in ("latin-1", "cp1252", "cp437", "mac-roman", "iso8859-15"):
        yield Body("encodings", f"undeclared {codec}", text(batch_no="Bé").encode(codec, errors="replace"))
    for codec in ("shift_jis", "euc-kr", "big5", "euc-jp", "koi8-r", "iso2022_jp"):
        yield Body("encodings", f"undeclared {codec}", '{"batch_no":"中"}'.encode(codec, errors="replace"))
    for charset in ("gbk", "gb18030", "utf-16", "latin-1", "utf-7", "nonsense", "utf-8-sig"):
        headers = {"Content-Type": f"application/json; charset={charset}"}
        yield Body("encodings", f"declared {charset}", text().encode(), headers, frozenset({415}))
    good = text().encode()
    for name, broken in {
        "BOM": b"\xef\xbb\xbf" + good,
        "two BOMs": b"\xef\xbb\xbf" * 2 + good,
        "overlong slash": good.replace("张".encode(), b"\xc0\xaf"),
        "overlong NUL": good.replace("张".encode(), b"\xc0\x80"),
        "overlong 3": good.replace("张".encode(), b"\xe0\x80\xaf"),
        "overlong 4": good.replace("张".encode(), b"\xf0\x80\x80\xaf"),
        "surrogate": good.replace("张".encode(), b"\xed\xa0\x80"),
        "CESU pair": good.replace("张".encode(), b"\xed\xa1\x80\xed\xb0\x80"),
        "past U+10FFFF": good.replace("张".encode(), b"\xf4\x90\x80\x80"),
        "cut short": good.replace("张".encode(), b"\xe5\xbc"),
        "lone continuation": good.replace("张".encode(), b"\x80"),
        "mixed": good.replace("张".encode(), "张".encode() + "张".encode("gbk")),
        "raw NUL": good.replace("张".encode(), b"\x00"),
        "raw newline": good.replace("张".encode(), b"\n"),
        "leading NBSP": b"\xc2\xa0" + good,
        "trailing NUL": good + b"\x00",
    }.items():
        yield Body("encodings", name, broken)
    dice = random.Random(SEED)
    for number in range(20):
        yield Body("encodings", f"noise {number}", dice.randbytes(dice.randrange(1, 400)))


def structure() -> Iterator[Body]:
    """Yield what is no strict JSON or not this envelope."""
    deep = [200, 1000, 5000, 20_000, 100_000]
    for depth in deep:
        for opening, closing in (("[", "]"), ('{"a":', "}")):
            core = opening * depth + "1" + closing * depth
            yield Body("structure", f"depth {depth} {opening}", core.encode())
            yield Body("structure", f"row depth {depth} {opening}", f'{{"results":{core}}}'.encode())
    for name, content in {
        "duplicate key": '{"batch_no":"B1","batch_no":"B1","results":[{}]}',
        "duplicate by escape": '{"batch_no":"B1","batch\\u005fno":"B1","results":[{}]}',
        "duplicate in a row": '{"batch_no":"B1","results":[{"outcome":"negative","outcome":"positive"}]}',
        "duplicate in lab_extra": '{"batch_no":"B1","results":[{"lab_extra":{"a":1,"a":1}}]}',
        "NaN": '{"batch_no":"B1","results":[{"ct_n":NaN}]}',
        "Infinity": '{"batch_no":"B1","results":[{"ct_n":Infinity}]}',
        "-Infinity": '{"batch_no":"B1","results":[{"ct_n":-Infinity}]}',
        "1e400": '{"batch_no":"B1","results":[{"ct_n":1e400}]}',
        "-1e400": '{"batch_no":"B1","results":[{"ct_n":-1e400}]}',
        "5,000 digits": '{"batch_no":"B1","results":[{"ct_n":' + "9" * 5000 + "}]}",
        "1.": '{"batch_no":"B1","results":[{"ct_n":1.}]}',
        ".5": '{"batch_no":"B1","results":[{"ct_n":.5}]}',
        "01": '{"batch_no":"B1","results":[{"ct_n":01}]}',
        "+1": '{"batch_no":"B1","results":[{"ct_n":+1}]}',
        "0x1": '{"batch_no":"B1","results":[{"ct_n":0x1}]}',
        "1_000": '{"batch_no":"B1","results":[{"ct_n":1_000}]}',
        "single quotes": "{'batch_no':'B1','results':[{}]}",
        "comment": '{"batch_no":"B1",/* */"results":[{}]}',
        "trailing comma": '{"batch_no":"B1","results":[{}],}',
        "two values": text() + text(),
        "extra field": text(lab_code="LAB01"),
        "no results": '{"batch_no":"B1"}',
        "results null": text(results=None),
        "results object": text(results={}),
        "no rows": text(results=[]),
        "batch_no number": text(batch_no=1),
        "batch_no list": text(batch_no=["B1"]),
        "batch_no 65": text(batch_no="x" * 65),
        "batch_no path": text(batch_no="../B1"),
        "batch_no full width": text(batch_no="Ｂ１"),
        "list": "[]",
        "null": "null",
        "number": "5",
        "string": '"x"',
        "10,001 rows": text(results=[{}] * 10_001),
        "a million keys": "{" + ",".join(f'"k{n}":0' for n in range(1_000_000)) + "}",
        "a million brackets": "[" * 1_000_000,
        "bad escape": '{"batch_no":"\\x41","results":[{}]}',
        "cut escape": '{"batch_no":"\\u12","results":[{}]}',
    }.items():
        yield Body("structure", name, content.encode())


def sizes() -> Iterator[Body]:
    """Yield bodies of every size around what is taken; the limit itself is 50,000,000 bytes."""
    for size in (0, 1, 2, 3):
        yield Body("sizes", f"{size} bytes", b" " * size)
    for kind in (
        "",
        "text/plain",
        "text/json",
        "application/json-patch+json",
        "application/problem+json",
        "application/xml",
        "multipart/form-data; boundary=x",
        "*/*",
        "json",
    ):
        yield Body("sizes", f"media type {kind!r}", text().encode(), {"Content-Type": kind}, frozenset({415}))
    for over in (1, 1_000_000):
        padded = text().encode().ljust(50_000_000 + over)
        yield Body("sizes", f"{over} over", padded, status=frozenset({413}))
    for encoding in ("br", "deflate", "zstd", "compress", "gzip, gzip", "identity, gzip", "x-gzip"):
        headers = {**JSON, "Content-Encoding": encoding}
        yield Body("sizes", f"encoding {encoding}", text().encode(), headers, frozenset({400, 415}))


def compressed() -> Iterator[Body]:
    """Yield gzip that is a bomb, damaged, nested, or something else."""
    good = gzip.compress(text().encode(), mtime=0)
    bomb = gzip.compress(b" " * 60_000_000, mtime=0)
    yield Body("gzip", "1:1000", bomb, GZIP, frozenset({413}))
    yield Body("gzip", "bomb of a million rows", gzip.compress(b'{"batch_no":"B1","results":[' + b"{}," * 17_000_000, mtime=0), GZIP, frozenset({413}))  # fmt: skip
    yield Body("gzip", "nested", gzip.compress(good, mtime=0), GZIP)
    yield Body("gzip", "nested bomb", gzip.compress(bomb, mtime=0), GZIP)
    for cut in (1, 2, 9, 10, 11, len(good) // 2, len(good) - 9, len(good) - 8, len(good) - 4, len(good) - 1):
        yield Body("gzip", f"cut at {cut}", good[:cut], GZIP, frozenset({400}))
    for name, content in {
        "trailing byte": good + b"x",
        "two members": good + good,
        "trailing zeros": good + b"\0" * 8,
        "zlib": zlib.compress(text().encode()),
        "raw deflate": zlib.compress(text().encode())[2:-4],
        "plain": text().encode(),
        "empty": b"",
        "bad checksum": good[:-8] + bytes(4) + good[-4:],
        "bad length": good[:-4] + bytes(4),
        "bad method": good[:2] + b"\x07" + good[3:],
        "reserved flags": good[:3] + b"\xff" + good[4:],
        "zip": b"PK\x03\x04" + good,
    }.items():
        yield Body("gzip", name, content, GZIP, frozenset({400}))
    dice = random.Random(SEED)
    for number in range(10):
        place = dice.randrange(10, len(good) - 8)
        flipped = good[:place] + bytes([good[place] ^ (1 << dice.randrange(8))]) + good[place + 1 :]
        yield Body("gzip", f"bit {number}", flipped, GZIP, frozenset({400}))


def standards() -> Iterator[Body]:
    """Yield HL7 v2 and FHIR in encodings that nobody has declared, damaged, and beyond every bound."""
    one = {**row(name="张龘㐂", id_type="passport", id_no="E1234567"), "row_ref": "M1"}
    good = "\r".join(hl7.message(one, head={"charset": ""}))
    for codec in ("gbk", "gb18030", "utf-16", "utf-16-le", "utf-16-be", "utf-32"):
        yield Body("standards", f"HL7 {codec}", good.encode(codec, errors="replace"), OF_HL7)
    for name, content in {
        "empty": b"",
        "blank": b"\r\n\x0b\x1c",
        "two BOMs": b"\xef\xbb\xbf" * 2 + good.encode(),
        "overlong": good.encode().replace("张".encode(), b"\xc0\xaf"),
        "surrogate": good.encode().replace("张".encode(), b"\xed\xa0\x80"),
        "NUL first": b"\x00" + good.encode(),
        "NUL separator": b"MSH\x00\x00\x00\x00\x00",
        "letters as separators": b"MSHABCDE",
        "XML": b"<?xml version='1.0'?><!DOCTYPE a [<!ENTITY b 'c'>]><ORU_R01>&b;</ORU_R01>",
        "JSON": text().encode(),
        "no header": good.encode().partition(b"\r")[2],
        "another message": good.replace("ORU^R01^ORU_R01", "ADT^A01^ADT_A01").encode(),
        "a segment of 4 MB": good.encode() + b"\rNTE|" + b"~" * 4_000_000,
        "4 million segments": good.encode() + b"\r" * 4_000_000,
        "10,001 messages": "\r".join([good] * 10_001).encode(),
    }.items():
        yield Body("standards", f"HL7 {name}", content, OF_HL7)
    yield Body("standards", "HL7 1:1000", gzip.compress(b"\r" * 60_000_000, mtime=0), OF_HL7 | GZIPPED)
    bundle = fhir.body("B1", [one])
    for codec in ("gb18030", "utf-16", "utf-32"):
        yield Body("standards", f"FHIR {codec}", bundle.decode().encode(codec), OF_FHIR)
    begin = b'{"resourceType":"Bundle","type":"batch","identifier":{"value":"B1"},"entry":['
    for name, content in {
        "empty": b"",
        "BOM": b"\xef\xbb\xbf" + bundle,
        "XML": b'<Bundle xmlns="http://hl7.org/fhir"/>',
        "duplicate key": bundle.replace(b'"type"', b'"type": "batch", "type"', 1),
        "NaN": bundle.replace(b'"B1"', b"NaN"),
        "1e400": bundle.replace(b'"B1"', b"1e400"),
        "depth": b"[" * 1_000_000,
        "million lists": begin + b"[]," * 2_000_000 + b"[]]}",
        "100,001 resources": begin + b'{"resource":{}},' * 100_000 + b'{"resource":{}}]}',
        "10,001 results": fhir.body("B1", [{**one, "row_ref": f"o-{n}"} for n in range(10_001)]),
        "a list as entry": begin + b"[]]}",
        "a patient": b'{"resourceType":"Patient"}',
        "a number": b"7",
    }.items():
        yield Body("standards", f"FHIR {name}", content, OF_FHIR)


def bodies() -> list[Body]:
    """Return the whole table."""
    return [each for group in (encodings, structure, sizes, compressed, standards) for each in group()]
