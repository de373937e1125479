"""The pairs of registry."""

from typing import Final

from registry.feed.routes import LINES
from tests.system.scope import recheck_pairs, round_pairs, sheet_pairs
from tests.system.scope.lists import ROUND, TRADE, listed_row, place_row, takes_none
from tests.system.scope.pairs import (
    PUBLIC,
    Pair,
    Pairs,
    Request,
    ask,
    continued,
    hides,
    listed,
    of,
    refuses,
    rejects,
    shared,
    shows,
    status,
    whole_district,
)
from tests.system.scope.referral_pairs import REFERRALS
from tests.system.scope.rule_pairs import RULES
from tests.system.scope.world import DISTRICT, NAMES, World, area_of, contact, document, resident, unit

HIDDEN: Final = status(404)
A_TOWN: Final = area_of("A", "TOWN")
PLATFORM_A: Final = area_of("A", "TOWN", "status:read")
PERSON: Final = of(person_id="person 0")
CODE: Final = of(health_code_id="HC-A-0000")
UNIT: Final = of(unit_code="UNIT-A1")
A_PEOPLE: Final = ("HC-A-0000", "person 0", "HC-A-0001", "person 1")
A_UNITS: Final = ("UNIT-A1", "UNIT-A2")
LAST_WEEK: Final = "2030-02-25"
OF_A: Final[tuple[dict[str, str], ...]] = ({}, {"township_code": "TOWN-A"}, {"department_code": "DEPT-A"})


# The example of RFC 7517, appendix A.1.
KEY: Final = {
    "kty": "EC",
    "crv": "P-256",
    "x": "MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4",
    "y": "4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM",
    "kid": "lis-1",
}


def new_client(**fields: object) -> dict[str, object]:
    """Return the body of a client."""
    return {"name": "系统", "kind": "system", "scopes": ["records:read"], **fields}


PERIOD: Final = {"from": "2030-03-01", "to": "2030-03-05"}


def moved(old: str, new: str) -> dict[str, object]:
    """Return the body of a transfer."""
    return {
        "from": {"unit_code": old, "category_code": "8A1"},
        "to": {"unit_code": new, "category_code": "8A1"},
        "on": "2030-03-05",
    }


async def fresh_client(world: World) -> Request:
    """Ask for a client that is A's, made for this."""
    return Request({"client_id": await world.new_client(area_code="TOWN-A")})


async def renamed_client(world: World) -> Request:
    """Ask to rename it."""
    return Request((await fresh_client(world)).path, json={"name": "新名"})


async def limited_client(world: World) -> Request:
    """Ask to limit it."""
    own = {"limits": {"requests": {"per_second": 1, "burst": 1}}}
    return Request((await fresh_client(world)).path, json=own)


async def laboratory_client(world: World) -> Request:
    """Ask for a laboratory's client that somebody put into B's township: its secret is not B's to change."""
    lab = {"scopes": ["results:write"], "lab_code": "LAB-A"}
    return Request({"client_id": await world.new_client(area_code="TOWN-B", **lab)})


async def new_key(world: World) -> Request:
    """Ask to let A's client sign with a key."""
    return Request((await fresh_client(world)).path, json=KEY)


async def new_key_of_a_laboratory(world: World) -> Request:
    """Ask to let a laboratory's client in B's township sign with a key."""
    return Request((await laboratory_client(world)).path, json=KEY)


async def client_with_a_key(world: World) -> Request:
    """Ask to retire the key of A's client."""
    asked = await new_key(world)
    added = await (await world.admin()).post(f"/v1/clients/{asked.path['client_id']}/keys", json=KEY)
    assert added.is_success, added.text
    return Request({**asked.path, "kid": KEY["kid"]})


async def fresh_exemption(world: World) -> Request:
    """Ask for an exemption of A's person, made for this."""
    return Request({"person_id": world.ids["person 0"], "exemption_id": await world.new_exemption()})


async def changed_exemption(world: World) -> Request:
    """Ask to change it."""
    return Request((await fresh_exemption(world)).path, json={"reason": "病假"})


