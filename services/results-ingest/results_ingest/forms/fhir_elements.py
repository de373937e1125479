"""Elements of FHIR resources as texts: codes, identifiers, names, times."""

from collections.abc import Mapping
from typing import Any, Final

from results_ingest.forms import said
from results_ingest.forms.fhir_bundle import Node, listed, mapping, text_of

ANALYSED: Final = (
    "http://hl7.org/fhir/StructureDefinition/observation-analysis-date-time",
    "https://reportstream.cdc.gov/fhir/StructureDefinition/analysis-date-time",
)


def names_of(concept: object) -> list[str]:
    """Return the codes and texts of a CodeableConcept, or a plain text."""
    if isinstance(concept, str):
        return [concept]
    found = [text_of(mapping(coding).get("code")) for coding in listed(mapping(concept).get("coding"))]
    found += [text_of(mapping(coding).get("display")) for coding in listed(mapping(concept).get("coding"))]
    return [name for name in (*found, text_of(mapping(concept).get("text"))) if name]


def identifiers_of(resource: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return the identifiers of a resource, one or many."""
    given = resource.get("identifier")
    return [mapping(each) for each in (given if isinstance(given, list) else [given])]


def name_of(patient: Node) -> str:
    """Return a patient's first name as it is written, '' without one."""
    names = [mapping(name) for name in listed(patient.resource.get("name"))]
    if not names:
        return ""
    given = [text_of(each) for each in listed(names[0].get("given"))]
    return text_of(names[0].get("text")) or said.written_name([text_of(names[0].get("family")), *given])


def analysed(observation: Node | None) -> str:
    """Return when an observation says that it was analysed, '' where it does not."""
    extensions = listed(observation.resource.get("extension")) if observation else []
    found = (
        mapping(each).get("valueDateTime") for each in extensions if mapping(each).get("url") in ANALYSED
    )
    return next((text for each in found if (text := text_of(each))), "")


def moment_of(resource: Mapping[str, Any], name: str) -> object | None:
    """Return an element that may be a time, an instant or a period: then its start."""
    plain = resource.get(f"{name}DateTime") or resource.get(f"{name}Instant")
    return plain or mapping(resource.get(f"{name}Period")).get("start")


def shown_of(concept: object) -> str:
    """Return a CodeableConcept as a text: its own, else a display, else a code."""
    codings = [mapping(coding) for coding in listed(mapping(concept).get("coding"))]
    shown = [text_of(mapping(concept).get("text"))]
    shown += [text_of(coding.get(name)) for name in ("display", "code") for coding in codings]
    return next((text for text in shown if text), "")
