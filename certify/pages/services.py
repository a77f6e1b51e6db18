"""The verbs of administration."""

from sqlalchemy.orm import Session

from certify.core import audit, outbox
from certify.core.access import Actor
from certify.core.outbox import OutboxMessage


def retry_job(session: Session, actor: Actor, message: OutboxMessage) -> None:
    """Give a job that was given up its tries back."""
    outbox.retry(session, message)
    audit.record(session, actor, "administration:job:retried", message, topic=message.topic)
