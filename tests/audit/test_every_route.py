"""Every operation is audited or named here as one that shows and changes nobody's record."""

from pathlib import Path
from typing import Final

import asyncpg
import httpx
import pytest

from registry.categories.routes import CATEGORY
from tests.registry.identity.signing_clients import new_key, public_jwk
from tests.support.servers import Address
from tests.support.system import PACKAGES, System, running_system
from tests.system.desks import (
    on_inspections,
    on_ladder,
    on_lists,
    on_packets,
    on_papers,
    on_referrals,
    on_responsibility,
    on_venues,
)
from tests.system.people import UNIT, District, ok, person, resident_id, row, text, until_done

# Who reads people, and who changes what others rely on; the action that is written.
AUDITED: Final = {
    "registry": {
        "POST /v1/clients": "client.create",
        "PATCH /v1/clients/{client_id}": "client.change",
        "DELETE /v1/clients/{client_id}": "client.disable",
        "POST /v1/clients/{client_id}/secret": "client.secret",
        "POST /v1/clients/{client_id}/keys": "client.key.added",
        "DELETE /v1/clients/{client_id}/keys/{kid}": "client.key.retired",
        "PUT /v1/clients/{client_id}/limits": "client.limits",
        "POST /v1/signing-keys": "signing_key.rotated",
        "POST /v1/categories": "category.add",
        "POST /v1/departments": "department.add",
        "PATCH /v1/departments/{code}": "department.change",
        "GET /v1/organisation-history/{what}/{code}": "organisation.history",
        "POST /v1/units": "unit.add",
        "PATCH /v1/units/{unit_code}": "unit.change",
        "GET /v1/units/{unit_code}/people": "people.list",
        "POST /v1/units/{unit_code}/roster": "roster.compare",
        "POST /v1/people": "person.read",
        "POST /v1/people/bulk": "people.register",
        "POST /v1/health-code-ids/bulk": "people.codes",
        "GET /v1/people/{person_id}": "person.read",
        "PATCH /v1/people/{person_id}": "person.read",
        "GET /v1/people/by-health-code/{health_code_id}": "person.read",
        "GET /v1/people/{person_id}/ledger": "person.ledger",
        "GET /v1/people/{person_id}/explanation": "person.explanation",
        "GET /v1/people/{person_id}/clearance": "person.clearance",
        "GET /v1/people/{person_id}/history": "person.history",
        "POST /v1/people/{person_id}/transfers": "person.transfer",
        "POST /v1/units/{unit_code}/spot-checks": "spot-check.make",
        "GET /v1/spot-checks/{spot_check_id}": "spot-check.read",
        "POST /v1/spot-checks/{spot_check_id}/enrolments": "spot-check.enrol",
        "GET /v1/findings/{finding_id}": "finding.read",
        "POST /v1/appeals": "appeal.open",
        "GET /v1/appeals/{appeal_id}": "appeal.read",
        "POST /v1/appeals/{appeal_id}/evidence": "appeal.evidence",
        "POST /v1/appeals/{appeal_id}/decision": "appeal.decide",
        "POST /v1/appeals/{appeal_id}/withdrawal": "appeal.withdraw",
        "GET /v1/units/{unit_code}/late-entries": "entries.late",
        "POST /v1/people/{person_id}/disclosure": "person.disclosure",
        "GET /v1/people/{person_id}/exemptions": "exemptions.read",
        "POST /v1/people/{person_id}/exemptions": "exemption.grant",
        "PATCH /v1/people/{person_id}/exemptions/{exemption_id}": "exemption.change",
        "DELETE /v1/people/{person_id}/exemptions/{exemption_id}": "exemption.cancel",
        "POST /v1/people/{person_id}/events": "event.add",
        "GET /v1/people/{person_id}/events": "events.read",
        "GET /v1/events": "events.list",
        "PATCH /v1/events/{event_id}": "event.move",
        "POST /v1/events/{event_id}/cancellation": "event.cancel",
        "GET /v1/units/{unit_code}/shares/{category_code}/people": "shares.people",
        "GET /v1/figures/people": "figures.people",
        "GET /v1/figures/sheet": "export",
        "POST /v1/figures/weeks/{week}/count": "figures.count",
        "POST /v1/draws": "draw.make",
        "GET /v1/draws/{draw_id}": "draw.read",
        "POST /v1/units/{unit_code}/plans": "plan.add",
        "POST /v1/units/{unit_code}/samplings": "plan.sampling",
        "GET /v1/rechecks": "rechecks.list",
        "GET /v1/overdue": "overdue.list",
        "GET /v1/statuses/{health_code_id}": "status.read",
        "POST /v1/statuses/query": "statuses.query",
        "GET /v1/status-changes": "status-changes.read",
        "POST /v1/categories/{code}/rules": "rule.add",
        "POST /v1/imports": "sheet.import",
        "GET /v1/imports/{import_id}/sheet": "sheet.copy",
        "GET /v1/imports/{import_id}/absent": "sheet.absent",
        "POST /v1/exports": "export",
        "PUT /v1/trades/{code}": "trade.set",
        "POST /v1/industry-map": "map.add",
        "PATCH /v1/industry-map/{map_id}": "map.end",
        "PUT /v1/attributes/{dimension}/{value}": "attribute.set",
        "POST /v1/units/{unit_code}/contact-checks": "contact.check",
        "POST /v1/units/{unit_code}/testers": "tester.assign",
        "PATCH /v1/units/{unit_code}/testers/{tester_id}": "tester.end",
        "PATCH /v1/duties/{code}": "duty.change",
        "POST /v1/duties/{code}/subjects": "duty.assign",
        "POST /v1/hospital-departments": "hospital-department.add",
        "PATCH /v1/hospital-departments/{entry_id}": "hospital-department.end",
        "GET /v1/hospital-department-defects": "department-defects.list",
        "GET /v1/sampling-list": "sampling.list",
        "PUT /v1/units/{unit_code}/samplers": "samplers.set",
        "POST /v1/referrals": "referral.report",
        "GET /v1/referrals": "referrals.list",
        "GET /v1/referrals/{referral_id}": "referral.read",
        "POST /v1/referrals/{referral_id}/follow-ups": "referral.follow",
        "POST /v1/referrals/{referral_id}/arrival": "referral.arrive",
        "POST /v1/referrals/{referral_id}/cancellation": "referral.cancel",
        "POST /v1/licences/bulk": "licences.import",
        "POST /v1/survey-rounds": "survey.add",
        "POST /v1/survey-rounds/{code}/places/bulk": "survey.import",
        "POST /v1/survey-rounds/{code}/comparison": "survey.compare",
        "POST /v1/survey-rounds/{code}/gaps": "survey.send",
        "POST /v1/licence-suggestions/{suggestion_id}/decision": "suggestion.decide",
        "POST /v1/gaps/{gap_id}/steps": "gap.step",
    },
    "results-ingest": {
        "POST /v1/labs": "lab.register",
        "POST /v1/clock-limits": "clock_limit.add",
        "GET /v1/test-orders": "orders.list",
        "PATCH /v1/labs/{lab_code}": "lab.change",
        "PUT /v1/labs/{lab_code}/terms": "lab.terms",
        "POST /v1/quality/{day}/count": "quality.count",
        "GET /v1/tubes/{tube_code}": "tube.read",
        "POST /v1/packets": "packet.seal",
        "POST /v1/packet-lists": "packets.seal",
        "POST /v1/packets/{packet_code}/handovers": "packet.hand",
        "POST /v1/packets/{packet_code}/receipt": "packet.receive",
        "POST /v1/packets/{packet_code}/refusal": "packet.refuse",
        "POST /v1/packets/{packet_code}/closing": "packet.close",
        "POST /v1/venues": "venue.bind",
        "DELETE /v1/venues/{client_id}": "venue.unbind",
        "POST /v1/venue-reports": "venue.report",
        "GET /v1/unmatched": "unmatched.list",
        "POST /v1/unmatched/{entry_id}/resolution": "unmatched.resolve",
        "GET /v1/results/{result_id}/history": "result.history",
        "GET /v1/reviews": "reviews.list",
        "POST /v1/reviews/{result_id}": "review.decide",
    },
    "notifier": {
        "GET /v1/notices": "notices.list",
        "POST /v1/notices/{notice_id}/acknowledgement": "notice.acknowledge",
        "POST /v1/notices/{notice_id}/revocation": "notice.revoke",
        "PUT /v1/problem-kinds/{kind_code}": "problem-kind.set",
        "POST /v1/checklists": "checklist.add",
        "PUT /v1/inspectors/{inspector_code}": "inspector.set",
        "GET /v1/inspectors": "inspectors.list",
        "POST /v1/inspection-draws": "inspection-draw.make",
        "GET /v1/inspection-draws/{draw_no}": "inspection-draw.read",
        "POST /v1/inspection-draws/{draw_no}/publication": "inspection-draw.publish",
        "POST /v1/inspections": "inspection.record",
        "GET /v1/inspections/{inspection_id}": "inspection.read",
        "GET /v1/problems": "problems.list",
        "GET /v1/problems/{problem_id}": "problem.read",
        "POST /v1/problems/{problem_id}/steps": "problem.step",
        "GET /v1/rectification-report": "rectification.report",
        "GET /v1/issue-ledger": "issue-ledger.read",
        "GET /v1/cases": "cases.list",
        "GET /v1/cases/{case_id}": "case.read",
        "POST /v1/cases/{case_id}/steps": "case.step",
        "POST /v1/cases/{case_id}/handover": "case.handover",
        "POST /v1/cases/{case_id}/extensions": "case.extension",
        "POST /v1/cases/{case_id}/extensions/{extension_id}/decision": "case.extension.decide",
        "GET /v1/notices/{notice_id}/document": "notice.document",
        "POST /v1/notices/{notice_id}/document": "notice.disclosure",
        "GET /v1/proof/{body_type}/{body_code}": "proof.export",
        "POST /v1/proof/{body_type}/{body_code}/package": "proof.package",
        "POST /v1/templates/{key}/versions": "template.version",
        "POST /v1/templates/{key}/versions/{version}/approval": "template.approve",
    },
}
EVERYWHERE: Final = {
    "GET /v1/audit": "audit.list",
    "GET /v1/audit/export": "audit.export",
    "POST /v1/dead-letters/{message_id}/replay": "dead-letter.replay",
    "POST /v1/dead-letters/{message_id}/drop": "dead-letter.drop",
}
# What says nothing of a person and changes no record: units and rules as they stand, a laboratory's and a
# sampling site's own work (kept with its client in its own tables), and the running of the system.
NOT_AUDITED: Final = {
    "GET /healthz", "GET /readyz", "GET /version", "GET /metrics", "POST /v1/oauth/token",
    "GET /.well-known/jwks.json", "GET /v1/dead-letters", "GET /v1/sealing", "GET /v1/audit/head",
    "GET /v1/audit/key", "GET /v1/clients", "GET /v1/clients/{client_id}", "GET /v1/departments",
    "GET /v1/departments/{code}", "GET /v1/units", "GET /v1/units/{unit_code}", "GET /v1/categories",
    "GET /v1/signing-keys", "GET /v1/overdue/units", "GET /v1/entry-lags", "GET /v1/findings", "GET /v1/breaches",
    "GET /v1/appeals",
    "GET /v1/templates", "GET /v1/templates/{key}", "POST /v1/templates/{key}/preview", "POST /v1/proof/verification",
    "GET /v1/spot-checks", "POST /v1/status-acknowledgements",
    "POST /v1/evaluations", "GET /v1/evaluations/{evaluation_id}", "PUT /v1/clock", "GET /v1/industry-map",
    "GET /v1/labs", "GET /v1/labs/{lab_code}", "GET /v1/quality", "GET /v1/quality/faults", "GET /v1/league",
    "GET /v1/conformance-reports",
    "GET /v1/labs/{lab_code}/terms", "GET /v1/lab-silences", "GET /v1/lab-loads",
    "POST /v1/tubes", "POST /v1/tubes/bulk", "POST /v1/tubes/{tube_code}/members", "POST /v1/sites",
    "GET /v1/packets", "GET /v1/packets/{packet_code}", "GET /v1/packets/{packet_code}/tubes",
    "GET /v1/intake-counts", "GET /v1/team-postings", "GET /v1/team-figures", "GET /v1/rounds/{round_code}/sites", "GET /v1/reconciliation", "GET /v1/reconciliation/samples", "GET /v1/manifests/totals",
    "GET /v1/manifests/differences", "GET /v1/stage-times", "GET /v1/stamp-faults", "GET /v1/backlogs", "GET /v1/clocks", "GET /v1/clock-counts", "GET /v1/clock-limits", "GET /v1/sites", "POST /v1/batches", "GET /v1/batches", "GET /v1/batches/{batch_id}",
    "GET /v1/batches/{batch_id}/rows", "GET /v1/batches/{batch_id}/outcomes", "GET /v1/daily-totals",
    "GET /v1/batches/{batch_id}/original", "GET /v1/retention", "GET /v1/retention/drops", "GET /v1/retention/holds",
    "GET /v1/row-changes", "GET /v1/webhook", "GET /v1/webhook-deliveries",
    "GET /v1/problem-kinds", "GET /v1/checklists", "GET /v1/inspections", "GET /v1/lab-supervision",
    "GET /v1/published-inspections",
    "GET /v1/clients/{client_id}/keys", "GET /v1/webhooks", "GET /v1/channels",
    "POST /v1/delivery-receipts/{channel}",
    "GET /v1/lots", "GET /v1/lots/{lot_code}",
    "GET /v1/venues", "GET /v1/venue-reports", "GET /v1/silent-venues",
    "GET /v1/report-forms", "GET /v1/report-obligations", "GET /v1/reports", "GET /v1/silent-reporters",
    "GET /v1/report-summaries/{form_code}", "GET /v1/report-summaries/versions/{summary_id}",
    "GET /v1/event-limits", "GET /v1/roster-gaps",
    "GET /v1/clients/{client_id}/limits", "GET /v1/divisions", "GET /v1/divisions/{division_code}",
    "GET /v1/teams", "GET /v1/rounds", "GET /v1/rounds/{round_code}", "GET /v1/rounds/{round_code}/grids",
    "GET /v1/sheets/results/template", "GET /v1/sheets/results/mappings",
    "PUT /v1/sheets/results/mappings/{name}", "DELETE /v1/sheets/results/mappings/{name}",
    "GET /v1/imports", "GET /v1/imports/{import_id}",
    "GET /v1/imports/{import_id}/errors", "GET /v1/exports", "GET /v1/sheets", "GET /v1/sheets/{kind}/template",
    "GET /v1/sheets/{kind}/mappings", "PUT /v1/sheets/{kind}/mappings/{name}",
    "DELETE /v1/sheets/{kind}/mappings/{name}",
    "GET /v1/shares", "GET /v1/figures", "GET /v1/unit-plans",
    "GET /v1/industry-map-defects", "GET /v1/attributes",
    "GET /v1/units/{unit_code}/responsibility", "GET /v1/responsibility/defects", "GET /v1/responsibility/report",
    "GET /v1/hospital-departments", "GET /v1/referral-report",
    "GET /v1/sampling-workload", "GET /v1/units/{unit_code}/work-order",
    "GET /v1/duties", "GET /v1/duty-owners/{subject}", "GET /v1/trades", "GET /v1/licences", "GET /v1/survey-rounds",
    "GET /v1/survey-rounds/{code}/places", "GET /v1/survey-rounds/{code}/report",
    "GET /v1/survey-rounds/{code}/outcomes", "GET /v1/survey-rounds/{code}/absent-units",
    "GET /v1/body-names", "GET /v1/survey-rounds/{code}/suggestions", "GET /v1/gaps", "GET /v1/gaps/{gap_id}", "GET /v1/gap-report",
}  # fmt: skip
# Audited, and shown to be so by the tests of their own slice.
ELSEWHERE: Final = {
    "POST /v1/conformance-reports", "POST /v1/clients/{client_id}/release",
    "POST /v1/divisions", "POST /v1/residents", "GET /v1/divisions/{division_code}/residents",
    "POST /v1/teams", "GET /v1/teams/{team_code}", "POST /v1/teams/{team_code}/calls", "POST /v1/rounds",
    "POST /v1/rounds/{round_code}/activation", "POST /v1/rounds/{round_code}/closing",
    "POST /v1/rounds/{round_code}/cancellation", "POST /v1/rounds/{round_code}/drill-samples",
    "POST /v1/rounds/{round_code}/grids/{division_code}/readiness",
    "GET /v1/rounds/{round_code}/grids/{division_code}/missing",
    "GET /v1/breaches/{breach_id}",
    "POST /v1/events/{event_id}/release", "GET /v1/batches/{batch_id}/sheet",
    "POST /v1/tubes/{tube_code}/voiding", "POST /v1/manifests", "POST /v1/manifests/explanations",
    "GET /v1/batches/{batch_id}/original/content", "POST /v1/retention/holds",
    "POST /v1/retention/holds/{hold_code}/release",
    "PUT /v1/webhooks/{code}", "DELETE /v1/webhooks/{code}", "POST /v1/webhooks/{code}/secret", "GET /v1/unreachable",
    "PUT /v1/webhook", "DELETE /v1/webhook", "POST /v1/webhook/secret",
    "POST /v1/webhook-deliveries/{batch_id}/resend",
    "POST /v1/lots", "POST /v1/lots/{lot_code}/tubes", "POST /v1/lots/{lot_code}/steps",
    "PUT /v1/intake-plans", "PUT /v1/team-postings", "POST /v1/shown-lists",
    "POST /v1/report-forms", "POST /v1/report-obligations",
    "POST /v1/report-obligations/{obligation_id}/ending",
    "POST /v1/reports/{form_code}", "GET /v1/reports/{report_id}/versions",
    "POST /v1/report-summaries/{form_code}",
    "GET /v1/addresses", "GET /v1/addresses/{body_type}/{body_code}",
    "PUT /v1/addresses/{body_type}/{body_code}", "DELETE /v1/addresses/{body_type}/{body_code}",
    "PUT /v1/rosters/{department_code}", "GET /v1/rosters", "POST /v1/rosters/{department_code}/shifts",
    "GET /v1/rosters/{department_code}/shifts", "POST /v1/roster-shifts/{shift_id}/withdrawal",
    "POST /v1/event-limits", "POST /v1/events", "GET /v1/events/{event_id}", "GET /v1/events",
    "POST /v1/events/{event_id}/national-report", "POST /v1/events/{event_id}/tracing",
    "POST /v1/events/{event_id}/end-request", "POST /v1/events/{event_id}/end-decision",
    "POST /v1/work-lists", "GET /v1/work-lists", "GET /v1/work-items", "GET /v1/work-items/{item_id}",
    "POST /v1/work-items/{item_id}/progress", "POST /v1/work-items/{item_id}/acceptance",
    "POST /v1/work-items/{item_id}/reopening", "POST /v1/work-items/{item_id}/extension",
    "POST /v1/work-items/{item_id}/extension-decision", "POST /v1/body-names",
    "GET /v1/feedback", "GET /v1/notices/{notice_id}/answers", "POST /v1/notices/{notice_id}/answers",
    "POST /v1/notices/{notice_id}/closing", "POST /v1/notices/{notice_id}/reopening",
    "POST /v1/rounds/{round_code}/sites/{site_code}/readiness",
}  # fmt: skip