async def fresh_check(world: World) -> Request:
    """Ask for a spot check at A's unit, made for this, in which A's person and somebody new were found."""
    return Request({"spot_check_id": (await world.new_check())["spot_check_id"]})


async def enrolled_after_check(world: World) -> Request:
    """Ask to enrol whom it found."""
    return Request((await fresh_check(world)).path, json={"category_code": "8A1"})


async def fresh_finding(world: World) -> Request:
    """Ask for a finding that follows from it."""
    return Request({"finding_id": (await world.new_check())["findings"][0]["finding_id"]})


async def fresh_appeal(world: World) -> Request:
    """Ask for an appeal of A's person, brought for this by somebody of the district."""
    return Request({"appeal_id": await world.new_appeal()}, json={"statement": "采样登记表"})


async def decided_appeal(world: World) -> Request:
    """Ask to decide it."""
    path = {"appeal_id": await world.new_appeal(person="person 2")}
    return Request(path, json={"verdict": "rejected", "reason": "属实"})


async def own_appeal(world: World) -> Request:
    """Ask to take back an appeal that A's town has brought itself."""
    return Request({"appeal_id": await world.new_appeal(A_TOWN, claim="identity_wrong")})


async def removed_code(world: World) -> Request:
    """Ask for the changes since a code of A's was taken away and nothing put in its place."""
    admin = await world.admin()
    first = (await admin.get("/v1/status-changes", params={"limit": "1000"})).json()
    path = f"/v1/people/{world.ids['person 2']}"
    assert (await admin.patch(path, json={"health_code_id": None})).is_success
    await world.system.settle()
    return Request(query={"cursor": first["next_cursor"]})


CLIENTS: Final[Pairs] = {
    ("POST", "/v1/oauth/token"): PUBLIC,
    ("GET", "/.well-known/jwks.json"): PUBLIC,
    ("POST", "/v1/clients"): (
        Pair(ask(body=new_client(area_code="TOWN-A")), refuses("area_outside")),
        Pair(ask(body=new_client()), refuses("area_outside"), DISTRICT),
        Pair(ask(body=new_client(lab_code="LAB-A")), refuses("area_outside"), DISTRICT),
    ),
    ("GET", "/v1/clients"): (*listed("client TOWN-A"), continued("registry /v1/clients", "client TOWN-A")),
    ("GET", "/v1/clients/{client_id}"): (
        Pair(fresh_client, HIDDEN),
        Pair(laboratory_client, HIDDEN, DISTRICT),
    ),
    ("PATCH", "/v1/clients/{client_id}"): (Pair(renamed_client, HIDDEN),),
    ("DELETE", "/v1/clients/{client_id}"): (
        Pair(fresh_client, HIDDEN),
        Pair(laboratory_client, HIDDEN, DISTRICT),
    ),
    ("GET", "/v1/clients/{client_id}/limits"): (
        Pair(fresh_client, HIDDEN),
        Pair(laboratory_client, HIDDEN, DISTRICT),
    ),
    ("PUT", "/v1/clients/{client_id}/limits"): (Pair(limited_client, HIDDEN),),
    ("POST", "/v1/clients/{client_id}/secret"): (
        Pair(fresh_client, HIDDEN),
        Pair(laboratory_client, HIDDEN, DISTRICT),
    ),
    ("POST", "/v1/clients/{client_id}/keys"): (
        Pair(new_key, HIDDEN),
        Pair(new_key_of_a_laboratory, HIDDEN, DISTRICT),
    ),
    ("GET", "/v1/clients/{client_id}/keys"): (
        Pair(fresh_client, HIDDEN),
        Pair(laboratory_client, HIDDEN, DISTRICT),
    ),
    ("DELETE", "/v1/clients/{client_id}/keys/{kid}"): (Pair(client_with_a_key, HIDDEN),),
    ("GET", "/v1/signing-keys"): whole_district(),
    ("POST", "/v1/signing-keys"): whole_district(body={}),
}

