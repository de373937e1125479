"""HL7 v2 as a laboratory system writes it: rows of the contract as messages, and answers taken apart."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from shared.clock import SHANGHAI

OUTCOMES: Final = {
    "negative": "260415000^Not detected^SCT",
    "positive": "260373001^Detected^SCT",
    "indeterminate": "419984006^Inconclusive^SCT",
    "invalid": "455371000124106^Invalid result^SCT",
}
TESTS: Final = {
    "pcr": "94500-6^SARS-CoV-2 RNA^LN",
    "antigen": "94558-4^SARS-CoV-2 Ag^LN",
    "antibody": "94563-4^SARS-CoV-2 IgG^LN",
}
PAPERS: Final = {"resident_id": "NNCHN", "passport": "PPN"}


def stamp(iso: str | None, *, offset: bool = True) -> str:
    """Return a time as HL7 writes it."""
    if iso is None:
        return ""
    moment = datetime.fromisoformat(iso)
    return (
        moment.strftime("%Y%m%d%H%M%S%z") if offset else moment.astimezone(SHANGHAI).strftime("%Y%m%d%H%M%S")
    )


def escaped(text: object) -> str:
    """Return a text with the separators in it escaped."""
    found = str(text).replace("\\", "\\E\\")
    for mark, letter in zip("|^~&", "FSRT", strict=True):
        found = found.replace(mark, f"\\{letter}\\")
    return found


def segment(name: str, **fields: str) -> str:
    """Return a segment with fields by number: `segment("OBX", f3="94500-6")`."""
    numbered = {int(key[1:]): value for key, value in fields.items()}
    return "|".join([name, *(numbered.get(number, "") for number in range(1, max(numbered, default=0) + 1))])


def header(control_id: str, *, charset: str = "UNICODE UTF-8", **fields: str) -> str:
    """Return an MSH; MSH-1 counts as a field."""
    usual = {
        "f2": "^~\\&", "f3": "LIS", "f4": "LAB01", "f5": "YINGJIAN", "f6": "DISTRICT", "f9": "ORU^R01^ORU_R01",
        "f10": control_id, "f11": "P", "f12": "2.5.1", "f18": charset,
    }  # fmt: skip
    text = segment("MSH", **{**usual, **fields})
    return text.replace("MSH||", "MSH|", 1)


def message(
    row: Mapping[str, Any], *, number: int = 1, offset: bool = True, head: Mapping[str, str] | None = None
) -> list[str]:
    """Return a row as the segments of one message."""
    people = [f"{row['health_code_id']}^^^HC^HC"] if "health_code_id" in row else []
    if "id_no" in row:
        people.append(f"{row['id_no']}^^^CHN^{PAPERS.get(row['id_type'], row['id_type'])}")
    at = {
        name: stamp(row.get(name), offset=offset)
        for name in ("collected_at", "received_at", "tested_at", "released_at")
    }
    segments = [header(row.get("row_ref", f"M{number}"), **(head or {}))]
    if people:
        segments.append(segment("PID", f1="1", f3="~".join(people), f5=escaped(row.get("name", ""))))
    test = TESTS[row.get("test_kind", "pcr")]
    segments.append(
        segment("OBR", f1="1", f4=test, f22=at["released_at"], f25="F", f32=row.get("reviewer_code", ""))
    )
    corrects = row.get("corrects", {})
    named = corrects.get("result_id") or (f"{corrects['row']}^{corrects['batch_no']}" if corrects else "")
    segments.append(
        segment(
            "OBX",
            f1="1",
            f2="CWE",
            f3=test,
            f5=OUTCOMES[row["outcome"]],
            f11="C" if corrects else "F",
            f17=f"^{escaped(row['kit'])}" if "kit" in row else "",
            f19=at["tested_at"],
            f21=named,
        )
    )
    if corrects:
        segments.append(segment("NTE", f1="1", f3=escaped(corrects["reason"])))
    for name, code in (("ct_orf1ab", "94511-3"), ("ct_n", "94510-5")):
        if name in row:
            segments.append(segment("OBX", f1="2", f2="NM", f3=f"{code}^^LN", f5=str(row[name]), f11="F"))
    role = {"mixed": "L", "single": "P"}.get(row.get("mode", ""), "")
    segments.append(
        segment(
            "SPM",
            f1="1",
            f2=row.get("tube_code", ""),
            f4=f"^{escaped(row.get('specimen_type', ''))}",
            f11=role,
            f17=at["collected_at"],
            f18=at["received_at"],
        )
    )
    return segments


def file(batch_no: str, rows: Sequence[Mapping[str, Any]], *, offset: bool = True) -> str:
    """Return rows as a batch file of messages."""
    lines = [f"BHS|^~\\&|LIS|LAB01|||||||{batch_no}"]
    for number, row in enumerate(rows, start=1):
        lines += message(row, number=number, offset=offset)
    return "\r".join([*lines, f"BTS|{len(rows)}", ""])


def taken_apart(raw: bytes) -> list[list[str]]:
    """Return the segments of an answer as lists of fields; MSH-1 is no field of its own."""
    return [line.split("|") for line in raw.decode().split("\r") if line]
