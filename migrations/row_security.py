"""The second wall: what a request of one laboratory, township or department may touch at all.

Every table has a decision here (decision 0016); a test fails for one that has none. The narrow role
of a service has no right that is not given here, so a new table or partition is closed to it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

import asyncpg

_TOWNSHIP: Final = "(SELECT bus.limit_of('township'))"
_DEPARTMENT: Final = "(SELECT bus.limit_of('department'))"
_LAB: Final = "(SELECT bus.limit_of('lab'))"
_AREA: Final = f"(township_code = {_TOWNSHIP} OR department_code = {_DEPARTMENT})"
_RESIDENT: Final = (
    "EXISTS (SELECT FROM registry.residence r WHERE r.person_id = {table}.person_id AND r.to_on IS NULL)"
)
_ENROLLED: Final = "EXISTS (SELECT FROM registry.enrolment e WHERE e.person_id = {table}.person_id)"


@dataclass(frozen=True, slots=True)
class Decision:
    """The narrow role's rights on a table, and which rows it sees; without `rows` every row."""

    rights: str
    rows: str | None = None


CLOSED: Final = Decision("")
"""Nothing in a narrow request needs it."""
READ: Final = Decision("SELECT")
"""Holds nothing of a laboratory, an area or a person."""
ADDED: Final = Decision("INSERT")
"""Written, never read."""


# The statement that adds a row names it to the sealer of the chain.
_AUDIT: Final = {
    "audit": Decision("INSERT, SELECT (audit_id)"),
    "audit_pending": ADDED,
    "audit_link": CLOSED,
    "audit_head": CLOSED,
}


def _own(rows: str) -> Decision:
    return Decision("SELECT, INSERT, UPDATE, DELETE", rows)


_PERSONS_OWN: Final = (
    "person_status", "exemption", "exemption_history", "health_code_history", "disclosure",
    "vaccination_history", "event", "event_history",
)  # fmt: skip
# A township counts the samples of those who live in its grids, wherever they work.
_RESIDENTS_TOO: Final = ("person", "ledger_entry")