ORGANISATION: Final[Pairs] = {
    ("POST", "/v1/departments"): whole_district(
        body={"code": "DEPT-C", "name": "新局", "level": "department", "contact": contact()}
    ),
    ("GET", "/v1/departments"): (
        *listed("TOWN-A", filters=({}, {"level": "township"})),
        *listed("DEPT-A", owner=area_of("A", "DEPT")),
        Pair(ask(query={"limit": "1"}), hides("TOWN-A", "DEPT-A"), DISTRICT),
    ),
    ("GET", "/v1/departments/{code}"): (Pair(ask(of(code="TOWN-A")), HIDDEN),),
    ("PATCH", "/v1/departments/{code}"): (
        Pair(ask(of(code="TOWN-A"), body={"name": "新名"}), HIDDEN),
        Pair(ask(of(code="TOWN-B"), body={"role": "cdc"}), status(403, 404), DISTRICT, by_row=False),
        Pair(ask(of(code="DEPT-B"), body={"parent_code": "TOWN-A"}), status(403, 404), DISTRICT, by_row=False),
    ),
    ("GET", "/v1/organisation-history/{what}/{code}"): (
        Pair(ask(of(what="department", code="TOWN-A")), HIDDEN),
        Pair(ask(of(what="team", code="TEAM-A1")), HIDDEN),
        Pair(ask(of(what="division", code="420100001001001")), HIDDEN),
    ),
    ("POST", "/v1/units"): (Pair(ask(body=unit("UNIT-A9", "A")), HIDDEN),),
    ("GET", "/v1/units"): (*listed(*A_UNITS, filters=OF_A), continued("registry /v1/units", *A_UNITS)),
    ("GET", "/v1/units/{unit_code}"): (Pair(ask(UNIT), HIDDEN),),
    ("PATCH", "/v1/units/{unit_code}"): (
        Pair(ask(UNIT, body={"name": "新名"}), HIDDEN),
        Pair(ask(of(unit_code="UNIT-B1"), body={"township_code": "TOWN-A", "department_code": "DEPT-A"}),
             HIDDEN, None),
    ),
    ("GET", "/v1/units/{unit_code}/people"): (
        Pair(ask(UNIT), HIDDEN, A_TOWN, shows("HC-A-0000")),
        Pair(ask(UNIT, query={"former": "true"}), HIDDEN),
    ),
    ("POST", "/v1/units/{unit_code}/roster"): (Pair(ask(UNIT, body={"people": [document(0)]}), HIDDEN),),
    ("POST", "/v1/industry-map"): whole_district(
        body={"industry_prefix": "62", "department_code": "DEPT-A", "basis": "清单", "effective_from": "2022-01-01"}
    ),
    ("GET", "/v1/industry-map"): shared(),
    ("PATCH", "/v1/industry-map/{map_id}"): whole_district(
        lambda _: {"map_id": "1"}, body={"effective_to": "2032-12-31"}
    ),
    ("GET", "/v1/categories"): shared(),
    ("POST", "/v1/categories"): whole_district(
        body={"code": "LOCAL-A", "name_zh": "类别", "name_en": "Category", "effective_from": "2031-01-01",
              "rules": [{"effective_from": "2031-01-01", "shape": "every_n_days", "params": {"days": 3}}]}
    ),
    ("POST", "/v1/categories/{code}/rules"): whole_district(
        of(code="8A1"), body={"effective_from": "2031-01-01", "area_code": "TOWN-A", "shape": "every_n_days",
                              "params": {"days": 2}}
    ),
}  # fmt: skip

