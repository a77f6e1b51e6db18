"""The verbs of rosters: have a course's members read, show what would change, apply it in one transaction."""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from certify.accounts.models import User
from certify.cohorts import services as cohorts
from certify.cohorts.models import Cohort
from certify.cohorts.queries import Somebody
from certify.core import audit, clock, outbox
from certify.core.access import Actor, Role
from certify.core.db import separate_session
from certify.core.errors import Conflict
from certify.core.i18n import lazy as _l
from certify.core.types import new_id
from certify.lti.client import rosters as client
from certify.lti.client.http import Unreachable
from certify.lti.client.rosters import Member
from certify.lti.models import Context, Deployment, LtiMembership, Registration, RosterRead, RosterState
from certify.lti.queries import rosters as queries
from certify.lti.services import grades, people
from certify.lti.services.placing import KEPT_ROLES, role_of
from certify.settings import Settings

ROSTER_WANTED = "lti.roster_wanted"
_AT_ONCE = 500
_LASTS = timedelta(minutes=15)
"""Time after which a reading that never ended is taken for lost."""


@dataclass(frozen=True)
class Read:
    """What reading a roster brought: its members, or the reason why it could not be read."""

    members: Sequence[Member]
    fault: str = ""


@dataclass(frozen=True)
class Applied:
    """What applying a roster changed."""

    joined: int
    returned: int
    left: int
    enrolled: int


def want(session: Session, actor: Actor, visit_organisation_id: uuid.UUID, context: Context) -> RosterRead:
    """Have the members of a course read; one reading at a time."""
    if not context.memberships_url:
        raise Conflict(_l("Votre plateforme n’ouvre pas la liste du cours à certify : on y entre au premier clic."))
    # Two clicks at once wait here for one another.
    session.execute(select(Context.id).where(Context.id == context.id).with_for_update())
    under_way = queries.latest_read(session, context.id)
    now = clock.now()
    if under_way is not None and under_way.state is RosterState.WAITING and now - under_way.created_at < _LASTS:
        return under_way
    read = RosterRead(
        id=new_id(), context_id=context.id, created_by_id=actor.user_id, created_at=now,
        is_applied_at_once=context.roster_applied_at is not None,
    )  # fmt: skip
    session.add(read)
    audit.record(session, actor, "lti:roster:wanted", context, organisation_id=visit_organisation_id)
    outbox.send(session, ROSTER_WANTED, read_id=read.id)
    return read


def ask(session: Session, settings: Settings, read_id: uuid.UUID) -> Read:
    """Read the members of a course from its platform, noting now and then how many came."""
    read, context, registration = queries.read_with_platform(session, read_id)
    session.rollback()

    def note(found: int) -> None:
        with separate_session() as own:
            own.execute(update(RosterRead).where(RosterRead.id == read.id).values(found=found))
            own.commit()

    try:
        members = client.members(session, settings, registration, context.memberships_url, on_page=note)
    except Unreachable as fault:
        return Read([], fault.reason)
    return Read(members)


def keep(session: Session, read_id: uuid.UUID, brought: Read) -> None:
    """Keep what was read, to be looked at; a roster that follows an earlier one is applied at once.

    Unless more people would leave than stay: that is looked at first, since platforms sometimes answer with nobody.
    """
    read = session.get_one(RosterRead, read_id, with_for_update=True)
    if read.state is not RosterState.WAITING:
        return
    read.ended_at, read.found, read.fault = clock.now(), len(brought.members), brought.fault
    read.members = [asdict(member) for member in brought.members]
    read.state = RosterState.FAILED if brought.fault else RosterState.READY
    if read.is_applied_at_once and not brought.fault and not _empties_the_course(session, read):
        asker = session.get(User, read.created_by_id) if read.created_by_id else None
        apply(session, Actor(asker.id, asker.name) if asker else None, read)


def _empties_the_course(session: Session, read: RosterRead) -> bool:
    context = session.get_one(Context, read.context_id)
    counts = queries.preview(session, _registration_of(session, context), context, read).counts
    return counts[queries.Change.LEAVES] > counts[queries.Change.STAYS] + counts[queries.Change.RENAMED]


