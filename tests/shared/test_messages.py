"""Every message version has a golden file: what was stored once must be readable for ever."""

import json
from pathlib import Path

import msgspec
import pytest

from shared.messages import decode, encode
from shared.messages.base import known_types
from shared.routing import ROUTES

GOLDEN = Path(__file__).parent.parent / "golden"
VERSIONS = sorted(known_types())


def golden(name: str, version: int) -> bytes:
    return (GOLDEN / f"{name}.v{version}.json").read_bytes()


@pytest.mark.parametrize(("name", "version"), VERSIONS)
def test_a_stored_body_reads_back_as_it_was_written(name: str, version: int) -> None:
    body = golden(name, version)

    message = decode(name, version, body)

    assert json.loads(encode(message)) == json.loads(body)


@pytest.mark.parametrize(("name", "version"), VERSIONS)
def test_a_newer_sender_may_add_a_field(name: str, version: int) -> None:
    body = json.loads(golden(name, version)) | {"a_later_field": 1}

    message = decode(name, version, json.dumps(body).encode())

    assert message == decode(name, version, golden(name, version))


def test_golden_files_and_message_types_are_the_same_set() -> None:
    files = {path.stem.rpartition(".v")[0] for path in GOLDEN.glob("*.json")}

    assert files == {name for name, _ in VERSIONS}


def test_every_message_is_routed_and_every_route_has_a_message() -> None:
    assert set(ROUTES) == {name for name, _ in VERSIONS}


def test_an_unknown_message_is_refused() -> None:
    with pytest.raises(KeyError):
        decode("no.such_message", 1, b"{}")


def test_a_body_of_the_wrong_shape_is_refused() -> None:
    with pytest.raises(msgspec.ValidationError):
        decode("batch.part_received", 1, b'{"batch_id": 1, "part": "x"}')
