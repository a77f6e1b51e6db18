"""An SMTP server on the loopback interface that keeps what it receives."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from aiosmtpd.controller import Controller

from tests.services.processes import free_port


@dataclass
class MailServer:
    """Where to send mails, and those received."""

    host: str
    port: int
    received: list[EmailMessage] = field(default_factory=list)
    is_refusing: bool = False
    """Set it to have every mail refused for now, as an overloaded server does."""

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802
        """Keep one mail (name and arguments are those the SMTP library calls)."""
        if self.is_refusing:
            return "451 Try again later"
        self.received.append(message_from_bytes(envelope.content, policy=policy.default))
        return "250 OK"

    def sent_to(self, address: str) -> list[EmailMessage]:
        """Return the mails received for one address, oldest first."""
        return [message for message in self.received if address in str(message["To"])]


@contextmanager
def running_mail_server() -> Iterator[MailServer]:
    """Receive mails for as long as the block lasts."""
    server = MailServer("127.0.0.1", free_port())
    controller = Controller(server, hostname=server.host, port=server.port)
    controller.start()
    try:
        yield server
    finally:
        controller.stop()
