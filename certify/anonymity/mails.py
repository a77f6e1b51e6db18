"""Mails about flagged passages: to their author, and to nobody else; the passage itself is not in them."""

from sqlalchemy.orm import Session

from certify.accounts.models import User
from certify.anonymity import queries
from certify.anonymity.models import TextFlag
from certify.core import mail


def flagged(session: Session, flag: TextFlag) -> None:
    """Tell the author that something in what they wrote lets somebody be recognised, and where to rewrite it."""
    author, reader = session.get_one(User, flag.author_id), session.get_one(User, flag.flagged_by_id)
    if flag.is_withdrawn or not queries.subjects_of(session, [(flag.subject_kind, flag.subject_id)]):
        return
    mail.queue(
        session, "anonymity_flagged", to=author.address, locale=author.locale, reader=reader.name, path="/flags"
    )  # fmt: skip