PEOPLE: Final[Pairs] = {
    ("POST", "/v1/people"): (
        Pair(ask(body=resident(0, "A", "UNIT-A1")), refuses("unknown_unit_code")),
        Pair(ask(body=document(0) | {"name": NAMES[0]}), refuses("unit_needed_in_area"), DISTRICT),
    ),
    ("POST", "/v1/people/bulk"): (
        Pair(ask(body={"people": [resident(0, "A", "UNIT-A1"), document(1) | {"name": NAMES[1]}]}),
             rejects("unknown_unit_code", "unit_needed_in_area"), DISTRICT),
        Pair(ask(body={"people": [resident(3, "B", "UNIT-B1") | {"health_code_id": "HC-A-0000"}]}),
             rejects("health_code_taken", "unknown_unit_code"), None),
    ),
    ("POST", "/v1/health-code-ids/bulk"): (
        Pair(ask(body={"codes": [document(0) | {"health_code_id": "HC-A-0000"}]}), rejects("unknown_person")),
    ),
    ("GET", "/v1/people/by-health-code/{health_code_id}"): (Pair(ask(CODE), HIDDEN, A_TOWN, shows("person 0")),),
    ("GET", "/v1/people/{person_id}"): (Pair(ask(PERSON), HIDDEN),),
    ("PATCH", "/v1/people/{person_id}"): (
        Pair(ask(PERSON, body={"vaccination_completed_on": "2029-10-01"}), HIDDEN),
    ),
    ("POST", "/v1/people/{person_id}/disclosure"): (
        Pair(ask(PERSON, body={"reason": "核实身份"}), HIDDEN, A_TOWN, refuses("named_person_needed")),
    ),
    ("GET", "/v1/people/{person_id}/exemptions"): (Pair(ask(PERSON), HIDDEN),),
    ("POST", "/v1/people/{person_id}/exemptions"): (
        Pair(ask(PERSON, body={"kind": "leave", "from": "2031-01-01", "to": "2031-01-31", "reason": "产假"}), HIDDEN),
    ),
    ("PATCH", "/v1/people/{person_id}/exemptions/{exemption_id}"): (Pair(changed_exemption, HIDDEN),),
    ("DELETE", "/v1/people/{person_id}/exemptions/{exemption_id}"): (Pair(fresh_exemption, HIDDEN),),
    ("GET", "/v1/people/{person_id}/ledger"): (Pair(ask(PERSON), HIDDEN, A_TOWN, shows("TUBE-A")),),
    ("GET", "/v1/people/{person_id}/explanation"): (Pair(ask(PERSON), HIDDEN),),
    ("GET", "/v1/people/{person_id}/clearance"): (Pair(ask(PERSON), HIDDEN, A_TOWN, shows("HC-A-0000")),),
    ("GET", "/v1/people/{person_id}/history"): (Pair(ask(PERSON), HIDDEN, A_TOWN, shows("UNIT-A1")),),
    ("POST", "/v1/people/{person_id}/transfers"): (
        Pair(ask(PERSON, body=moved("UNIT-A1", "UNIT-A2")), HIDDEN),
        Pair(ask(of(person_id="person 3"), body=moved("UNIT-B1", "UNIT-A1")), refuses("unknown_unit_code"),
             None),
    ),
}  # fmt: skip

