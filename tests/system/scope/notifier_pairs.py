"""The pairs of notifier."""

from typing import Final

import httpx

from tests.system.scope import inspection_pairs
from tests.system.scope.ladder_pairs import LADDER
from tests.system.scope.pairs import (
    A_TOWN,
    PUBLIC,
    Pair,
    Pairs,
    Request,
    ask,
    continued,
    hides,
    listed,
    of,
    shows,
    status,
    whole_district,
)
from tests.system.scope.registry_pairs import OPERATION, dead_letters
from tests.system.scope.world import DISTRICT, LOST, World, area_of

HIDDEN: Final = status(404)
HOOK: Final = {"url": "https://127.0.0.9/in"}
ALERT: Final = of(notice_id="notice TOWN-A alert.positive")
REMINDER: Final = of(notice_id="notice UNIT-A1 reminder.overdue")
WHY: Final = {"reason": "督查组调阅"}
KEY: Final = of(key="reminder.due.person")
A_NOTICES: Final = ("notice TOWN-A alert.positive", "notice UNIT-A1 reminder.overdue", "UNIT-A1", "HC-A-0000")


async def figures(world: World) -> Request:
    """Ask for the counts, when those of the whole district are known."""
    answer = await (await world.admin("notifier")).get("/v1/figures")
    world.ids["notices of the district"] = str(_total(answer))
    return Request()


async def unreached(world: World) -> Request:
    """Have nobody's unit reached: what others of these requests had sent to them meanwhile was."""
    await world.system.owner.execute(LOST)
    return Request()


async def proof(world: World) -> Request:
    """Check A's own proof: whoever holds it may, and learns nothing that does not stand in it."""
    answer = await (await world.client("notifier", A_TOWN)).get("/v1/proof/township/TOWN-A")
    return Request(content=answer.text, headers={"Content-Type": "application/jsonl"})


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
    ("GET", "/v1/notices/{notice_id}/document"): (
        Pair(ask(ALERT), HIDDEN), Pair(ask(REMINDER, query={"format": "pdf"}), HIDDEN),
    ),
    ("POST", "/v1/notices/{notice_id}/document"): (
        # Its owner is no named person: told so behind the wall, never before it.
        Pair(ask(REMINDER, body={"format": "docx", "reason": "约谈"}), HIDDEN, owns=status(403)),
    ),
    ("GET", "/v1/proof/{body_type}/{body_code}"): (
        Pair(ask(of(body_type="township", body_code="TOWN-A")), HIDDEN, owns=shows("alert.positive")),
        Pair(ask(of(body_type="unit", body_code="UNIT-A1")), HIDDEN, owns=shows("reminder.overdue")),
    ),
    ("POST", "/v1/proof/{body_type}/{body_code}/package"): (
        Pair(ask(of(body_type="township", body_code="TOWN-A"), body=WHY), HIDDEN, owns=shows("TOWN-A")),
        Pair(ask(of(body_type="site", body_code="SITE-A"), body=WHY), HIDDEN, owns=shows("SITE-A")),
    ),
    ("POST", "/v1/proof/verification"): (
        Pair(proof, lambda _, answer: answer.is_success, owns=lambda _, answer: answer.json()["intact"]),
    ),
    ("GET", "/v1/templates"): whole_district(),
    ("GET", "/v1/templates/{key}"): whole_district(KEY),
    ("POST", "/v1/templates/{key}/versions"): whole_district(
        KEY, body={"zh": "请采样", "en": "Sample", "effective_from": "2031-01-01", "by": "办公室"}
    ),
    ("POST", "/v1/templates/{key}/versions/{version}/approval"): whole_district(
        # Whoever saved it may not: told so behind the wall.
        of(key="reminder.due.person", version="1"), body={"by": "分管领导"}, owns=status(409)
    ),
    ("POST", "/v1/templates/{key}/preview"): whole_district(KEY, body={}),
    ("GET", "/v1/channels"): whole_district(),
    ("GET", "/v1/webhooks"): listed("TOWN-A"),
    ("PUT", "/v1/webhooks/{code}"): (Pair(ask(of(code="TOWN-A"), body=HOOK), HIDDEN),),
    ("POST", "/v1/webhooks/{code}/secret"): (Pair(ask(of(code="TOWN-A"), body={}), HIDDEN),),
    ("DELETE", "/v1/webhooks/{code}"): (Pair(ask(of(code="DEPT-A")), HIDDEN, area_of("A", "DEPT")),),
    ("GET", "/v1/unreachable"): (Pair(unreached, hides("UNIT-A2"), A_TOWN, shows("UNIT-A2")),),
    ("POST", "/v1/delivery-receipts/{channel}"): PUBLIC,
    **OPERATION,
    **dead_letters("notifier"),
}  # fmt: skip
