"""What the lock names, under which licences, and the bill of materials of it; no network."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib.metadata import PackageMetadata, PackageNotFoundError, metadata
from typing import Any, Final

_PIN: Final = re.compile(r"^([A-Za-z0-9][A-Za-z0-9._-]*)(?:\[[^]]*\])?==([^\s;\\]+)", re.MULTILINE)
_HASH: Final = re.compile(r"--hash=sha256:([0-9a-f]{64})")
_WORDS: Final = {
    "apache": "Apache-2.0",
    "mozilla": "MPL-2.0",
    "mpl": "MPL-2.0",
    "isc": "ISC",
    "python software foundation": "PSF-2.0",
    "psf": "PSF-2.0",
    "0bsd": "0BSD",
    "mit-0": "MIT-0",
    "mit": "MIT",
    "bsd": "BSD",
}


@dataclass(frozen=True, slots=True)
class Pinned:
    """A package as the lock pins it."""

    name: str
    version: str
    hashes: tuple[str, ...]


def pinned(lock: str) -> list[Pinned]:
    """Return the packages of a lock, by name."""
    found = list(_PIN.finditer(lock))
    ends = [each.start() for each in found[1:]] + [len(lock)]
    packages = [
        Pinned(each[1].lower(), each[2], tuple(sorted(_HASH.findall(lock[each.start() : end]))))
        for each, end in zip(found, ends, strict=True)
    ]
    return sorted(packages, key=lambda one: (one.name, one.version))


def licence_of(name: str, known: Mapping[str, str]) -> str:
    """Return what a package says of its licence, or an empty text where it says nothing."""
    try:
        about = metadata(name)
    except PackageNotFoundError:
        return known.get(name, "")
    return said(about) or known.get(name, "")


def said(about: PackageMetadata) -> str:
    """Return the licence of installed metadata: the expression, else the classifiers, else the field."""
    if "License-Expression" in about:
        return about["License-Expression"]
    classified = [
        each.rpartition("::")[2].strip()
        for each in about.get_all("Classifier") or []
        if each.startswith("License ::") and "approved" not in each.rpartition("::")[2]
    ]
    field = about["License"] if "License" in about else ""  # noqa: SIM401 - it has no typed get
    return "; ".join(classified) or field.strip().partition("\n")[0][:80]


def forbidden(licence: str, allowed: Iterable[str]) -> bool:
    """Say whether a licence may not be shipped: unknown, or with no allowed alternative."""
    if not licence:
        return True
    names = set(allowed)
    return not any(
        all(_normal(part) in names for part in re.split(r"\s+AND\s+|;", choice, flags=re.IGNORECASE))
        for choice in re.split(r"\s+OR\s+", licence.strip("()"), flags=re.IGNORECASE)
    )


def _normal(licence: str) -> str:
    text = licence.strip(" ()").lower()
    if "gpl" in text or "general public" in text or "affero" in text:
        return "copyleft"
    return next((name for word, name in _WORDS.items() if word in text), text)


def bill(
    packages: Iterable[Pinned], licences: Mapping[str, str], *, name: str, version: str
) -> dict[str, Any]:
    """Return a CycloneDX 1.6 document: the same bytes for the same lock, so without time and serial."""
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {"component": {"type": "application", "name": name, "version": version, "bom-ref": name}},
        "components": [_component(one, licences.get(one.name, "")) for one in packages],
    }


def _component(one: Pinned, licence: str) -> dict[str, Any]:
    purl = f"pkg:pypi/{one.name}@{one.version}"
    component: dict[str, Any] = {
        "type": "library",
        "bom-ref": purl,
        "name": one.name,
        "version": one.version,
        "purl": purl,
        # One artefact of several is installed; which one depends on the machine.
        "properties": [{"name": "yingjian:sha256", "value": each} for each in one.hashes],
    }
    if licence:
        component["licenses"] = [{"license": {"name": licence}}]
    return component
