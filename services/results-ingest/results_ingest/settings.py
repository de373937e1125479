"""Settings of results-ingest; each is explained in deploy/example.env."""

from datetime import date, time
from typing import Literal

from pydantic import Field

from shared.webhooks.settings import WebhookSettings


class ResultsIngestSettings(WebhookSettings):
    """The common settings and results-ingest's own, each with its source."""

    tube_reuse_days: int = Field(
        180, ge=1, description="after so long a tube code may stand for another tube (contract §5)"
    )
    clock_horizon_days: int = Field(
        7,
        ge=1,
        le=60,
        description="ours: of samples registered so long after they were taken no clock starts",
    )
    clock_notice_minutes: int = Field(
        15,
        ge=1,
        le=1440,
        description="ours: what one body owes at one stage is gathered so long between notices",
    )
    stage_digest_at: time = Field(
        time(8), description="ours: when the slowest of the day before are told, Asia/Shanghai (row 63)"
    )
    stage_digest_worst: int = Field(5, ge=1, le=50, description="ours: so many bodies of each stage are told")
    clock_retention_days: int = Field(90, ge=7, description="ours: how long clocks can be looked up")
    pool_sizes: dict[date, tuple[Literal[5, 10, 20], ...]] = Field(
        default={date(2020, 1, 1): (5, 10, 20)},
        description="how many people a mixed tube may hold, from which day of sampling on (rows 74-77)",
    )
    review_hours: float = Field(
        4, gt=0, le=720, description="after so long a result that waits for review is overdue (row 78, ours)"
    )
    backlog_days: int = Field(
        7, ge=1, le=60, description="packets sealed so many days ago still count as a backlog (row 67)"
    )
    lost_after_hours: float = Field(
        72, ge=0, le=720, description="a tube without a result is lost so long after its deadline (row 80)"
    )
    display_delay_hours: float = Field(
        4, ge=0, le=72, description="sent to shown: so long the platform may take (norms 2E, row 80)"
    )
    digest_hour: int = Field(
        8, ge=0, le=23, description="ours: from this hour on bodies are told what they hold up (row 80)"
    )
    intake_hour: int = Field(
        20, ge=0, le=23, description="ours: from this hour on townships are told the day's counts (row 88)"
    )
    digest_days: int = Field(
        3, ge=1, le=14, description="ours: so many days back they are told of, once a day each (row 80)"
    )
    expectation_days: int = Field(
        7, ge=1, le=31, description="results of a day are looked for so many days after it (row 80)"
    )
    fingerprint_margin_days: int = Field(
        7, ge=1, description="kept beyond the 90 days in which a repeated row is known (contract §5)"
    )
    venue_report_days: int = Field(
        7, ge=0, le=62, description="so many days back a venue may still report (row 151, ours)"
    )
    figures_minutes: int = Field(60, ge=1, description="ours: how often the running day is counted")
    figures_days: int = Field(
        14, ge=1, le=366, description="ours: so many days back are counted where they have not been"
    )
    figures_longest_days: int = Field(62, ge=1, le=366, description="ours: the most days of one report")
    night_counts_at: time = Field(
        time(1), description="ours: when the night's counts of the day before begin, Asia/Shanghai"
    )
    night_counts_days: int = Field(
        7, ge=1, le=366, description="ours: so many days back are counted every night anew"
    )
    posting_hours: int = Field(
        24, ge=1, le=240, description="ours: a team is posted at a site for so long at most (row 85)"
    )
    silent_minutes: int = Field(
        240, ge=1, le=10_080, description="ours: a laboratory's patience where its own terms name none"
    )
    silent_look_hours: int = Field(
        48, ge=1, le=240, description="ours: tubes taken earlier make no laboratory silent"
    )
    sheet_retention_days: int = Field(
        7, ge=1, description="how long a batch that came as a sheet can be had back annotated"
    )
    totals_longest_days: int = Field(7, ge=1, le=62, description="ours: the most days of one daily reckoning")
    optional_forms: tuple[Literal["hl7", "fhir"], ...] = Field(
        ("hl7", "fhir"), description="standards taken beside JSON and sheets; FHIR needs its extra too"
    )
    hl7_most_segments: int = Field(400_000, ge=1, description="of a body of HL7 v2, all messages")
    hl7_segment_bytes: int = Field(65_536, ge=1_024, description="of one segment of HL7 v2")
    fhir_most_values: int = Field(2_000_000, ge=1_000, description="members and items of a body of FHIR")
    fhir_most_resources: int = Field(100_000, ge=1, description="of a bundle, contained ones included")
    row_change_days: int = Field(
        30, ge=1, description="how long what became of rows can be followed; like the cursors of the platform"
    )
    webhook_poll_seconds: float = Field(
        1, gt=0, description="ours: how often calls that are due are looked for"
    )
    webhook_attempts: int = Field(40, ge=1, le=1000, description="then a call is given up; 29 hours")
    webhook_first_seconds: float = Field(2, gt=0, description="before the second attempt; doubled each time")
    webhook_longest_seconds: float = Field(3600, gt=0, description="the longest time between two attempts")
    original_retention_days: int = Field(
        730,
        ge=1,
        le=18_000,
        description="how long what laboratories sent is kept sealed, and their applied rows (ours)",
    )
    webhook_delivery_days: int = Field(
        180, ge=1, description="how long calls to laboratories are listed (ours)"
    )
