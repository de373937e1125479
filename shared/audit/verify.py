"""`python -m shared.audit.verify [FILE …] [--heads FILE …] [--public-key KEY …]`: is the log as it was?

Files are exports, checked offline; without any, the logs of the three services are exported and checked
against the heads under DATA_DIR. Ends with 1 if anything was found.
"""

import argparse
import asyncio
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from shared.audit.exporting import export_to
from shared.audit.heads import SignedHead, heads_file, read
from shared.audit.verifying import Finding, Verification
from shared.context import SCHEMAS
from shared.settings import Settings


def check_file(
    path: Path, heads: Sequence[SignedHead], trusted: frozenset[str] | None
) -> tuple[list[Finding], str]:
    """Return the findings of an export and a line about it."""
    with path.open("rb") as file:
        service = first_service(file.readline())
        file.seek(0)
        own = [each for each in heads if each.head.service == service]
        verification = Verification(own, trusted)
        began = time.perf_counter()
        found = verification.run(file)
        seconds = max(time.perf_counter() - began, 1e-9)
    rate = f"{verification.rows / seconds:,.0f} 行/秒 rows/s"
    said = f"{verification.rows} 行 rows, {len(own)} 链头 heads, {rate}"
    return found, f"{service}: {'完好 intact' if not found else f'{len(found)} 处问题 findings'}; {said}"


def first_service(line: bytes) -> str:
    """Return the service that an export's first line names, '' where it is none."""
    _, _, rest = line.partition(b'"service":"')
    return rest.partition(b'"')[0].decode("ascii", "replace")


async def check_service(
    settings: Settings, service: str, folder: Path, trusted: frozenset[str] | None = None
) -> tuple[list[Finding], str]:
    """Export a service's log into `folder` and check it against the heads kept outside the database."""
    path = folder / f"{service}.jsonl"
    await export_to(settings, service, path)
    kept = heads_file(settings, service)
    heads = read(kept.read_bytes().splitlines()) if kept.exists() else []
    return check_file(path, heads, trusted)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", type=Path, nargs="*", metavar="FILE")
    parser.add_argument("--heads", type=Path, nargs="*", default=[], help="heads that were kept outside")
    parser.add_argument("--public-key", nargs="*", help="who may have signed, base64; default: one, any")
    chosen = parser.parse_args(arguments)
    trusted = frozenset(chosen.public_key) if chosen.public_key else None
    if chosen.files:
        heads = [each for path in chosen.heads for each in read(path.read_bytes().splitlines())]
        checked = [check_file(path, heads, trusted) for path in chosen.files]
    else:
        settings = Settings()
        with tempfile.TemporaryDirectory() as folder:
            checked = [
                asyncio.run(check_service(settings, service, Path(folder), trusted)) for service in SCHEMAS
            ]
    for found, said in checked:
        sys.stdout.write("".join(f"{line}\n" for line in (said, *(f"  {each.text()}" for each in found))))
    return 1 if any(found for found, _ in checked) else 0


if __name__ == "__main__":
    sys.exit(main())
