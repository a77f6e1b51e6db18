"""What happens after a session is closed: its minutes are printed, once."""

import uuid
from datetime import date, datetime

from sqlalchemy.orm import Session

from certify.core import clock, files, outbox, pdf
from certify.core.files import StoredFile
from certify.core.i18n import force_locale
from certify.juries import queries
from certify.juries.forms import BLOCK_OUTCOMES, WHOLE_OUTCOMES
from certify.juries.models import JuryMinutes


def print_minutes(session: Session, jury_id: str) -> StoredFile | None:
    """Make the document of the minutes and keep its bytes; nothing when it is already made."""
    minutes = _minutes(session, jury_id)
    if minutes.storage_key:
        return None
    facts, identity = dict(minutes.facts), minutes.id
    with force_locale("fr"):
        content = pdf.render_document(
            "minutes", facts=facts, held_on=date.fromisoformat(facts["held_on"]), moment_of=datetime.fromisoformat,
            block_outcomes=BLOCK_OUTCOMES, whole_outcomes=WHOLE_OUTCOMES,
        )  # fmt: skip
    name = f"proces-verbal-{facts['reference']}.pdf"
    return files.keep(content, name, "application/pdf", folder="minutes", identity=identity)


@outbox.on("jury.closed", prepare=print_minutes)
def keep_minutes(session: Session, jury_id: str, prepared: StoredFile | None) -> None:
    """Note where the bytes are; what is already printed stays as it is."""
    minutes = _minutes(session, jury_id)
    if prepared is None or minutes.storage_key:
        return
    minutes.storage_key, minutes.sha256, minutes.size = prepared.key, prepared.sha256, prepared.size
    minutes.rendered_at = clock.now()


def _minutes(session: Session, jury_id: str) -> JuryMinutes:
    minutes = queries.minutes_of(session, uuid.UUID(jury_id))
    if minutes is None:
        raise LookupError(f"no minutes for the jury session {jury_id}")
    return minutes
