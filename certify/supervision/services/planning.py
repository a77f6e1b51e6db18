"""Planning a session, changing what was planned, cancelling it."""

import uuid
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from certify.anonymity.services import require_anonymous
from certify.cohorts.models import Enrolment, HalfDay
from certify.core import audit, clock, outbox
from certify.core.access import Actor
from certify.core.errors import Conflict, Invalid
from certify.core.i18n import lazy as _l
from certify.core.types import new_id
from certify.groups.models import Meeting, PeerGroup
from certify.supervision import policies, queries
from certify.supervision.models import SupervisionKind, SupervisionPresence, SupervisionSession
from certify.supervision.services.recording import check_revision, raise_revision

PLANNED = "supervision.planned"
"""A session to come is planned, amended or cancelled: those expected are told."""


def plan(
    session: Session,
    actor: Actor,
    *,
    kind: SupervisionKind,
    on: date,
    half: HalfDay,
    enrolments: Sequence[Enrolment],
    minutes: int = 180,
    place: str = "",
    theme: str = "",
    group: PeerGroup | None = None,
    meeting: Meeting | None = None,
) -> SupervisionSession:
    """Plan half a day of supervision, led by the actor, to which some trainees of one training body are expected."""
    _check(kind, group, enrolments, minutes)
    _check_anonymous(session, (one.id for one in enrolments), place, theme)
    if meeting is not None and (group is None or meeting.group_id != group.id):
        raise Invalid(_l("Cette rencontre n’est pas de ce groupe."), "meeting_id")
    held = SupervisionSession(
        id=new_id(), training_body_id=enrolments[0].training_body_id, kind=kind, group_id=group.id if group else None,
        meeting_id=meeting.id if meeting else None, on=on, half=half, minutes=minutes, place=place, theme=theme,
        notes="", supervisor_id=actor.user_id, revision=1, created_at=clock.now(),
    )  # fmt: skip
    session.add(held)
    session.flush()
    _expect(session, actor, held, (one.id for one in enrolments))
    audit.record(
        session, actor, "supervision:session:planned", held, organisation_id=held.training_body_id,
        kind=kind, day=on, expected=len(enrolments),
    )  # fmt: skip
    _tell(session, held, "planned")
    return held


def amend(
    session: Session,
    actor: Actor,
    held: SupervisionSession,
    *,
    revision: int,
    on: date,
    half: HalfDay,
    minutes: int,
    place: str,
    theme: str,
    enrolments: Sequence[Enrolment] = (),
) -> bool:
    """Change what was planned, and expect more trainees; return whether anything changed.

    A change raises the revision: whoever had signed is asked to sign again.
    """
    check_revision(session, held, revision)
    if held.cancelled_at is not None:
        raise Conflict(_l("Cette séance est annulée : elle ne se modifie plus."))
    here = queries.expected_ids(session, held)
    more = [one for one in enrolments if one.id not in here]
    _check(held.kind, held.group_id, [*here, *more], minutes)
    _check_anonymous(session, [*here, *(one.id for one in more)], place, theme)
    if any(one.training_body_id != held.training_body_id for one in more):
        raise Invalid(_l("Les stagiaires d’une séance sont d’un même organisme de formation."), "trainees")
    wanted = {"on": on, "half": half, "minutes": minutes, "place": place, "theme": theme}
    changed = [name for name, value in wanted.items() if getattr(held, name) != value]
    if not changed and not more:
        return False
    for name in changed:
        setattr(held, name, wanted[name])
    _expect(session, actor, held, (one.id for one in more))
    raise_revision(session, actor, held, "supervision:session:amended", fields=changed, added=len(more))
    if more or set(changed) & {"on", "half", "minutes", "place"}:
        _tell(session, held, "amended")
    return True


def cancel(session: Session, actor: Actor, held: SupervisionSession) -> SupervisionSession:
    """Cancel a session: it counts no more, and what was noted and signed of it stays readable."""
    if held.cancelled_at is not None:
        raise Conflict(_l("Cette séance est déjà annulée."))
    held.cancelled_at = clock.now()
    audit.record(session, actor, "supervision:session:cancelled", held, organisation_id=held.training_body_id)
    _tell(session, held, "cancelled")
    return held


def _tell(session: Session, held: SupervisionSession, change: str) -> None:
    # A session noted after the fact convenes nobody.
    if held.on >= clock.today():
        outbox.send(session, PLANNED, session_id=held.id, change=change)


def _expect(session: Session, actor: Actor, held: SupervisionSession, enrolment_ids: Iterable[uuid.UUID]) -> None:
    session.add_all(
        SupervisionPresence(
            id=new_id(),
            session_id=held.id,
            enrolment_id=one,
            presence=None,
            recorded_at=clock.now(),
            recorded_by_id=actor.user_id,
        )
        for one in enrolment_ids
    )
    session.flush()


def _check(kind: SupervisionKind, group: Any, expected: Sequence[Any], minutes: int) -> None:
    if kind in policies.NEEDS_A_GROUP and group is None:
        raise Invalid(_l("Choisissez le groupe dont une rencontre est observée."), "group_id")
    if not expected:
        raise Invalid(_l("Choisissez au moins une personne attendue."), "trainees")
    if len(expected) > policies.MOST_EXPECTED:
        raise Invalid(_l("Une séance attend %(most)s personnes au plus.", most=policies.MOST_EXPECTED), "trainees")
    if not policies.SHORTEST <= minutes <= policies.LONGEST:
        raise Invalid(
            _l("Une séance dure de %(least)s à %(most)s minutes.", least=policies.SHORTEST, most=policies.LONGEST),
            "minutes",
        )
    if len({one.training_body_id for one in expected if isinstance(one, Enrolment)}) > 1:
        raise Invalid(_l("Les stagiaires d’une séance sont d’un même organisme de formation."), "trainees")


def _check_anonymous(session: Session, enrolment_ids: Iterable[uuid.UUID], place: str, theme: str) -> None:
    texts = [("place", _l("Lieu"), place), ("theme", _l("Thème"), theme)]
    for enrolment_id in enrolment_ids:
        require_anonymous(session, enrolment_id, texts)
