"""Settings that every service reads from its environment, once, at the edge.

Each field is explained in deploy/example.env; a test fails where one is missing there.
"""

import hashlib
import hmac
from pathlib import Path
from typing import Literal, Self
from urllib.parse import urlsplit, urlunsplit

from pydantic import Field, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from shared.pulse import PATIENCE_SECONDS
from shared.security.sealing import IndexAlgorithm, SealingAlgorithm

Environment = Literal["demo", "test", "production"]


class Settings(BaseSettings):
    """The common part. Services add their own fields in a subclass."""

    model_config = SettingsConfigDict(extra="ignore", frozen=True, hide_input_in_errors=True)

    environment: Environment = "production"
    database_url: str = Field(description="the owner's PostgreSQL URL; used by migrations")
    registry_database_url: str | None = None
    ingest_database_url: str | None = None
    notifier_database_url: str | None = None
    role_prefix: str | None = Field(None, description="names of the service roles; default: the database")
    role_secret: str = Field(min_length=16, description="derives the service roles' passwords")
    redis_url: str
    queue_prefix: str = ""
    data_keys: dict[str, str] = Field({}, description="key id to base64 of 32 bytes; the first one seals")
    data_keys_file: Path | None = Field(
        None, description="the same as a file, read again when it changes; it goes before data_keys"
    )
    sealing_algorithm: SealingAlgorithm = "aes-256-gcm"
    index_algorithm: IndexAlgorithm = "hmac-sha256"
    reseal_pause_seconds: float = Field(0.25, ge=0, description="between two chunks of re-sealing")
    reseal_look_seconds: float = Field(5, gt=0, description="between two looks for a new key")
    reseal_grace_seconds: float = Field(
        60, ge=0, description="longer than any transaction: what was sealed before may still land"
    )
    index_key: str = Field(description="base64 of 32 bytes; keys the blind indexes")
    audit_signing_key: str | None = Field(
        None, description="base64 of 32 bytes: signs the audit log's heads; default: derived from index_key"
    )
    audit_heads_dir: Path | None = Field(
        None, description="where signed heads are kept outside the database; default: under data_dir"
    )
    registry_url: str = "http://127.0.0.1:8001"
    results_ingest_url: str = "http://127.0.0.1:8002"
    notifier_url: str = "http://127.0.0.1:8003"
    duty_default_entry: str = Field(
        "DISEASE-CONTROL",
        description="the entry of the duty matrix whose is what nobody was given (row 155): 日常事物调度处置",
    )
    token_issuer: str = "yingjian"  # noqa: S105 - a name
    jwks_refresh_seconds: float = Field(60, ge=1, le=300, description="how often signing keys are asked for")
    data_dir: Path = Path(".run")
    receipt_journal_dir: Path | None = Field(None, description="default: receipts under the data directory")
    log_level: str = "INFO"
    log_format: Literal["json", "console"] = "json"
    pool_size: int = Field(8, ge=2, le=100)
    database_patience_seconds: float = Field(
        PATIENCE_SECONDS, gt=0, description="a database that is silent for longer is away: 503"
    )
    cors_origins: tuple[str, ...] = ()
    bus_lease_seconds: float = Field(2, gt=0)
    bus_poll_seconds: float = Field(0.05, gt=0)
    bus_relay_seconds: float = Field(1.0, gt=0)
    bus_schedule_seconds: float | None = Field(
        None, gt=0, description="the longest pause of any schedule; default: of each its own"
    )
    bus_retention_hours: int = Field(24, ge=1)
    limits: dict[str, dict[str, tuple[float, float]]] = Field(
        default_factory=dict,
        description="class of client to kind to [per second, at once]; changes shared/limits/rules.py",
    )
    requests_at_once: int = Field(256, ge=1, description="of one client in one process")
    uploads_at_once: int = Field(4, ge=1, description="large bodies of one client in one process")
    body_grace_seconds: float = Field(30, gt=0, description="for the first byte of a body; then a pace")
    most_requests: int = Field(1_000, ge=1, description="of all clients in one process; beyond it 503")
    longest_lag_seconds: float = Field(
        2.0, gt=0, description="a quarter as many requests, and this late: 503"
    )
    sheet_most_megabytes: int = Field(50, ge=1, description="of a sheet as it is sent")
    sheet_unpacked_megabytes: int = Field(300, ge=1, description="of a workbook, all parts unpacked")
    sheet_most_rows: int = Field(200_000, ge=1, le=1_000_000, description="of a sheet, and of an export")
    sheet_most_columns: int = Field(200, ge=1, le=16_384)
    sheet_most_cells: int = Field(4_000_000, ge=1)
    sheet_reader_megabytes: int = Field(1024, ge=256, description="memory of the process that reads a sheet")
    sheet_reader_seconds: int = Field(30, ge=1, description="processor time of it")
    faults_dir: Path | None = Field(None, description="crash points of make chaos; never in production")

    @model_validator(mode="after")
    def _no_faults_in_production(self) -> Self:
        if self.faults_dir is not None and self.environment == "production":
            raise ValueError("FAULTS_DIR lets a process kill itself: it is for demo and test only")
        return self


def role_name(settings: Settings, schema: str) -> str:
    """Return the database role of a schema's owner service, such as `yingjian_registry`."""
    prefix = settings.role_prefix or urlsplit(settings.database_url).path.lstrip("/")
    return f"{prefix}_{schema}"


def role_password(settings: Settings, role: str) -> str:
    """Return the derived password of a service role."""
    return hmac.new(settings.role_secret.encode(), role.encode(), hashlib.sha256).hexdigest()


def service_database_url(settings: Settings, schema: str) -> str:
    """Return the URL that the service of `schema` connects with: set, or derived from the owner's."""
    explicit: str | None = getattr(settings, f"{schema}_database_url")
    if explicit:
        return explicit
    parts = urlsplit(settings.database_url)
    role = role_name(settings, schema)
    host = parts.netloc.rpartition("@")[2]
    netloc = f"{role}:{role_password(settings, role)}@{host}"
    return urlunsplit(parts._replace(netloc=netloc))