@pytest.mark.parametrize("service", PACKAGES)
async def test_every_operation_is_audited_or_known_not_to_be(system: System, service: str) -> None:
    document = (await (await system.client(service)).get("/openapi.json")).json()
    found = {f"{method.upper()} {path}" for path, methods in document["paths"].items() for method in methods}
    audited = AUDITED[service].keys() | EVERYWHERE.keys()
    assert found - audited - NOT_AUDITED - ELSEWHERE == set()
    assert audited - found == set()


async def test_what_is_audited_leaves_a_row_in_its_transaction(system: System) -> None:
    district = await District(system).build()
    admin = district.admin
    async with system.context("registry").db.transaction() as session:
        now = await system.context("registry").clock.now(session)
    known = person(1, phone="13900000009", unit_code=UNIT, category_code="8A1")
    await district.register(known, person(2, code=False))
    code = {"id_type": "resident_id", "id_no": resident_id(2), "health_code_id": "HC-000002"}
    await ok(admin.post("/v1/health-code-ids/bulk", json={"codes": [code]}))
    await ok(admin.post("/v1/people", json=person(3)))
    person_id = (await ok(admin.get("/v1/people/by-health-code/HC-000001")))["person_id"]
    for path in ("", "/ledger", "/explanation", "/exemptions", "/clearance", "/history"):
        await ok(admin.get(f"/v1/people/{person_id}{path}"))
    await ok(admin.patch(f"/v1/people/{person_id}", json={"phone": None}))
    doctor = await system.client("registry", scopes=["records:read"], kind="person")
    await ok(doctor.post(f"/v1/people/{person_id}/disclosure", json={"reason": "核实身份"}))
    leave = {"kind": "leave", "from": "2031-01-01", "to": "2031-01-02", "reason": "产假"}
    granted = await ok(admin.post(f"/v1/people/{person_id}/exemptions", json=leave))
    exemption = f"/v1/people/{person_id}/exemptions/{granted['exemption_id']}"
    await ok(admin.patch(exemption, json={"reason": "病假"}))
    await ok(admin.delete(exemption))
    await ok(admin.get(f"/v1/units/{UNIT}/people"))
    await ok(admin.get(f"/v1/units/{UNIT}/late-entries"))
    checked = await ok(admin.post(f"/v1/units/{UNIT}/spot-checks", json={"people": [person(4, code=False)]}))
    check = f"/v1/spot-checks/{checked['spot_check_id']}"
    await ok(admin.get(check))
    await ok(admin.post(f"{check}/enrolments", json={"category_code": "8A1"}))
    await ok(admin.get(f"/v1/findings/{checked['findings'][0]['finding_id']}"))
    places = {"from": {"unit_code": UNIT, "category_code": "8A1"}, "to": {"category_code": "8A1"}}
    await ok(admin.post(f"/v1/people/{person_id}/transfers", json=places | {"on": "2035-01-01"}))
    await on_appeals(district, person_id)
    roster = {"people": [{"id_type": "resident_id", "id_no": resident_id(1)}]}
    await ok(admin.post(f"/v1/units/{UNIT}/roster", json=roster))
    await ok(admin.patch(f"/v1/units/{UNIT}", json={"name": "新名"}))
    await ok(admin.patch("/v1/departments/DEPT-01", json={"name": "新名"}))
    for path in ("/v1/overdue", "/v1/rechecks"):
        await ok(admin.get(path))
    await on_clients(admin)
    await ok(admin.post("/v1/categories", json=CATEGORY))
    await ok(admin.get("/v1/statuses/HC-000001"))
    await ok(admin.post("/v1/statuses/query", json={"health_code_ids": ["HC-000001"]}))
    await ok(admin.get("/v1/status-changes"))
    rule = {"effective_from": "2035-01-01", "shape": "every_n_days", "params": {"days": 3}}
    await ok(admin.post("/v1/categories/8A1/rules", json=rule))
    await on_sheets(admin)
    await on_rules(district, person_id, at=text(now))
    for follow in (on_responsibility, on_lists, on_ladder):
        await follow(district)
    await on_referrals(district, text(now))
    await on_results(district, text(now), row(now, outcome="positive", health_code_id="HC-000001"),
                     row(now, health_code_id="HC-NOBODY"))  # fmt: skip
    written = {
        (service, action)
        for service, schema in (
            ("registry", "registry"),
            ("results-ingest", "ingest"),
            ("notifier", "notifier"),
        )
        for action in await actions(system, schema)
    }
    wanted = {(service, action) for service, listed in AUDITED.items() for action in listed.values()}
    assert wanted - written == set()


