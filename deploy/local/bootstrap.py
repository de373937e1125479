"""Make .venv from the hashed lock. Run by the system's own Python: standard library only.

A stamp of what was installed makes every later start quick.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import platform
import shutil
import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
VENV = ROOT / ".venv"
STAMP = VENV / ".installed"
PYTHON = VENV / "bin" / "python"
SUPPORTED = ((3, 11), (3, 12))


def main() -> None:
    """Make the environment, or stop with one line that says what is missing."""
    use_supported_python()
    need_redis()
    VENV.mkdir(exist_ok=True)
    with (VENV / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # `make run` and `make test` may begin at the same time
        wanted = fingerprint()
        if STAMP.exists() and STAMP.read_text() == wanted:
            return
        install()
        STAMP.write_text(wanted)


def use_supported_python() -> None:
    """Go on in Python 3.11 or 3.12: the bundled servers have wheels for these."""
    if sys.version_info[:2] in SUPPORTED:
        return
    for name in ("python3.12", "python3.11"):
        if found := shutil.which(name):
            os.execv(found, [found, *sys.argv])  # noqa: S606 - the same script in another Python
    stop("Python 3.11 or 3.12 is needed: install one, or name it with PYTHON=/path/to/python3.12")


def need_redis() -> None:
    """Say at once, before anything is fetched, where no Redis will be found."""
    bundled = sys.platform == "linux" and platform.machine() == "x86_64"
    on_path = shutil.which("redis-server") or shutil.which("valkey-server")
    if not (bundled or on_path or os.environ.get("REDIS_URL")):
        stop("Redis is needed here: install redis-server or valkey-server, or set REDIS_URL")


def fingerprint() -> str:
    """Return what the environment depends on."""
    digest = hashlib.sha256(f"{sys.executable} {sys.version}".encode())
    for name in ("requirements.lock", "pyproject.toml"):
        digest.update((ROOT / name).read_bytes())
    return digest.hexdigest()


def install() -> None:
    """Install the lock with its hashes, then the project itself without touching the network."""
    say("making .venv and installing what requirements.lock names (the first time only) …")
    try:
        venv.create(VENV, with_pip=True, clear=False)
    except subprocess.CalledProcessError:
        stop("this Python cannot make a virtual environment: install its venv package (python3-venv)")
    pip("--require-hashes", "-r", str(ROOT / "requirements.lock"))
    pip("--no-deps", "--no-build-isolation", "-e", str(ROOT))


def pip(*arguments: str) -> None:
    """Run pip quietly; its own words explain a failure best."""
    command = [str(PYTHON), "-m", "pip", "install", "-q", "--no-input", "--disable-pip-version-check"]
    if subprocess.run([*command, *arguments], cwd=ROOT, check=False).returncode:
        stop("pip could not install the dependencies; what it said is above")


def say(line: str) -> None:
    """Print a line for people."""
    sys.stderr.write(f"yingjian: {line}\n")


def stop(line: str) -> None:
    """End with one clear line."""
    say(line)
    sys.exit(1)


if __name__ == "__main__":
    main()
