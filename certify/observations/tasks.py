"""What happens after an answer: people are told."""

import uuid

from sqlalchemy.orm import Session

from certify.core import outbox
from certify.observations import mails, queries


@outbox.on("observations.answered")
def tell_of_answer(session: Session, request_id: str) -> None:
    """Tell the trainee that somebody answered."""
    mails.tell_trainee(session, queries.asked(session, uuid.UUID(request_id)), "answered")


@outbox.on("observations.declined")
def tell_of_refusal(session: Session, request_id: str) -> None:
    """Tell the trainee that the person asked will not answer."""
    mails.tell_trainee(session, queries.asked(session, uuid.UUID(request_id)), "declined")


@outbox.on("observations.contested")
def tell_of_contest(session: Session, request_id: str) -> None:
    """Tell the trainee, and the trainers who decide on what the answer proves."""
    found = queries.asked(session, uuid.UUID(request_id))
    mails.tell_trainee(session, found, "contested")
    mails.tell_trainers(session, found, queries.trainers_of(session, found.request.training_body_id))