def apply(session: Session, actor: Actor | None, read: RosterRead) -> Applied:
    """Make the course what the roster says, all or nothing: joiners, leavers who stay on record, enrolments."""
    current = session.scalars(select(RosterRead).where(RosterRead.id == read.id).with_for_update()).one()
    if current.state is not RosterState.READY:
        raise Conflict(_l("Cette liste a déjà été appliquée, ou une plus récente l’a remplacée. Relisez le cours."))
    context = session.scalars(select(Context).where(Context.id == read.context_id).with_for_update()).one()
    registration = _registration_of(session, context)
    members = {member.sub: member for member in queries.members_of(current) if member.active}
    people_here = _people(session, registration, members)
    parts = {people_here[sub][0]: _part(registration, member) for sub, member in members.items()}
    joined, returned, left = _write_parts(session, context, parts)
    trainees = [one for identity_id, one in people_here.values() if parts[identity_id]["role"] is Role.TRAINEE]
    enrolled = _enrol(session, actor, context, trainees)
    context.roster_applied_at, current.state = clock.now(), RosterState.APPLIED
    # Names and addresses live with the people from here on.
    current.members = []
    applied = Applied(joined, returned, left, enrolled)
    audit.record(
        session, actor, "lti:roster:applied", context, organisation_id=registration.organisation_id, **asdict(applied)
    )
    grades.want_course(session, context)
    return applied


def _registration_of(session: Session, context: Context) -> Registration:
    query = select(Registration).join(Deployment, Deployment.registration_id == Registration.id)
    return session.scalars(query.where(Deployment.id == context.deployment_id)).one()


def _people(
    session: Session, registration: Registration, members: Mapping[str, Member]
) -> dict[str, tuple[uuid.UUID, Somebody]]:
    """Return the identity and account of each member, by `sub`; names follow the platform, who is new becomes known."""
    found: dict[str, tuple[uuid.UUID, Somebody]] = {}
    for sub, (identity, user) in people.known_people(session, registration, list(members)).items():
        people.follow_person(session, identity, user, members[sub])
        found[sub] = identity.id, user
    new = [member for sub, member in members.items() if sub not in found]
    for sub, met in people.identities_for_all(session, registration, new, now=clock.now()).items():
        found[sub] = met.identity_id, met
    return found


def _part(registration: Registration, member: Member) -> dict[str, Any]:
    return {"roles": list(member.roles[:KEPT_ROLES]), "role": role_of(registration, member.roles)}


def _write_parts(session: Session, context: Context, parts: Mapping[uuid.UUID, dict[str, Any]]) -> tuple[int, int, int]:
    """Bring the parts people have in a course up to date; nobody's part is ever deleted."""
    now = clock.now()
    before = queries.parts_of(session, context.id)
    new = [
        {
            "id": new_id(), "context_id": context.id, "identity_id": identity_id, "active": True, "source": "roster",
            "joined_at": now, **part,
        }
        for identity_id, part in parts.items()
        if identity_id not in before
    ]  # fmt: skip
    back = [before[one].id for one in parts if one in before and not before[one].active]
    changed = [
        {"id": before[one].id, **part}
        for one, part in parts.items()
        if one in before and (before[one].roles, before[one].role) != (part["roles"], part["role"])
    ]
    gone = [row.id for one, row in before.items() if one not in parts and queries.is_leaving(row, now)]
    if new:
        session.execute(insert(LtiMembership), new)
    if changed:
        session.execute(update(LtiMembership), changed)
    _update_all(session, back, active=True, left_at=None)
    _update_all(session, gone, active=False, left_at=now)
    return len(new), len(back), len(gone)


def _update_all(session: Session, ids: Sequence[uuid.UUID], **values: Any) -> None:
    for begin in range(0, len(ids), _AT_ONCE):
        session.execute(update(LtiMembership).where(LtiMembership.id.in_(ids[begin : begin + _AT_ONCE])).values(values))


def _enrol(session: Session, actor: Actor | None, context: Context, trainees: Iterable[Somebody]) -> int:
    """Enrol the trainees of the course in the cohort it stands for, while that one lasts."""
    if context.cohort_id is None:
        return 0
    cohort = session.scalars(select(Cohort).where(Cohort.id == context.cohort_id)).one()
    today = clock.today()
    if today > cohort.ends_on:
        return 0
    return cohorts.admit(session, actor, cohort, trainees, entered_on=today)