# Who has left a unit stays visible here; the queries know the day and do not show them.
REGISTRY: Final[Mapping[str, Decision]] = {
    "department": _own(f"code = {_TOWNSHIP} OR code = {_DEPARTMENT}"),
    "unit": _own(_AREA),
    "enrolment": _own("EXISTS (SELECT FROM registry.unit u WHERE u.unit_code = enrolment.unit_code)"),
    "enrolment_history": _own(
        "EXISTS (SELECT FROM registry.unit u WHERE u.unit_code = enrolment_history.unit_code)"
    ),
    "spot_check": _own("EXISTS (SELECT FROM registry.unit u WHERE u.unit_code = spot_check.unit_code)"),
    "spot_check_person": _own(
        "EXISTS (SELECT FROM registry.spot_check c WHERE c.spot_check_id = spot_check_person.spot_check_id)"
    ),
    "finding": _own("EXISTS (SELECT FROM registry.unit u WHERE u.unit_code = finding.unit_code)"),
    "finding_person": _own(
        "EXISTS (SELECT FROM registry.finding f WHERE f.finding_id = finding_person.finding_id)"
    ),
    "share_finding": _own("EXISTS (SELECT FROM registry.unit u WHERE u.unit_code = share_finding.unit_code)"),
    "share_look": CLOSED,
    "breach_week": CLOSED,
    "breach": _own("EXISTS (SELECT FROM registry.unit u WHERE u.unit_code = breach.unit_code)"),
    **{
        table: _own(f"EXISTS (SELECT FROM registry.breach b WHERE b.breach_id = {table}.breach_id)")
        for table in ("breach_person", "breach_share")
    },
    "appeal": _own(
        "EXISTS (SELECT FROM registry.unit u WHERE u.unit_code = appeal.unit_code)"
        f" OR {_ENROLLED.format(table='appeal')}"
    ),
    "appeal_step": _own("EXISTS (SELECT FROM registry.appeal a WHERE a.appeal_id = appeal_step.appeal_id)"),
    # What an area's institutions report, and what its fever clinics are sent.
    "referral": _own(
        "EXISTS (SELECT FROM registry.unit u"
        " WHERE u.unit_code IN (referral.from_unit_code, referral.to_unit_code))"
    ),
    "referral_step": _own(
        "EXISTS (SELECT FROM registry.referral f WHERE f.referral_id = referral_step.referral_id)"
    ),
    "unit_place_history": _own(
        "EXISTS (SELECT FROM registry.unit u WHERE u.unit_code = unit_place_history.unit_code)"
    ),
    **{table: _own(_ENROLLED.format(table=table)) for table in _PERSONS_OWN},
    **{
        table: _own(f"{_ENROLLED.format(table=table)} OR {_RESIDENT.format(table=table)}")
        for table in _RESIDENTS_TOO
    },
    "division": _own(f"township_code = {_TOWNSHIP}"),
    "residence": _own("EXISTS (SELECT FROM registry.division d WHERE d.division_code = residence.grid_code)"),
    "sampling_team": _own(f"township_code = {_TOWNSHIP}"),
    "sampling_team_member": _own(
        "EXISTS (SELECT FROM registry.sampling_team t WHERE t.team_code = sampling_team_member.team_code)"
    ),
    "round": _own(
        f"township_code = {_TOWNSHIP}"
        " OR EXISTS (SELECT FROM registry.round_grid g WHERE g.round_code = round.round_code)"
    ),
    "round_grid": _own(f"township_code = {_TOWNSHIP}"),
    "drill_sample": _own(
        "EXISTS (SELECT FROM registry.residence r WHERE r.person_id = drill_sample.person_id)"
    ),
    **{
        table: _own(f"EXISTS (SELECT FROM registry.unit u WHERE u.unit_code = {table}.unit_code)")
        for table in ("unit_plan", "unit_sampling", "thing_result", "draw", "sampler_count")
    },
    "draw_member": _own("EXISTS (SELECT FROM registry.draw d WHERE d.draw_id = draw_member.draw_id)"),
    # A laboratory's own clients, so that each can manage its own keys.
    "client": _own(
        f"(area_code = {_TOWNSHIP} OR area_code = {_DEPARTMENT}) AND lab_code IS NULL OR lab_code = {_LAB}"
    ),
    "conformance_report": _own(
        "EXISTS (SELECT FROM registry.client c WHERE c.client_id = conformance_report.client_id)"
    ),
    "client_secret": _own(
        "EXISTS (SELECT FROM registry.client c WHERE c.client_id = client_secret.client_id)"
    ),
    "client_key": _own("EXISTS (SELECT FROM registry.client c WHERE c.client_id = client_key.client_id)"),
    "category": READ,
    "rule": READ,
    "industry_map": READ,
    "hospital_department": READ,
    "attribute": READ,
    "unit_contact_history": _own(
        "EXISTS (SELECT FROM registry.unit u WHERE u.unit_code = unit_contact_history.unit_code)"
    ),
    "organisation_history": _own(
        f"CASE what WHEN 'department' THEN code = {_TOWNSHIP} OR code = {_DEPARTMENT}"
        f" ELSE details ->> 'township_code' = {_TOWNSHIP} END"
    ),
    "unit_tester": _own("EXISTS (SELECT FROM registry.unit u WHERE u.unit_code = unit_tester.unit_code)"),
    "duty_entry": READ,
    "duty": READ,
    "trade": READ,
    "survey_round": READ,
    "licence": _own(_AREA),
    "surveyed": _own(_AREA),
    "survey_outcome": _own(_AREA),
    "licence_suggestion": _own(
        f"{_AREA} AND EXISTS"
        " (SELECT FROM registry.licence l WHERE l.licence_id = licence_suggestion.licence_id)"
    ),
    "gap": _own(_AREA),
    "figure": _own(_AREA),  # the place that the unit had in that week
    "gap_step": _own("EXISTS (SELECT FROM registry.gap g WHERE g.gap_id = gap_step.gap_id)"),
    "ledger_review": READ,  # a verdict on a result id; whose it is stands in the ledger
    "test_order": CLOSED,
    "recheck_order": CLOSED,
    "lab_origin": READ,
    "feed_block": READ,  # numbers and ids; the statuses behind them are read under their policy
    "feed_head": READ,
    "status_ack": ADDED,
    "sheet_import": _own(f"area_code = {_TOWNSHIP} OR area_code = {_DEPARTMENT}"),
    **{
        table: _own(f"EXISTS (SELECT FROM registry.sheet_import i WHERE i.import_id = {table}.import_id)")
        for table in ("sheet_part", "sheet_error")
    },
    "sheet_mapping": _own(f"area_code = {_TOWNSHIP} OR area_code = {_DEPARTMENT}"),
    **_AUDIT,
    "figure_week": CLOSED,
    "category_refresh": CLOSED,
    "due_watch": CLOSED,
    "feed_pending": CLOSED,
    "display_progress": CLOSED,
    "evaluation": CLOSED,
    "evaluation_start": CLOSED,
    "signing_key": CLOSED,
    "spent_assertion": CLOSED,
}

