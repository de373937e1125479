"""Sends each file of results (CSV, XLSX, JSON, NDJSON, HL7 v2, FHIR) in a folder to results-ingest, once.

One file, standard library only, Python 3.9 or later: `python uploader.py uploader.ini` watches,
`--once` sweeps and ends. A file is sent under a number made of its content, so that sending it again
(after a kill, a cut line, a copy under another name) makes no second batch. Its receipt lies beside it in
`done` or `refused`, with the ACK or OperationOutcome where the file was HL7 v2 or FHIR; what could not be
sent stays where it is.
"""

from __future__ import annotations

import argparse
import base64
import configparser
import csv
import gzip
import hashlib
import io
import json
import os
import random
import re
import signal
import ssl
import stat
import sys
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from dataclasses import dataclass, field
from http.client import HTTPException
from pathlib import Path
from typing import Any

NDJSON = "application/x-ndjson"
JSON = "application/json"
HL7 = "application/hl7-v2"
FHIR = "application/fhir+json"
KINDS = {
    ".fhir.json": FHIR,
    ".csv": "text/csv",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".ndjson": NDJSON,
    ".json": JSON,
    ".hl7": HL7,
    ".fhir": FHIR,
}
RECEIPT = ".回执.json"
PROBLEMS = ".问题.csv"
REPLIES = {HL7: ".应答.hl7", FHIR: ".应答.json"}
OURS = (RECEIPT, PROBLEMS, *REPLIES.values())
BOM = b"\xef\xbb\xbf"
HEADINGS = {HL7: ["第几条消息", "段^序号^字段", "代码", "说明"], FHIR: ["", "元素", "代码", "说明"]}
TAKEN = (200, 202)
REFUSING = (400, 409, 413, 415, 422)
LONGEST_ANSWER = 64 * 1024 * 1024
GZIP_FROM = 64 * 1024
NOBODY_ELSE = 0o077
REMEMBERED = 200


class SetupError(Exception):
    """配置有误 The configuration is wrong."""


class LaterError(Exception):
    """暂时不能上传 It cannot be sent now; `seconds`: what the server asked to wait."""

    def __init__(self, text: str, seconds: float = 0.0, *, everywhere: bool = True) -> None:
        """Keep how long, and whether other files have to wait too."""
        super().__init__(text)
        self.seconds = seconds
        self.everywhere = everywhere


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: Any) -> None:  # type: ignore[explicit-override]  # noqa: ANN401 - before 3.12
        """Follow nothing: a token goes where the configuration says, and nowhere else."""


@dataclass
class Answer:
    """应答 What the server said."""

    status: int
    raw: bytes
    kind: str
    charset: str
    location: str
    wait: float

    def said(self) -> dict[str, Any]:
        """Return an answer in JSON, {} for any other."""
        return parsed(self.raw)

    def reply(self) -> dict[str, str] | None:
        """Return an answer in the standard of the file as text, None for one that is not."""
        if self.kind not in REPLIES:
            return None
        try:
            text = self.raw.decode(self.charset, "replace")
        except LookupError:
            return None
        return {"kind": self.kind, "charset": self.charset, "text": text}


@dataclass
class Settings:
    """配置 What uploader.ini says."""

    folder: Path
    registry: str
    results: str
    client_id: str
    secret_file: Path
    ca_file: str | None = None
    mapping: str = ""
    every: float = 5.0
    settle: float = 3.0
    timeout: float = 120.0
    longest_pause: float = 300.0
    tries: int = 5


