"""Mail to a body's address. The Message-ID is the delivery's: a mail sent twice can be known for one."""

import asyncio
import ssl
from email.message import EmailMessage
from email.utils import format_datetime
from typing import Final

import aiosmtplib

from notifier.channels.protocol import Outcome, Outgoing
from notifier.channels.rules import message_id, result_of_mail
from notifier.settings import NotifierSettings

PORTS: Final = {"starttls": 587, "tls": 465, "none": 25}
SUBJECT: Final = "【应检】通知 Yingjian notice"


class SmtpChannel:
    """One connection a mail; only after its text was sent may it have been taken."""

    def __init__(self, settings: NotifierSettings) -> None:
        self._settings = settings
        self._certificates = ssl.create_default_context(cafile=settings.smtp_ca_file)
        self.seconds = settings.smtp_timeout_seconds

    async def send(self, outgoing: Outgoing) -> Outcome:
        """Send one mail."""
        if not outgoing.email:
            return Outcome("refused", error="no_email")
        try:
            async with asyncio.timeout(self.seconds):
                await self._send(self._mail(outgoing))
        except (aiosmtplib.SMTPConnectError, aiosmtplib.SMTPNotSupported, ssl.SSLError):
            return Outcome("failed", error="unreachable")
        except aiosmtplib.SMTPAuthenticationError as error:
            return Outcome("failed", error=f"login_{error.code}")
        except aiosmtplib.SMTPRecipientsRefused as error:
            return _refused(error.recipients[0].code)
        except aiosmtplib.SMTPResponseException as error:
            return _refused(error.code)
        except (aiosmtplib.SMTPException, OSError, TimeoutError) as error:
            return Outcome("unknown", error=type(error).__name__)
        except ValueError:
            return Outcome("refused", error="bad_email")
        return Outcome("sent")

    async def _send(self, mail: EmailMessage) -> None:
        settings = self._settings
        await aiosmtplib.send(
            mail,
            hostname=settings.smtp_host,
            port=settings.smtp_port or PORTS[settings.smtp_security],
            username=settings.smtp_username,
            password=settings.smtp_password,
            use_tls=settings.smtp_security == "tls",
            start_tls=settings.smtp_security == "starttls",
            tls_context=None if settings.smtp_security == "none" else self._certificates,
            timeout=self.seconds,
        )

    def _mail(self, outgoing: Outgoing) -> EmailMessage:
        sender = self._settings.smtp_from or ""
        mail = EmailMessage()
        mail["Message-ID"] = message_id(outgoing.delivery_id, sender)
        mail["Date"] = format_datetime(outgoing.at)
        mail["From"] = sender
        mail["To"] = outgoing.email
        mail["Subject"] = SUBJECT
        mail["Auto-Submitted"] = "auto-generated"
        mail["X-Yingjian-Delivery"] = str(outgoing.delivery_id)
        if outgoing.urgent:
            mail["Importance"] = "high"
        mail.set_content(outgoing.text)
        return mail


def _refused(code: int) -> Outcome:
    return Outcome(result_of_mail(code), error=f"smtp_{code}")