_OF_TUBE: Final = "EXISTS (SELECT FROM ingest.tube t WHERE t.tube_id = {table}.tube_id)"
_WAITS_FOR_TUBE: Final = "EXISTS (SELECT FROM ingest.tube t WHERE t.current AND t.tube_code = {code})"

INGEST: Final[Mapping[str, Decision]] = {
    "lab": Decision("SELECT", f"lab_code = {_LAB} OR {_TOWNSHIP} IS NOT NULL OR {_DEPARTMENT} IS NOT NULL"),
    "lab_origin": Decision(
        "SELECT", f"lab_code = {_LAB} OR {_TOWNSHIP} IS NOT NULL OR {_DEPARTMENT} IS NOT NULL"
    ),
    "lab_terms": Decision(
        "SELECT", f"lab_code = {_LAB} OR {_TOWNSHIP} IS NOT NULL OR {_DEPARTMENT} IS NOT NULL"
    ),
    "lab_silence": Decision("SELECT", f"lab_code = {_LAB}"),
    "batch": _own(f"lab_code = {_LAB}"),
    "figure_day": _own(f"lab_code = {_LAB}"),
    "quality_fault": _own(f"lab_code = {_LAB} OR {_AREA}"),
    "league_day": _own(f"lab_code = {_LAB}"),
    "night_count": READ,  # days and when they were counted
    "batch_part": _own("EXISTS (SELECT FROM ingest.batch b WHERE b.batch_id = batch_part.batch_id)"),
    "batch_sheet": _own("EXISTS (SELECT FROM ingest.batch b WHERE b.batch_id = batch_sheet.batch_id)"),
    "sheet_mapping": _own(f"lab_code = {_LAB}"),
    "refused_row": _own("EXISTS (SELECT FROM ingest.batch b WHERE b.batch_id = refused_row.batch_id)"),
    "unit": _own(_AREA),
    "site": _own(f"township_code = {_TOWNSHIP}"),
    "tube": _own(
        "EXISTS (SELECT FROM ingest.unit u WHERE u.unit_code = tube.unit_code)"
        " OR EXISTS (SELECT FROM ingest.site s WHERE s.site_code = tube.site_code)"
    ),
    "tube_result": _own(f"lab_code = {_LAB} OR {_OF_TUBE.format(table='tube_result')}"),
    "tube_member": _own(
        "EXISTS (SELECT FROM ingest.tube_result x WHERE x.tube_id = tube_member.tube_id)"
        f" OR {_OF_TUBE.format(table='tube_member')}"
    ),
    "result": _own(
        f"lab_code = {_LAB} OR {_OF_TUBE.format(table='result')}"
        f" OR {_WAITS_FOR_TUBE.format(code='result.tube_code')}"
    ),
    "unmatched": _own(
        f"{_OF_TUBE.format(table='unmatched')}"
        f" OR (match_key LIKE 't:%' AND {_WAITS_FOR_TUBE.format(code='substr(unmatched.match_key, 3)')})"
    ),
    # Its laboratory learns what became of its row; a verdict's steps are the CDC's own.
    "review": _own(
        f"lab_code = {_LAB} OR EXISTS (SELECT FROM ingest.unit u WHERE u.unit_code = review.unit_code)"
    ),
    "review_step": _own(
        "EXISTS (SELECT FROM ingest.review v JOIN ingest.unit u ON u.unit_code = v.unit_code"
        " WHERE v.result_id = review_step.result_id)"
    ),
    # Both ends see a packet: the laboratory it goes to, and the township of its site.
    "packet": _own(
        f"lab_code = {_LAB} OR EXISTS (SELECT FROM ingest.site s WHERE s.site_code = packet.site_code)"
    ),
    **{
        table: _own(f"EXISTS (SELECT FROM ingest.packet p WHERE p.packet_id = {table}.packet_id)")
        for table in ("packet_tube", "packet_step")
    },
    "tube_void": _own(_OF_TUBE.format(table="tube_void")),
    **{table: _own(f"lab_code = {_LAB}") for table in ("manifest", "manifest_tube", "manifest_explanation")},
    **dict.fromkeys(("display_head", "display_waiting", "display_posted"), CLOSED),
    **{
        table: _own(f"EXISTS (SELECT FROM ingest.unit u WHERE u.unit_code = {table}.unit_code)")
        for table in ("venue", "venue_report", "lot")
    },
    "venue_sample": _own(
        "EXISTS (SELECT FROM ingest.venue_report r WHERE r.report_id = venue_sample.report_id)"
    ),
    **{
        table: _own(f"EXISTS (SELECT FROM ingest.lot l WHERE l.lot_code = {table}.lot_code)")
        for table in ("lot_tube", "lot_step")
    },
    # Both ends see a clock too: the laboratory, and where it was sampled or whose it is.
    "clock": _own(
        f"lab_code = {_LAB} OR township_code = {_TOWNSHIP}"  # noqa: S608 - of constants
        " OR EXISTS (SELECT FROM ingest.unit u WHERE u.unit_code = clock.unit_code)"
        " OR EXISTS (SELECT FROM ingest.site s WHERE s.site_code = clock.site_code)"
    ),
    "test_order": _own(
        f"township_code = {_TOWNSHIP}"
        " OR EXISTS (SELECT FROM ingest.unit u WHERE u.unit_code = test_order.unit_code)"
    ),
    "clock_limit": READ,
    "clock_hint": ADDED,
    "clock_notice": CLOSED,
    "stage_digest": CLOSED,
    "batch_original": Decision(
        "SELECT", "EXISTS (SELECT FROM ingest.batch b WHERE b.batch_id = batch_original.batch_id)"
    ),
    "legal_hold": Decision(
        "SELECT (lab_code, received_from, received_to, released_at)",
        f"lab_code = {_LAB} OR (lab_code IS NULL AND {_LAB} IS NOT NULL)",
    ),
    "retention_drop": CLOSED,
    "row_change": Decision("SELECT", f"lab_code = {_LAB}"),
    "row_change_kept": READ,
    "webhook": _own(f"lab_code = {_LAB}"),
    "webhook_delivery": _own(f"lab_code = {_LAB}"),
    "round_grid": _own(f"township_code = {_TOWNSHIP} OR lab_code = {_LAB}"),
    "sampling_team": _own(f"township_code = {_TOWNSHIP}"),
    **{
        table: _own(f"EXISTS (SELECT FROM ingest.site s WHERE s.site_code = {table}.site_code)")
        for table in ("intake_plan", "round_site_ready", "team_posting")
    },
    **dict.fromkeys(
        ("digest_day", "intake_told", "display_head", "display_waiting", "display_posted"), CLOSED
    ),
    "fingerprint": CLOSED,
    "identity": CLOSED,
    "identity_code": CLOSED,
    "department": CLOSED,
    "round": READ,
    "positive_sample": CLOSED,
    "match_anchor": CLOSED,
    **_AUDIT,
}

