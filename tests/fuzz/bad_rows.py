"""The table of bad and odd rows: numbers, characters, identifiers, times, words, injections.

Every value is generated. A case says whether a row must be refused and under which field, or kept.
"""

import itertools
import random
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

from stdnum.cn import ric

from shared.identifiers import FORBIDDEN
from tests.results_ingest.batches.support import COLLECTED, NOW, TESTED, row

SEED: Final = 20260105


@dataclass(frozen=True, slots=True)
class Case:
    """A row; `field` is the one that refuses it, None where it is kept."""

    group: str
    name: str
    sent: Any
    field: str | None


def resident_ids(count: int, seed: int = SEED) -> list[str]:
    """Return valid made-up numbers of people between 1 and 100 years old."""
    dice = random.Random(seed)
    bodies = [
        f"{dice.randrange(110_000, 659_999):06d}"
        f"{date(1929, 1, 1) + timedelta(days=dice.randrange(36_000)):%Y%m%d}{dice.randrange(1000):03d}"
        for _ in range(count)
    ]
    return [body + ric.calc_check_digit(body + "0") for body in bodies]


def person(number: object, **more: object) -> dict[str, Any]:
    """Return a row about whoever has this identity number."""
    return row(..., id_type="resident_id", id_no=number, **more)


def numbers() -> Iterator[Case]:
    """Yield what is no Ct value, no row number and no capacity: 50 and more."""
    values: list[Any] = [
        -1, -0.0001, 50.001, 999, 10**29, -(10**29), 10**4000, 1e308, -1e308, True, False,
        "1", "31.2", "", [], {}, [1], {"a": 1}, "NaN", "Infinity", "１", "1e3", "0x1F", " 1",
    ]  # fmt: skip
    for field, value in itertools.product(("ct_orf1ab", "ct_n"), values):
        yield Case("numbers", f"{field}={str(value)[:12]!r}", row(**{field: value}), field)
    for value in (True, 0, -1, 10_001, 10**29, "1", 1.5, [], {}):
        said: dict[str, Any] = {"batch_no": "B1", "row": value, "reason": "x"}
        yield Case("numbers", f"corrects.row={str(value)[:12]!r}", row(corrects=said), "corrects.row")
    for value in (0, -0.0, 0.0, 50, 50.0, 31.25, 1e-300):
        yield Case("numbers", f"kept {value!r}", row(ct_n=value), None)


def characters() -> Iterator[Case]:
    """Yield forbidden characters in texts, and any but plain ASCII in codes and numbers."""
    forbidden = [*_members_of(FORBIDDEN), "\ud800", "\udfff"]
    for each in forbidden:
        for field in ("name", "kit"):
            yield Case("characters", f"{field} U+{ord(each):04X}", row(**{field: f"张{each}三"}), field)
    for field, good in (
        ("tube_code", "T1"),
        ("row_ref", "A1"),
        ("reviewer_code", "R1"),
        ("health_code_id", "HC-1"),
    ):
        for each in (
            "１",
            "Ａ",
            "é",
            "е",
            "\u0661",
            "\u200b",
            "\x00",
            " ",
            "/",
            "\n",
            "张",
            "\ud800",
            "\U0001f600",
        ):
            yield Case("characters", f"{field} {each!r}", row(**{field: good + each + "x"}), field)
    number = resident_ids(1)[0]
    for each in ("\u200b", "\x00", "\ud800", "\u202e", "\ufeff", "\u0301", " "):
        yield Case("characters", f"id_no {each!r}", person(number[:9] + each + number[9:]), "id_no")
    yield Case("characters", "id_no full width", person(number.translate(_FULL_WIDTH)), "id_no")
    yield Case("characters", "id_no arabic digits", person(number.translate(_ARABIC)), "id_no")
    for blank in ("", " ", "\u3000", "\xa0 "):
        yield Case("characters", f"blank {blank!r}", row(name=blank), "name")
    for name in odd_names():
        yield Case("characters", f"kept {name!r}", row(name=name), None)


def odd_names() -> list[str]:
    """Return names that must be kept as they are: rare Han of every extension, NFC and NFD, emoji, dots."""
    starts = (0x3400, 0x4E00, 0x20000, 0x2A700, 0x2B740, 0x2B820, 0x2CEB0, 0x30000, 0x31350, 0xF900)
    rare = [chr(start + step) for start in starts for step in (0, 1, 0x10, 0x50)]
    return [
        *(f"张{each}" for each in rare), "㐂\U00020bb7龘", "阿依古丽·买买提", "José", "Jose\u0301", "Ω\u2126",
        "\u1112\u1161\u11ab", "한", "Nguyễn", "👩", "O'Brien-Smith", "ﬁ", "①", "か\u3099",
    ]  # fmt: skip


