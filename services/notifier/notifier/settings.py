"""Settings of the notifier, beside the common ones."""

from datetime import date, time
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated, Final, Literal, Self

from pydantic import Field, field_validator, model_validator

from notifier.routing.rules import RecipientType, Route, wrong_channels
from shared.webhooks.rules import secret_bytes
from shared.webhooks.settings import WebhookSettings

# What a channel cannot do without.
NEEDED: Final = {"gateway": ("gateway_url",), "smtp": ("smtp_host", "smtp_from"), "bots": ("bot_urls",)}


class NotifierSettings(WebhookSettings):
    """Each default that the sources leave open is said with its requirement (1H)."""

    channels: tuple[str, ...] = Field(
        ("file",), description="ways out: file, gateway, smtp, webhook, bots; without a route all of them"
    )
    channel_routes: dict[date, tuple[Route, ...]] = Field(
        {}, description="from a day on: which channels, in which order, for whom; the first that fits"
    )
    channel_at_once: dict[str, int] = Field(
        {"file": 50, "gateway": 50, "smtp": 4, "webhook": 20, "bots": 4},
        description="how many deliveries of one channel one process has under way",
    )
    circuit_failures: int = Field(5, ge=1, description="so many failures in a row and a channel rests")
    circuit_seconds: float = Field(1.0, gt=0, description="a resting channel is tried once in so long")
    fallback_attempts: int = Field(
        5, ge=1, description="attempts before a delivery goes on to the next channel of its route"
    )
    daily_caps: dict[RecipientType, int] = Field(
        {"person": 3, "unit": 10},
        description="ours: messages a recipient gets on a day by one channel, beside the urgent ones",
    )
    digest_at: time = Field(time(17), description="ours: when what was over the cap is told of together")
    unreachable_days: int = Field(
        30, ge=1, description="ours: how long whoever has no address is named as unreachable"
    )
    canary_minutes: float = Field(5, ge=0, description="a canary by every channel so often; 0: none")
    canary_late_minutes: float = Field(15, gt=0, description="ours: without one for so long a channel is ill")
    operator_phone: str | None = Field(None, description="whom the gateway's canary goes to")
    operator_email: str | None = Field(None, description="whom the canary by mail goes to")
    operator_webhook_url: str | None = Field(None, description="where the webhooks' canary goes")
    operator_webhook_secret: str | None = Field(None, description="what signs it")
    receipt_secrets: dict[str, str] = Field(
        {}, description="channel to the provider's secret that signs delivery receipts"
    )
    receipt_window_seconds: float = Field(300, gt=0, le=3600, description="how far a receipt's time is off")
    smtp_host: str | None = Field(None, description="the mail server")
    smtp_port: int | None = Field(None, ge=1, le=65535, description="default: 587, with tls 465")
    smtp_security: Literal["starttls", "tls", "none"] = "starttls"
    smtp_username: str | None = None
    smtp_password: str | None = None
    smtp_from: str | None = Field(None, description="the sender's address")
    smtp_ca_file: Path | None = Field(None, description="certificates of a network's own authority")
    smtp_timeout_seconds: float = Field(10.0, gt=0, le=60, description="for a whole message")
    bot_urls: dict[str, tuple[str, ...]] = Field(
        {}, description="recipient (`type:code`, `type` or `operator`) to the robots' addresses of apprise"
    )
    bot_timeout_seconds: float = Field(8.0, gt=0, le=60, description="for one message to its robots")
    gateway_url: str | None = Field(None, description="where the generic HTTP gateway takes messages")
    gateway_token: str | None = Field(None, description="bearer token for the gateway")
    gateway_timeout_seconds: float = Field(3.0, gt=0, le=30, description="for a whole hand-over")
    delivery_attempts: int = Field(300, ge=1, description="attempts before a delivery counts as failed")
    delivery_lease_seconds: float = Field(
        4.0, gt=0, description="after it a claimed delivery is taken again; longer than a gateway's timeout"
    )
    delivery_poll_seconds: float = Field(
        1.0, gt=0, description="how often a sender looks without being woken"
    )
    ack_minutes: int = Field(30, ge=1, description="1H.10: acknowledgement of an urgent notice")
    repeat_minutes: int = Field(10, ge=1, description="1H.10: repeated so often until acknowledged")
    repeats_before_escalation: int = Field(
        3, ge=1, description="1H.10: repeats before the next level is told"
    )
    ack_workdays: int = Field(2, ge=0, description="1H.10: acknowledgement of other notices")
    recheck_hours: float = Field(4, gt=0, description="1H.11: of a re-check, where no dated limit holds")
    recheck_route: Literal["retained", "recall"] = Field(
        "retained", description="test what was retained, or call everybody for a new single (1F.11)"
    )
    quiet_from: time = Field(time(21), description="ours: begin of the quiet hours, Asia/Shanghai")
    quiet_until: time = Field(time(8), description="ours: end of the quiet hours; equal means none")
    workday_kinds: tuple[str, ...] = Field(
        ("bulletin.unit", "task.written_report", "task.interview", "report.upward"),
        description="ours: kinds that are sent on workdays only",
    )
    confirm_seconds: float = Field(
        8.0,
        gt=0,
        description="longer than any transaction of notifier's: then everything is addressed a last time",
    )
    readdress_hours: int = Field(72, ge=1, description="ours: how long a late contact is still told")
    recurrence_days: int = Field(
        90,
        ge=1,
        le=3650,
        description="ours, row 106: so long the same kind at the same target is a repetition",
    )
    rectification_escalate_level: int = Field(
        2, ge=2, description="ours, row 106: from this level on headquarters gets a copy of the order"
    )
    rectification_recheck_workdays: dict[date, Annotated[int, Field(ge=1, le=250)]] = Field(
        {date(2020, 1, 1): 3},
        description="ours: workdays for a re-check, and for a closing after it, by the day they begin on",
    )
    rectification_chase_days: int = Field(
        3, ge=1, description="ours: a late repair, and a late re-check, is chased so often"
    )
    issue_ledger_period: Literal["week", "month"] = Field("week", description="ours, row 107: of the ledger")
    issue_ledger_most: int = Field(
        20_000, ge=1, description="ours: the most open items that one push of the ledger looks at"
    )
    template_approval: bool = Field(
        False, description="row 129: a version of a template counts only once a second person approved it"
    )
    text_most_characters: int = Field(
        10_000, ge=100, description="ours: the longest text that a version of a template may render to"
    )
    document_issuer: str = Field(
        "疫情防控指挥部办公室", min_length=1, description="ours: who signs official papers (落款)"
    )
    proof_longest_days: int = Field(400, ge=1, le=4000, description="ours: the most days of one proof")
    proof_package_notices: int = Field(
        2_000, ge=1, le=20_000, description="ours: the most notices of one package (ZIP) of a proof"
    )
    feedback_kinds: tuple[str, ...] = Field(
        ("task.answer",), description="ours: kinds that a department or township has to answer (row 103)"
    )
    answer_workdays: int = Field(5, ge=0, description="ours: an open answer is overdue after them")
    work_list_remind_days: int = Field(3, ge=0, description="ours: so long before its day a lead is reminded")
    work_list_chase_days: int = Field(7, ge=1, description="ours: an overdue item's lead is told so often")
    work_list_review_days: int = Field(30, ge=1, description="ours: the review period of an ongoing item")
    bulletin_weekday: int = Field(0, ge=0, le=6, description="1H.10: Mondays; 6 is Sunday")
    bulletin_at: time = Field(time(8), description="ours: from that time of the day on, Asia/Shanghai")
    bulletin_most_listed: int = Field(50, ge=1, le=1000, description="ours: of each kind; all are counted")
    figures_longest_days: int = Field(62, ge=1, le=366, description="ours: the most days of one report")
    report_fever_clinic_cutoffs: tuple[time, ...] = Field(
        (time(10), time(16)), min_length=1, description="1H.10: of a fever clinic's form that states none"
    )
    report_daily_cutoffs: tuple[time, ...] = Field(
        (time(17),), min_length=1, description="1H.10: of any other form that states none"
    )
    report_school_cutoffs: tuple[time, ...] = Field(
        (time(9), time(14, 30)), min_length=1, description="ours: of a school's morning and noon checks (131)"
    )
    report_grace_seconds: float = Field(
        10.0, ge=0, description="longer than a request: what was filed in time has landed by then"
    )
    report_chase_minutes: int = Field(60, ge=1, description="ours: whoever has not filed is told so often")
    report_cycle_chase_days: int = Field(
        2,
        ge=1,
        description="ours: the same of a weekly or monthly report, in days, on workdays alone (row 133)",
    )
    report_catch_up_days: int = Field(
        31, ge=1, le=366, description="ours: days that are opened after a standstill"
    )
    report_summary_days: int = Field(
        31, ge=1, le=366, description="ours: the most days that are summarised at once"
    )
    report_silent_days: int = Field(
        7, ge=1, le=366, description="ours: without any filing for so long a body is listed (150)"
    )
    roster_look_at: time = Field(
        time(16), description="ours: when headquarters is told of tomorrow's gaps in duty rosters (125)"
    )
    ladder_from: date | None = Field(
        None, description="1H.15: no bulletin for a week that is judged before this day; none: from the start"
    )
    ladder_scope: Literal["unit", "department"] = Field(
        "unit", description="1H.1: what counts together: a unit with its department, or a whole department"
    )
    ladder_clean_days: int = Field(
        90, ge=1, description="1H.1: a closed case that stays clean so long starts again at zero"
    )
    ladder_interview_at: int = Field(
        3, ge=2, le=100, description="row 99: from this bulletin on an interview is owed"
    )
    written_report_workdays: int = Field(5, ge=1, le=250, description="1H.10: for a written report")
    interview_workdays: int = Field(5, ge=1, le=250, description="1H.10: for an interview")
    extension_workdays: int = Field(
        10,
        ge=1,
        le=250,
        description="ours: the longest extension of a deadline, from the day it is asked for",
    )
    chase_workdays: int = Field(
        1, ge=1, le=250, description="ours: how often what is overdue or not acknowledged is sent again"
    )
    chased_kinds: tuple[str, ...] = Field(
        ("bulletin.unit", "task.written_report", "task.interview", "report.upward"),
        description="ours: ordinary notices that are sent again until they are acknowledged",
    )
    bulletin_number: str = Field(
        "应检督〔{year}〕{n}号", description="ours: the form of a bulletin's number; also {department}"
    )

    @field_validator("bulletin_number")
    @classmethod
    def _has_its_number(cls, form: str) -> str:
        """Refuse a form that cannot be filled, or under which two bulletins would read alike."""
        try:
            shown = {form.format(year=year, n=n, department="D") for year in (1, 2) for n in (1, 2)}
        except (LookupError, ValueError, AttributeError):
            shown = set()
        if len(shown) != 4:  # noqa: PLR2004 - two years, two numbers
            msg = "takes {year} and {n}, and {department}, nothing else"
            raise ValueError(msg)
        return form

    @model_validator(mode="after")
    def _channels_are_set_up(self) -> Self:
        """Refuse to start with a channel that could not send."""
        if wrong := wrong_channels(self.channels, self.channel_routes):
            raise ValueError(f"通道未启用或不存在 no such channel, or not among CHANNELS: {', '.join(wrong)}")
        for channel in self.channels:
            lacking = [name.upper() for name in NEEDED.get(channel, ()) if not getattr(self, name)]
            if lacking:
                raise ValueError(f"通道 {channel} 缺少设置 the channel lacks {', '.join(lacking)}")
        if "bots" in self.channels and find_spec("apprise") is None:
            raise ValueError('通道 bots 需要附加组件 the channel bots needs an extra: pip install ".[bots]"')
        for secret in (*self.receipt_secrets.values(), self.operator_webhook_secret or ""):
            secret_bytes(secret)
        return self
