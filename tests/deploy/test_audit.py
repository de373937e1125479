"""The audit tells "none known" from "nobody could be asked", and refuses what may not be shipped."""

import json
from pathlib import Path

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

from deploy.audit import __main__ as audit
from deploy.audit import advisories
from deploy.audit.advisories import Asked, of_directory, read
from deploy.audit.parts import Pinned, bill, forbidden, pinned

ALLOWED = json.loads(audit.POLICY.read_text())["allowed"]
LOCK = """\
other==2.0 \\
    --hash=sha256:{b}
    # via thing
thing[extra]==1.2.3 ; python_version < '3.13' \\
    --hash=sha256:{a} \\
    --hash=sha256:{b}
""".format(a="a" * 64, b="b" * 64)


def test_the_lock_is_read_with_its_hashes() -> None:
    assert pinned(LOCK) == [
        Pinned("other", "2.0", ("b" * 64,)),
        Pinned("thing", "1.2.3", ("a" * 64, "b" * 64)),
    ]


@pytest.mark.parametrize(
    ("licence", "refused"),
    [
        ("MIT", False),
        ("Apache-2.0 AND BSD-2-Clause", False),
        ("GPL-3.0-only OR MIT", False),
        ("BSD License", False),
        ("Mozilla Public License 2.0 (MPL 2.0)", False),
        ("", True),
        ("GPL-3.0-or-later", True),
        ("GNU Affero General Public License v3", True),
        ("GNU Lesser General Public License v2 or later (LGPLv2+)", True),
        ("MIT AND GPL-2.0-only", True),
        ("Proprietary", True),
    ],
)
def test_an_unknown_or_copyleft_licence_may_not_be_shipped(licence: str, *, refused: bool) -> None:
    assert forbidden(licence, ALLOWED) is refused


def test_the_bill_of_materials_is_valid_cyclonedx_and_always_the_same() -> None:
    packages = pinned(audit.LOCK.read_text())
    made = [json.dumps(bill(packages, {"arq": "MIT"}, name="yingjian", version="1")) for _ in range(2)]
    assert made[0] == made[1]
    assert len(json.loads(made[0])["components"]) == len(packages) > 50
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(made[0]) is None


def test_what_was_skipped_was_not_audited() -> None:
    skipped = {"name": "a", "skip_reason": "not found there"}
    looked = {"name": "b", "version": "1", "vulns": []}
    bad = {"name": "c", "version": "2", "vulns": [{"id": "X-1"}]}
    nobody = read({"dependencies": [skipped, skipped]}, 2)
    assert (nobody.audited, nobody.known) == (0, [])
    assert "could not ask" in nobody.line()
    assert "could not ask" in read({"dependencies": [skipped, looked]}, 2).line()
    assert "audited: 1 of 1 packages, 0 known" in read({"dependencies": [looked]}, 1).line()
    assert read({"dependencies": [looked, bad]}, 2).known == ["c 2: X-1"]


def advisory(name: str, **affected: object) -> str:
    package = {"ecosystem": "PyPI", "name": name}
    return json.dumps({"id": f"ADV-{name}", "affected": [{"package": package, **affected}]})


@pytest.mark.parametrize(
    ("events", "touched"),
    [
        ([{"introduced": "0"}, {"fixed": "1.2.4"}], True),
        ([{"introduced": "0"}, {"fixed": "1.2.3"}], False),
        ([{"introduced": "1.3"}], False),
        ([{"introduced": "1.0"}, {"last_affected": "1.2.3"}], True),
        ([{"introduced": "1.0"}, {"last_affected": "1.2.2"}], False),
        ([{"introduced": "0"}, {"fixed": "1.0"}, {"introduced": "1.2"}, {"fixed": "1.3"}], True),
    ],
)
def test_advisories_from_a_directory_are_compared_by_version(
    tmp_path: Path, events: list[dict[str, str]], *, touched: bool
) -> None:
    ranges = [{"type": "ECOSYSTEM", "events": events}]
    (tmp_path / "one.json").write_text(advisory("thing", ranges=ranges))
    asked = of_directory(pinned(LOCK), tmp_path)
    assert (asked.audited, bool(asked.known)) == (2, touched)


def test_an_empty_directory_is_nobody_asked(tmp_path: Path) -> None:
    assert of_directory(pinned(LOCK), tmp_path).audited == 0


@pytest.mark.parametrize(
    ("asked", "code"),
    [(Asked(2, 2, []), 0), (Asked(2, 0, []), 3), (Asked(2, 1, []), 3), (Asked(2, 1, ["x"]), 1)],
)
def test_the_exit_code_tells_the_three_apart(
    asked: Asked, code: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATA_DIR", str(tmp_path))
    monkeypatch.delenv("OFFLINE", raising=False)
    monkeypatch.delenv("ADVISORIES", raising=False)
    monkeypatch.setattr(advisories, "of_service", lambda *_: asked)
    assert audit.main() == code


def test_what_is_shipped_today_passes_without_the_network(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DATA_DIR", str(tmp_path))
    monkeypatch.setenv("OFFLINE", "1")
    assert audit.main() == 0
    told = capsys.readouterr().out
    assert "not asked for (offline)" in told
    assert "at most" in told
    assert (tmp_path / "sbom.json").exists()