_ADDRESSED: Final = f"""
    (recipient_type = 'township' AND recipient_code = {_TOWNSHIP})
    OR (recipient_type IN ('department', 'cdc', 'district') AND recipient_code = {_DEPARTMENT})
    OR (recipient_type = 'site' AND EXISTS (
        SELECT FROM notifier.address a
        WHERE a.body_type = 'site' AND a.code = notice.recipient_code AND a.township_code = {_TOWNSHIP}))
    OR (recipient_type = 'unit'
        AND EXISTS (SELECT FROM notifier.unit u WHERE u.unit_code = notice.recipient_code))
    OR (recipient_type = 'person'
        AND EXISTS (SELECT FROM notifier.person p WHERE p.person_id = notice.person_id))
"""  # noqa: S608 - of constants

# A laboratory's inspections are its CDC's.
_INSPECTED: Final = (
    "(target_type = 'unit'"
    " AND EXISTS (SELECT FROM notifier.unit u WHERE u.unit_code = {table}.target_code))"
    f" OR (target_type = 'lab' AND department_code = {_DEPARTMENT})"
)
# A department's own cases, and a township's units'. Whatever a step brings is worked out with full sight.
_CASE: Final = f"""
    department_code = {_DEPARTMENT}
    OR EXISTS (SELECT FROM notifier.unit u
               WHERE u.unit_code = ladder_case.unit_code AND u.township_code = {_TOWNSHIP})
"""
_IN_CASE: Final = "EXISTS (SELECT FROM notifier.ladder_case c WHERE c.case_id = {table}.case_id)"

