"""A mail server of the test's own: it speaks just enough SMTP, with STARTTLS and a login where told."""

import asyncio
import base64
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import default
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

# What the server does with the next mail: takes it; takes it and hangs up without an answer; refuses for
# good; refuses for now; never answers.
TAKE, DROP_ANSWER, REFUSE, LATER, SILENT = "take", "drop", "refuse", "later", "silent"


@dataclass
class Mailbox:
    """What came, and what is to be done with what comes next."""

    port: int = 0
    mails: list[EmailMessage] = field(default_factory=list)
    plans: list[str] = field(default_factory=list)
    logins: list[str] = field(default_factory=list)
    encrypted: list[bool] = field(default_factory=list)
    certificate: Path | None = None

    @property
    def ids(self) -> list[str]:
        """Return the Message-IDs of what came."""
        return [str(mail["Message-ID"]) for mail in self.mails]


@asynccontextmanager
async def mail_server(folder: Path, *, tls: bool = False) -> AsyncIterator[Mailbox]:
    """Run a server; `tls`: it takes mail only after STARTTLS, under a certificate for 127.0.0.1."""
    box = Mailbox()
    context = None
    if tls:
        box.certificate, context = _certified(folder)

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError, asyncio.IncompleteReadError, ssl.SSLError):
            await _Talk(box, reader, writer, context).go()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    box.port = server.sockets[0].getsockname()[1]
    try:
        yield box
    finally:
        server.close()


class _Talk:
    """One connection."""

    def __init__(
        self,
        box: Mailbox,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        context: ssl.SSLContext | None,
    ) -> None:
        self.box, self.reader, self.writer, self.context = box, reader, writer, context
        self.secure = False

    async def say(self, line: str) -> None:
        self.writer.write(f"{line}\r\n".encode())
        await self.writer.drain()

    async def go(self) -> None:
        await self.say("220 test")
        while line := (await self.reader.readline()).decode().strip():
            verb = line.split()[0].upper()
            if verb in ("EHLO", "HELO"):
                await self.greet()
            elif verb == "STARTTLS" and self.context is not None:
                await self.say("220 go on")
                await self.writer.start_tls(self.context)
                self.secure = True
            elif verb == "AUTH":
                self.box.logins.append(base64.b64decode(line.split()[2]).decode().replace("\0", " ").strip())
                await self.say("235 welcome")
            elif verb == "MAIL" and self.context is not None and not self.secure:
                await self.say("530 STARTTLS first")
            elif verb == "RCPT" and self.box.plans[:1] == [REFUSE]:
                self.box.plans.pop(0)
                await self.say("550 nobody here")
            elif verb == "DATA":
                if not await self.take():
                    return
            elif verb == "QUIT":
                await self.say("221 bye")
                return
            else:
                await self.say("250 ok")

    async def greet(self) -> None:
        more = ["STARTTLS"] if self.context is not None and not self.secure else []
        lines = ["test", *more, "AUTH PLAIN", "8BITMIME"]
        for line in lines[:-1]:
            await self.say(f"250-{line}")
        await self.say(f"250 {lines[-1]}")

    async def take(self) -> bool:
        await self.say("354 go on")
        text = await self.reader.readuntil(b"\r\n.\r\n")
        plan = self.box.plans.pop(0) if self.box.plans else TAKE
        if plan == LATER:
            await self.say("451 later")
            return True
        self.box.mails.append(BytesParser(EmailMessage, policy=default).parsebytes(text[:-3]))
        self.box.encrypted.append(self.secure)
        if plan == SILENT:
            await asyncio.sleep(60)
        if plan == DROP_ANSWER:
            return False
        await self.say("250 taken")
        return True


def _certified(folder: Path) -> tuple[Path, ssl.SSLContext]:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    names = x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(names, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, SHA256())
    )
    certificate, private = folder / "mail.pem", folder / "mail.key"
    certificate.write_bytes(made.public_bytes(Encoding.PEM))
    private.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate, private)
    return certificate, context
