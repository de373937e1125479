"""Exit code 0: all is well; 1: something was found; 3: nothing was found, but nobody could be asked.

OFFLINE=1 asks nobody and says so; ADVISORIES=directory reads advisories from there.
"""

import json
import os
import sys
import tomllib
from pathlib import Path
from typing import Any, Final

from deploy.audit import advisories
from deploy.audit.parts import Pinned, bill, forbidden, licence_of, pinned
from deploy.runtime_lock import declared, runtime_part

ROOT: Final = Path(__file__).resolve().parents[2]
LOCK: Final = ROOT / "requirements.lock"
POLICY: Final = Path(__file__).with_name("policy.json")
COULD_NOT_ASK: Final = 3
EXTRAS: Final = ("bots", "documents", "fhir")
"""What an image may be built with beside what every one has: its licences count too."""


def main() -> int:
    """Audit what is shipped; return the exit code."""
    policy: dict[str, Any] = json.loads(POLICY.read_text())
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    lock = LOCK.read_text()
    shipped = pinned(runtime_part(lock, declared(project)))
    offered = pinned(runtime_part(lock, declared(project, EXTRAS)))
    licences = {one.name: licence_of(one.name, policy["known"]) for one in offered}
    wrong = [*_unfit(licences, policy), *_too_many(shipped, policy)]
    content = bill(shipped, licences, name="yingjian", version=project["project"]["version"])
    place = Path(os.environ.get("DATA_DIR") or ROOT / ".run") / "sbom.json"
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text(json.dumps(content, ensure_ascii=False, indent=1, sort_keys=True) + "\n")
    _say(f"物料清单 bill of materials: {len(shipped)} packages in {place}")
    asked = _ask(pinned(lock))
    for each in [*wrong, *(asked.known if asked else ())]:
        _say(f"发现 found: {each}")
    if wrong or (asked and asked.known):
        return 1
    return COULD_NOT_ASK if asked and asked.audited < asked.of else 0


def _unfit(licences: dict[str, str], policy: dict[str, Any]) -> list[str]:
    for name, reason in policy["exceptions"].items():
        if name in licences:
            _say(f"许可例外 licence by exception: {name}: {reason}")
    return [
        f"{name}: {licence or 'no licence is known'}"
        for name, licence in licences.items()
        if name not in policy["exceptions"] and forbidden(licence, policy["allowed"])
    ]


def _too_many(shipped: list[Pinned], policy: dict[str, Any]) -> list[str]:
    most = policy["most_runtime_dependencies"]
    _say(f"运行时依赖 runtime dependencies: {len(shipped)} of at most {most}")
    return [f"{len(shipped)} runtime dependencies, at most {most}"] if len(shipped) > most else []


def _ask(packages: list[Pinned]) -> advisories.Asked | None:
    if os.environ.get("OFFLINE", "") not in {"", "0"}:
        _say("未查询漏洞库(离线) known vulnerabilities were not asked for (offline)")
        return None
    directory = os.environ.get("ADVISORIES")
    if directory:
        asked = advisories.of_directory(packages, Path(directory))
    else:
        asked = advisories.of_service(packages, LOCK)
    _say(asked.line())
    return asked


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")


if __name__ == "__main__":
    sys.exit(main())