@dataclass
class Server:
    """The services, as a client that signs in by itself."""

    settings: Settings
    token: str = ""
    good_until: float = 0.0
    opener: urllib.request.OpenerDirector = field(init=False)

    def __post_init__(self) -> None:
        """Make connections that use no proxy of the environment and follow no redirect."""
        context = ssl.create_default_context(cafile=self.settings.ca_file)
        self.opener = urllib.request.build_opener(
            urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=context), _NoRedirect()
        )

    def post(self, body: bytes, kind: str, query: dict[str, str]) -> Answer:
        """Return the answer to a batch; LaterError where there is none of weight."""
        headers = {"Content-Type": kind}
        if len(body) >= GZIP_FROM:
            body, headers["Content-Encoding"] = gzip.compress(body, 6, mtime=0), "gzip"
        path = "/v1/batches" + (f"?{urllib.parse.urlencode(query)}" if query else "")
        return self._weighed(path, body, headers, (*TAKEN, *REFUSING))

    def receipt(self, path: str) -> dict[str, Any]:
        """Return the receipt that an ACK or OperationOutcome leads to."""
        if not path.startswith("/v1/batches/"):
            raise LaterError("服务器应答没有指明回执", everywhere=False)
        return self._weighed(path, None, {}, (200,)).said()

    def _weighed(
        self, path: str, body: bytes | None, headers: dict[str, str], wanted: tuple[int, ...]
    ) -> Answer:
        answer = self._signed(path, body, headers)
        if answer.status == 401:  # noqa: PLR2004 - the token was taken back
            self.token = ""
            answer = self._signed(path, body, headers)
        if answer.status in wanted:
            return answer
        everywhere = answer.status < 500 or answer.status in (502, 503, 504)  # noqa: PLR2004 - of the server
        why = f"服务器答复 {answer.status} {answer.said().get('detail', '')}".rstrip()
        raise LaterError(why, answer.wait, everywhere=everywhere)

    def _signed(self, path: str, body: bytes | None, headers: dict[str, str]) -> Answer:
        signed = {**headers, "Accept-Language": "zh-CN", "Authorization": f"Bearer {self._token()}"}
        return self._send(self.settings.results + path, body, signed)

    def _token(self) -> str:
        if self.token and time.monotonic() < self.good_until:
            return self.token
        pair = f"{self.settings.client_id}:{secret_of(self.settings.secret_file)}"
        headers = {
            "Authorization": "Basic " + base64.b64encode(pair.encode()).decode(),
            "Content-Type": "application/x-www-form-urlencoded",
        }
        url = self.settings.registry + "/v1/oauth/token"
        answer = self._send(url, b"grant_type=client_credentials", headers)
        said = answer.said()
        if answer.status != 200 or not isinstance(said.get("access_token"), str):  # noqa: PLR2004 - OK
            raise LaterError(f"登录失败({answer.status}),请核对 client_id 与密钥文件", answer.wait)
        self.token = said["access_token"]
        self.good_until = time.monotonic() + max(float(said.get("expires_in", 60)) - 60, 1)
        return self.token

    def _send(self, url: str, body: bytes | None, headers: dict[str, str]) -> Answer:
        method = "GET" if body is None else "POST"
        request = urllib.request.Request(url, body, headers, method=method)  # noqa: S310 - http(s), as checked
        try:
            try:
                with self.opener.open(request, timeout=self.settings.timeout) as answer:
                    return _read(answer, answer.status)
            except urllib.error.HTTPError as answer:
                with answer:
                    return _read(answer, answer.code)
        except (OSError, HTTPException) as error:
            raise LaterError(f"连接不上服务器({type(error).__name__})") from None


def _read(answer: Any, status: int) -> Answer:  # noqa: ANN401 - an answer
    head = answer.headers
    return Answer(
        status, answer.read(LONGEST_ANSWER), head.get_content_type(), head.get_content_charset("utf-8"),
        head.get("Location") or "", _seconds(head.get("Retry-After")),
    )  # fmt: skip


def parsed(raw: bytes) -> dict[str, Any]:
    """Return an object of JSON, {} for anything else."""
    try:
        found = json.loads(raw)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _seconds(text: str | None) -> float:
    try:
        return min(max(float(text or 0), 0.0), 3600.0)
    except ValueError:
        return 0.0


def secret_of(path: Path) -> str:
    """Return the secret; SetupError where others could read its file."""
    try:
        found = path.stat()
        if os.name == "posix" and (not stat.S_ISREG(found.st_mode) or found.st_mode & NOBODY_ELSE):
            raise SetupError(f"密钥文件 {path} 其他用户可读,请执行 chmod 600 {path}")
        secret = path.read_text(encoding="utf-8").strip()
    except OSError as error:
        raise SetupError(f"读不到密钥文件 {path}({type(error).__name__})") from None
    if not secret:
        raise SetupError(f"密钥文件 {path} 是空的")
    return secret


def read_settings(path: Path) -> Settings:
    """Return what a configuration says; SetupError with what is wrong."""
    parser = configparser.ConfigParser(interpolation=None)
    try:
        if not parser.read(path, encoding="utf-8-sig"):
            raise SetupError(f"读不到配置文件 {path}")
        said = dict(parser["uploader"])
        texts = {name: said.pop(name) for name in ("registry", "results", "client_id")}
        for name in ("registry", "results"):
            texts[name] = _address(name, texts[name], plain=said.get("allow_http", "no") == "yes")
        said.pop("allow_http", None)
        numbers = {
            name: float(said.pop(name))
            for name in ("every", "settle", "timeout", "longest_pause")
            if name in said
        }
        tries = int(said.pop("tries", "5"))
        folder, secret_file = Path(said.pop("folder")), Path(said.pop("secret_file"))
        ca_file, mapping = said.pop("ca_file", None), said.pop("mapping", "")
    except KeyError as error:
        raise SetupError(f"配置缺少 {error.args[0]}") from None
    except (ValueError, configparser.Error) as error:
        raise SetupError(f"配置有误:{type(error).__name__}") from None
    if said:
        raise SetupError(f"配置有不认识的项:{'、'.join(sorted(said))}")
    if not folder.is_dir():
        raise SetupError(f"文件夹 {folder} 不存在")
    return Settings(
        folder, texts["registry"], texts["results"], texts["client_id"], secret_file, ca_file, mapping,
        tries=tries, **numbers,
    )  # fmt: skip


