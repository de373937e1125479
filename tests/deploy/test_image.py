"""The image's commands are those that compose starts, and it does not run as root."""

import re
from pathlib import Path

DEPLOY = Path(__file__).resolve().parents[2] / "deploy"
PROCESSES = {
    f"{service}-{part}"
    for service in ("registry", "results-ingest", "notifier")
    for part in ("api", "worker")
}


def test_the_entry_point_knows_six_processes_and_the_migration() -> None:
    commands = set(re.findall(r"^    ([a-z-]+)\) ", (DEPLOY / "entrypoint.sh").read_text(), re.MULTILINE))
    assert commands == PROCESSES | {"migrate"}


def test_compose_starts_every_command() -> None:
    commands = set(re.findall(r"command: \[([a-z-]+)\]", (DEPLOY / "compose.yaml").read_text()))
    assert commands == PROCESSES | {"migrate"}


def test_the_image_runs_as_a_user_without_rights() -> None:
    user = re.findall(r"^USER (\d+)", (DEPLOY / "Dockerfile").read_text(), re.MULTILINE)
    assert user == ["10001"]
