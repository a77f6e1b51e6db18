"""Moving enrolments to a later version: all of those asked for or none, each with a row of the log."""

import uuid
from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from certify.assessments import queries as assessments
from certify.assessments import services as assessing
from certify.cohorts.models import Cohort, Enrolment
from certify.core import audit, clock, outbox
from certify.core.access import Actor, Permission
from certify.core.errors import Conflict, Forbidden, Invalid
from certify.core.i18n import lazy as _l
from certify.core.types import new_id
from certify.evidence import services as evidence
from certify.frameworks.models import FrameworkVersion, VersionState
from certify.revisions import policies, queries
from certify.revisions.models import Migration
from certify.revisions.queries.history import MOVE_WANTED

LONGEST_REASON = 300


@dataclass(frozen=True)
class Asked:
    """What came of asking for a move: how many people are moved, how many wait for a job."""

    moved: int
    waiting: int = 0


def ask(
    session: Session,
    actor: Actor,
    cohort: Cohort,
    version: FrameworkVersion,
    enrolment_ids: Collection[uuid.UUID],
    *,
    reason: str,
) -> Asked:
    """Move people of a cohort to a later version now, or by jobs when they are many."""
    _check_asked(actor, cohort, version, enrolment_ids, reason)
    ids = sorted(set(enrolment_ids))
    if len(ids) <= policies.AT_ONCE:
        return Asked(move(session, actor, cohort, version, ids, reason=reason))
    for begin in range(0, len(ids), policies.AT_ONCE):
        batch = [str(one) for one in ids[begin : begin + policies.AT_ONCE]]
        outbox.send(
            session, MOVE_WANTED, cohort_id=cohort.id, version_id=version.id, enrolment_ids=batch,
            actor_id=actor.user_id, reason=reason,
        )  # fmt: skip
    audit.record(
        session, actor, "revisions:cohort:move-asked", cohort, organisation_id=cohort.training_body_id,
        version=version.version, enrolments=len(ids),
    )  # fmt: skip
    return Asked(0, len(ids))


def _check_asked(
    actor: Actor, cohort: Cohort, version: FrameworkVersion, enrolment_ids: Collection[uuid.UUID], reason: str
) -> None:
    if cohort.training_body_id not in actor.organisations(Permission.ENROLMENT_WRITE):
        raise Forbidden(_l("Seul l’organisme de formation fait passer ses stagiaires à une nouvelle version."))
    if version.state is not VersionState.ACTIVE or version.certifying_body_id != cohort.certifying_body_id:
        raise Conflict(_l("Cette version n’est pas en vigueur chez l’organisme certificateur de la promotion."))
    if not enrolment_ids:
        raise Invalid(_l("Cochez au moins une personne."), "enrolments")
    if not reason.strip():
        raise Invalid(_l("Écrivez le motif : il est gardé avec chaque passage."), "reason")
    if len(reason) > LONGEST_REASON:
        raise Invalid(_l("Ce texte est trop long : %(max)s caractères au plus.", max=LONGEST_REASON), "reason")


def move(
    session: Session,
    actor: Actor | None,
    cohort: Cohort,
    version: FrameworkVersion,
    enrolment_ids: Sequence[uuid.UUID],
    *,
    reason: str,
    leave_blocked: bool = False,
) -> int:
    """Move some enrolments to a later version, all or none; return how many moved. Those there already stay as is.

    Evidence is linked to the codes that take the place of the old ones, and the standing is made anew. What was signed
    or submitted is left untouched: it is read through the mapping. Raises Conflict with the reason when one of them
    cannot be moved, unless `leave_blocked` leaves those where they are.
    """
    _lock(session, cohort, enrolment_ids)
    found = queries.preview(session, cohort, version, enrolment_ids)
    blocked = [one for one in found.trainees if not one.is_movable and not one.is_there]
    if (blocked or len(found.trainees) < len(set(enrolment_ids))) and not leave_blocked:
        raise Conflict(_why_not(blocked))
    _carry(session, found.movable, version)
    moment = clock.now()
    for one in found.movable:
        _log(session, actor, one, version, reason, moment)
    session.flush()
    _refresh(session, [one.enrolment.id for one in found.movable])
    _follow(session, actor, cohort, version)
    return len(found.movable)


def _lock(session: Session, cohort: Cohort, enrolment_ids: Sequence[uuid.UUID]) -> None:
    # The cohort first: two batches of one cohort wait here for one another, and the last one moves the cohort itself.
    session.refresh(cohort, with_for_update=True)
    query = select(Enrolment).where(Enrolment.id.in_(enrolment_ids), Enrolment.cohort_id == cohort.id)
    session.scalars(query.order_by(Enrolment.id).with_for_update().execution_options(populate_existing=True)).all()


def _why_not(blocked: list[queries.Trainee]) -> Any:
    for one in blocked:
        if one.reason is not None:
            return _l(
                "%(name)s ne peut pas passer à cette version : %(reason)s", name=one.person.name, reason=one.reason
            )
    return _l("Une des personnes choisies ne peut pas passer à cette version. Rechargez la page pour voir laquelle.")


def _carry(session: Session, movable: list[queries.Trainee], version: FrameworkVersion) -> None:
    by_way: dict[uuid.UUID, list[queries.Trainee]] = defaultdict(list)
    for one in movable:
        by_way[one.enrolment.framework_version_id].append(one)
    for trainees in by_way.values():
        way = trainees[0].way
        assert way is not None  # those who can be moved have one
        evidence.carry(session, [one.enrolment.id for one in trainees], way.codes)
        for one in trainees:
            one.enrolment.framework_version_id = version.id
    session.flush()
    evidence.recount_all(session, [one.enrolment for one in movable])


def _log(
    session: Session,
    actor: Actor | None,
    one: queries.Trainee,
    version: FrameworkVersion,
    reason: str,
    moment: datetime,
) -> None:
    assert one.way is not None  # those who can be moved have one
    migration = Migration(
        id=new_id(), enrolment_id=one.enrolment.id, from_version_id=one.way.start.id, to_version_id=version.id,
        reason=reason.strip(), summary=one.summary, at=moment, by_id=actor.user_id if actor else None,
    )  # fmt: skip
    session.add(migration)
    audit.record(
        session, actor, "revisions:enrolment:moved", one.enrolment.id, organisation_id=one.enrolment.training_body_id,
        before=one.way.start.version, after=version.version, carried=one.carried, stranded=one.stranded,
    )  # fmt: skip


def _refresh(session: Session, ids: list[uuid.UUID]) -> None:
    if not ids:
        return
    assessing.rebuild_standings(session, ids)
    for enrolment_id in assessments.standings_of(session, ids):
        # What follows from a standing, such as a grade carried to a platform, follows from this one.
        outbox.send(session, assessing.SIGNED, enrolment_id=enrolment_id)


def _follow(session: Session, actor: Actor | None, cohort: Cohort, version: FrameworkVersion) -> None:
    """Move the cohort itself once nobody under way is on another version."""
    elsewhere = select(func.count()).where(
        Enrolment.cohort_id == cohort.id,
        Enrolment.state.in_(policies.MOVABLE),
        Enrolment.framework_version_id != version.id,
    )
    if cohort.framework_version_id == version.id or session.scalar(elsewhere):
        return
    cohort.framework_version_id = version.id
    audit.record(
        session, actor, "revisions:cohort:moved", cohort, organisation_id=cohort.training_body_id,
        version=version.version,
    )  # fmt: skip
