"""What `make run` prints when everything is ready, and the tokens that its curl lines use."""

import json
import os
import sys
from pathlib import Path
from typing import Any, Final

import httpx

from deploy.local.plan import Plan
from deploy.local.state import State, data_dir

NAMES: Final = ("admin", "platform", "cdc", "sampling", "lab")
TEXT: Final = """
应检 Yingjian is ready.

  registry        {registry}/docs
  results-ingest  {results_ingest}/docs
  notifier        {notifier}/docs
  credentials     {credentials}
  logs            {logs}/

Try it in another terminal:

  curl -s -u "{client} admin)" -d grant_type=client_credentials {registry}/v1/oauth/token
  curl -s -H "Authorization: Bearer {token} platform)" "{registry}/v1/status-changes?limit=3"
  curl -s -H "Authorization: Bearer {token} lab)" "{results_ingest}/v1/batches?limit=3"

make demo fills in a whole day of a district. Ctrl-C stops everything.
"""


def greeting(plan: Plan) -> str:
    """Return the text."""
    shown = Path(os.path.relpath(plan.state.root))
    state = State(plan.state.root if shown.parts[:1] == ("..",) else shown)
    place = "" if plan.state.root == Path(".run").resolve() else f"DATA_DIR={plan.state.root} "
    command = f"$({place}{_python()} -m deploy.local"
    return TEXT.format(
        registry=plan.url("registry"),
        results_ingest=plan.url("results-ingest"),
        notifier=plan.url("notifier"),
        credentials=state.credentials,
        logs=state.logs,
        client=f"{command} client",
        token=f"{command} token",
    )


def _python() -> str:
    here = Path(".venv/bin/python")
    return str(here) if here.exists() else sys.executable


def client_of(name: str) -> tuple[str, str, str]:
    """Return id, secret and registry's URL of admin, platform, cdc, sampling or lab."""
    path = State(data_dir()).credentials
    if not path.exists():
        raise SystemExit(f"{path} is not there: is `make run` up, with the same DATA_DIR?")
    credentials: dict[str, Any] = json.loads(path.read_text())
    if name not in NAMES:
        raise SystemExit(f"there is no {name}; there are {', '.join(NAMES)}")
    chosen = credentials["labs"][0] if name == "lab" else credentials[name]
    return chosen["client_id"], chosen["client_secret"], credentials["urls"]["registry"]


def token_of(name: str) -> str:
    """Return an access token of one of the credentials."""
    client_id, secret, registry = client_of(name)
    answer = httpx.post(
        f"{registry}/v1/oauth/token",
        auth=(client_id, secret),
        data={"grant_type": "client_credentials"},
        trust_env=False,
    )
    token: str = answer.raise_for_status().json()["access_token"]
    return token
