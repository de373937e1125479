"""Which standards are taken here, and reading one of them."""

from importlib.util import find_spec
from typing import Final

from results_ingest.forms import errors
from results_ingest.forms.fhir_rows import read_fhir
from results_ingest.forms.hl7_rows import read_hl7
from results_ingest.forms.limits import FormLimits
from results_ingest.forms.said import Told
from results_ingest.settings import ResultsIngestSettings
from results_ingest.sheets.reading import Saved
from shared.errors import Problem

HL7: Final = "application/hl7-v2"
FHIR: Final = "application/fhir+json"
FORMS: Final = (HL7, FHIR)
_NAMES: Final = {HL7: "hl7", FHIR: "fhir"}
_EXTRAS: Final = {FHIR: "fhir"}
"""What an extra of the project brings, by the package that it is found by."""


def require(settings: ResultsIngestSettings, media_type: str) -> None:
    """Refuse a standard that is switched off or whose extra is not installed: Problem 415."""
    package = _EXTRAS.get(media_type)
    if _NAMES[media_type] not in settings.optional_forms or (package and find_spec(package) is None):
        raise Problem(errors.FORM_UNAVAILABLE)


def limits_of(settings: ResultsIngestSettings) -> FormLimits:
    """Return the limits that the settings ask for."""
    return FormLimits(
        segments=settings.hl7_most_segments,
        segment_bytes=settings.hl7_segment_bytes,
        resources=settings.fhir_most_resources,
        values=settings.fhir_most_values,
    )


def read_form(raw: bytes, media_type: str, limits: FormLimits, saved: Saved, *, charset: str | None) -> Told:
    """Return what a body says; Problem 400, 413, 415 or 422."""
    if media_type == FHIR:
        return read_fhir(raw, limits, saved)
    return read_hl7(raw, limits, saved, charset=charset)
