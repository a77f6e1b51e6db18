"""Authority: every page says what it asks, every permission is of use, nobody reaches another organisation's things."""

import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.routing import Rule

from certify.accounts.models import User, UserSession
from certify.anonymity.models import TextFlag
from certify.assessments.models import Assessment, AssessorHabilitation, VerificationDraw, VerificationItem
from certify.certificates.models import Certificate, RegisterExtract
from certify.cohorts.models import Cohort, Enrolment, TrainingSession
from certify.core import access, web
from certify.core.access import PUBLIC, ROLE_PERMISSIONS, SIGNED_IN, Permission, Role
from certify.core.outbox import OutboxMessage
from certify.declarations.models import Deposit
from certify.demo import loading
from certify.evidence.models import EvidenceItem, Upload
from certify.field.models import FieldOperation
from certify.fragility.models import FragilityAction, ProtectionProcedure
from certify.frameworks.models import FrameworkVersion
from certify.groups.models import Closure, Facilitator, Meeting, Participant, PeerGroup, Stay, WaitingFamily
from certify.juries.models import Appeal, Candidacy, CompositionDerogation, JurySeat, JurySession
from certify.logbook.models import EntryTemplate, EntryVersion, LogbookEntry, LogbookForm, LogbookImport
from certify.lti.models import (
    Deployment,
    Identity,
    LtiMembership,
    Registration,
    RegistrationInvitation,
    RosterRead,
    Score,
)
from certify.observations.models import ObservationRequest
from certify.organisations.models import Membership, Organisation, OrganisationKind
from certify.reports.models import Export
from certify.seals import services as seals
from certify.seals.models import SealKey
from certify.supervision.models import SupervisionSession
from tests.factories.cohorts import make_cohort, make_enrolment
from tests.factories.declarations import make_deposit
from tests.factories.evidence import make_upload
from tests.factories.exports import make_export_of_somebody
from tests.factories.fieldwork import make_fieldwork_of_somebody
from tests.factories.flags import make_flag_of_somebody
from tests.factories.groups import make_group_with_everything
from tests.factories.juries import make_appeal, make_derogation
from tests.factories.logbook import make_form_and_template
from tests.factories.meetings import make_closed_day
from tests.factories.observations import make_observation
from tests.factories.operations import make_conflict_of_somebody
from tests.factories.people import make_certifying_body, make_member, make_organisation, make_user
from tests.factories.platforms import make_one_of_each
from tests.factories.registers import make_extract_of_somebody
from tests.factories.spreadsheets import make_import
from tests.services.signing_in import signed_in_client

FOREIGN = ("security.", "static")
OBJECTS: dict[str, type[Any]] = {
    "organisation_id": Organisation,
    "membership_id": Membership,
    "version_id": FrameworkVersion,
    "cohort_id": Cohort,
    "enrolment_id": Enrolment,
    "entry_id": LogbookEntry,
    "item_id": EvidenceItem,
    "upload_id": Upload,
    "assessment_id": Assessment,
    "jury_id": JurySession,
    "seat_id": JurySeat,
    "candidacy_id": Candidacy,
    "appeal_id": Appeal,
    "derogation_id": CompositionDerogation,
    "certificate_id": Certificate,
    "extract_id": RegisterExtract,
    "deposit_id": Deposit,
    "session_id": UserSession,
    "message_id": OutboxMessage,
    "registration_id": Registration,
    "invitation_id": RegistrationInvitation,
    "deployment_id": Deployment,
    "identity_id": Identity,
    "member_id": LtiMembership,
    "read_id": RosterRead,
    "score_id": Score,
    "export_id": Export,
    "half_day_id": TrainingSession,
    "habilitation_id": AssessorHabilitation,
    "draw_id": VerificationDraw,
    "verification_id": VerificationItem,
    "action_id": FragilityAction,
    "procedure_id": ProtectionProcedure,
    "supervision_id": SupervisionSession,
    "request_id": ObservationRequest,
    "form_id": LogbookForm,
    "template_id": EntryTemplate,
    "import_id": LogbookImport,
    "group_id": PeerGroup,
    "participant_id": Participant,
    "stay_id": Stay,
    "facilitator_id": Facilitator,
    "family_id": WaitingFamily,
    "meeting_id": Meeting,
    "closure_id": Closure,
    "operation_id": FieldOperation,
    "subject_id": EntryVersion,
    "flag_id": TextFlag,
    "key_id": SealKey,
}
"""How an address names an object of another organisation."""
WORDS = {
    "template": "certificate",
    "kind": "logbook_version",
    "number": 1,
    "activity": "watch",
    "code": "1.1",
    "form": "json",
    "identifier": "00000000-0000-4000-8000-000000000000",
}
"""What else an address may hold, of no organisation in particular."""
OPEN_TO_ALL = {
    "pages.mail",
    "accounts.invitation",
    "badges.achievement",
    "badges.did",
    "badges.issuer",
    "badges.jwks",
    "badges.key",
    "badges.picture",
    "badges.published",
    "badges.published_file",
    "badges.status",
    "badges.wallet",
    "certificates.verify",
    "certificates.verify_json",
    "certificates.short",
    "lti.login",
    "lti.register",
    "lti.join",
    "reminders.decline",
    "groups.feed",
    "observations.answer",
    "observations.autosave",
    "observations.review",
    "observations.thanks",
    "observations.contest",
    "observations.decline",
}
"""Addresses that hold a secret or a public code instead of an authority."""


