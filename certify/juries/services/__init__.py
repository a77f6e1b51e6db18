"""The verbs of juries: prepare a session, declare, open, vote, decide, close, sign, publish, and what comes after."""

from certify.juries.services.afterwards import decide_again, reinstate, withdraw
from certify.juries.services.appeals import answer, lodge
from certify.juries.services.candidacies import add_candidates, remove_candidate, set_needs
from certify.juries.services.closing import close, reopen
from certify.juries.services.convening import convene, unconvene
from certify.juries.services.deciding import Ruling, adjourn, decide
from certify.juries.services.declaring import declare
from certify.juries.services.derogations import grant_derogation, withdraw_derogation
from certify.juries.services.presence import note_presence, recuse
from certify.juries.services.publishing import publish, unpublish
from certify.juries.services.rows import digest
from certify.juries.services.seats import add_seat, change_seat, remove_seat
from certify.juries.services.sessions import change_session, create_session, open_deliberation, suspend_deliberation
from certify.juries.services.signing import new_code, sign, state_missing, try_code
from certify.juries.services.voting import open_votes, vote

__all__ = [
    "Ruling",
    "add_candidates",
    "add_seat",
    "adjourn",
    "answer",
    "change_seat",
    "change_session",
    "close",
    "convene",
    "create_session",
    "decide",
    "decide_again",
    "declare",
    "digest",
    "grant_derogation",
    "lodge",
    "new_code",
    "note_presence",
    "open_deliberation",
    "open_votes",
    "publish",
    "recuse",
    "reinstate",
    "remove_candidate",
    "remove_seat",
    "reopen",
    "set_needs",
    "sign",
    "state_missing",
    "suspend_deliberation",
    "try_code",
    "unconvene",
    "unpublish",
    "vote",
    "withdraw",
    "withdraw_derogation",
]
