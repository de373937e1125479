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
LOCK_FILE = ROOT / "requirements.lock"
SUPPORTED = ((3, 11), (3, 12))


def main() -> None:
    """Make the environment, or stop with one line that says what is missing."""
    use_supported_python()
    need_redis()
    with LOCK_FILE.open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # `make run` and `make test` may begin at the same time
        wanted = f"{ROOT}\n{fingerprint()}"
        stamped = STAMP.read_text() if STAMP.exists() else ""
        if stamped == wanted and PYTHON.exists():
            return
        STAMP.unlink(missing_ok=True)
        install(usable=stamped.startswith(f"{ROOT}\n") and works())
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
    digest = hashlib.sha256()
    for name in ("requirements.lock", "pyproject.toml"):
        digest.update((ROOT / name).read_bytes())
    return digest.hexdigest()


def works() -> bool:
    """Tell whether the environment's Python runs: the one that it was made from may be gone."""
    if not PYTHON.exists():
        return False
    return subprocess.run([str(PYTHON), "-c", "import ssl, pip"], check=False).returncode == 0


def install(*, usable: bool) -> None:
    """Install the lock with its hashes, then the project itself without touching the network."""
    if not usable:
        say("making .venv and installing what requirements.lock names (the first time only) …")
        make_environment()
    pip("--require-hashes", "-r", str(LOCK_FILE))
    pip("--no-deps", "--no-build-isolation", "-e", str(ROOT))


def make_environment() -> None:
    """Make .venv anew: what another Python or another place has left in it would not run."""
    try:
        venv.create(VENV, with_pip=True, clear=True, symlinks=True)
    except subprocess.CalledProcessError:
        stop("this Python cannot make a virtual environment: install its venv package (python3-venv)")


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