async def on_clients(admin: httpx.AsyncClient) -> None:
    """Make a client, change what it is known by and what it may, and disable it; turn registry's key over."""
    made = await ok(
        admin.post("/v1/clients", json={"name": "甲", "kind": "system", "scopes": ["audit:read"]})
    )
    client = f"/v1/clients/{made['client_id']}"
    await ok(admin.patch(client, json={"name": "乙"}))
    await ok(admin.post(f"{client}/secret"))
    key = await ok(admin.post(f"{client}/keys", json=public_jwk(new_key())))
    await ok(admin.delete(f"{client}/keys/{key['kid']}"))
    await ok(admin.put(f"{client}/limits", json={"limits": {"rows": {"per_second": 9, "burst": 90}}}))
    await ok(admin.post("/v1/signing-keys", json={"at_once": False}))
    await ok(admin.delete(client))


async def on_rules(district: District, person_id: str, *, at: str) -> None:
    """Register an event, draw in a unit and plan the sampling of its goods."""
    admin = district.admin
    visit = await ok(
        admin.post(
            f"/v1/people/{person_id}/events", json={"kind": "fever_visit", "at": at[:11] + "08:00:00+08:00"}
        )
    )
    await ok(admin.get(f"/v1/people/{person_id}/events"))
    await ok(admin.get("/v1/events"))
    await ok(admin.patch(f"/v1/events/{visit['event_id']}", json={"at": at[:11] + "07:00:00+08:00"}))
    await ok(admin.post(f"/v1/events/{visit['event_id']}/cancellation", json={"reason": "误"}))
    share = {"effective_from": at[:10], "shape": "rolling_share", "params": {"percent": 9, "period": "week"}}
    await ok(admin.post("/v1/categories/8A1/rules", json=share))
    wanted = {"unit_code": UNIT, "category_code": "8A1", "on": at[:10]}
    drawn = await ok(admin.post("/v1/draws", json=wanted))
    await ok(admin.get(f"/v1/draws/{drawn['draw_id']}"))
    await ok(admin.get(f"/v1/units/{UNIT}/shares/8A1/people"))
    await ok(admin.get("/v1/figures/people"))
    assert (await admin.get("/v1/figures/sheet")).is_success
    await ok(admin.post(f"/v1/figures/weeks/{at[:10]}/count"))
    plan = {"category_code": "LOCAL-COLD", "effective_from": at[:10]}
    await ok(admin.post(f"/v1/units/{UNIT}/plans", json=plan))
    await ok(admin.post(f"/v1/units/{UNIT}/samplings", json={"subject": "item", "at": at}))


