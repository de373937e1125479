"""FHIR R4: DiagnosticReports and Observations as rows, each with the resources that it was read from."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from results_ingest.forms import errors, said, terms
from results_ingest.forms.fhir_bundle import Library, Node, listed, mapping, open_body, text_of
from results_ingest.forms.fhir_elements import (
    analysed,
    identifiers_of,
    moment_of,
    name_of,
    names_of,
    shown_of,
)
from results_ingest.forms.limits import FormLimits
from results_ingest.forms.said import Row, Told, Words
from results_ingest.sheets.reading import Fault, Saved
from results_ingest.tubes.errors import POOL_OF_POOLS
from shared.errors import TOO_MANY_ROWS, WRONG_TYPE, Problem, RowError
from shared.result_ids import MOST_ROWS

TUBE: Final = "urn:yingjian:tube-code"
RESULT_ID: Final = "urn:yingjian:result-id"
ROW: Final = "urn:yingjian:row"
_FINAL: Final = frozenset({"final", "appended", "amended", "corrected"})
_CORRECTED: Final = frozenset({"amended", "corrected"})


@dataclass(frozen=True, slots=True)
class Source:
    """The resources that a row was read from; what is not there is None."""

    report: Node | None = None
    observation: Node | None = None
    specimen: Node | None = None
    patient: Node | None = None


@dataclass(slots=True)
class Carried:
    """Where each row of a body stood."""

    sources: list[Source] = field(default_factory=list)


def read_fhir(raw: bytes, limits: FormLimits, saved: Saved) -> Told:
    """Return what a body says; Problem 400, 413 or 422 where nothing of it can be read."""
    library, number = open_body(raw, limits)
    words, carried = said.words_of(saved), Carried()
    told = Told(number, carried)
    results = list(_results(library, words))
    if len(results) > MOST_ROWS:  # before the models of any of them are asked
        raise Problem(TOO_MANY_ROWS, limit=MOST_ROWS)
    for report, observation, siblings in results:
        _tell(_Reading(library, words, report, observation, siblings), told, carried)
    if not told.rows:
        tests = any(node.kind == "Observation" for node in library.nodes)
        raise Problem(errors.TEST_NOT_COVERED if tests else errors.NO_RESULT)
    return told


def _results(library: Library, words: Words) -> Iterator[tuple[Node | None, Node | None, Sequence[Node]]]:
    """Yield a report with each of its results that is covered, or with none; then what stands alone."""
    seen: set[int] = set()
    for report in library.nodes:
        if report.kind != "DiagnosticReport":
            continue
        found = list(_members(library, report, "result", set()))
        seen.update(map(id, found))
        covered = [one for one in found if _kind_of(one, words)]
        for one in covered:
            yield report, one, found
        if not covered:
            yield report, None, found
    for node in library.nodes:
        if node.kind == "Observation" and id(node) not in seen and _kind_of(node, words):
            yield None, node, [node]


def _members(library: Library, holder: Node, name: str, seen: set[int]) -> Iterator[Node]:
    """Yield the results that a report lists, and the members of those that are panels."""
    for reference in listed(holder.resource.get(name)):
        found = library.find(reference, holder)
        if found is not None and found.kind == "Observation" and id(found) not in seen:
            seen.add(id(found))
            yield found
            yield from _members(library, found, "hasMember", seen)


def _kind_of(observation: Node, words: Words) -> str | None:
    return words.kind_of(names_of(observation.resource.get("code")))


@dataclass(frozen=True, slots=True)
class _Reading:
    """One result and all that it may be read from."""

    library: Library
    words: Words
    report: Node | None
    observation: Node | None
    siblings: Sequence[Node]

    @property
    def holders(self) -> list[Node]:
        """Return the result, then its report."""
        return [node for node in (self.observation, self.report) if node is not None]

    def first(self, name: str) -> Any:  # noqa: ANN401 - any JSON value
        """Return an element of the result, else of its report."""
        return next((node.resource[name] for node in self.holders if name in node.resource), None)


def _tell(reading: _Reading, told: Told, carried: Carried) -> None:
    row: Row = {}
    wrong: list[Fault] = []
    specimen = _specimen(row, wrong, reading)
    patient = _person(row, wrong, reading, specimen)
    source = Source(reading.report, reading.observation, specimen, patient)
    if reading.observation is None:
        wrong.append((None, errors.NO_RESULT.code if not reading.siblings else errors.TEST_NOT_COVERED.code))
    else:
        _result(row, wrong, reading, reading.observation)
    used = [node for node in (reading.report, reading.observation, specimen, patient) if node is not None]
    wrong += [fault for node in used for fault in node.wrong()]
    said.put_constants(row, reading.words)
    kept = json.dumps([node.resource for node in used], sort_keys=True) if wrong else ""
    number = told.add(row, wrong, kept)
    carried.sources.append(source)
    if "tested_at" in row and not analysed(reading.observation):
        told.notes.append(RowError(number, "tested_at", errors.TESTED_AT_ASSUMED.code))


def _result(row: Row, wrong: list[Fault], reading: _Reading, observation: Node) -> None:
    resource = observation.resource
    ref = said.code_or_none(text_of(resource.get("id")))
    if ref is not None:
        row["row_ref"] = ref
    row["test_kind"] = _kind_of(observation, reading.words) or ""
    names = names_of(resource.get("valueCodeableConcept")) or names_of(resource.get("valueString"))
    if not names:
        names = [name for one in listed(resource.get("interpretation")) for name in names_of(one)]
    outcome = reading.words.outcome_of(names)
    if isinstance(outcome, tuple):
        wrong.append(outcome)
    elif outcome is not None:
        row["outcome"] = outcome
    _put(row, "kit", shown_of(resource.get("method")))
    released = (reading.report or observation).resource.get("issued")
    _put(row, "released_at", released)
    _put(row, "tested_at", analysed(observation) or resource.get("issued") or released)
    interpreters = listed(reading.first("resultsInterpreter"))
    if interpreters:
        _put(row, "reviewer_code", mapping(mapping(interpreters[0]).get("identifier")).get("value"))
    _cycles(row, wrong, reading, observation)
    _status(row, wrong, reading, resource)


def _status(row: Row, wrong: list[Fault], reading: _Reading, resource: Mapping[str, Any]) -> None:
    if any(text_of(node.resource.get("status")) not in _FINAL for node in reading.holders):
        wrong.append((None, errors.NOT_FINAL.code))
    elif resource.get("status") in _CORRECTED:
        by = {text_of(each.get("system")): text_of(each.get("value")) for each in identifiers_of(resource)}
        batch_no, _, number = by.get(ROW, "").rpartition("/")
        named = (by.get(RESULT_ID, ""), "") if RESULT_ID in by else (number, batch_no)
        notes = (text_of(mapping(note).get("text")) for note in listed(resource.get("note")))
        said.put_correction(row, wrong, named, " ".join(filter(None, notes)))


def _cycles(row: Row, wrong: list[Fault], reading: _Reading, observation: Node) -> None:
    """Put the Ct values of the result's components, and of results that its report lists beside it."""
    beside = [node.resource for node in reading.siblings if node is not observation]
    for each in (*listed(observation.resource.get("component")), *beside):
        name = reading.words.value_of(names_of(mapping(each).get("code")))
        if name is None:
            continue
        value = mapping(mapping(each).get("valueQuantity")).get("value")
        if type(value) is int or type(value) is float:
            row[name] = value
        else:
            wrong.append((name, WRONG_TYPE.code))