def identifiers() -> Iterator[Case]:
    """Yield every single-digit error and every adjacent swap of generated numbers, and other misfits."""
    for number in resident_ids(12):
        for position, digit in itertools.product(range(18), "0123456789X"):
            if digit == number[position] or (digit == "X" and position < 17):
                continue
            wrong = number[:position] + digit + number[position + 1 :]
            yield Case("identifiers", f"digit {position}", person(wrong), "id_no")
        for position in range(16):
            swapped = number[:position] + number[position + 1] + number[position] + number[position + 2 :]
            if swapped != number:
                yield Case("identifiers", f"swap {position}", person(swapped), "id_no")
        yield Case("identifiers", "fifteen digits", person(number[:6] + number[8:17]), "id_no")
        yield Case("identifiers", "lower case", person(number.lower()), None)
        for length in (0, 1, 14, 16, 17, 19, 36, 5000):
            yield Case("identifiers", f"{length} long", person((number * 300)[:length]), "id_no")
    for born in (
        "20290230",
        "19000229",
        "20301301",
        "20300100",
        "00000000",
        "99991231",
        "20310101",
        "17991231",
    ):
        body = f"110105{born}002"
        yield Case("identifiers", f"born {born}", person(body + ric.calc_check_digit(body + "0")), "id_no")
    for kind in ("passport", "hk_mo_permit", "tw_permit", "foreign_pr", "other"):
        for bad in ("", "x", "A" * 33, "Ｅ12345678", "E1234\x005678", "E 1234567", "ß1234567"):
            yield Case("identifiers", f"{kind} {bad[:9]!r}", row(..., id_type=kind, id_no=bad), "id_no")
        yield Case("identifiers", f"{kind} kept", row(..., id_type=kind, id_no="E12345678"), None)
    personal = [*resident_ids(3), "13800138000", "8613800138000"]
    for code in (*personal, "a", "x" * 65, "a b c d", "张三张三", "HC.1", "HC/1", ""):
        yield Case(
            "identifiers", f"health code {code[:9]!r}", row(..., health_code_id=code), "health_code_id"
        )


def times() -> Iterator[Case]:
    """Yield times that are none, that no row may have, and the same moment written otherwise."""
    ahead = NOW + timedelta(minutes=11)
    bad: list[Any] = [
        "2030-01-14T11:05:00", "2030-01-14", "2030-1-14T11:05:00+08:00", "2030-01-14T11:05:60+08:00",
        "2030-01-14T24:00:00+08:00", "2030-02-30T11:05:00+08:00", "2030-13-01T11:05:00+08:00", "2026-1-5",
        "2030-01-14T11:05:00+24:00", "2030-01-14T11:05:00+08", "2030-01-14T11:05:00 CST", "20300114T110500Z",
        "2030-01-14T11:05+08:00", "2030-W03-1T11:05:00Z", "0001-01-01T00:00:00+08:00", "0000-01-01T00:00:00Z",
        "9999-12-31T23:59:59Z", "9999-12-31T23:59:59-23:59", "10000-01-01T00:00:00Z", "1763636700",
        "1763636700000", 1763636700, 1763636700000, 45678, "45678", 45678.5, True, [], {}, "", "now",
        "２０３０-01-14T11:05:00+08:00", "2030-01-14T11:05:00+08:00\x00", " 2030-01-14T11:05:00+08:00",
        "2030-01-14T11:05:00.+08:00", "2030-01-14T11:05:00.1234567890Z", "2019-12-31T23:59:59+08:00",
        "2019-12-31T15:59:59Z", ahead.isoformat(), "2030/01/14 11:05:00",
    ]  # fmt: skip
    for field in ("tested_at", "collected_at", "received_at", "released_at"):
        for value in bad:
            yield Case("times", f"{field} {str(value)[:30]!r}", row(**{field: value}), field)
    yield Case("times", "tested before collected", row(collected_at=TESTED, tested_at=COLLECTED), "tested_at")
    # The contract orders only collected and tested: the other stamps may be reversed, and are reported so.
    yield Case("times", "released before received", row(released_at=COLLECTED, received_at=TESTED), None)
    for same in ("2030-01-14T03:05:00Z", "2030-01-14T03:05:00z", "2030-01-14T11:05:00.000000001+08:00", "2030-01-14t11:05:00+08:00"):  # fmt: skip
        yield Case("times", f"kept {same}", row(f"T-{same[-6:-3].encode().hex()}", tested_at=same), None)