STATUSES: Final[Pairs] = {
    ("GET", "/v1/statuses/{health_code_id}"): (Pair(ask(CODE), HIDDEN, PLATFORM_A),),
    ("POST", "/v1/statuses/query"): (
        Pair(ask(body={"health_code_ids": ["HC-A-0000", "HC-A-0001"]}),
             lambda _, answer: answer.json() == {"statuses": [], "not_found": ["HC-A-0000", "HC-A-0001"]},
             PLATFORM_A, lambda _, answer: answer.json()["not_found"] == []),
    ),
    ("GET", "/v1/status-changes"): (
        *listed("HC-A-0000", "HC-A-0001", owner=PLATFORM_A),
        *listed("HC-A-0000", "HC-A-0001", owner=PLATFORM_A, headers={"Accept": LINES}),
        continued("registry /v1/status-changes", "HC-A-0000", "HC-A-0001", owner=PLATFORM_A),
        Pair(removed_code, hides("HC-A-0002"), PLATFORM_A, shows("HC-A-0002"), by_row=False),
    ),
    ("POST", "/v1/status-acknowledgements"): shared(
        body={"cursor": "eyJhIjpudWxsLCJkIjoiMjAzMC0wMy0wNSIsImUiOiJ4IiwibiI6MCwicCI6ImZlZWQifQ"}
    ),
    ("GET", "/v1/overdue"): (
        *listed("HC-A-0001", "person 1", filters=(*OF_A, {"unit_code": "UNIT-A1"}, {"unit_code": "UNIT-A2"})),
        continued("registry /v1/overdue", *A_PEOPLE),
    ),
    ("GET", "/v1/entry-lags"): (
        *listed(*A_UNITS, filters=tuple(PERIOD | each for each in OF_A)),
        continued("registry /v1/entry-lags", *A_UNITS),
    ),
    ("GET", "/v1/units/{unit_code}/late-entries"): (
        Pair(ask(UNIT, query=PERIOD), HIDDEN, A_TOWN, shows("person 0")),
    ),
    ("GET", "/v1/findings"): (
        *listed(*A_UNITS, filters=(*OF_A, {"unit_code": "UNIT-A1"}, {"state": "open"})),
        continued("registry /v1/findings", *A_UNITS),
    ),
    ("GET", "/v1/findings/{finding_id}"): (Pair(fresh_finding, HIDDEN),),
    ("GET", "/v1/breaches"): (
        *listed(*A_UNITS, filters=(*OF_A, {"unit_code": "UNIT-A1"}, {"week": LAST_WEEK})),
        continued("registry /v1/breaches", *A_UNITS),
    ),
    ("GET", "/v1/breaches/{breach_id}"): (Pair(ask(of(breach_id="breach")), HIDDEN, A_TOWN, shows("HC-A-0000")),),
    ("POST", "/v1/units/{unit_code}/spot-checks"): (
        Pair(ask(UNIT, body={"people": [document(0)]}), HIDDEN, A_TOWN, shows("person 0")),
        Pair(ask(of(unit_code="UNIT-B1"), body={"people": [document(0)]}), hides("person 0", "HC-A-0000"), None),
    ),
    ("POST", "/v1/appeals"): (
        Pair(ask(body=lambda world: {"claim": "duty_wrong", "person_id": world.ids["person 0"], "statement": "x"}),
             HIDDEN, A_TOWN, shows("person 0")),
    ),
    ("GET", "/v1/appeals"): (
        *listed("person 0", "person 1", filters=({}, {"state": "open"})),
        continued("registry /v1/appeals", "person 0", "person 1"),
    ),
    ("GET", "/v1/appeals/{appeal_id}"): (Pair(fresh_appeal, HIDDEN),),
    ("POST", "/v1/appeals/{appeal_id}/evidence"): (Pair(fresh_appeal, HIDDEN),),
    ("POST", "/v1/appeals/{appeal_id}/decision"): (Pair(decided_appeal, HIDDEN),),
    ("POST", "/v1/appeals/{appeal_id}/withdrawal"): (Pair(own_appeal, HIDDEN),),
    ("GET", "/v1/spot-checks"): (
        *listed("UNIT-A1", filters=(*OF_A, {"unit_code": "UNIT-A1"})),
        continued("registry /v1/spot-checks", "UNIT-A1"),
    ),
    ("GET", "/v1/spot-checks/{spot_check_id}"): (Pair(fresh_check, HIDDEN),),
    ("POST", "/v1/spot-checks/{spot_check_id}/enrolments"): (Pair(enrolled_after_check, HIDDEN),),
    ("GET", "/v1/overdue/units"): (
        *listed(*A_UNITS, filters=(*OF_A, {"unit_code": "UNIT-A1"})),
        continued("registry /v1/overdue/units", *A_UNITS),
    ),
    ("POST", "/v1/evaluations"): whole_district(body={}, refused=HIDDEN),
    ("GET", "/v1/evaluations/{evaluation_id}"): whole_district(of(evaluation_id="evaluation"), refused=HIDDEN),
    ("PUT", "/v1/clock"): whole_district(body={"now": "2030-03-05T12:30:00+08:00"}),
}  # fmt: skip

TESTER: Final = {"institution_code": "UNIT-A2", "effective_from": "2030-01-01"}

DEPARTMENT: Final = {
    "name": "导管室",
    "category_code": "8A1",
    "basis": "通知",
    "effective_from": "2031-01-01",
}


async def in_surgery(world: World) -> Request:
    """Ask what departments leave open, where A's person works in one of another code."""
    row = {"unit_code": "UNIT-A1", "category_code": "8A3", "department_in_unit": "手术室"}
    people = {"people": [document(0) | {"name": NAMES[0]} | row]}
    answer = await (await world.admin()).post("/v1/people/bulk", json=people)
    assert answer.json()["updated"] == 1, answer.text
    return Request()


