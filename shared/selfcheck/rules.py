"""Pure: which settings, files and servers are not safe, and the words for it. No value is repeated."""

import base64
import binascii
import stat
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import unquote, urlsplit

KEY_BYTES: Final = 32
SHORTEST_SECRET: Final = 16
FEWEST_CHARACTERS: Final = 6
# Words of examples, of compose files and of first attempts.
KNOWN: Final = frozenset(
    ["change-me", "changeme", "password", "postgres", "secret", "yingjian", "admin", "0123456789abcdef"]
)
KNOWN_KEYS: Final = frozenset({bytes(range(KEY_BYTES)), bytes(range(1, KEY_BYTES + 1))})
LOOPBACK: Final = frozenset({"127.0.0.1", "localhost", "::1"})
MUST_BE_ON: Final = ("fsync", "full_page_writes")


@dataclass(frozen=True, slots=True)
class Finding:
    """One reason in both languages; what is not `fatal` is only said."""

    code: str
    zh: str
    en: str
    fatal: bool = True

    def line(self) -> str:
        """Return it as one line."""
        kind = "拒绝启动 refused" if self.fatal else "警告 warning"
        return f"{kind} [{self.code}] {self.zh} · {self.en}"


def of_settings(given: Mapping[str, Any], *, demo_secrets: Mapping[str, Any]) -> list[Finding]:
    """Judge settings by name; `demo_secrets` are those that a `make run` has made on this machine."""
    found = [*_of_keys(given), *_of_passwords(given), *_of_ways(given)]
    made = {str(value) for value in _flat(demo_secrets)}
    if made & {str(value) for value in _flat(_secrets(given))}:
        found.append(
            Finding("demo_keys", "密钥是本机演示环境的密钥", "A key is that of this machine's demonstration")
        )
    return found


def _secrets(given: Mapping[str, Any]) -> dict[str, Any]:
    return {name: given.get(name) for name in ("data_keys", "index_key", "role_secret", "audit_signing_key")}


def _flat(values: Mapping[str, Any]) -> Iterable[str]:
    for value in values.values():
        if isinstance(value, Mapping):
            yield from _flat(value)
        elif value:
            yield str(value)


def _of_keys(given: Mapping[str, Any]) -> Iterable[Finding]:
    named = {f"DATA_KEYS[{name}]": key for name, key in (given.get("data_keys") or {}).items()}
    named |= {
        name.upper(): given[name]
        for name in ("index_key", "audit_signing_key")
        if given.get(name) is not None
    }
    seen: dict[bytes, str] = {}
    for name, material in named.items():
        key = _decoded(material)
        if key is None or len(key) != KEY_BYTES:
            yield Finding(
                "key_length", f"{name} 不是 32 字节的 base64 密钥", f"{name} is not 32 bytes in base64"
            )
            continue
        if key in KNOWN_KEYS or len(set(key)) < FEWEST_CHARACTERS:
            yield Finding(
                "key_known", f"{name} 是示例或全零密钥", f"{name} is an example's or an all-zero key"
            )
        if key in seen:
            yield Finding(
                "key_twice", f"{name} 与 {seen[key]} 是同一把密钥", f"{name} is the same key as {seen[key]}"
            )
        seen.setdefault(key, name)
    secret = given.get("role_secret") or ""
    if _weak(secret):
        yield Finding("secret_weak", "ROLE_SECRET 过短或为示例值", "ROLE_SECRET is short or an example's")
    if secret and secret in named.values():
        yield Finding("key_twice", "ROLE_SECRET 与另一密钥相同", "ROLE_SECRET is the same as another key")


def _decoded(material: str) -> bytes | None:
    try:
        return base64.b64decode(material, validate=True)
    except (binascii.Error, ValueError):
        return None


def _weak(secret: str) -> bool:
    short = len(secret) < SHORTEST_SECRET or len(set(secret)) < FEWEST_CHARACTERS
    return short or secret.lower() in KNOWN


def _of_passwords(given: Mapping[str, Any]) -> Iterable[Finding]:
    for name in ("database_url", "registry_database_url", "ingest_database_url", "notifier_database_url"):
        password = urlsplit(given.get(name) or "").password
        if password is not None and unquote(password).lower() in KNOWN:
            yield Finding(
                "password_known",
                f"{name.upper()} 中的口令是示例值",
                f"The password in {name.upper()} is an example's",
            )
    redis = urlsplit(given.get("redis_url") or "")
    if not redis.password and redis.hostname not in LOOPBACK:
        yield Finding("redis_open", "Redis 没有口令", "Redis has no password", fatal=False)


