"""The verbs that make one account of two: by its owner, signed in, or by a registrar or a coordinator, with a trace.

Enrolments move to the account that stays; what was signed, reviewed or issued is never rewritten.
"""

import uuid

from sqlalchemy import select
from sqlalchemy.orm import Session

from certify.accounts import services as accounts
from certify.accounts.models import EXTERNAL_DOMAIN, User
from certify.assessments.models import Assessment, AssessmentState
from certify.cohorts import services as cohorts
from certify.cohorts.models import Enrolment, EnrolmentState
from certify.core import audit, clock, outbox
from certify.core.access import Actor
from certify.core.errors import Conflict
from certify.core.i18n import lazy as _l
from certify.core.types import new_id
from certify.identities import services as identities
from certify.lti.models import Identity, Registration
from certify.lti.queries import people as queries
from certify.lti.queries.people import Fate, File
from certify.lti.services import grades


def join(session: Session, actor: Actor, identity: Identity) -> None:
    """Have the actor, signed in with their own account, be this person of a platform from now on."""
    account = session.get_one(User, actor.user_id)
    moved = _move(session, actor, identity, account)
    audit.record(
        session, actor, "lti:person:joined", identity, organisation_id=_organisation(session, identity),
        account=account.id, enrolments=moved,
    )  # fmt: skip


def merge(session: Session, actor: Actor, identity: Identity, account: User) -> None:
    """Make a person of a platform and the owner of an account one, on the word of who answers for both."""
    moved = _move(session, actor, identity, account)
    audit.record(
        session, actor, "lti:person:merged", identity, organisation_id=_organisation(session, identity),
        account=account.id, enrolments=moved,
    )  # fmt: skip


def _organisation(session: Session, identity: Identity) -> uuid.UUID:
    query = select(Registration.organisation_id).where(Registration.id == identity.registration_id)
    return session.execute(query).scalar_one()


def _move(session: Session, actor: Actor, identity: Identity, account: User) -> list[uuid.UUID]:
    query = select(Identity).where(Identity.id == identity.id).with_for_update()
    identity = session.scalars(query.execution_options(populate_existing=True)).one()
    person = session.get_one(User, identity.user_id)
    if not person.is_external:
        raise Conflict(_l("Cette personne est déjà rattachée à un compte."))
    if account.is_external or not account.active:
        raise Conflict(_l("Ce compte ne peut recevoir personne : il est fermé, ou n’est connu que d’une plateforme."))
    if queries.holds_certificates(session, person):
        raise Conflict(
            _l(
                "Un certificat a été délivré à cette personne sous son compte de plateforme : il nomme ce compte et ne "
                "change plus. Gardez les deux comptes."
            )
        )
    files = queries.files_of(session, person, account, lock=True)
    if any(file.fate is Fate.CLASHES for file in files):
        raise Conflict(
            _l(
                "Les deux comptes ont chacun un cahier rempli dans la même promotion : les réunir mêlerait deux "
                "parcours. Gardez les deux comptes, ou videz les brouillons de l’un d’eux."
            )
        )
    moved = [_move_file(session, actor, file, person, account) for file in files]
    _move_person(session, identity, person, account)
    return [one for one in moved if one is not None]


def _move_file(session: Session, actor: Actor, file: File, person: User, account: User) -> uuid.UUID | None:
    if file.fate is Fate.STAYS:
        cohorts.change_state(session, actor, file.enrolment, state=EnrolmentState.WITHDRAWN)
        return None
    if file.fate is Fate.TAKES_OVER and file.twin is not None:
        _exchange(session, actor, file.enrolment, file.twin)
    else:
        file.enrolment.user_id = account.id
    return file.enrolment.id


def _exchange(session: Session, actor: Actor, one: Enrolment, twin: Enrolment) -> None:
    """Exchange the people of two enrolments of a cohort; a person is in a cohort once, at every moment."""
    cohorts.change_state(session, actor, twin, state=EnrolmentState.WITHDRAWN)
    person_id, account_id = one.user_id, twin.user_id
    place = new_id()
    nobody = User(id=place, email=f"{place.hex}{EXTERNAL_DOMAIN}", active=False, created_at=clock.now())
    session.add(nobody)
    session.flush()
    for enrolment, user_id in ((twin, place), (one, account_id), (twin, person_id)):
        enrolment.user_id = user_id
        session.flush()
    session.delete(nobody)


def _move_person(session: Session, identity: Identity, person: User, account: User) -> None:
    others = select(Identity).where(Identity.user_id == person.id).with_for_update()
    for one in session.scalars(others):
        one.user_id, one.joined_at, one.has_label = account.id, clock.now(), False
    drafts = select(Assessment).where(Assessment.assessor_id == person.id, Assessment.state == AssessmentState.DRAFT)
    for draft in session.scalars(drafts.with_for_update()):
        draft.assessor_id = account.id
    identities.move(session, person.id, account.id)
    # Visits under way were let in as somebody else: the activity is opened again from its course.
    accounts.end_other_sessions(session, person, None)
    person.active = False
    outbox.send(session, accounts.PERSON_CHANGED, user_id=account.id)
    grades.want_person(session, account.id)
