"""The OpenAPI documents say, Chinese first, what every parameter and every listed value is."""

import importlib
from pathlib import Path
from typing import Any

import pytest

from shared.web.glossary import VALUES, values_of
from tests.support.servers import Address
from tests.support.system import PACKAGES, settings_of


def chinese(text: str) -> bool:
    """Say whether Chinese comes within the first words."""
    return any("一" <= each <= "鿿" for each in text[:40])


def document_of(service: str, data_dir: Path) -> dict[str, Any]:
    """Return a service's document; nothing is started for it."""
    nowhere = Address("postgresql://user@127.0.0.1:1", "redis://127.0.0.1:1", "no role has this secret")
    values = {**nowhere.values("none"), "data_dir": data_dir}
    module = importlib.import_module(f"{PACKAGES[service]}.app")
    document: dict[str, Any] = module.create(settings_of(service, values)).openapi()
    return document


@pytest.mark.parametrize("service", PACKAGES)
def test_every_operation_and_parameter_is_described_in_chinese_first(service: str, tmp_path: Path) -> None:
    document = document_of(service, tmp_path)
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            where = f"{method} {path}"
            assert chinese(operation.get("summary", "")), where
            for parameter in operation.get("parameters", ()):
                assert chinese(parameter.get("description", "")), f"{where}: {parameter['name']}"


@pytest.mark.parametrize("service", ["registry", "results-ingest"])
def test_every_value_that_lists_filter_by_is_explained(service: str, tmp_path: Path) -> None:
    document = document_of(service, tmp_path)
    unexplained = {
        value
        for methods in document["paths"].values()
        for operation in methods.values()
        for parameter in operation.get("parameters", ())
        for value in values_of(parameter["schema"])
        if value not in VALUES or VALUES[value] not in parameter["description"]
    }
    assert unexplained == set()
