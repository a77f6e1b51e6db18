"""The demonstration's organisations and staff."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

import competencies
from certify.accounts import passwords
from certify.accounts import services as accounts
from certify.accounts.models import User
from certify.assessments import services as assessments
from certify.assessments.queries import Grantable
from certify.cohorts.models import Cohort, Enrolment
from certify.core import access, clock
from certify.core.access import Actor, Role
from certify.core.db import db
from certify.frameworks import services as frameworks
from certify.frameworks.models import FrameworkVersion, VersionState
from certify.organisations import services as organisations
from certify.organisations.models import Organisation, OrganisationKind

DOMAIN = "demo.certify.test"
CERTIFYING_BODY = "Organisme certificateur de démonstration"
TRAINING_BODY = "Organisme de formation de démonstration"
HOUSE = "Maison des 1000 premiers jours de démonstration"
_STAFF = (
    ("coordinator", Role.COORDINATOR, "Coordinatrice", "A", "training", "coordination"),
    ("trainer", Role.TRAINER, "Formatrice", "A", "training", "formation"),
    ("second_trainer", Role.TRAINER, "Formateur", "B", "training", "formation"),
    ("referent", Role.REFERENT, "Référente", "A", "training", "référence de terrain"),
    ("registrar", Role.REGISTRAR, "Greffier", "A", "certifying", "certification"),
    ("administrator", Role.ADMINISTRATOR, "Administratrice", "A", "training", "administration"),
    ("auditor", Role.AUDITOR, "Auditeur", "A", "training", "audit"),
)
_JURORS = (("president", "Présidente", "de jury"), ("juror", "Jury", "1"), ("second_juror", "Jury", "2"))
_LABELS = {
    "coordinator": "coordination",
    "trainer": "formation",
    "second_trainer": "formation",
    "referent": "référence de terrain",
    "registrar": "certification",
    "administrator": "administration",
    "auditor": "audit",
    "president": "présidence de jury",
    "juror": "membre de jury",
    "second_juror": "membre de jury",
}


@dataclass(frozen=True)
class People:
    """The organisations and the staff of the demonstration, as they are in this session."""

    certifying_body: Organisation
    training_body: Organisation
    house: Organisation
    version: FrameworkVersion
    users: dict[str, User]

    def actor(self, key: str) -> Actor:
        """Return a member of staff as somebody who acts, with every role held now."""
        return actor_of(self.users[key])


def session() -> Session:
    """Return the session the demonstration is made in."""
    return db.session


def actor_of(user: User) -> Actor:
    """Return a person as somebody who acts."""
    session().flush()
    return Actor(user.id, user.name, access.load_grants(session(), user.id))


def email_of(key: str) -> str:
    """Return the address of a demonstration account."""
    return f"{key.replace('_', '-')}@{DOMAIN}"


def make_user(key: str, given_name: str, family_name: str, password_hash: str | None) -> User:
    """Make an account of the demonstration; all share one password, hashed once."""
    return accounts.create_user(
        session(),
        email=email_of(key),
        given_name=given_name,
        family_name=family_name,
        is_demo=True,
        password_hash=password_hash,
    )


def make(password: str) -> People:
    """Make the organisations, their staff and the jury members, two years ago."""
    with clock.at(long_ago()):
        certifying = _organisation(OrganisationKind.CERTIFYING_BODY, CERTIFYING_BODY, "Loos")
        training = _organisation(OrganisationKind.TRAINING_BODY, TRAINING_BODY, "Lille")
        house = _organisation(OrganisationKind.HOUSE, HOUSE, "Roubaix")
        version = frameworks.adopt(session(), None, certifying, competencies.demo())
        organisations.habilitate(session(), None, certifying, training, starts_on=clock.today())
        users = {}
        digest = passwords.hashed(password)
        for key, role, given_name, family_name, where, _label in _STAFF:
            users[key] = make_user(key, given_name, family_name, digest)
            body = training if where == "training" else certifying
            _give(body, users[key], role)
        _give(certifying, users["administrator"], Role.ADMINISTRATOR)
        for key, given_name, family_name in _JURORS:
            users[key] = make_user(key, given_name, family_name, digest)
        session().flush()
        for key in ("trainer", "second_trainer"):
            assessments.habilitate(
                session(), None, Grantable(training, version), user_id=users[key].id, starts_on=clock.today()
            )
        return People(certifying, training, house, version, users)


def _give(body: Organisation, user: User, role: Role) -> None:
    organisations.add_member(
        session(), None, body, email=user.email, given_name=user.given_name, family_name=user.family_name, role=role
    )


def _organisation(kind: OrganisationKind, name: str, city: str) -> Organisation:
    made = organisations.create_organisation(
        session(), None, kind=kind, name=name, city=city, contact=f"contact@{DOMAIN}", is_demo=True
    )
    session().flush()
    return made


def find() -> People | None:
    """Return the demonstration as it was made, or nothing."""
    bodies = {row.kind: row for row in session().scalars(select(Organisation).where(Organisation.is_demo.is_(True)))}
    if len(bodies) < len(OrganisationKind):
        return None
    certifying = bodies[OrganisationKind.CERTIFYING_BODY]
    version = (
        session()
        .scalars(
            select(FrameworkVersion)
            .where(FrameworkVersion.certifying_body_id == certifying.id, FrameworkVersion.state != VersionState.DRAFT)
            .order_by(FrameworkVersion.created_at)
        )
        .first()
    )
    keys = {email_of(key): key for key in (*(row[0] for row in _STAFF), *(row[0] for row in _JURORS))}
    users = {keys[user.email]: user for user in session().scalars(select(User).where(User.email.in_(keys)))}
    if version is None or len(users) < len(keys):
        return None
    return People(certifying, bodies[OrganisationKind.TRAINING_BODY], bodies[OrganisationKind.HOUSE], version, users)


def cohorts_made(people: People) -> int:
    """Return how many cohorts the demonstration holds."""
    return (
        session().scalar(
            select(func.count()).select_from(Cohort).where(Cohort.training_body_id == people.training_body.id)
        )
        or 0
    )


def people_to_show() -> list[tuple[str, User]]:
    """Return the staff, then the first cohort's trainees who can sign in, each with a label."""
    people = find()
    if people is None:
        return []
    shown = [(_LABELS[key], people.users[key]) for key in _LABELS]
    first = (
        session()
        .scalars(
            select(Cohort)
            .where(Cohort.training_body_id == people.training_body.id)
            .order_by(Cohort.created_at, Cohort.id)
        )
        .first()
    )
    if first is None:
        return shown
    query = (
        select(User)
        .join(Enrolment, Enrolment.user_id == User.id)
        .where(Enrolment.cohort_id == first.id, User.password.is_not(None))
    )
    return shown + [("stagiaire", user) for user in session().scalars(query.order_by(User.email))]


def long_ago() -> datetime:
    """Return when the demonstration's organisations began."""
    return clock.now() - timedelta(days=700)