def _specimen(row: Row, wrong: list[Fault], reading: _Reading) -> Node | None:
    reference = reading.observation.resource.get("specimen") if reading.observation else None
    if reference is None and reading.report is not None:
        of_report = listed(reading.report.resource.get("specimen"))
        if len(of_report) > 1:
            wrong.append((None, errors.SEVERAL_SPECIMENS.code))
        reference = of_report[0] if of_report else None
    node = next(
        (found for holder in reading.holders if (found := reading.library.find(reference, holder))), None
    )
    if reference is not None and node is None:
        logical = text_of(mapping(mapping(reference).get("identifier")).get("value"))
        if not logical:
            wrong.append(("tube_code", errors.REFERENCE_UNRESOLVED.code))
        _put(row, "tube_code", logical)
    if node is not None:
        _tube(row, wrong, reading, node)
    collected = moment_of(mapping(mapping(node.resource if node else None).get("collection")), "collected")
    taken = (collected, *(moment_of(holder.resource, "effective") for holder in reading.holders))
    _put(row, "collected_at", next((each for each in taken if each is not None), None))
    return node


def _tube(row: Row, wrong: list[Fault], reading: _Reading, node: Node) -> None:
    parents = listed(node.resource.get("parent"))
    found = [reading.library.find(parent, node) for parent in parents]
    if any(parent is not None and len(listed(parent.resource.get("parent"))) > 1 for parent in found):
        wrong.append(("tube_code", POOL_OF_POOLS.code))
    tube = tube_of(node)
    if not tube and len(found) == 1 and found[0] is not None:
        tube = tube_of(found[0])
    _put(row, "tube_code", tube)
    if len(parents) > 1:
        row["mode"] = "mixed"
    _put(row, "received_at", node.resource.get("receivedTime"))
    _put(row, "specimen_type", shown_of(node.resource.get("type")))