async def on_sheets(admin: httpx.AsyncClient) -> None:
    """Send a sheet and have it back, and take a list out."""
    sheet, csv = "姓名,证件号码\n张伟,1\n", {"Content-Type": "text/csv"}
    made = await ok(admin.post("/v1/imports?kind=people", content=sheet, headers=csv))
    path = f"/v1/imports/{made['import_id']}"
    await until_done(admin, path)
    assert (await admin.get(f"{path}/sheet")).is_success
    assert (await admin.get(f"{path}/absent")).is_success
    assert (await admin.post("/v1/exports", json={"list": "people"})).is_success


async def on_appeals(district: District, person_id: str) -> None:
    """Bring appeals of a person and end them."""
    appeal = {"claim": "duty_wrong", "person_id": person_id, "statement": "产假"}
    brought = await ok(district.admin.post("/v1/appeals", json=appeal))
    path = f"/v1/appeals/{brought['appeal_id']}"
    await ok(district.admin.get(path))
    await ok(district.admin.post(f"{path}/evidence", json={"statement": "证明"}))
    await ok(district.admin.post(f"{path}/withdrawal"))
    again = await ok(district.admin.post("/v1/appeals", json=appeal))
    decider = await district.system.client("registry", scopes=["admin"])
    decision = {"verdict": "rejected", "reason": "不属实"}
    await ok(decider.post(f"/v1/appeals/{again['appeal_id']}/decision", json=decision))


