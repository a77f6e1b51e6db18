"""What happens after a step of a session: documents made, sealed and kept once; people told, once."""

import uuid
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from certify.cohorts.forms import ROUTES
from certify.core import files, outbox, pdf
from certify.core.files import StoredFile
from certify.core.i18n import force_locale
from certify.juries import candidates, convocations, mails, queries, signatures
from certify.juries.forms import BLOCK_OUTCOMES, WHOLE_OUTCOMES
from certify.juries.models import (
    Appeal,
    Candidacy,
    DecisionKind,
    JuryDecision,
    JuryExtract,
    JuryMinutes,
    JurySession,
    MeetingMode,
    SessionState,
    SignatureMethod,
)
from certify.seals.sealing import sealed

_WORDS: dict[str, Any] = {
    "moment_of": datetime.fromisoformat, "day_of": date.fromisoformat, "block_outcomes": BLOCK_OUTCOMES,
    "whole_outcomes": WHOLE_OUTCOMES, "routes": {route.value: words for route, words in ROUTES.items()},
    "methods": {one.value: one.label for one in SignatureMethod},
    "kinds": {one.value: one.label for one in DecisionKind},
    "modes": {one.value: one.label for one in MeetingMode},
}  # fmt: skip


def print_minutes(session: Session, minutes_id: str) -> StoredFile | None:
    """Make the document of signed minutes, seal it and keep its bytes; nothing when it is already made."""
    minutes = session.get_one(JuryMinutes, uuid.UUID(minutes_id))
    if minutes.storage_key:
        return None
    facts, identity = dict(minutes.facts), minutes.id
    signed = [one.as_facts() for one in signatures.lines_of(session, minutes)]
    body_id = session.get_one(JurySession, minutes.session_id).certifying_body_id
    with force_locale("fr"):
        content = pdf.render_document("minutes", facts=facts, signatures=signed, **_WORDS)
    content = sealed(session, body_id, content, reason="Procès-verbal de jury", location=facts["city"])
    return files.keep(content, minutes_filename(facts), "application/pdf", folder="minutes", identity=identity)


def minutes_filename(facts: dict[str, Any]) -> str:
    """Return the name under which minutes are given."""
    number = facts.get("number", 1)
    return f"proces-verbal-{facts['reference']}{f'-{number}' if number > 1 else ''}.pdf"


@outbox.on("jury.minutes.complete", prepare=print_minutes)
def keep_minutes(session: Session, minutes_id: str, prepared: StoredFile | None) -> None:
    """Note where the bytes are; what is already printed stays as it is."""
    minutes = session.get_one(JuryMinutes, uuid.UUID(minutes_id), with_for_update=True)
    _note(minutes, prepared)


def print_extract(session: Session, extract_id: str) -> StoredFile | None:
    """Make the document that a candidate is given, seal it and keep its bytes; nothing when it is already made."""
    extract = session.get_one(JuryExtract, uuid.UUID(extract_id))
    if extract.storage_key:
        return None
    facts, identity, body_id = dict(extract.facts), extract.id, _body_of(session, extract)
    with force_locale("fr"):
        content = pdf.render_document("extract", facts=facts, one=facts["candidate"], **_WORDS)
    content = sealed(session, body_id, content, reason="Extrait de procès-verbal de jury", location=facts["city"])
    name = f"extrait-{facts['reference']}.pdf"
    return files.keep(content, name, "application/pdf", folder="minutes", identity=identity)


def _body_of(session: Session, extract: JuryExtract) -> uuid.UUID:
    query = select(JurySession.certifying_body_id).join(Candidacy, Candidacy.session_id == JurySession.id)
    return session.scalars(query.where(Candidacy.id == extract.candidacy_id)).one()


@outbox.on("jury.extract.made", prepare=print_extract)
def keep_extract(session: Session, extract_id: str, prepared: StoredFile | None) -> None:
    """Note where the bytes of an extract are."""
    _note(session.get_one(JuryExtract, uuid.UUID(extract_id), with_for_update=True), prepared)


def _note(row: JuryMinutes | JuryExtract, prepared: StoredFile | None) -> None:
    if prepared is None or row.storage_key:
        return
    row.keep(prepared)


@outbox.on("jury.closed")
def ask_signatures(session: Session, jury_id: str) -> None:
    """Ask each member who sat to sign the minutes."""
    jury = session.get_one(JurySession, uuid.UUID(jury_id))
    minutes = queries.minutes_of(session, jury.id)
    if minutes is None:
        raise LookupError(f"no minutes for the jury session {jury_id}")
    awaited = set(signatures.missing(session, minutes))
    for member in queries.members_of(session, jury):
        if str(member.seat.id) in awaited:
            mails.to_sign(session, jury, member.user)


@outbox.on("jury.published")
def tell_results(session: Session, jury_id: str) -> None:
    """Tell each candidate that their result is there; nothing when it was taken back meanwhile."""
    jury = session.get_one(JurySession, uuid.UUID(jury_id))
    if jury.state is not SessionState.PUBLISHED:
        return
    for one in candidates.candidates_of(session, jury.id):
        mails.result(session, jury, one)


@outbox.on("jury.unpublished")
def tell_withdrawal(session: Session, jury_id: str) -> None:
    """Tell each candidate that the results are taken back for a correction."""
    jury = session.get_one(JurySession, uuid.UUID(jury_id))
    for one in candidates.candidates_of(session, jury.id):
        mails.results_withdrawn(session, jury, one)


@outbox.on("jury.decision.changed")
def tell_change(session: Session, decision_id: str, candidacy_id: str) -> None:
    """Tell a candidate of a decision taken after the publication; nothing when results were taken back meanwhile."""
    decision = session.get_one(JuryDecision, uuid.UUID(decision_id))
    candidacy = session.get_one(Candidacy, uuid.UUID(candidacy_id))
    jury = session.get_one(JurySession, candidacy.session_id)
    if jury.state is SessionState.PUBLISHED:
        mails.decision_changed(session, jury, candidates.candidate_of(session, candidacy), decision)


@outbox.on("jury.appeal.lodged")
def acknowledge_appeal(session: Session, appeal_id: str) -> None:
    """Tell a candidate that their appeal is recorded."""
    _tell_appeal(session, appeal_id, "jury_appeal_received")


@outbox.on("jury.appeal.answered")
def tell_answer(session: Session, appeal_id: str) -> None:
    """Tell a candidate that their appeal is answered."""
    _tell_appeal(session, appeal_id, "jury_appeal_answered")


def _tell_appeal(session: Session, appeal_id: str, template: str) -> None:
    appeal = session.get_one(Appeal, uuid.UUID(appeal_id))
    candidacy = session.get_one(Candidacy, appeal.candidacy_id)
    jury = session.get_one(JurySession, candidacy.session_id)
    mails.about_appeal(session, template, jury, candidates.candidate_of(session, candidacy), appeal)


@outbox.on("jury.convoked")
def send_convocation(session: Session, convocation_id: str) -> None:
    """Mail what convenes somebody, or tells them of a change, with its line for their calendar."""
    convocations.mail_out(session, uuid.UUID(convocation_id))