def tube_of(node: Node) -> str:
    """Return a specimen's tube code: by its system, else its accession, its only number, its container's."""
    given = identifiers_of(node.resource)
    own = [text_of(each.get("value")) for each in given if each.get("system") == TUBE]
    if own:
        return own[0]
    accession = text_of(mapping(node.resource.get("accessionIdentifier")).get("value"))
    values = {text_of(each.get("value")) for each in given} - {""}
    boxes = [box for each in listed(node.resource.get("container")) for box in identifiers_of(mapping(each))]
    held = {text_of(each.get("value")) for each in boxes} - {""}
    return accession or (values.pop() if len(values) == 1 else held.pop() if len(held) == 1 else "")


def _person(row: Row, wrong: list[Fault], reading: _Reading, specimen: Node | None) -> Node | None:
    holders = [*reading.holders, *([specimen] if specimen else [])]
    given = [(holder, holder.resource["subject"]) for holder in holders if "subject" in holder.resource]
    found = [(reading.library.find(subject, holder), subject) for holder, subject in given]
    subjects = {id(node): node for node, _ in found if node is not None}
    if any(node.kind == "Group" for node in subjects.values()):
        row["mode"] = "mixed"
    patients = [node for node in subjects.values() if node.kind == "Patient"]
    identifiers = [each for node in patients for each in identifiers_of(node.resource)]
    identifiers += [mapping(mapping(subject).get("identifier")) for node, subject in found if node is None]
    known = [
        (kind, text_of(each.get("value")))
        for each in identifiers
        if (kind := _identifier_kind(each, reading.words)) and text_of(each.get("value"))
    ]
    if len(patients) > 1:
        wrong.append((terms.HEALTH_CODE, errors.SEVERAL_IDENTITIES.code))
        return None
    said.put_identity(row, wrong, known, name_of(patients[0]) if patients else "")
    return patients[0] if patients and known else None


def _identifier_kind(identifier: Mapping[str, Any], words: Words) -> str | None:
    names = [text_of(identifier.get("system")), *names_of(identifier.get("type"))]
    return next(
        (words.identifiers[name.lower()] for name in names if name.lower() in words.identifiers), None
    )


def _put(row: Row, name: str, value: object) -> None:
    if value not in (None, ""):
        row[name] = value
