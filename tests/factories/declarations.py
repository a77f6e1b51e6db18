"""Certifications to declare: a registered framework, holders of certificates, their identities, deposits."""

import uuid
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

import competencies
from certify.accounts.models import User
from certify.certificates.models import Certificate, CertificateKind
from certify.cohorts.models import AccessRoute, Cohort, Enrolment, EnrolmentState
from certify.core import clock
from certify.core.access import Actor
from certify.core.types import new_id
from certify.declarations import services
from certify.declarations.models import Deposit
from certify.declarations.passages import SchemaVersion
from certify.frameworks.models import FrameworkVersion, Recognition, RegistrationState
from certify.identities.ciphers import closed_status
from certify.identities.models import CivilIdentity, ProofKind
from certify.juries.models import Candidacy, JuryDecision, JurySession
from certify.organisations.models import Organisation
from competencies.civil_status import CivilStatus, Sex
from tests.factories.closed_juries import make_closed_jury
from tests.factories.people import actor_of

STATUS = CivilStatus(("Prénom", "Second"), "Essai", Sex.FEMALE, 1992, 11, 3, birth_commune_code="59350")
REFERENCE = "RNCP12345"
NUMBER = "292115935012336"


@dataclass(frozen=True)
class Declared:
    """A body, who declares for it, and those it certified."""

    body: Organisation
    registrar: User
    cohort: Cohort
    holders: list[uuid.UUID]
    certificates: list[uuid.UUID]
    framework: str
    """Its code."""

    def actor(self, session: Session) -> Actor:
        """Return the registrar as an actor."""
        return actor_of(session, self.registrar)


def make_recognition(session: Session, body_id: uuid.UUID, code: str, **values: Any) -> Recognition:
    """Register a framework, since two years and for three more."""
    today = clock.today()
    defaults = {
        "certifying_body_id": body_id, "framework_code": code, "number": 1, "state": RegistrationState.RNCP,
        "reference": REFERENCE, "level": 5, "decided_on": today - timedelta(days=730),
        "starts_on": today - timedelta(days=730), "ends_on": today + timedelta(days=1000), "recorded_at": clock.now(),
    }  # fmt: skip
    row = Recognition(**defaults | values)
    session.add(row)
    session.flush()
    return row


def make_declared(
    session: Session, size: int = 1, *, is_registered: bool = True, has_identities: bool = True, **enrolment: Any
) -> Declared:
    """Make a body that certified so many people today, all of them with a checked identity."""
    closed = make_closed_jury(session, 0)
    body = session.get_one(Organisation, closed.jury.certifying_body_id)
    version = session.get_one(FrameworkVersion, closed.jury.framework_version_id)
    if is_registered:
        make_recognition(session, body.id, version.code)
    cohort = session.scalars(select(Cohort).where(Cohort.framework_version_id == version.id)).one()
    people = [new_id() for _ in range(size)]
    _add(session, User, [_person(one, number) for number, one in enumerate(people, 1)])
    certificates = _certified(session, closed.jury, cohort, closed.registrar, people, enrolment)
    if has_identities:
        _add(session, CivilIdentity, [_identity(one, closed.registrar) for one in people])
    return Declared(body, closed.registrar, cohort, people, certificates, version.code)


def _add(session: Session, table: type[Any], rows: list[dict[str, Any]]) -> None:
    session.flush()
    if rows:
        session.execute(insert(table), rows)


def _person(user_id: uuid.UUID, number: int) -> dict[str, Any]:
    return {
        "id": user_id, "email": f"titulaire-{user_id.hex}@exemple.test", "given_name": "Titulaire",
        "family_name": f"{number:05d}", "fs_uniquifier": user_id.hex, "created_at": clock.now(),
    }  # fmt: skip


