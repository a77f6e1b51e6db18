"""Reads about people of platforms: who is known, where, and what would move if their account were joined to another."""

import uuid
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import Select, SQLColumnExpression, exists, func, or_, select
from sqlalchemy.orm import Session

from certify.accounts.models import EXTERNAL_DOMAIN, User
from certify.accounts.queries import user_by_email
from certify.assessments.models import Assessment
from certify.certificates.queries import count_of_holder
from certify.cohorts.models import Cohort, Enrolment, EnrolmentState
from certify.core import clock
from certify.core.access import Actor, Permission, Role
from certify.core.errors import Invalid, NotFound
from certify.core.i18n import lazy as _l
from certify.core.listing import Listing, Wanted, matches, paginate
from certify.logbook.models import LogbookEntry
from certify.lti.models import Context, Identity, LtiMembership, Registration
from certify.organisations.models import Membership
from certify.organisations.queries import habilitated_training_bodies

JOINED, OWN = "joined", "own"


@dataclass(frozen=True)
class Person:
    """Somebody of a platform, as the list shows them."""

    identity: Identity
    user: User
    registration: Registration

    @property
    def contact(self) -> str:
        """The address that the platform gives, for staff to recognise the person."""
        return self.identity.email or self.user.address


class Fate(StrEnum):
    """What becomes of one file when an account is joined to another."""

    MOVES = "moves"
    STAYS = "stays"
    """Empty, and the other account has one in the same cohort."""
    TAKES_OVER = "takes-over"
    """The other account has one in the same cohort, and it is empty."""
    CLASHES = "clashes"
    """Both accounts have written in the same cohort."""


@dataclass(frozen=True)
class File:
    """One enrolment of the account that would be joined to another, and what becomes of it."""

    enrolment: Enrolment
    cohort: Cohort
    entries: int
    assessments: int
    twin: Enrolment | None
    fate: Fate


def reach(session: Session, actor: Actor) -> frozenset[uuid.UUID]:
    """Return the organisations whose people the actor may join: their own, and those a registrar's body habilitates."""
    own = actor.organisations(Permission.LTI_IDENTITY_MERGE)
    certifying = [grant.scope_id for grant in actor.grants if grant.role is Role.REGISTRAR and grant.scope_id in own]
    habilitated = habilitated_training_bodies(session, certifying, clock.today()) if certifying else []
    return own | {organisation.id for organisation in habilitated}


def people(session: Session, actor: Actor, wanted: Wanted, *, per_page: int) -> Listing[Any]:
    """Return one page of the people known through platforms of the organisations in reach."""
    query = _in_reach(session, actor)
    query = query.where(*matches(wanted.query, User.family_name, User.given_name, Identity.email, Registration.name))
    account = (wanted.filters or {}).get("account")
    is_external = User.email.like(f"%{EXTERNAL_DOMAIN}")
    if account in (JOINED, OWN):
        query = query.where(~is_external if account == JOINED else is_external)
    name: Sequence[SQLColumnExpression[Any]] = (User.family_name, User.given_name)
    sorts: dict[str, Sequence[SQLColumnExpression[Any]]] = {
        "name": name, "platform": (Registration.name, *name), "met": (Identity.created_at,),
    }  # fmt: skip
    return paginate(
        session, query, wanted, sorts=sorts, default="name", tie=Identity.id, per_page=per_page, as_rows=True
    )


def person_for(session: Session, actor: Actor, identity_id: uuid.UUID) -> Person:
    """Return somebody of a platform within the actor's reach; NotFound otherwise."""
    row = session.execute(_in_reach(session, actor).where(Identity.id == identity_id)).one_or_none()
    if row is None:
        raise NotFound
    return Person(*row)


def _in_reach(session: Session, actor: Actor) -> Select[Identity, User, Registration]:
    return (
        select(Identity, User, Registration)
        .join(User, User.id == Identity.user_id)
        .join(Registration, Registration.id == Identity.registration_id)
        .where(Registration.organisation_id.in_(reach(session, actor)))
    )


def courses_of(session: Session, identity_ids: Iterable[uuid.UUID]) -> dict[uuid.UUID, list[str]]:
    """Return the titles of the courses each of some people is in, by identity."""
    query = (
        select(LtiMembership.identity_id, Context.title, Context.label)
        .join(Context, Context.id == LtiMembership.context_id)
        .where(LtiMembership.active)
        .order_by(Context.title, Context.label, Context.id)
    )
    ids, found = list(identity_ids), defaultdict(list)
    for first in range(0, len(ids), 500):
        for identity_id, title, label in session.execute(
            query.where(LtiMembership.identity_id.in_(ids[first : first + 500]))
        ):
            found[identity_id].append(title or label)
    return found