BOUND_TO_A_SECRET = {
    "lti.register",
    "lti.window",
    "reminders.decline",
    "observations.answer",
    "observations.autosave",
    "observations.review",
    "observations.contest",
    "observations.decline",
}
"""Forms sent from the frame of another site, or by a mail program: the secret in their address stands for the token."""


def own_rules(app: Flask) -> list[Rule]:
    return sorted(
        (rule for rule in app.url_map.iter_rules() if not rule.endpoint.startswith(FOREIGN)), key=lambda rule: rule.rule
    )


def methods(rule: Rule) -> list[str]:
    return sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})


@pytest.mark.engines("sqlite")
def test_every_page_says_what_it_asks_of_its_visitor(app: Flask) -> None:
    silent = [rule.endpoint for rule in app.url_map.iter_rules() if web.access_of(app, rule.endpoint) is None]
    assert silent == []


@pytest.mark.engines("sqlite")
def test_every_permission_is_asked_by_a_page_and_held_by_a_role(app: Flask) -> None:
    asked = {web.access_of(app, rule.endpoint) for rule in app.url_map.iter_rules()}
    held = frozenset[Permission]().union(*ROLE_PERMISSIONS.values())
    checked_further_on = {Permission.EVIDENCE_READ}
    assert set(Permission) - asked - checked_further_on == set()
    assert set(Permission) - held == set()


@pytest.mark.engines("sqlite")
def test_a_visitor_nobody_knows_is_asked_to_sign_in(app: Flask, client: FlaskClient) -> None:
    app.config["WTF_CSRF_ENABLED"] = False
    for rule in own_rules(app):
        if web.access_of(app, rule.endpoint) == PUBLIC:
            continue
        url = rule.build({name: uuid.uuid4() for name in rule.arguments})
        assert url is not None
        for method in methods(rule):
            answer = client.open(url[1], method=method)
            expected = (303, "/login") if method == "GET" else (401, "")
            assert (answer.status_code, answer.headers.get("Location", "")[:6]) == expected, f"{method} {rule.rule}"


@pytest.mark.engines("sqlite")
def test_no_form_is_taken_without_its_token(app: Flask, session: Session) -> None:
    client = signed_in_client(app, _person_with_every_role(session))
    for rule in own_rules(app):
        if "POST" in methods(rule) and rule.endpoint not in BOUND_TO_A_SECRET:
            url = rule.build({name: WORDS.get(name, uuid.uuid4()) for name in rule.arguments})
            assert url is not None
            assert client.post(url[1], data={"name": "x"}).status_code == 400, rule.rule