NOTIFIER: Final[Mapping[str, Decision]] = {
    "ladder_case": Decision("SELECT", _CASE),
    **{
        table: Decision("SELECT", _IN_CASE.format(table=table))
        for table in ("ladder_breach", "ladder_step", "ladder_extension")
    },
    "ladder_task": Decision(
        "SELECT",
        "EXISTS (SELECT FROM notifier.ladder_breach b WHERE b.breach_id = ladder_task.breach_id)",
    ),
    "bulletin_counter": CLOSED,
    "department": _own(f"code = {_TOWNSHIP} OR code = {_DEPARTMENT}"),
    "unit": _own(_AREA),
    "proof_package": ADDED,
    "address": _own(
        f"body_type = 'site' AND township_code = {_TOWNSHIP} OR body_type = 'lab' AND code = {_LAB}"
    ),
    "person": _own("EXISTS (SELECT FROM notifier.unit u WHERE u.unit_code = ANY (person.unit_codes))"),
    "notice": _own(_ADDRESSED),
    "delivery": _own("EXISTS (SELECT FROM notifier.notice n WHERE n.notice_id = delivery.notice_id)"),
    **{table: _own(_INSPECTED.format(table=table)) for table in ("inspection", "problem")},
    "rectification": _own(
        "EXISTS (SELECT FROM notifier.inspection i WHERE i.inspection_id = rectification.inspection_id)"
    ),
    "problem_step": _own(
        "EXISTS (SELECT FROM notifier.problem p WHERE p.problem_id = problem_step.problem_id)"
    ),
    "problem_kind": READ,
    "checklist": READ,
    "finding": READ,  # an id of registry's and whether it has ended; whose it is stands on its notice
    "event": _own(_AREA),
    **{
        table: _own(f"EXISTS (SELECT FROM notifier.event e WHERE e.event_id = {table}.event_id)")
        for table in ("event_clock", "event_step")
    },
    "event_limit": READ,
    **{
        table: _own(f"department_code = {_TOWNSHIP} OR department_code = {_DEPARTMENT}")
        for table in ("roster", "roster_shift")
    },
    "roster_day": CLOSED,
    # Where a body lay on the day that it owed a report for.
    "report_owed": _own(_AREA),
    "report_filing": _own(
        "EXISTS (SELECT FROM notifier.report_owed o WHERE o.owed_id = report_filing.owed_id)"
    ),
    "report_summary": _own(_AREA),
    "report_form": READ,
    "report_slot": READ,
    "report_hint": ADDED,
    "report_obligation": CLOSED,
    "report_day": CLOSED,
    **{
        table: _own(f"EXISTS (SELECT FROM notifier.notice n WHERE n.notice_id = {table}.notice_id)")
        for table in ("notice_document", "document_disclosure", "notice_seen")
    },
    "delivery_attempt": Decision(
        "SELECT",
        "EXISTS (SELECT FROM notifier.delivery d WHERE d.delivery_id = delivery_attempt.delivery_id)",
    ),
    # A notice is issued in the wording in force, whoever's step it follows from.
    "template_version": Decision("SELECT (template_key, version, effective_from, zh, en, approved_at)"),
    "feedback": Decision(
        "SELECT, INSERT, UPDATE",
        "EXISTS (SELECT FROM notifier.notice n WHERE n.notice_id = feedback.notice_id)",
    ),
    "feedback_step": Decision(
        "SELECT, INSERT",
        "EXISTS (SELECT FROM notifier.notice n WHERE n.notice_id = feedback_step.notice_id)",
    ),
    "work_list": Decision(
        "SELECT", "EXISTS (SELECT FROM notifier.work_item i WHERE i.list_id = work_list.list_id)"
    ),
    "work_item": Decision(
        "SELECT, UPDATE", f"{_TOWNSHIP} = ANY (township_codes) OR {_DEPARTMENT} = ANY (department_codes)"
    ),
    "work_item_step": Decision(
        "SELECT, INSERT",
        "EXISTS (SELECT FROM notifier.work_item i WHERE i.item_id = work_item_step.item_id)",
    ),
    "body_name": READ,
    "webhook": _own(f"code = {_TOWNSHIP} OR code = {_DEPARTMENT}"),
    **dict.fromkeys(
        (
            "delivery_receipt",
            "daily_count",
            "channel_state",
            "alert",
            "alarm",
            "alarm_review",
            "task",
            "appeal",
            "referral",
            "clock_notice",
            "lab_silence",
            "duty_entry",
            "duty",
            "duty_head",
            "venue_day",
            "reminder",
            "reminder_confirmation",
            "inspector",
            "inspection_draw",
            "rectification_count",
            "issue_ledger_push",
            "bulletin_period",
            "bulletin",
        ),
        CLOSED,
    ),
    **_AUDIT,
}