async def on_results(district: District, collected: str, *rows: dict[str, object]) -> None:
    """Work at the desks of results-ingest and notifier."""
    system = district.system
    await ok(district.intake.patch("/v1/labs/LAB02", json={"name": "新名"}))
    await ok(district.cdc.get("/v1/test-orders"))
    limit = {"stage": "result", "applies_to": "everything", "effective_from": "2035-01-01", "basis": "通知"}
    await ok(district.intake.post("/v1/clock-limits", json=limit | {"limit_minutes": 720}))
    await ok(district.intake.put("/v1/labs/LAB02/terms", json={"effective_from": collected[:10]}))
    await ok(district.intake.post(f"/v1/quality/{collected[:10]}/count"))
    tube = {"tube_code": "T-1", "mode": "single", "capacity": 1, "subject": "person",
            "members": [{"health_code_id": "HC-000002"}], "collected_at": collected}  # fmt: skip
    await ok(district.sampling.post("/v1/tubes", json=tube))
    await ok(district.cdc.get("/v1/tubes/T-1"))
    await on_packets(district, at=collected)
    await on_venues(district, at=collected)
    await district.post(*rows)
    await system.settle()
    await on_inspections(district, collected[:10])
    [review] = (await ok(district.cdc.get("/v1/reviews")))["reviews"]
    verdict = {"verdict": "confirmed", "reviewer": "王医生"}
    await ok(district.cdc.post(f"/v1/reviews/{review['result_id']}", json=verdict))
    await ok(district.cdc.get(f"/v1/results/{review['result_id']}/history"))
    [waiting] = (await ok(district.cdc.get("/v1/unmatched")))["unmatched"]
    resolution = {"decision": "reject", "reason": "查无"}
    await ok(district.cdc.post(f"/v1/unmatched/{waiting['id']}/resolution", json=resolution))
    first, second = (await district.notices(kind="alert.positive"))[:2]
    await ok(
        district.notices_api.post(f"/v1/notices/{first['notice_id']}/acknowledgement", json={"by": "值班"})
    )
    await on_papers(district, first["notice_id"])
    revoked = {"by": "指挥部", "reason": "误发"}
    await ok(district.notices_api.post(f"/v1/notices/{second['notice_id']}/revocation", json=revoked))


