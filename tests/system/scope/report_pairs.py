"""The pairs of reports that are owed and of suspected cases."""

from typing import Any, Final

import httpx

from tests.system.scope.pairs import (
    Pair,
    Pairs,
    ask,
    continued,
    listed,
    of,
    refuses,
    shared,
    shows,
    status,
    whole_district,
)
from tests.system.scope.reports import FORM, ON_DUTY, TODAY, case, filed
from tests.system.scope.world import DISTRICT, World, lab_of

HIDDEN: Final = status(404)
SIGN: Final = {"day": TODAY, "township_code": "TOWN-A", "by": "李主任"}
LATER: Final = FORM | {"form_code": "LATER", "effective_from": "2030-03-06"}
OWED: Final = {
    "form_code": "FORM",
    "body_type": "township",
    "everybody": True,
    "from": "2030-03-06",
    "basis": "通知",
}
LIMIT: Final = {"clock": "tracing", "effective_from": "2030-03-06", "limit_minutes": 600, "basis": "通知"}
EVENT: Final = of(event_id="event A1")
ROSTER: Final = of(department_code="TOWN-A")
SHIFT: Final = {"starts_at": "2030-03-06T08:00:00+08:00", "ends_at": "2030-03-06T20:00:00+08:00",
                "on_call": ON_DUTY, "leader": ON_DUTY}  # fmt: skip
SITE: Final = of(body_type="site", body_code="SITE-A")
LAB: Final = of(body_type="lab", body_code="LAB-A")
ADDRESS: Final = {"name": "新名", "contact": ON_DUTY}
REPORTED: Final = {"record_no": "N-1", "reported_at": f"{TODAY}T11:30:00+08:00", "by": "值班员"}
TRACED: Final = {"closed_at": f"{TODAY}T11:40:00+08:00", "close_contacts": 0, "secondary_contacts": 0,
                 "general_contacts": 0, "places": 0, "by": "流调组"}  # fmt: skip
END: Final = {"criteria": "14天无新增", "expert_view": "同意", "by": "疾控科"}


def nothing(_: World, answer: httpx.Response) -> bool:
    """Expect a refusal, or an answer without a day."""
    body: dict[str, Any] = answer.json()
    return answer.status_code == 404 or body.get("days") == []


PAIRS: Final[Pairs] = {
    ("POST", "/v1/report-forms"): whole_district(body=LATER),
    ("GET", "/v1/report-forms"): shared(),
    ("POST", "/v1/report-obligations"): whole_district(body=OWED),
    ("GET", "/v1/report-obligations"): whole_district(),
    ("POST", "/v1/report-obligations/{obligation_id}/ending"): whole_district(
        of(obligation_id="obligation"), body={"to": "2030-03-09", "basis": "通知"}
    ),
    ("POST", "/v1/reports/{form_code}"): (Pair(ask(of(form_code="FORM"), body=filed("TOWN-A")), HIDDEN),),
    ("GET", "/v1/reports"): (
        *listed("report TOWN-A", "TOWN-A", filters=({}, {"body_code": "TOWN-A"}, {"state": "zero"})),
        continued("notifier /v1/reports", "report TOWN-A", "TOWN-A"),
    ),
    ("GET", "/v1/reports/{report_id}/versions"): (Pair(ask(of(report_id="report TOWN-A")), HIDDEN),),
    ("GET", "/v1/silent-reporters"): listed("TOWN-A"),
    ("GET", "/v1/report-summaries/{form_code}"): (
        Pair(ask(of(form_code="FORM"), query={"township_code": "TOWN-A"}), nothing, owns=shows(TODAY)),
    ),
    ("POST", "/v1/report-summaries/{form_code}"): (
        Pair(ask(of(form_code="SILENT"), body=SIGN), status(404, 422)),
    ),
    ("GET", "/v1/report-summaries/versions/{summary_id}"): (
        Pair(ask(of(summary_id="summary TOWN-A")), HIDDEN),
    ),
    ("POST", "/v1/events"): (Pair(ask(body=case("CASE-A3", "A")), refuses("event_where_needed")),),
    ("GET", "/v1/events"): (
        *listed("event A1", "CASE-A1", filters=({}, {"state": "open"})),
        continued("notifier /v1/events", "event A1", "event A2"),
    ),
    ("GET", "/v1/events/{event_id}"): (Pair(ask(EVENT), HIDDEN),),
    ("POST", "/v1/events/{event_id}/national-report"): (Pair(ask(EVENT, body=REPORTED), HIDDEN),),
    ("POST", "/v1/events/{event_id}/tracing"): (Pair(ask(EVENT, body=TRACED), HIDDEN),),
    ("POST", "/v1/events/{event_id}/end-request"): (Pair(ask(EVENT, body=END), HIDDEN),),
    ("POST", "/v1/events/{event_id}/end-decision"): (
        Pair(ask(EVENT, body={"decision": "approve", "by": "指挥长"}), HIDDEN, DISTRICT),
    ),
    ("PUT", "/v1/rosters/{department_code}"): whole_district(
        of(department_code="TOWN-A"), body={"from": TODAY}
    ),
    ("GET", "/v1/rosters"): listed("TOWN-A", "shift TOWN-A"),
    ("POST", "/v1/rosters/{department_code}/shifts"): (Pair(ask(ROSTER, body={"shifts": [SHIFT]}), HIDDEN),),
    ("GET", "/v1/rosters/{department_code}/shifts"): (Pair(ask(ROSTER), HIDDEN),),
    ("POST", "/v1/roster-shifts/{shift_id}/withdrawal"): (Pair(ask(of(shift_id="shift TOWN-A")), HIDDEN),),
    ("GET", "/v1/roster-gaps"): listed("TOWN-A"),
    ("GET", "/v1/addresses"): (
        *listed("SITE-A", "TOWN-A", "LAB-A", filters=({}, {"body_type": "site"}), owner=DISTRICT),
        *listed("SITE-A", "TOWN-A"),
        *listed("LAB-A", owner=lab_of("A")),
        continued("notifier /v1/addresses", "SITE-A", "TOWN-A"),
    ),
    ("GET", "/v1/addresses/{body_type}/{body_code}"): (
        Pair(ask(SITE), HIDDEN),
        Pair(ask(LAB), HIDDEN, lab_of("A")),
    ),
    ("PUT", "/v1/addresses/{body_type}/{body_code}"): (
        Pair(ask(SITE, body=ADDRESS | {"township_code": "TOWN-A"}), HIDDEN),
        Pair(ask(LAB, body=ADDRESS), HIDDEN, lab_of("A")),
    ),
    ("DELETE", "/v1/addresses/{body_type}/{body_code}"): (
        Pair(ask(of(body_type="site", body_code="SITE-A2")), HIDDEN),
    ),
    ("POST", "/v1/event-limits"): whole_district(body=LIMIT),
    ("GET", "/v1/event-limits"): shared(),
}
