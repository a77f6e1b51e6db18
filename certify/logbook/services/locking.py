"""What every change of an entry does first."""

from typing import Any

from sqlalchemy.orm import Session

from certify.core.errors import Conflict
from certify.core.i18n import lazy as _l
from certify.logbook import policies
from certify.logbook.models import EntryState, LogbookEntry


def lock(session: Session, entry: LogbookEntry) -> None:
    """Make everybody else who changes this entry wait, and read it as they left it."""
    session.refresh(entry, with_for_update=True)


def require_editable(entry: LogbookEntry) -> None:
    """Refuse to write in an entry that was handed over, accepted or put away."""
    messages: dict[EntryState, Any] = {
        EntryState.SUBMITTED: _l("Cette fiche a été soumise : reprenez-la pour l’amender avant la réponse."),
        EntryState.ACCEPTED: _l("Cette fiche a été acceptée : elle ne change plus."),
        EntryState.DISCARDED: _l("Cette fiche est mise de côté : reprenez-la avant d’y écrire."),
    }
    if not policies.is_editable(entry):
        raise Conflict(messages[entry.state])