async def actions(system: System, schema: str) -> list[str]:
    """Return the actions in a schema's log."""
    rows = await system.owner.fetch(f"SELECT DISTINCT action FROM {schema}.audit")
    return [each["action"] for each in rows]


async def test_a_platforms_pulls_are_counted_and_a_clean_stop_loses_none(
    servers: Address, database: str, tmp_path: Path
) -> None:
    async with running_system(servers, database, data_dir=tmp_path, services=["registry"]) as system:
        owner = await asyncpg.connect(servers.database_url(database))
        district = District(system)
        district.admin = await system.client("registry", scopes=["admin"])
        await district.register(*(person(number) for number in range(1, 6)))
        platform = await system.client("registry", scopes=["status:read"], client_id="platform-1")
        codes = [f"HC-{number:06}" for number in range(1, 6)]
        for code in codes:
            await ok(platform.get(f"/v1/statuses/{code}"))
        for _ in range(3):
            await ok(platform.post("/v1/statuses/query", json={"health_code_ids": codes}))
    rows = await owner.fetch(
        "SELECT action, sum(requests) AS requests, sum(rows) AS rows, count(person_id) AS people"
        " FROM registry.audit WHERE client_id = 'platform-1' GROUP BY action ORDER BY action"
    )
    assert [tuple(each) for each in rows] == [("status.read", 5, 5, 0), ("statuses.query", 3, 15, 0)]
    await owner.close()