def words() -> Iterator[Case]:
    """Yield what laboratories write instead of the closed lists."""
    outcomes: list[Any] = [
        "阳性", "阴性", "POS", "NEG", "pos", "neg", "Positive", "NEGATIVE", "+", "-", "0", "1", 0, 1, True, None,
        "", " ", "not detected", "未检出", "检出", "可疑", "灰区", "无效", "negative ", " negative", "ｎegative",
        "positive\n", "negative\x00", "positive;negative", ["negative"], {"negative": True}, "n/a", "待定", "阴", "阳", "RETEST", "±",
    ]  # fmt: skip
    for value in outcomes:
        yield Case("words", f"outcome {value!r}", row(outcome=value), "outcome")
    closed: list[tuple[str, tuple[Any, ...]]] = [
        ("mode", ("single ", "混采", "pool", "10", 10, True, "", [], "MIXED")),
        ("test_kind", ("PCR", "核酸", "ag", "", 1, [], "pcr\n", "rapid")),
        ("id_type", ("身份证", "1", 1, "ID", "", [], "resident id")),
    ]
    for field, values in closed:
        for each in values:
            sent = row(**{field: each}, **({"id_no": "E12345678"} if field == "id_type" else {}))
            yield Case("words", f"{field} {each!r}", sent, field)


def injections() -> Iterator[Case]:
    """Yield attacks on whatever may stand behind: kept as text where text may be, refused as a code."""
    attacks = [
        "'; DROP TABLE ingest.batch; --", '" OR 1=1 --', "1); SELECT pg_sleep(9) --", "${jndi:ldap://x/a}",
        "*)(uid=*))(|(uid=*", "{{7*7}}", "{% raw %}", "#{7*7}", "<%= 7*7 %>", "$(id)", "`id`", "; ls", "| cat",
        "../../etc/passwd", "..\\..\\boot.ini", "%2e%2e%2f", "file:///etc/passwd", "http://169.254.169.254/",
        "<script>alert(1)</script>", "<!DOCTYPE a [<!ENTITY x SYSTEM 'file:///etc/passwd'>]>", "=1+1", "+1+1",
        "@SUM(A1)", "-1+1", "＝1＋1", "%s%s%n", "%(name)s", "{0.__class__}", "{request_id}", "\\u0000", "\\",
        '{"a":1}', '","admin":true,"x":"', "null", "true", "undefined", "NaN", "__proto__", "constructor",
        "-- ", "/* */", ":limit", "$1", "?", "%", "_", "\\x00", "U+202E", "&lt;", "&#0;",
    ]  # fmt: skip
    for attack in attacks:
        yield Case("injections", f"name {attack[:20]!r}", row(name=attack), None)
        yield Case("injections", f"kit {attack[:20]!r}", row(kit=attack), None)
        yield Case("injections", f"extra {attack[:20]!r}", row(lab_extra={attack: attack}), None)
        if not set(attack) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-"):
            yield Case("injections", f"code {attack[:20]!r}", row(row_ref=attack), "row_ref")
            yield Case("injections", f"word {attack[:20]!r}", row(outcome=attack), "outcome")
    for lines in ("a\r\nSet-Cookie: x=1", "a\nlevel=error", "a\r", "\x1b[31m", "\x07", "\x00"):
        yield Case("injections", f"lines {lines!r}", row(name=lines), "name")


def cases() -> list[Case]:
    """Return the whole table."""
    groups = (numbers, characters, identifiers, times, words, injections)
    return [case for group in groups for case in group()]


_FULL_WIDTH: Final = str.maketrans("0123456789X", "０１２３４５６７８９Ｘ")
_ARABIC: Final = str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")


def _members_of(classes: str) -> Iterator[str]:
    """Yield the characters of a regular expression's class that is written in escapes."""
    for first, last in re.findall(r"\\u([0-9a-f]{4})(?:-\\u([0-9a-f]{4}))?", classes):
        yield from map(chr, range(int(first, 16), int(last or first, 16) + 1))