def _address(name: str, url: str, *, plain: bool) -> str:
    parts = urllib.parse.urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise SetupError(f"{name} 须为 http(s):// 地址")
    if parts.scheme == "http" and not plain and parts.hostname not in ("127.0.0.1", "localhost", "::1"):
        raise SetupError(f"{name} 须为 https:// 地址;内网确需明文时写 allow_http = yes")
    return url.rstrip("/")


def say(text: str) -> None:
    """Print a line with the time; never anything that a file holds."""
    sys.stdout.write(f"{time.strftime('%Y-%m-%d %H:%M:%S')} {text}\n")
    sys.stdout.flush()


def number_of(content: bytes, mapping: str) -> str:
    """Return the batch number of a content: the same for the same, whatever the file is called."""
    return "F-" + hashlib.sha256(mapping.encode() + b"\0" + content).hexdigest()[:48]


def ending_of(name: str) -> str:
    """Return the ending by which a file's form is known, '' for a file that is left alone."""
    low = name.lower()
    if low.startswith((".", "~$")) or low.endswith(OURS):
        return ""
    return next((ending for ending in KINDS if low.endswith(ending)), "")


def with_mark(path: Path, mark: str) -> str:
    """Return a file's name with a mark before its ending."""
    ending = ending_of(path.name)
    return f"{path.name[: len(path.name) - len(ending)]}.{mark}{path.name[len(path.name) - len(ending) :]}"


def kind_of(name: str, content: bytes) -> str:
    """Return the content type of a file: by its ending; plain JSON that is a resource of FHIR is that."""
    kind = KINDS[ending_of(name)]
    return FHIR if kind == JSON and "resourceType" in parsed(content) else kind


def body_of(content: bytes, kind: str, mapping: str) -> tuple[bytes, dict[str, str]]:
    """Return what is sent, and the query beside it. JSON may bring a number of its own.

    What is not JSON at all goes as it is: the server says what is wrong with it.
    """
    number = number_of(content, mapping)
    plain = content.removeprefix(BOM) if kind in (JSON, NDJSON, FHIR) else content
    if kind not in (JSON, NDJSON):
        return plain, {"batch_no": number, **({"mapping": mapping} if mapping else {})}
    first = parsed(plain.split(b"\n", 1)[0] if kind == NDJSON else plain)
    if "batch_no" in first:
        return plain, {}
    said = json.dumps({"batch_no": number}).encode()
    if kind == NDJSON:
        return said + b"\n" + plain, {}
    inside = plain.lstrip()[1:]
    return (said[:-1] + b"," + inside if first else plain), {}


def heard(reply: dict[str, str]) -> tuple[str, list[dict[str, Any]]]:
    """Return what an ACK or OperationOutcome says of the whole where it was refused, and each fault in it."""
    return _acknowledged(reply["text"]) if reply["kind"] == HL7 else _outcome(reply["text"])


def _acknowledged(text: str) -> tuple[str, list[dict[str, Any]]]:
    """Read ACKs: `row` is the number of the message in its file, `field` segment^number^field."""
    found: list[dict[str, Any]] = []
    message = 0
    for line in text.splitlines():
        fields = [*line.split("|"), *[""] * 9]
        if fields[0] == "MSA":
            message += 1
        elif fields[0] == "ERR" and fields[4] == "E":
            code, said = fields[5].split("^")[0], _chinese(_unescaped(fields[8]))
            found.append({"row": message, "field": fields[2], "code": code, "message": said})
    return (found[0]["message"] if found else ""), found


def _chinese(text: str) -> str:
    return text.partition(" / ")[0]


def _unescaped(text: str) -> str:
    marks = dict(zip("FSRTE", "|^~&\\"))  # noqa: B905 - before 3.10
    return re.sub(r"\\([FSRTE])\\", lambda each: marks[each.group(1)], text)


