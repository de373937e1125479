"""The pairs of notifier."""

from typing import Final

import httpx

from tests.system.scope import inspection_pairs
from tests.system.scope.ladder_pairs import LADDER
from tests.system.scope.pairs import Pair, Pairs, Request, ask, continued, listed, of, shows, status
from tests.system.scope.registry_pairs import OPERATION, dead_letters
from tests.system.scope.world import DISTRICT, World

HIDDEN: Final = status(404)
ALERT: Final = of(notice_id="notice TOWN-A alert.positive")
REMINDER: Final = of(notice_id="notice UNIT-A1 reminder.overdue")
A_NOTICES: Final = ("notice TOWN-A alert.positive", "notice UNIT-A1 reminder.overdue", "UNIT-A1", "HC-A-0000")


async def figures(world: World) -> Request:
    """Ask for the counts, when those of the whole district are known."""
    answer = await (await world.admin("notifier")).get("/v1/figures")
    world.ids["notices of the district"] = str(_total(answer))
    return Request()


def counts_less_than_the_district(world: World, answer: httpx.Response) -> bool:
    """Expect a good answer that counts some of the notices, not all."""
    return answer.is_success and _total(answer) < int(world.ids["notices of the district"])


def _total(answer: httpx.Response) -> int:
    body = answer.json()
    counts = [row["notices"] for row in body["days"]] + [row["open"] for row in body["open_alerts"]]
    return sum(map(int, counts))


PAIRS: Final[Pairs] = {
    ("GET", "/v1/notices"): (
        *listed(*A_NOTICES, filters=(
            {}, {"recipient_code": "TOWN-A"}, {"recipient_code": "UNIT-A1"}, {"subject_code": "UNIT-A1"},
            {"kind": "alert.positive"}, {"recipient_type": "unit"},
        )),
        continued("notifier /v1/notices", *A_NOTICES),
    ),
    ("GET", "/v1/figures"): (Pair(figures, counts_less_than_the_district, owns=shows("alert.positive")),),
    ("POST", "/v1/notices/{notice_id}/acknowledgement"): (
        Pair(ask(ALERT, body={"by": "值班员"}), HIDDEN),
        Pair(ask(REMINDER, body={"by": "值班员"}), HIDDEN),
    ),
    ("POST", "/v1/notices/{notice_id}/revocation"): (
        Pair(ask(ALERT, body={"by": "指挥部", "reason": "误发"}), HIDDEN),
        Pair(ask(REMINDER, body={"by": "指挥部", "reason": "误发"}), HIDDEN, DISTRICT),
    ),
    **inspection_pairs.PAIRS,
    **LADDER,
    **OPERATION,
    **dead_letters("notifier"),
}  # fmt: skip