RESPONSIBILITY: Final[Pairs] = {
    ("GET", "/v1/industry-map-defects"): (Pair(ask(), hides("8499"), A_TOWN, shows("8499")),),
    ("PUT", "/v1/attributes/{dimension}/{value}"): whole_district(
        of(dimension="size", value="tiny"), body={"name_zh": "微型", "name_en": "Tiny"}
    ),
    ("GET", "/v1/attributes"): shared(),
    ("GET", "/v1/units/{unit_code}/responsibility"): (Pair(ask(UNIT), HIDDEN, A_TOWN, shows("TOWN-A")),),
    ("GET", "/v1/responsibility/defects"): listed(*A_UNITS, filters=OF_A),
    ("GET", "/v1/responsibility/report"): (
        *(Pair(ask(query=each), hides("TOWN-A", "DEPT-A"), A_TOWN, shows("TOWN-A")) for each in OF_A),
    ),
    ("POST", "/v1/units/{unit_code}/contact-checks"): (Pair(ask(UNIT, body={"outcome": "confirmed"}), HIDDEN),),
    ("POST", "/v1/units/{unit_code}/testers"): (
        Pair(ask(UNIT, body=TESTER), HIDDEN, A_TOWN, status(201, 409)),
    ),
    ("PATCH", "/v1/units/{unit_code}/testers/{tester_id}"): (
        Pair(ask(of(unit_code="UNIT-A2", tester_id="tester UNIT-A2"), body={"effective_to": "2031-12-31"}), HIDDEN),
    ),
    ("GET", "/v1/duties"): shared(),
    ("GET", "/v1/duty-owners/{subject}"): shared(of(subject="alert.pool")),
    ("PATCH", "/v1/duties/{code}"): whole_district(of(code="CDC"), body={"department_code": "CDC"}),
    ("POST", "/v1/duties/{code}/subjects"): whole_district(
        of(code="CDC"), body={"subject": "alert.other", "effective_from": "2031-01-01"}
    ),
    # Everybody is due by then; the institution that samples A's unit is told to nobody else.
    ("GET", "/v1/sampling-list"): (
        Pair(ask(query={"on": "2031-06-30", "limit": "1000"}), hides("UNIT-A1", "UNIT-A2", "person 1")),
    ),
    ("GET", "/v1/sampling-workload"): (Pair(ask(query={"on": "2031-06-30"}), hides("UNIT-A1", "UNIT-A2")),),
    ("GET", "/v1/units/{unit_code}/work-order"): (Pair(ask(UNIT), HIDDEN),),
    ("PUT", "/v1/units/{unit_code}/samplers"): (
        Pair(ask(UNIT, body={"samplers": 2, "effective_from": "2030-01-01"}), HIDDEN),
    ),
    ("GET", "/v1/hospital-departments"): shared(),
    ("POST", "/v1/hospital-departments"): whole_district(body=DEPARTMENT),
    ("PATCH", "/v1/hospital-departments/{entry_id}"): whole_district(
        of(entry_id="1"), body={"effective_to": "2040-12-31"}
    ),
    ("GET", "/v1/hospital-department-defects"): (
        Pair(in_surgery, hides("person 0", "UNIT-A1"), A_TOWN, shows("person 0", "UNIT-A1")),
    ),
}  # fmt: skip

IN_ROUND: Final = of(code="ROUND-1")
TWO_TOWNS: Final[tuple[dict[str, str], ...]] = ({}, {"township_code": "TOWN-A"})
A_GAP: Final = of(gap_id="gap TOWN-A")