@pytest.fixture
def elsewhere(app: Flask, session: Session) -> dict[str, Any]:
    """Everything the demonstration holds: another organisation's objects of every kind."""
    loading.load(1, lambda _message: None)
    make_one_of_each(session)
    person = session.scalars(select(User).join(Enrolment, Enrolment.user_id == User.id)).first()
    assert person is not None
    session.add(UserSession(user_id=person.id, started_at=person.created_at, last_seen_at=person.created_at))
    make_export_of_somebody(session)
    make_conflict_of_somebody(session)
    make_group_with_everything(session)
    make_closed_day(session)
    make_upload(session)
    make_fieldwork_of_somebody(session)
    make_flag_of_somebody(session)
    make_observation(session)
    make_form_and_template(session)
    make_import(session)
    make_appeal(session)
    make_derogation(session)
    seals.ensure_key(session, make_certifying_body(session))
    make_extract_of_somebody(session)
    make_deposit(session)
    session.commit()
    return {name: session.scalars(select(kind).limit(1)).one().id for name, kind in OBJECTS.items()} | WORDS


def roles_with_people(session: Session) -> Iterator[tuple[Role, User]]:
    """Make one person a role, each in an organisation of their own."""
    for role in Role:
        training_body = make_organisation(session)
        if role is Role.TRAINEE:
            person = make_user(session)
            make_enrolment(session, make_cohort(session), person)
            yield role, person
        elif role in (Role.JUROR, Role.PRESIDENT):
            yield role, _member_of_a_jury(session, is_president=role is Role.PRESIDENT)
        else:
            body = make_certifying_body(session) if role is Role.REGISTRAR else training_body
            yield role, make_member(session, body, role)


def _member_of_a_jury(session: Session, *, is_president: bool) -> User:
    cohort = make_cohort(session)
    person = make_user(session)
    jury = JurySession(
        certifying_body_id=cohort.certifying_body_id,
        framework_version_id=cohort.framework_version_id,
        reference="2026-900",
        held_on=cohort.starts_on,
        place="Salle",
        created_at=cohort.created_at,
    )
    session.add(jury)
    session.flush()
    session.add(JurySeat(session_id=jury.id, user_id=person.id, is_president=is_president))
    session.flush()
    return person


def _person_with_every_role(session: Session) -> User:
    person = make_user(session)
    for role in (Role.COORDINATOR, Role.TRAINER, Role.ADMINISTRATOR, Role.AUDITOR, Role.REFERENT):
        make_member(session, make_organisation(session), role, person)
    make_member(session, make_organisation(session, OrganisationKind.CERTIFYING_BODY), Role.REGISTRAR, person)
    make_enrolment(session, user=person)
    session.commit()
    return person


@pytest.mark.engines("sqlite")
@pytest.mark.settings(require_second_factor=False)
def test_nobody_reaches_another_organisation_s_things(app: Flask, session: Session, elsewhere: dict[str, Any]) -> None:
    app.config["WTF_CSRF_ENABLED"] = False
    people = list(roles_with_people(session))
    session.commit()
    reached = []
    for role, person in people:
        client = signed_in_client(app, person)
        for rule in own_rules(app):
            if not rule.arguments or rule.endpoint in OPEN_TO_ALL:
                continue
            needed = web.access_of(app, rule.endpoint)
            allowed = needed == SIGNED_IN or needed in ROLE_PERMISSIONS[role]
            url = rule.build({name: elsewhere[name] for name in rule.arguments})
            assert url is not None
            for method in methods(rule):
                status = client.open(url[1], method=method).status_code
                if status not in ((404,) if allowed else (403, 404)):
                    reached.append(f"{role}: {method} {rule.rule} answered {status}")
    assert reached == []


def test_a_role_held_in_one_organisation_says_nothing_of_another() -> None:
    here, there = uuid.uuid4(), uuid.uuid4()
    actor = access.Actor(
        uuid.uuid4(), "Formatrice A", frozenset({access.Grant(Role.TRAINER, access.Scope.ORGANISATION, here)})
    )
    assert actor.organisations(Permission.LOGBOOK_REVIEW) == {here}
    assert there not in actor.organisations(Permission.LOGBOOK_REVIEW)
    assert not actor.cohorts(Permission.LOGBOOK_REVIEW)