def _certified(
    session: Session, jury: JurySession, cohort: Cohort, registrar: User, people: list[uuid.UUID], enrolment: Any
) -> list[uuid.UUID]:
    moment, ids = clock.now(), [[new_id() for _ in range(4)] for _ in people]
    _add(session, Enrolment, [
        {
            "id": one[0], "cohort_id": cohort.id, "user_id": user_id,
            "framework_version_id": cohort.framework_version_id,
            "training_body_id": cohort.training_body_id, "state": EnrolmentState.COMPLETED, "sort_name": f"{n:05d}",
            "access_route": AccessRoute.CONTINUING, "entered_on": cohort.starts_on, "created_at": moment, **enrolment,
        }
        for n, (one, user_id) in enumerate(zip(ids, people, strict=True), 1)
    ])  # fmt: skip
    _add(session, Candidacy, [
        {"id": one[1], "session_id": jury.id, "enrolment_id": one[0], "created_at": moment} for one in ids
    ])  # fmt: skip
    _add(session, JuryDecision, [
        {
            "id": one[2], "candidacy_id": one[1], "number": 1, "taken_at": moment, "taken_by_id": registrar.id,
            "outcome": competencies.WholeOutcome.OBTAINED.value,
        }
        for one in ids
    ])  # fmt: skip
    _add(session, Certificate, [
        {
            "id": one[3], "certifying_body_id": jury.certifying_body_id, "decision_id": one[2], "enrolment_id": one[0],
            "holder_id": user_id, "kind": CertificateKind.WHOLE, "number": f"C-{one[3].hex[-8:]}",
            "code": one[3].hex[-20:],
            "facts": {"blocks": []}, "holder_name": f"Titulaire {n:05d}", "issued_at": moment,
            "issued_by_id": registrar.id,
        }
        for n, (one, user_id) in enumerate(zip(ids, people, strict=True), 1)
    ])  # fmt: skip
    return [one[3] for one in ids]


def _identity(user_id: uuid.UUID, registrar: User, status: CivilStatus = STATUS) -> dict[str, Any]:
    return {
        "id": new_id(), "user_id": user_id, "number": 1, "content": closed_status(status),
        "proof": ProofKind.IDENTITY_CARD, "recorded_at": clock.now(), "recorded_by_id": user_id,
        "checked_at": clock.now(), "checked_by_id": registrar.id,
    }  # fmt: skip


def make_identity(
    session: Session, user: User | uuid.UUID, status: CivilStatus = STATUS, **values: Any
) -> CivilIdentity:
    """Make the identity of a person, checked by themself unless said otherwise."""
    user_id = user if isinstance(user, uuid.UUID) else user.id
    row = CivilIdentity(
        **{
            "id": new_id(), "user_id": user_id, "number": 1, "content": closed_status(status),
            "proof": ProofKind.PASSPORT, "recorded_at": clock.now(), "recorded_by_id": user_id,
            "checked_at": clock.now(), "checked_by_id": user_id,
        } | values
    )  # fmt: skip
    session.add(row)
    session.flush()
    return row


def make_depositor(session: Session, declared: Declared, version: SchemaVersion = SchemaVersion.V112) -> None:
    """Record the identifiers of the body."""
    services.record_depositor(
        session, declared.actor(session), declared.body.id, client_id="ABCD1234", contract_id="MCFCER000001",
        is_trusted_third_party=False, schema_version=version,
    )  # fmt: skip


def make_deposit(
    session: Session, declared: Declared | None = None, version: SchemaVersion = SchemaVersion.V112
) -> Deposit:
    """Prepare a deposit of everybody, its file made."""
    declared = declared or make_declared(session)
    make_depositor(session, declared, version)
    deposit = services.prepare(session, declared.actor(session), declared.body.id)
    made = services.make(session, deposit, None, lambda _done: None)
    assert made is not None
    services.note_made(session, deposit, made)
    session.flush()
    return deposit


def report(deposit: Deposit, accepted: list[str], rejected: dict[str, str] | None = None, flow: str = "") -> bytes:
    """Write a processing report as the Caisse des Dépôts does."""
    refused = "".join(
        f"<passage><idTechnique>{name}</idTechnique><messageErreur>{why}</messageErreur></passage>"
        for name, why in (rejected or {}).items()
    )
    taken = "".join(f"<idTechnique>{name}</idTechnique>" for name in accepted)
    return (
        '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
        '<rapport xmlns:ns2="urn:cdc:cpf:pc5:rapport:schema">'
        f"<nomFichier>depot.xml</nomFichier><idFlux>{flow or deposit.flow_id}</idFlux>"
        "<idTraitement>67598</idTraitement>"
        f"<PassagesKO>{refused}</PassagesKO><PassagesOK>{taken}</PassagesOK></rapport>"
    ).encode()


def whole_report(deposit: Deposit, name: str = "", more: str = "") -> bytes:
    """Write the report of a file refused as a whole: it has no flow identifier."""
    return (
        f"<rapport><nomFichier>{name or f'depot-{deposit.flow_id}.xml'}</nomFichier>"
        "<erreurs><erreur><type>XSD</type><message>balise</message><ligne>1</ligne></erreur></erreurs>"
        f"{more}</rapport>"
    ).encode()