BUS: Final[Mapping[str, Decision]] = {
    "message": ADDED,
    "delivery": ADDED,
    "business_clock": READ,
    "schedule": CLOSED,
    "resealing": CLOSED,
    "index_check": CLOSED,
    "client_limit": Decision("SELECT, INSERT, UPDATE, DELETE"),  # figures of clients that were seen before
    "limit_alarm": READ,
    "allowance": CLOSED,
    "put_off": CLOSED,
    "restoration": CLOSED,
}

DECISIONS: Final[Mapping[str, Mapping[str, Decision]]] = {
    "registry": REGISTRY,
    "ingest": INGEST,
    "notifier": NOTIFIER,
    "bus": BUS,
}

_STANDING: Final = """
    SELECT obj_description(p.oid, 'pg_policy') FROM pg_policy p
    WHERE p.polrelid = format('%I.%I', CAST($1 AS text), CAST($2 AS text))::regclass AND p.polname = 'narrow'
"""
# One transaction: nobody meets the table between the old policies and the new ones.
_PROTECT: Final = """
    SET LOCAL lock_timeout = '5s';
    DROP POLICY IF EXISTS wide ON %1$I.%2$I;
    DROP POLICY IF EXISTS narrow ON %1$I.%2$I;
    CREATE POLICY wide ON %1$I.%2$I TO %3$I USING (true) WITH CHECK (true);
    CREATE POLICY narrow ON %1$I.%2$I TO %4$I USING ({rows}) WITH CHECK ({rows});
    COMMENT ON POLICY narrow ON %1$I.%2$I IS %5$L;
    ALTER TABLE %1$I.%2$I ENABLE ROW LEVEL SECURITY;
"""
_OPEN: Final = """
    GRANT USAGE ON SCHEMA %1$I, bus TO %2$I;
    REVOKE ALL ON ALL TABLES IN SCHEMA %1$I, bus FROM %2$I;
"""


async def protect(connection: asyncpg.Connection, schema: str, *, role: str, narrow: str) -> None:
    """Give a service's narrow role its rights, and its tables their policies where they have changed."""
    async with connection.transaction():
        await _run(connection, _OPEN, schema, narrow)
        for name in (schema, "bus"):
            for table, decision in DECISIONS[name].items():
                if decision.rights:
                    await _run(
                        connection, f"GRANT {decision.rights} ON %1$I.%2$I TO %3$I", name, table, narrow
                    )
    for table, decision in DECISIONS[schema].items():
        if decision.rows is not None:
            await _set_policies(connection, schema, table, decision.rows, role=role, narrow=narrow)


async def _set_policies(
    connection: asyncpg.Connection, schema: str, table: str, rows: str, *, role: str, narrow: str
) -> None:
    mark = sha256(f"{role}\0{narrow}\0{_PROTECT}\0{rows}".encode()).hexdigest()
    if await connection.fetchval(_STANDING, schema, table) == mark:
        return
    statement = _PROTECT.format(rows=rows.replace("%", "%%"))
    async with connection.transaction():
        await _run(connection, statement, schema, table, role, narrow, mark)


async def _run(connection: asyncpg.Connection, template: str, *names: str) -> None:
    statement = await connection.fetchval("SELECT format($1, VARIADIC $2::text[])", template, list(names))
    await connection.execute(statement)