def _outcome(text: str) -> tuple[str, list[dict[str, Any]]]:
    """Read an OperationOutcome: `field` is the path of the element."""
    found: list[dict[str, Any]] = []
    for issue in parsed(text.encode()).get("issue") or []:
        if issue.get("severity") in ("error", "fatal"):
            details = issue.get("details") or {}
            code = ((details.get("coding") or [{}])[0]).get("code", "")
            said, where = _chinese(details.get("text", "")), ", ".join(issue.get("expression") or [])
            found.append({"row": "", "field": where, "code": code, "message": said})
    return (found[0]["message"] if found else ""), found


def store(path: Path, raw: bytes) -> None:
    """Write a file whole or not at all."""
    new = path.with_name(path.name + ".tmp")
    with new.open("wb") as file:
        file.write(raw)
        file.flush()
        os.fsync(file.fileno())
    new.replace(path)


class Uploader:
    """Sweeps a folder. What is known of a file lies beside it; nothing is remembered elsewhere."""

    def __init__(self, settings: Settings, stop: threading.Event) -> None:
        """Make the folders for what is through."""
        self.settings = settings
        self.server = Server(settings)
        self.stop = stop
        self.failures = 0
        self.not_before: dict[str, float] = {}
        self.moved: list[tuple[Path, os.stat_result]] = []
        for name in ("done", "refused"):
            (settings.folder / name).mkdir(exist_ok=True)

    def sweep(self) -> int:
        """Send what lies there; return how many files are left for later."""
        left = 0
        self._tidy()
        for path in self._waiting():
            if self.stop.is_set():
                return left + 1
            try:
                left += not self._take(path)
                self.failures = 0
            except LaterError as why:
                left += 1
                pause = self._pause(why)
                say(f"{path.name}:{why};文件保留在原处,{pause:.0f} 秒后重试")
                if why.everywhere:
                    self.stop.wait(pause)
                    return left
                self.not_before[path.name] = time.monotonic() + pause
            except FileNotFoundError:
                continue  # taken away meanwhile
            except OSError as error:
                left += 1
                say(f"{path.name}:读写失败({type(error).__name__}),稍后重试")
        return left

    def _waiting(self) -> list[Path]:
        now = time.time()
        found = []
        for path in sorted(self.settings.folder.iterdir()):
            if not ending_of(path.name) or path.is_symlink() or not path.is_file():
                continue
            settled = abs(now - path.stat().st_mtime) >= self.settings.settle
            if settled and self.not_before.get(path.name, 0.0) <= time.monotonic():
                found.append(path)
        return found

    def _take(self, path: Path) -> bool:
        """Send a file and put it away; False if it changed meanwhile and must be looked at again."""
        before = path.stat()
        content = path.read_bytes()
        digest = hashlib.sha256(content).hexdigest()
        known = self._known(path, digest)
        if known is None:
            known = {"file": path.name, "file_sha256": digest, **self._sent(path, content)}
            beside = path.with_name(path.name + RECEIPT)
            store(beside, json.dumps(known, ensure_ascii=False, indent=1).encode())
            self._tell(path, known)
        after = path.stat()
        if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns):
            return False
        self._put_away(path, known)
        return True

    def _sent(self, path: Path, content: bytes) -> dict[str, Any]:
        """Send a file; return the receipt or refusal, and the answer in the file's own standard."""
        kind = kind_of(path.name, content)
        body, query = body_of(content, kind, self.settings.mapping)
        answer = self.server.post(body, kind, query)
        reply = answer.reply()
        if reply is None:
            return {"http_status": answer.status, "answer": answer.said()}
        if answer.status in TAKEN:
            receipt = self.server.receipt(answer.location)
            return {"http_status": answer.status, "answer": receipt, "reply": reply}
        detail, errors = heard(reply)
        refusal = {"status": answer.status, "detail": detail, "errors": errors}
        return {"http_status": answer.status, "answer": refusal, "reply": reply}

    def _known(self, path: Path, digest: str) -> dict[str, Any] | None:
        """Return the receipt of this very content that an earlier run has left beside the file."""
        try:
            known = json.loads(path.with_name(path.name + RECEIPT).read_bytes())
        except (OSError, ValueError):
            return None
        return known if isinstance(known, dict) and known.get("file_sha256") == digest else None

    def _put_away(self, path: Path, known: dict[str, Any]) -> None:
        """Move the receipt's copy first and the file last: until then the file says that work is left."""
        place = self.settings.folder / ("done" if something_taken(known) else "refused")
        name = path.name
        if (place / name).exists():
            name = with_mark(path, known["file_sha256"][:12])
        reply = known.get("reply")
        if reply is not None:
            store(place / (name + REPLIES[reply["kind"]]), reply["text"].encode(reply["charset"]))
        problems = heard(reply)[1] if reply else known["answer"].get("errors") or []
        if problems:
            store(place / (name + PROBLEMS), _sheet(problems, HEADINGS.get(reply["kind"] if reply else "")))
        receipt = path.with_name(path.name + RECEIPT)
        store(place / (name + RECEIPT), receipt.read_bytes())
        path.replace(place / name)
        receipt.unlink()
        self.moved = [*self.moved[-REMEMBERED:], (place / name, (place / name).stat())]

    def _tidy(self) -> None:
        """Fetch back what was still being written when it was put away; put away receipts left alone."""
        for one in tuple(self.moved):
            path, then = one
            now = path.stat() if path.exists() else then
            if (now.st_size, now.st_mtime_ns) != (then.st_size, then.st_mtime_ns):
                self.moved.remove(one)
                path.replace(self.settings.folder / with_mark(path, str(now.st_mtime_ns)))
                say(f"{path.name}:上传后又有写入,已放回文件夹重新上传")
        for receipt in self.settings.folder.glob("*" + RECEIPT):
            if not receipt.with_name(receipt.name.removesuffix(RECEIPT)).exists():
                receipt.replace(self.settings.folder / "done" / receipt.name)

    def _tell(self, path: Path, known: dict[str, Any]) -> None:
        answer = known["answer"]
        if known["http_status"] not in TAKEN:
            say(f"{path.name}:整份被拒收,原因:{answer.get('detail', known['http_status'])};已移到 refused")
            return
        again = "(此前已上传过)" if known["http_status"] == 200 else ""  # noqa: PLR2004 - a repeat
        words = (("接收", "accepted"), ("拒收", "rejected"), ("重复", "duplicates"))
        counts = ",".join(f"{word} {answer.get(name)} 行" for word, name in words)
        aside = "" if something_taken(known) else f";已移到 refused,原因见旁边的 {PROBLEMS}"
        say(f"{path.name}:已上传{again},{counts},批次号 {answer.get('batch_no')}{aside}")

    def _pause(self, why: LaterError) -> float:
        self.failures += 1
        grown = min(2.0 ** min(self.failures, 16), self.settings.longest_pause) * random.uniform(0.5, 1)  # noqa: S311
        return max(why.seconds, grown)


