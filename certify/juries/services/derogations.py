"""A rule of composition set aside with a written reason, shown to the jury and printed in the minutes."""

import uuid
from collections.abc import Collection

from sqlalchemy.orm import Session

from certify.anonymity.services import require_anonymous
from certify.core import clock
from certify.core.access import Actor
from certify.core.errors import Conflict, Invalid, NotFound
from certify.core.i18n import lazy as _l
from certify.juries.composition import composition_of
from certify.juries.models import CompositionDerogation, JurySession
from certify.juries.services.rows import being_prepared, note


def grant_derogation(
    session: Session, actor: Actor, jury: JurySession, *, violation: str, user_id: uuid.UUID | None = None,
    enrolment_ids: Collection[uuid.UUID] = (), reason: str,
) -> list[CompositionDerogation]:  # fmt: skip
    """Set aside what a rule says of a member, or of the whole jury, for some candidates or for the session.

    One row for each candidate; raise Conflict when nothing of the kind is found, or when it is never set aside.
    """
    jury = being_prepared(session, jury)
    reason = reason.strip()
    if not reason:
        raise Invalid(_l("Écrivez pourquoi cette règle est écartée : le motif figure au procès-verbal."), "reason")
    require_anonymous(session, None, [("reason", _l("Motif"), reason)])
    composition = composition_of(session, jury)
    wanted: set[uuid.UUID | None] = {*enrolment_ids} or {None}
    found = [
        one
        for one in composition.findings
        if (one.violation.code, one.user_id) == (violation, user_id) and one.enrolment_id in wanted
    ]
    if {one.enrolment_id for one in found} != wanted:
        raise Conflict(_l("Cette règle n’est plus en cause. Rouvrez la page de la session pour voir ce qui bloque."))
    if not all(one.may_be_waived for one in found):
        raise Conflict(_l("Cette règle ne s’écarte pas : changez la composition du jury, ou retirez la candidature."))
    moment = clock.now()
    rows = [
        CompositionDerogation(
            session_id=jury.id, candidacy_id=composition.candidacy_of(one.enrolment_id) if one.enrolment_id else None,
            seat_id=composition.seat_of(user_id), violation=violation, reason=reason, granted_at=moment,
            granted_by_id=actor.user_id,
        )
        for one in found
    ]  # fmt: skip
    session.add_all(rows)
    session.flush()
    for row in rows:
        note(session, actor, "jury:derogation:granted", row, jury, violation=violation)
    return rows


def withdraw_derogation(
    session: Session, actor: Actor, jury: JurySession, derogation_id: uuid.UUID
) -> CompositionDerogation:
    """Take a derogation back before the session opens: the rule blocks again, the row stays."""
    jury = being_prepared(session, jury)
    row = session.get(CompositionDerogation, derogation_id)
    if row is None or row.session_id != jury.id:
        raise NotFound()
    if row.withdrawn_at is None:
        row.withdrawn_at, row.withdrawn_by_id = clock.now(), actor.user_id
        note(session, actor, "jury:derogation:withdrawn", row, jury, violation=row.violation)
    return row
