"""The data keys: from the environment, or from a file that running processes read again when it changes."""

import asyncio
import json
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import structlog

from shared.security.sealing import Sealer
from shared.settings import Settings

LOOK_SECONDS: Final = 1.0
NOT_FOR_OTHERS: Final = stat.S_IRWXO

_log = structlog.get_logger()


class KeysUnusable(Exception):  # noqa: N818 - said to an operator
    """The key file is missing, open to everybody, or holds no keys."""


def read_keys(path: Path) -> dict[str, str]:
    """Return the keys of a file, in its order: the first one seals. KeysUnusable says what is wrong."""
    try:
        if path.stat().st_mode & NOT_FOR_OTHERS:
            message = f"{path} is open to every user: chmod o= it"
            raise KeysUnusable(message)
        keys = json.loads(path.read_bytes())
    except (OSError, ValueError) as problem:
        message = f"{path} cannot be read: {type(problem).__name__}"
        raise KeysUnusable(message) from None
    if not isinstance(keys, dict) or not all(isinstance(value, str) for value in keys.values()):
        message = f"{path} must hold a JSON object of key ids and keys"
        raise KeysUnusable(message)
    return keys


def sealer_of(settings: Settings) -> Sealer:
    """Return the sealer of a process."""
    path = settings.data_keys_file
    if path is None:
        return Sealer(settings.data_keys, algorithm=settings.sealing_algorithm)

    def reload() -> Mapping[str, str]:
        return read_keys(path)

    return Sealer(reload(), algorithm=settings.sealing_algorithm, reload=reload)


async def follow(sealer: Sealer, path: Path) -> None:
    """Take over the keys of a file whenever it changes, for ever; a bad file changes nothing."""
    seen = _mark(path)
    while True:
        await asyncio.sleep(LOOK_SECONDS)
        mark = _mark(path)
        if mark == seen:
            continue
        seen = mark
        try:
            sealer.use(read_keys(path))
        except (KeysUnusable, ValueError) as problem:
            _log.error("data_keys_unusable", error_type=type(problem).__name__)
        else:
            _log.info("data_keys_read", state=sealer.target)


def _mark(path: Path) -> tuple[int, ...]:
    try:
        found = path.stat()
    except OSError:
        return ()
    return (found.st_ino, found.st_mtime_ns, found.st_ctime_ns, found.st_size, found.st_mode)
