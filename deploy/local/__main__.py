"""`python -m deploy.local`: run, reset, backup, restore, exec, client, token."""

import json
import os
import subprocess
import sys

from deploy.local import backup, greeting, restore, run
from deploy.local.reset import reset
from deploy.local.state import State, data_dir

USAGE = (
    "usage: python -m deploy.local run | reset | backup | restore [--to MOMENT] [--backup NAME] |\n"
    "       restore-drill [--to MOMENT] | exec COMMAND … | client NAME | token NAME"
)


def main(arguments: list[str]) -> int:
    """Do what the first argument says; return the exit code."""
    match arguments:
        case ["run"]:
            return run.main()
        case ["reset"]:
            return reset()
        case ["backup"]:
            return backup.main()
        case ["restore", *options]:
            return restore.main(options)
        case ["restore-drill", *options]:
            return restore.drill_main(options)
        case ["exec", *command] if command:
            return join(command)
        case ["client", name]:
            client_id, secret, _ = greeting.client_of(name)
            sys.stdout.write(f"{client_id}:{secret}\n")
        case ["token", name]:
            sys.stdout.write(f"{greeting.token_of(name)}\n")
        case _:
            sys.stderr.write(f"{USAGE}\n")
            return 2
    return 0


def join(command: list[str]) -> int:
    """Run a command with the environment of the running system, or with our own where none runs."""
    path = State(data_dir()).environment
    running: dict[str, str] = json.loads(path.read_text()) if path.exists() else {}
    return subprocess.run(command, env={**os.environ, **running}, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
