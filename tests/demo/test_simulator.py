"""Simulated laboratories of every temper, and the conformance check, through the whole system over HTTP."""

from collections.abc import Callable
from datetime import UTC, datetime
from random import Random

from deploy.demo import loading
from deploy.demo.records import Lab
from deploy.simulator import cases, check, play
from deploy.simulator.tempers import TEMPERS
from shared.clock import SHANGHAI
from tests.demo.test_demonstration import api, quietly
from tests.support.system import System

LABS = {f"LAB{number:02}": temper for number, temper in enumerate(TEMPERS, start=1)}
TUBES = 25


def silently(_: str, __: int) -> Callable[[int], None]:
    """Show no bar."""
    return quietly


async def outside(system: System) -> loading.System:
    """Return the clients that the simulator uses; the laboratories are registered."""
    results = await api(system, "results-ingest", "admin")
    for lab in (Lab(code, code) for code in LABS):
        await results.post("/v1/labs", {"lab_code": lab.lab_code, "name": lab.name})
    return loading.System(
        registry=await api(system, "registry", "admin"),
        results=results,
        notifier=await api(system, "notifier", "admin"),
        sampling=await api(system, "results-ingest", "samples:write"),
        platform=await api(system, "registry", "status:read"),
        cdc=await api(system, "results-ingest", "reviews:write"),
        labs={code: await api(system, "results-ingest", "results:write", code) for code in LABS},
    )


async def test_laboratories_of_every_temper_end_as_planned_and_a_conforming_client_passes_the_check(
    system: System,
) -> None:
    now = datetime.now(UTC).astimezone(SHANGHAI)
    everything = await outside(system)
    people, played = play.plan(LABS, tubes_each=TUBES, tag="SIM", rng=Random(1), now=now)
    await play.run(everything, people, played, silently)
    wrong = {code: (one.temper, one.faults) for code, one in played.items() if not one.as_planned}
    assert wrong == {}
    by_temper = {one.temper: one for one in played.values()}
    assert by_temper["duplicating"].repeated == len(by_temper["duplicating"].posted) == 3
    assert len(by_temper["silent"].day.unsaid) == TUBES - TUBES // 3
    assert by_temper["sloppy"].posted[0].receipt["rejected"] == 2

    report = await check.run_script(
        everything.labs["LAB01"], lab_code="LAB01", tag="CONF", now=now, done=quietly
    )
    differing = [step for case in report["cases"] for step in case["steps"] if not step["passed"]]
    assert (differing, report["passed"], len(report["cases"])) == ([], True, len(cases.CASES))

    again = await check.run_script(
        everything.labs["LAB01"], lab_code="LAB01", tag="CONF", now=now, done=quietly
    )
    failed = {case["case"] for case in again["cases"] if not case["passed"]}
    assert not again["passed"], (
        "the numbers of an earlier run are used up: 200 is not the 202 that was expected"
    )
    assert {"batch", "repeated", "duplicates"} <= failed
    assert "no_token" not in failed
