"""Settings of registry. What the sources leave open has a default here, marked by its row."""

from datetime import date
from typing import Final, Literal

from pydantic import Field

from shared.settings import Settings

CURSOR_DAYS: Final = 30


class RegistrySettings(Settings):
    """The common settings and registry's own."""

    go_live_on: date = Field(
        date(2020, 1, 1), description="no duty begins before this day (1H.15), so the first night is no flood"
    )
    display_pending_hours: int = Field(72, ge=1, description="how long a bound tube shows as pending")
    lab_limit_hours: float = Field(24, gt=0, description="a lab's limit where the tube names none (1H.12)")
    recheck_hours: float = Field(
        4, gt=0, le=168, description="to a retained single's result, until its limit is known (1H.11)"
    )
    recheck_new_hours: float = Field(
        4, gt=0, le=168, description="to a new single's result, until its limit is known (1H.11)"
    )
    recheck_route: Literal["retained", "recall"] = Field(
        "retained", description="test what was retained, or call everybody for a new single (1F.11)"
    )
    due_soon_days_monthly: int = Field(3, ge=0, le=27, description="due soon, monthly rules (1H.3)")
    due_soon_days_weekly: int = Field(2, ge=0, le=6, description="due soon, 7 days and more (1H.3)")
    due_soon_days_shorter: int = Field(1, ge=0, le=1, description="due soon, 2 to 6 days (1H.3)")
    due_soon_days_daily: int = Field(0, ge=0, le=0, description="due soon, daily rules (1H.3)")
    feed_cursor_days: int = Field(CURSOR_DAYS, ge=1, description="how long a cursor of the feed lives")
    feed_retention_days: int = Field(
        60, ge=1, description="how long changes are kept; longer than a cursor, for readers far behind"
    )
    display_margin_seconds: float = Field(
        10,
        ge=0,
        le=600,
        description="ours: a result is held to be in the feed so long after its sending (row 80)",
    )
    acknowledgement_retention_days: int = Field(180, ge=1, description="how long acknowledgements are kept")
    conformance_scripts: tuple[str, ...] = Field(
        ("2026-11",), description="ours: versions of the conformance script whose reports count"
    )
    conformance_cases: tuple[str, ...] = Field(
        (
            "batch", "repeated", "conflict", "bad_rows", "all_or_nothing", "dry_run", "duplicates",
            "contradiction", "correction", "unreadable", "too_many", "no_token",
        ),
        description="ours: the cases that a report must hold",
    )  # fmt: skip
    conformance_days: int = Field(30, ge=1, description="ours: so long a client may be released on a report")
    evaluate_by_itself: bool = Field(default=True, description="evaluate soon after 00:00 of each day")
    sheet_retention_days: int = Field(7, ge=1, description="how long a sheet is kept after its import")
    assertion_skew_seconds: int = Field(
        5, ge=0, le=60, description="how far a client's clock may be off when it signs (RFC 7523 §3)"
    )
    token_audiences: tuple[str, ...] = Field(
        (), description="further addresses of the token endpoint that an assertion may be made out to"
    )
    signing_key_days: int = Field(90, ge=1, description="after this many days the key of tokens is replaced")
    suggestion_threshold: float = Field(
        0.6, gt=0, le=1, description="how alike name and address must be for a match to be suggested (ours)"
    )
    suggestion_mentions: int = Field(
        1000,
        ge=1,
        description="ours: so many licences that share part of a name are looked at, rare parts first",
    )
    suggestion_scored: int = Field(
        10, ge=1, description="ours: of those, how many that share most with the place are compared in full"
    )
    contact_confirmation_days: int = Field(
        90, ge=1, le=3650, description="how long a unit's named person holds without being confirmed (ours)"
    )
    gap_answer_days: int = Field(10, ge=0, le=365, description="days to answer a gap in (row 40; ours)")
    share_settle_hours: int = Field(
        24,
        ge=0,
        le=168,
        description="how long after a period's end its share is counted: the lab's limit (1H.12)",
    )
    evaluation_retry_minutes: int = Field(
        30, ge=1, description="a given up evaluation is taken up again after it"
    )
    team_call_days: int = Field(
        30, ge=1, description="a sampling team is confirmed by a call for so long (row 85; ours)"
    )
    round_hours: float = Field(24, gt=0, description="a round's deadline where none is given (1H.12)")
    round_setup_hours: float = Field(
        4, gt=0, le=72, description="sampling points are to be ready so soon after the start (row 84)"
    )
    round_tell_hours: float = Field(
        4, gt=0, le=72, description="ours: how often townships are told of a round's coverage (row 87)"
    )
    round_count_seconds: int = Field(60, ge=1, description="how old the counts of an active round may be")
    exemption_longest_days: int | None = Field(
        None, ge=1, description="an exemption, leave or suspension ends within so many days; None: no bound"
    )
    entry_lag_days: int = Field(
        1, ge=0, description="ours: who begins or leaves is entered within so many days (row 49)"
    )
    spot_check_days: int = Field(
        7, ge=0, description="ours: how old a negative of somebody without a duty may be at a spot check"
    )
    finding_look_seconds: int = Field(
        60, ge=1, description="ours: how often an open finding of a spot check is looked at again"
    )
    breach_people_told: int = Field(
        200,
        ge=1,
        le=5_000,
        description="ours: the most people that a bulletin's evidence names; all are kept",
    )
    appeal_decision_hours: int = Field(
        48, ge=1, description="ours: an appeal is decided within so many hours, else headquarters is told"
    )
    figures_open_weeks: int = Field(
        5, ge=1, le=52, description="ours: a week's figures follow late results for so many weeks"
    )
    figures_minutes: int = Field(60, ge=1, description="ours: how often the running week is counted")
    figures_again_hours: int = Field(24, ge=1, description="ours: how often an open past week is counted")
    figures_longest_weeks: int = Field(53, ge=1, le=530, description="ours: the most weeks of one report")
    samples_per_sampler_day: int = Field(
        200, ge=1, le=10_000, description="ours: how many people one sampler samples in a day (row 90)"
    )
    referral_arrival_hours: float = Field(
        12, gt=0, description="ours: a referred fever patient is to arrive within so many hours (row 149)"
    )
    referral_lost_hours: float = Field(
        24, gt=0, description="ours: who has not arrived so long after that counts as lost"
    )
    order_kinds: tuple[str, ...] = Field(
        ("arrival", "fever_visit", "suspected_case"),
        description="kinds of events that open an order of a test at once (rows 2, 26, 93)",
    )
    order_days: int = Field(14, ge=1, le=60, description="ours: for so long an order's sample is looked for")
    referral_result_hours: float = Field(
        6, gt=0, description="the result is to come so soon after the arrival (1H.12)"
    )
    hospital_institution_types: tuple[str, ...] = Field(
        ("county_institution", "urban_clinic", "township_hospital", "village_clinic"),
        description="ours: in units of these types a department derives the population code (row 10)",
    )
    hospital_industries: tuple[str, ...] = Field(
        ("Q841", "Q842"), description="ours: industries of hospitals, for units without an institution type"
    )
    hospital_staff_codes: tuple[str, ...] = Field(
        ("8A1", "8A2", "8A3", "8A4"),
        description="ours: codes of hospital staff, compared with what their department says (row 10)",
    )
