"""Known vulnerabilities: of a local set of advisories, or asked of pip-audit's service.

pip-audit ends well and says "none found" also where it could ask about nothing; its own list of what it
skipped is what counts here.
"""

import json
import subprocess
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from packaging.version import InvalidVersion, Version

from deploy.audit.parts import Pinned

SECONDS: Final = 300


@dataclass(frozen=True, slots=True)
class Asked:
    """How many packages were looked up, and what is known of them; `of` is how many there are."""

    of: int
    audited: int
    known: list[str]

    def line(self) -> str:
        """Return it in one line: none known is not the same as nobody asked."""
        if self.audited < self.of:
            zh, en = "未能查询漏洞库", "could not ask for known vulnerabilities"
            return f"{zh} {en}: {self.audited} of {self.of} packages audited, {len(self.known)} known"
        return (
            f"已审计 audited: {self.audited} of {self.of} packages, {len(self.known)} known vulnerabilities"
        )


def of_directory(packages: list[Pinned], directory: Path) -> Asked:
    """Compare with advisories in OSV's format, one JSON file each, as they are carried across an air gap."""
    advisories = [json.loads(path.read_bytes()) for path in sorted(directory.rglob("*.json"))]
    if not advisories:
        return Asked(len(packages), 0, [])
    known = [
        f"{one.name} {one.version}: {advisory['id']}"
        for one in packages
        for advisory in advisories
        if not advisory.get("withdrawn") and any(_touches(one, each) for each in advisory.get("affected", ()))
    ]
    return Asked(len(packages), len(packages), known)


def _touches(one: Pinned, affected: Mapping[str, Any]) -> bool:
    package = affected.get("package", {})
    name = str(package.get("name", "")).lower().replace("_", "-").replace(".", "-")
    if package.get("ecosystem") != "PyPI" or name != one.name.replace(".", "-"):
        return False
    ranges = [each["events"] for each in affected.get("ranges", ()) if each.get("type") == "ECOSYSTEM"]
    return one.version in affected.get("versions", ()) or any(_within(one.version, each) for each in ranges)


def _within(version: str, events: Iterable[Mapping[str, str]]) -> bool:
    """Say whether a version lies in a range of OSV's events, which are in order."""
    inside = False
    try:
        ours = Version(version)
        for event in events:
            if "introduced" in event:
                inside = inside or event["introduced"] == "0" or ours >= Version(event["introduced"])
            elif ("fixed" in event and ours >= Version(event["fixed"])) or (
                "last_affected" in event and ours > Version(event["last_affected"])
            ):
                inside = False
    except InvalidVersion:
        return True  # it cannot be told: somebody must look
    return inside


def of_service(packages: list[Pinned], lock: Path) -> Asked:
    """Ask by pip-audit."""
    command = [sys.executable, "-m", "pip_audit", "-r", str(lock), "--require-hashes", "--disable-pip"]
    try:
        done = subprocess.run(  # noqa: S603 - a program of our own environment
            [*command, "-f", "json", "--progress-spinner", "off"],
            capture_output=True, text=True, timeout=SECONDS, check=False,
        )  # fmt: skip
        return read(json.loads(done.stdout), len(packages))
    except (OSError, ValueError, KeyError, subprocess.TimeoutExpired):
        return Asked(len(packages), 0, [])


def read(report: Mapping[str, Any], of: int) -> Asked:
    """Read pip-audit's report; what it skipped was not audited."""
    looked = [each for each in report["dependencies"] if "skip_reason" not in each]
    known = [f"{each['name']} {each['version']}: {one['id']}" for each in looked for one in each["vulns"]]
    return Asked(of, len(looked), known)