def something_taken(known: dict[str, Any]) -> bool:
    """Say whether anything of a file was taken in, now or before; if not, its sender has to act."""
    answer = known["answer"]
    return known["http_status"] in TAKEN and bool(answer.get("accepted") or answer.get("duplicates"))


def _sheet(problems: list[dict[str, Any]], headings: list[str] | None) -> bytes:
    names = ("row", "field", "code", "message")
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(headings or ["行号", "字段", "代码", "说明"])
    writer.writerows([str(one.get(name) or "") for name in names] for one in problems)
    return text.getvalue().encode("utf-8-sig")


def hold(folder: Path) -> Any:  # noqa: ANN401 - an open file that keeps the lock
    """Keep other uploaders off a folder while this one lives; SetupError if one is at work."""
    file = (folder / ".uploader.lock").open("a+b")
    try:
        if os.name == "nt":
            import msvcrt

            file.seek(0)
            getattr(msvcrt, "locking")(file.fileno(), getattr(msvcrt, "LK_NBLCK"), 1)  # noqa: B009
        else:
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        raise SetupError(f"另一个上传程序正在处理 {folder}") from None
    return file


def main(arguments: list[str] | None = None) -> int:
    """Run; 0 when all is sent, 1 when files are left, 2 for a wrong configuration."""
    parser = argparse.ArgumentParser(description="上传文件夹里的检测结果文件")
    parser.add_argument("config", type=Path, help="配置文件 uploader.ini")
    parser.add_argument("--once", action="store_true", help="只处理一遍,全部上传或多次失败后退出")
    given = parser.parse_args(arguments)
    stop = threading.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, lambda *_: stop.set())
    try:
        settings = read_settings(given.config)
        secret_of(settings.secret_file)
        lock = hold(settings.folder)
        uploader = Uploader(settings, stop)
        if given.once:
            tries = settings.tries
            while (left := uploader.sweep()) and (tries := tries - 1) and not stop.is_set():
                stop.wait(settings.settle)
            lock.close()
            return 1 if left else 0
        say(f"开始监视 {settings.folder}")
        while not stop.is_set():
            uploader.sweep()
            stop.wait(settings.every)
        lock.close()
    except SetupError as error:
        say(f"无法开始:{error}")
        return 2
    say("已停止;未上传的文件保留在原处,下次启动接着上传")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