LICENCES: Final[Pairs] = {
    ("PUT", "/v1/trades/{code}"): whole_district(of(code="OTHER"), body=TRADE),
    ("GET", "/v1/trades"): shared(),
    ("POST", "/v1/licences/bulk"): whole_district(
        body={"as_of": "2030-03-01", "licences": [listed_row("A", 1)]}
    ),
    ("GET", "/v1/licences"): (
        *listed("LICENCE-A1", "LICENCE-A3", filters=TWO_TOWNS),
        continued("registry /v1/licences", "LICENCE-A1", "LICENCE-A2", "LICENCE-A3"),
    ),
    ("POST", "/v1/survey-rounds"): whole_district(body={**ROUND, "round_code": "ROUND-3"}),
    ("GET", "/v1/survey-rounds"): shared(),
    ("POST", "/v1/survey-rounds/{code}/places/bulk"): (
        Pair(ask(of(code="ROUND-2"), body={"places": [place_row("A", 1)]}), takes_none),
    ),
    ("GET", "/v1/survey-rounds/{code}/places"): listed("LICENCE-A1", path=IN_ROUND, filters=TWO_TOWNS),
    ("POST", "/v1/survey-rounds/{code}/comparison"): whole_district(of(code="ROUND-2")),
    ("GET", "/v1/survey-rounds/{code}/report"): (
        Pair(ask(IN_ROUND), hides("TOWN-A"), A_TOWN, shows("TOWN-A")),
        Pair(ask(IN_ROUND, query={"township_code": "TOWN-A"}), hides("TOWN-A")),
    ),
    ("GET", "/v1/survey-rounds/{code}/outcomes"): listed("LICENCE-A1", "LICENCE-A3", path=IN_ROUND, filters=TWO_TOWNS),
    ("GET", "/v1/survey-rounds/{code}/absent-units"): listed(*A_UNITS, path=IN_ROUND, filters=TWO_TOWNS),
    ("GET", "/v1/survey-rounds/{code}/suggestions"): listed("门诊部A2店", "LICENCE-A2", path=IN_ROUND),
    ("POST", "/v1/licence-suggestions/{suggestion_id}/decision"): (
        Pair(ask(of(suggestion_id="suggestion 门诊部A2店"), body={"decision": "confirm"}), HIDDEN, A_TOWN,
             refuses("named_person_decides")),
    ),
    # Its owner is told 409 once another pair has changed the list.
    ("POST", "/v1/survey-rounds/{code}/gaps"): (Pair(ask(IN_ROUND), status(403), DISTRICT, status(200, 409)),),
    ("GET", "/v1/gaps"): (
        *listed("LICENCE-A3", "gap TOWN-A", filters=TWO_TOWNS),
        continued("registry /v1/gaps", "LICENCE-A2", "LICENCE-A3"),
    ),
    ("GET", "/v1/gap-report"): (Pair(ask(), hides("TOWN-A", "DEPT-A"), A_TOWN, shows("TOWN-A")),),
    ("GET", "/v1/gaps/{gap_id}"): (Pair(ask(A_GAP), HIDDEN),),
    ("POST", "/v1/gaps/{gap_id}/steps"): (Pair(ask(A_GAP, body={"kind": "received"}), HIDDEN),),
}  # fmt: skip

OPERATION: Final[Pairs] = {
    ("GET", "/healthz"): PUBLIC,
    ("GET", "/readyz"): PUBLIC,
    ("GET", "/version"): PUBLIC,
    ("GET", "/metrics"): PUBLIC,
    ("GET", "/v1/sealing"): whole_district(),
    ("GET", "/v1/audit"): whole_district(),
    ("GET", "/v1/audit/export"): whole_district(),
    ("GET", "/v1/audit/head"): whole_district(),
    ("GET", "/v1/audit/key"): whole_district(),
}


def dead_letters(service: str) -> Pairs:
    """Return the pairs of a service's dead letters, which belong to no area."""

    async def letter(world: World) -> Request:
        return Request({"message_id": await world.new_dead_letter(service)}, json={"reason": "测试"})

    only_whole = (Pair(letter, status(403), DISTRICT),)
    return {
        ("GET", "/v1/dead-letters"): whole_district(),
        ("POST", "/v1/dead-letters/{message_id}/drop"): only_whole,
        ("POST", "/v1/dead-letters/{message_id}/replay"): only_whole,
    }


PAIRS: Final[Pairs] = {
    **round_pairs.PAIRS, **sheet_pairs.PAIRS, **CLIENTS, **ORGANISATION, **PEOPLE, **STATUSES, **RULES,
    **OPERATION, **recheck_pairs.PAIRS,
    **dead_letters("registry"),
    **RESPONSIBILITY, **LICENCES, **REFERRALS,
}  # fmt: skip