def account_for(session: Session, actor: Actor, email: str) -> User:
    """Return the account of an address, known in the actor's reach and nowhere else: joining it opens all it holds."""
    user, within = user_by_email(session, email), reach(session, actor)
    if user is None or user.is_external or not user.active or not _is_known(session, user, within):
        raise Invalid(
            _l("Aucun compte de vos organismes n’a cette adresse. Vérifiez-la, ou inscrivez d’abord la personne."),
            "email",
        )
    if _is_known_elsewhere(session, user, within):
        raise Invalid(
            _l(
                "Ce compte sert aussi dans un autre organisme : seule la personne elle-même peut le rattacher, par "
                "« J’ai déjà un compte certify » dans son cours."
            ),
            "email",
        )
    return user


def _is_known(session: Session, user: User, organisation_ids: frozenset[uuid.UUID]) -> bool:
    member = exists().where(Membership.user_id == user.id, Membership.organisation_id.in_(organisation_ids))
    enrolled = exists().where(Enrolment.user_id == user.id, Enrolment.training_body_id.in_(organisation_ids))
    return bool(session.scalar(select(or_(member, enrolled))))


def _is_known_elsewhere(session: Session, user: User, organisation_ids: frozenset[uuid.UUID]) -> bool:
    member = exists().where(
        Membership.user_id == user.id, Membership.organisation_id.not_in(organisation_ids),
        Membership.ended_at.is_(None),
    )  # fmt: skip
    enrolled = exists().where(Enrolment.user_id == user.id, Enrolment.training_body_id.not_in(organisation_ids))
    return bool(session.scalar(select(or_(member, enrolled))))


def holds_certificates(session: Session, user: User) -> bool:
    """Whether certificates were issued to an account: they say to whom, and are never rewritten."""
    return count_of_holder(session, user.id) > 0


def files_of(session: Session, user: User, account: User, *, lock: bool = False) -> list[File]:
    """Return what becomes of each enrolment of an account joined to another, by cohort."""
    query = select(Enrolment).where(Enrolment.user_id.in_([user.id, account.id])).order_by(Enrolment.id)
    if lock:
        query = query.with_for_update().execution_options(populate_existing=True)
    enrolments = session.scalars(query).all()
    ids = [one.id for one in enrolments]
    entries, assessments = _counts(session, LogbookEntry, ids), _counts(session, Assessment, ids)
    filled = {one.id for one in enrolments if entries[one.id] or assessments[one.id] or one.covered}
    twins = {one.cohort_id: one for one in enrolments if one.user_id == account.id}
    cohorts = session.scalars(select(Cohort).where(Cohort.id.in_({one.cohort_id for one in enrolments})))
    by_id = {cohort.id: cohort for cohort in cohorts}
    own = [one for one in enrolments if one.user_id == user.id and _counts_here(one, twins, filled)]
    found = [
        File(one, by_id[one.cohort_id], entries[one.id], assessments[one.id], twins.get(one.cohort_id),
             _fate(one, twins.get(one.cohort_id), filled))
        for one in own
    ]  # fmt: skip
    return sorted(found, key=lambda file: (file.cohort.name, file.cohort.id))


def _counts_here(one: Enrolment, twins: dict[uuid.UUID, Enrolment], filled: set[uuid.UUID]) -> bool:
    # One that was left behind by an earlier merge has nothing to say any more.
    return one.state is not EnrolmentState.WITHDRAWN or one.id in filled or one.cohort_id not in twins


def _fate(one: Enrolment, twin: Enrolment | None, filled: set[uuid.UUID]) -> Fate:
    if twin is None:
        return Fate.MOVES
    if one.id not in filled:
        return Fate.STAYS
    return Fate.CLASHES if twin.id in filled else Fate.TAKES_OVER


def _counts(
    session: Session, model: type[LogbookEntry] | type[Assessment], enrolment_ids: Sequence[uuid.UUID]
) -> defaultdict[uuid.UUID, int]:
    query = select(model.enrolment_id, func.count()).where(model.enrolment_id.in_(enrolment_ids))
    counted: defaultdict[uuid.UUID, int] = defaultdict(int)
    counted.update((row[0], row[1]) for row in session.execute(query.group_by(model.enrolment_id)))
    return counted
