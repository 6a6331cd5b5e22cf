"""The connection to the mail server that the operator names, for all mail that Comity sends."""

import smtplib
import socket
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any
from urllib.parse import unquote, urlsplit

from django.core.mail import EmailMessage
from django.core.mail.backends.smtp import EmailBackend

from comity.integrations.mail import addresses
from comity.lib import options
from comity.lib.within import within

#: How long one mail may take, in seconds, from the first word of the server to its last.
MAIL_SECONDS = 60.0


class BadServer(ValueError):
    """An option that names a mail server cannot be used."""


class Connection(EmailBackend):
    """A connection by COMITY_SMTP_URL: smtp://, smtp+starttls:// or smtps://user:password@host:port.

    Django's EMAIL_BACKEND, too. Where no server is named, nothing is sent, and nothing is written elsewhere instead.
    """

    def __init__(self, *, fail_silently: bool = False, **_more: Any) -> None:
        """Read the option; raise BadServer where it names no server."""
        url = urlsplit(options.value("COMITY_SMTP_URL"))
        ports = {"smtp": 25, "smtp+starttls": 587, "smtps": 465}
        if url.scheme not in ports or not url.hostname:
            raise BadServer("COMITY_SMTP_URL must be smtp://, smtp+starttls:// or smtps://user:password@host:port")
        if "@" not in addresses.own():
            raise BadServer(
                "COMITY_MAIL_ADDRESS must be the address from which mail is sent, such as service@example.com"
            )
        super().__init__(
            host=url.hostname,
            port=url.port or ports[url.scheme],
            username=unquote(url.username or ""),
            password=unquote(url.password or ""),
            use_tls=url.scheme == "smtp+starttls",
            use_ssl=url.scheme == "smtps",
            timeout=20,
            fail_silently=fail_silently,
        )
        self._begun: smtplib.SMTP | None = None

    @property
    def connection_class(self) -> type[smtplib.SMTP]:
        """What speaks to the server: known to us before the server has said its first word."""
        backend, kind = self, super().connection_class

        class Begun(kind):  # type: ignore[misc, valid-type]
            def __init__(self, *told: Any, **more: Any):
                backend._begun = self
                super().__init__(*told, **more)

        return Begun

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        """Send mails, in time."""
        with self.in_time():
            return super().send_messages(email_messages)

    @contextmanager
    def in_time(self) -> Iterator[None]:
        """Hang up once MAIL_SECONDS are over, also on a server that says a byte now and then."""
        with within(MAIL_SECONDS, self._socket):
            yield

    def _socket(self) -> socket.socket | None:
        return None if self._begun is None else self._begun.sock
