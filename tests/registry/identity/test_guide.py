"""The guide for laboratories does what it says: its own commands and programs, run as they stand."""

import asyncio
import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from tests.registry.identity.conftest import Registry
from tests.registry.identity.signing_clients import GRANT, TYPE, register

GUIDE = Path(__file__).resolve().parents[3] / "docs" / "signing-in.md"


def blocks(language: str) -> list[str]:
    """Return the guide's blocks of a language."""
    return re.findall(rf"```{language}\n(.*?)```", GUIDE.read_text(), re.DOTALL)


def make_key(place: Path) -> None:
    """Make the key as the guide says; where there is no openssl, by a library."""
    if shutil.which("openssl"):
        subprocess.run(["sh", "-ec", blocks("sh")[0]], cwd=place, check=True, capture_output=True)
        return
    key = ec.generate_private_key(ec.SECP256R1())
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    public = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    (place / "lab.pem").write_bytes(private)
    (place / "lab.pub.pem").write_bytes(public)


def run(place: Path, program: str, *arguments: str) -> str:
    """Run a program of the guide and return what it prints."""
    done = subprocess.run(
        [sys.executable, "-c", program, *arguments], cwd=place, check=True, capture_output=True, text=True
    )
    return done.stdout.strip()


async def test_a_laboratory_that_follows_the_guide_gets_a_token(registry: Registry, tmp_path: Path) -> None:
    to_jwk, to_assertion = blocks("python")
    await asyncio.to_thread(make_key, tmp_path)
    client_id, _ = await registry.make(scopes=["results:write"], lab_code="LAB01")
    jwk = json.loads(await asyncio.to_thread(run, tmp_path, to_jwk))
    added = await register(registry, client_id, jwk)
    assert added.status_code == 201, added.text
    signed = await asyncio.to_thread(run, tmp_path, to_assertion, client_id, added.json()["kid"])
    form = {**GRANT, "client_assertion_type": TYPE, "client_assertion": signed}
    answer = await registry.http.post("/v1/oauth/token", data=form)
    assert (answer.status_code, answer.json().get("scope")) == (200, "results:write")


@pytest.mark.parametrize("text", [TYPE, "grant_type=client_credentials", "secret_refused", "/keys"])
def test_the_guide_shows_the_requests(text: str) -> None:
    assert any(text in block for block in blocks("sh"))