def _of_ways(given: Mapping[str, Any]) -> Iterable[Finding]:
    if "*" in (given.get("cors_origins") or ()):
        yield Finding(
            "cors_wildcard", "CORS_ORIGINS 允许任何来源", "CORS_ORIGINS lets any origin call the APIs"
        )
    gateway = urlsplit(given.get("gateway_url") or "")
    if gateway.scheme == "http" and gateway.hostname not in LOOPBACK:
        yield Finding("gateway_plain", "GATEWAY_URL 未使用 TLS", "GATEWAY_URL is without TLS")
    if given.get("smtp_security") == "none" and given.get("smtp_host") not in {None, *LOOPBACK}:
        yield Finding("smtp_plain", "SMTP_SECURITY 未使用 TLS", "SMTP_SECURITY lets mail go without TLS")
    for channel, secret in (given.get("receipt_secrets") or {}).items():
        if _weak(secret):
            yield Finding(
                "secret_weak",
                f"RECEIPT_SECRETS[{channel}] 过短或为示例值",
                f"RECEIPT_SECRETS[{channel}] is short or an example's",
            )


def of_file(name: str, *, mode: int, owner: int, us: int) -> list[Finding]:
    """Judge a file that holds secrets: ours or root's, and closed to everybody else."""
    found = []
    if mode & stat.S_IRWXO or mode & stat.S_IWGRP:
        found.append(
            Finding("file_open", f"密钥文件 {name} 对他人可读写", f"The secret file {name} is open to others")
        )
    if owner not in {us, 0}:
        found.append(
            Finding("file_foreign", f"密钥文件 {name} 不归本进程所有", f"The secret file {name} is not ours")
        )
    return found


def of_server(facts: Mapping[str, str]) -> list[Finding]:
    """Judge what a PostgreSQL says of itself and of our role in it."""
    found = [
        Finding(f"{name}_off", f"PostgreSQL 的 {name} 已关闭,断电会丢失", f"PostgreSQL runs with {name} off")
        for name in MUST_BE_ON
        if facts[name] == "off"
    ]
    if facts["synchronous_commit"] == "off":
        found.append(
            Finding(
                "synchronous_commit_off",
                "PostgreSQL 的 synchronous_commit 已关闭,已受理的批次可能丢失",
                "PostgreSQL runs with synchronous_commit off: what was accepted may be lost",
            )
        )
    if facts["data_checksums"] == "off":
        found.append(Finding("checksums_off", "数据页校验和未启用", "Data checksums are off", fatal=False))
    if "true" in {facts["superuser"], facts["bypassrls"]}:
        found.append(
            Finding(
                "role_too_strong",
                "数据库角色是超级用户或可绕过行级安全",
                "The database role is a superuser or bypasses row-level security",
            )
        )
    if facts["clock_moved"] == "true":
        found.append(
            Finding(
                "clock_moved", "数据库的业务时钟被演示拨动过", "A demonstration has moved the business clock"
            )
        )
    return found


def of_index(begun: bytes | None, ours: bytes | None) -> list[Finding]:
    """Judge the mark of our index key by that of the database's first one, where both are known."""
    if None in (begun, ours) or begun == ours:
        return []
    zh = "INDEX_KEY 或 INDEX_ALGORITHM 与数据库初建时不同,已登记的人将查不到"
    en = "INDEX_KEY or INDEX_ALGORITHM is not what this database began with: nobody would be found again"
    return [Finding("index_other", zh, en)]


def of_schema(stored: str | None, *, revisions: Iterable[str], head: str) -> list[Finding]:
    """Judge the schema's revision; one that this code does not know is a newer code's, and only said."""
    if stored == head:
        return []
    if stored is not None and stored not in set(revisions):
        zh, en = "表结构比本程序新", "The schema is newer than this code"
        return [Finding("schema_newer", zh, en, fatal=False)]
    zh, en = "表结构过旧,请先运行 migrate", "The schema is stale: run migrate first"
    return [Finding("schema_stale", zh, en)]
