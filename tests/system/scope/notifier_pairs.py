"""The pairs of notifier."""

from typing import Final

from tests.system.scope.pairs import Pair, Pairs, ask, continued, listed, of, status
from tests.system.scope.registry_pairs import OPERATION, dead_letters
from tests.system.scope.world import DISTRICT

HIDDEN: Final = status(404)
ALERT: Final = of(notice_id="notice TOWN-A alert.positive")
REMINDER: Final = of(notice_id="notice UNIT-A1 reminder.overdue")
A_NOTICES: Final = ("notice TOWN-A alert.positive", "notice UNIT-A1 reminder.overdue", "UNIT-A1", "HC-A-0000")

PAIRS: Final[Pairs] = {
    ("GET", "/v1/notices"): (
        *listed(*A_NOTICES, filters=(
            {}, {"recipient_code": "TOWN-A"}, {"recipient_code": "UNIT-A1"}, {"subject_code": "UNIT-A1"},
            {"kind": "alert.positive"}, {"recipient_type": "unit"},
        )),
        continued("notifier /v1/notices", *A_NOTICES),
    ),
    ("POST", "/v1/notices/{notice_id}/acknowledgement"): (
        Pair(ask(ALERT, body={"by": "值班员"}), HIDDEN),
        Pair(ask(REMINDER, body={"by": "值班员"}), HIDDEN),
    ),
    ("POST", "/v1/notices/{notice_id}/revocation"): (
        Pair(ask(ALERT, body={"by": "指挥部", "reason": "误发"}), HIDDEN),
        Pair(ask(REMINDER, body={"by": "指挥部", "reason": "误发"}), HIDDEN, DISTRICT),
    ),
    **OPERATION,
    **dead_letters("notifier"),
}  # fmt: skip
