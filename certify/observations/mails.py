"""Mails about observations: to the referent, who has no account, to the trainee, to trainers when one is contested."""

from collections.abc import Iterable

from flask import current_app
from sqlalchemy.orm import Session

from certify.accounts.models import User
from certify.core import mail
from certify.observations.models import ObservationRequest
from certify.observations.queries import Asked, Line
from certify.settings import Settings


def link_days() -> int:
    """Return how many days the link of a request works."""
    settings: Settings = current_app.config["SETTINGS"]
    return settings.observation_days


def ask(session: Session, request: ObservationRequest, trainee: User, secret: str, *, is_again: bool) -> None:
    """Ask the referent, with the link that is theirs alone."""
    mail.queue(
        session, "observation_asked", to=request.referent_email, locale=request.locale, trainee=trainee.name,
        referent=request.referent_name, message=request.message, count=len(request.indicators),
        expires_at=request.expires_at, path=f"/observe/{secret}", is_again=is_again,
    )  # fmt: skip


def copy(session: Session, asked: Asked, lines: Iterable[Line], secret: str) -> None:
    """Send the referent a copy of what they signed, with the way to say that it was not them."""
    request, answer = asked.request, asked.answer
    assert answer is not None  # a copy is made of an answer
    mail.queue(
        session, "observation_copy", to=request.referent_email, locale=request.locale, trainee=asked.trainee.name,
        lines=list(lines), comment=answer.comment, name=answer.signed_name, at=answer.signed_at, digest=answer.digest,
        path=f"/observe/{secret}/contest",
    )  # fmt: skip


def tell_trainee(session: Session, asked: Asked, event: str) -> None:
    """Tell the trainee that their request was answered, declined, or that its answer is contested."""
    mail.queue(
        session, f"observation_{event}", to=asked.trainee.address, locale=asked.trainee.locale,
        referent=asked.request.referent_name, path=f"/observations/{asked.request.id}", is_staff=False,
        trainee=asked.trainee.name,
    )  # fmt: skip


def tell_trainers(session: Session, asked: Asked, trainers: Iterable[User]) -> None:
    """Tell the trainers that an answer is contested: the piece it became waits for them again."""
    for trainer in trainers:
        mail.queue(
            session, "observation_contested", to=trainer.address, locale=trainer.locale, is_staff=True,
            referent=asked.request.referent_name, path=f"/observations/{asked.request.id}", trainee=asked.trainee.name,
        )  # fmt: skip
