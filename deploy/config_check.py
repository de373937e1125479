"""`make config-check`: every effective setting, masked, and whatever a start would refuse."""

import asyncio
import sys
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlsplit, urlunsplit

from pydantic import ValidationError

from notifier.settings import NotifierSettings
from registry.settings import RegistrySettings
from results_ingest.settings import ResultsIngestSettings
from shared.selfcheck.looking import findings, say
from shared.settings import Settings

SERVICES: Final[dict[str, type[Settings]]] = {
    "registry": RegistrySettings,
    "results-ingest": ResultsIngestSettings,
    "notifier": NotifierSettings,
}
SECRET: Final = ("key", "secret", "token", "password", "phone")
PLAIN: Final = frozenset({"token_issuer", "data_dir"})


def masked(name: str, value: Any) -> str:  # noqa: ANN401 - whatever a setting holds
    """Return a setting as it may be shown: no key, no secret, no password."""
    if value is None or value in ("", {}):
        return "(未设置 not set)"
    if isinstance(value, Mapping) and name.endswith(("keys", "secrets", "bot_urls")):
        return f"{', '.join(value)}: ****"
    if name not in PLAIN and any(word in name for word in SECRET):
        return "****"
    if name.endswith("_url"):
        parts = urlsplit(str(value))
        if parts.password:
            host = parts.netloc.rpartition("@")[2]
            return urlunsplit(parts._replace(netloc=f"{parts.username or ''}:****@{host}"))
    return str(value)


def main() -> int:
    """Print and check; the exit code says whether all three services would start."""
    unsafe = False
    shown: set[str] = set()
    for service, kind in SERVICES.items():
        try:
            settings = kind()
        except ValidationError as error:
            for each in error.errors(include_input=False, include_url=False):
                name = ".".join(map(str, each["loc"])).upper()
                sys.stderr.write(f"拒绝启动 refused [setting] {name or service}: {each['msg']}\n")
            unsafe = True
            continue
        for name, value in settings.model_dump().items():
            if name not in shown:
                shown.add(name)
                sys.stdout.write(f"{name.upper()} = {masked(name, value)}\n")
        sys.stdout.flush()
        found = asyncio.run(findings(settings, service=service, wait=0))
        sys.stdout.write(f"-- {service}: {len(found)} 项 findings\n")
        sys.stdout.flush()
        unsafe = say(found) or unsafe
    return 1 if unsafe else 0


if __name__ == "__main__":
    sys.exit(main())
