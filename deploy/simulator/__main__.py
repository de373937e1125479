"""Simulated laboratories, and the conformance check of a real one. Public APIs only.

`play`: laboratories of different temper post beside each other to a running system (`make run`).
`check`: the conformance script against a sandbox, with the client of the laboratory that is to be released.
"""

import argparse
import asyncio
import json
import sys
from datetime import datetime
from itertools import cycle
from pathlib import Path
from random import Random
from typing import Any, Final
from zoneinfo import ZoneInfo

import httpx
from rich.console import Console

from deploy.demo.client import Account, Api, read_credentials
from deploy.demo.loading import TIMEOUT, open_system
from deploy.demo.records import Lab
from deploy.demo.run import bars
from deploy.simulator import cases, check, play, showing
from deploy.simulator.tempers import TEMPERS

SHANGHAI: Final = ZoneInfo("Asia/Shanghai")


def main() -> None:
    """Run what is asked for; the exit code says whether everything was as it must be."""
    options = _options()
    console = Console(width=None if sys.stdout.isatty() else 130)
    now = options.now or datetime.now(SHANGHAI)
    try:
        good = asyncio.run(options.work(options, console, now.astimezone(SHANGHAI)))
    except FileNotFoundError as error:
        console.print(f"not there: {error.filename}; start `make run` first (DATA_DIR names its directory)")
        sys.exit(2)
    sys.exit(0 if good else 1)


async def _play(options: argparse.Namespace, console: Console, now: datetime) -> bool:
    credentials = read_credentials()
    tempers = options.tempers.split(",")
    labs = dict(zip(sorted(credentials.labs)[: len(tempers)], cycle(tempers), strict=False))
    chance = Random(options.seed)  # noqa: S311 - people are made up, nothing is kept secret
    people, played = play.plan(
        labs, tubes_each=options.tubes, tag=f"SIM{now:%m%d%H%M%S}", rng=chance, now=now
    )
    async with open_system(credentials, [Lab(code, f"检测机构 {code}") for code in labs]) as system:
        with bars(console) as bar:
            await play.run(system, people, played, bar)
    return showing.print_played(console, played)


async def _check(options: argparse.Namespace, console: Console, now: datetime) -> bool:
    account, lab_code, urls = _who(options)
    async with httpx.AsyncClient(timeout=TIMEOUT) as http:
        token_url = urls["registry"] + "/v1/oauth/token"
        api = Api(http, urls["results_ingest"], token_url, account)
        with bars(console) as bar:
            done = bar("符合性检查 cases", len(cases.CASES))
            tag = f"CONF{now:%m%d%H%M%S}"
            report = await check.run_script(api, lab_code=lab_code, tag=tag, now=now, done=done)
    if options.report:
        options.report.write_text(json.dumps(report, ensure_ascii=False, indent=2) + "\n")
    return showing.print_report(console, report)


def _who(options: argparse.Namespace) -> tuple[Account, str, dict[str, str]]:
    """Return the client that is checked: the one named, else the first laboratory of a local system."""
    if options.client_id is None:
        credentials = read_credentials()
        lab_code = options.lab or min(credentials.labs)
        return credentials.labs[lab_code], lab_code, dict(credentials.urls)
    urls = {"registry": options.registry, "results_ingest": options.results}
    if options.key is not None:
        return Account(options.client_id, "", options.key.read_text(), options.kid), options.lab or "", urls
    return Account(options.client_id, options.secret_file.read_text().strip()), options.lab or "", urls


def _options() -> Any:  # noqa: ANN401 - argparse's
    parser = argparse.ArgumentParser(prog="python -m deploy.simulator", description=__doc__)
    parser.add_argument(
        "--now", type=datetime.fromisoformat, help="the business time of a system whose clock was moved"
    )
    commands = parser.add_subparsers(required=True)
    playing = commands.add_parser("play", help="laboratories of different temper")
    playing.add_argument("--tempers", default=",".join(TEMPERS), help=f"of {', '.join(TEMPERS)}")
    playing.add_argument("--tubes", type=int, default=60, help="of each laboratory")
    playing.add_argument("--seed", default="play")
    playing.set_defaults(work=_play)
    checking = commands.add_parser("check", help="the conformance check of a laboratory's client")
    checking.add_argument("--lab", help="laboratory of a local system, or whose client it is")
    checking.add_argument("--client-id", help="another system's client; with --registry and --results")
    checking.add_argument("--registry", default="http://127.0.0.1:8001")
    checking.add_argument("--results", default="http://127.0.0.1:8002")
    checking.add_argument("--secret-file", type=Path)
    checking.add_argument("--key", type=Path, help="PEM of the EC key that the client signs with")
    checking.add_argument("--kid", help="the id under which the key is registered")
    checking.add_argument("--report", type=Path, help="where the report is written as JSON")
    checking.set_defaults(work=_check)
    options = parser.parse_args()
    named = getattr(options, "client_id", None)
    if named and not (options.key or options.secret_file):
        parser.error("a named client needs --key with --kid, or --secret-file")
    return options


if __name__ == "__main__":
    main()
