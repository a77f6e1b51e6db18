"""Opening cohorts, enrolling people, following their enrolment."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

import competencies
from certify.accounts import services as accounts
from certify.accounts.models import Invitation, User
from certify.cohorts import services
from certify.cohorts.models import AccessRoute, Cohort, Enrolment, EnrolmentState
from certify.cohorts.roster import Person
from certify.core import clock
from certify.core.access import Role
from certify.core.audit import AuditEvent
from certify.core.errors import Conflict, Invalid
from certify.core.mail import MailMessage
from certify.frameworks.models import FrameworkVersion, VersionState
from certify.frameworks.services import adopt
from certify.organisations.models import Organisation, OrganisationKind
from tests.factories.cohorts import make_cohort, make_enrolment, make_version
from tests.factories.people import (
    actor_of,
    make_certifying_body,
    make_habilitation,
    make_member,
    make_organisation,
    make_user,
)

TODAY = clock.today()
DATES = {"starts_on": TODAY, "ends_on": TODAY + timedelta(days=200)}


def _habilitated(session: Session) -> tuple[Organisation, Organisation, FrameworkVersion]:
    training, certifying = make_organisation(session), make_certifying_body(session)
    make_habilitation(session, certifying, training)
    return training, certifying, make_version(session, certifying)


def _enrol(session: Session, cohort: Cohort, **values: object) -> Enrolment:
    named = {
        "email": "s03@exemple.fr", "given_name": "Stagiaire", "family_name": "Élan",
        "access_route": AccessRoute.CONTINUING, "entered_on": cohort.starts_on,
    }  # fmt: skip
    return services.enrol(session, None, cohort, **named | values)


def _person(n: int, **values: object) -> Person:
    named = {
        "given_name": "Stagiaire", "family_name": f"{n:02d}", "email": f"s{n}@exemple.fr",
        "access_route": AccessRoute.CONTINUING, "entered_on": TODAY,
    }  # fmt: skip
    return Person(**named | values)


def _tags(session: Session) -> list[str]:
    session.commit()
    return list(session.scalars(select(AuditEvent.tag).order_by(AuditEvent.position)))


def test_a_training_body_opens_a_cohort_for_the_body_that_habilitates_it(session: Session) -> None:
    training, certifying, version = _habilitated(session)
    coordinator = actor_of(session, make_member(session, training, Role.COORDINATOR))
    cohort = services.create_cohort(
        session, coordinator, training, certifying_body=certifying, version=version, name="Printemps", **DATES
    )
    assert (cohort.certifying_body_id, cohort.framework_version_id) == (certifying.id, version.id)
    assert "cohorts:cohort:created" in _tags(session)


def test_a_cohort_needs_an_habilitation_of_today(session: Session) -> None:
    training, certifying = make_organisation(session), make_certifying_body(session)
    version = make_version(session, certifying)
    past = make_habilitation(session, certifying, training)
    past.ends_on = TODAY - timedelta(days=1)
    with pytest.raises(Invalid, match="habilite"):
        services.create_cohort(
            session, None, training, certifying_body=certifying, version=version, name="Printemps", **DATES
        )


def test_a_cohort_is_not_opened_on_a_version_that_is_archived_or_of_another_body(session: Session) -> None:
    training, certifying, version = _habilitated(session)
    other = make_certifying_body(session)
    make_habilitation(session, other, training)
    with pytest.raises(Invalid):
        services.create_cohort(session, None, training, certifying_body=other, version=version, name="A", **DATES)
    version.state = VersionState.ARCHIVED
    with pytest.raises(Invalid):
        services.create_cohort(session, None, training, certifying_body=certifying, version=version, name="A", **DATES)


def test_two_cohorts_of_a_training_body_cannot_share_a_name(session: Session) -> None:
    training, certifying, version = _habilitated(session)
    make_cohort(session, training, version, name="Printemps")
    with pytest.raises(Invalid) as refusal:
        services.create_cohort(
            session, None, training, certifying_body=certifying, version=version, name="Printemps", **DATES
        )
    assert refusal.value.field == "name"
    make_cohort(session, make_organisation(session), version, name="Été")
    assert services.create_cohort(
        session, None, training, certifying_body=certifying, version=version, name="Été", **DATES
    )


def test_a_cohort_ends_after_it_starts(session: Session) -> None:
    cohort = make_cohort(session)
    with pytest.raises(Invalid) as refusal:
        services.amend_cohort(session, None, cohort, name="A", starts_on=TODAY, ends_on=TODAY)
    assert refusal.value.field == "ends_on"


def test_the_framework_of_a_cohort_changes_until_somebody_is_enrolled(session: Session) -> None:
    training, certifying, version = _habilitated(session)
    cohort = make_cohort(session, training, version)
    text = competencies.demo_text().replace('version = "2026"', 'version = "2027"', 1)
    newer = adopt(session, None, certifying, competencies.parse(text))
    services.amend_cohort(session, None, cohort, name="A", **DATES, version=newer)
    assert cohort.framework_version_id == newer.id
    make_enrolment(session, cohort)
    services.amend_cohort(session, None, cohort, name="B", **DATES, version=newer)
    with pytest.raises(Conflict):
        services.amend_cohort(session, None, cohort, name="B", **DATES, version=version)


def test_enrolling_a_new_person_makes_an_account_and_sends_an_invitation(
    session: Session, run_jobs: Callable[[], int]
) -> None:
    cohort = make_cohort(session)
    enrolment = _enrol(session, cohort, email="S03@Exemple.fr")
    session.commit()
    assert enrolment.state is EnrolmentState.INVITED
    assert enrolment.sort_name == "elan stagiaire"
    assert enrolment.training_body_id == cohort.training_body_id
    run_jobs()
    mail = session.scalars(select(MailMessage)).one()
    assert mail.recipient == "s03@exemple.fr"
    assert cohort.name in mail.text
    assert session.scalars(select(Invitation)).one().user_id == enrolment.user_id


def test_enrolling_somebody_who_signs_in_already_makes_them_active_at_once(session: Session) -> None:
    user = make_user(session, password="a hash")
    enrolment = _enrol(session, make_cohort(session), email=user.email)
    assert (enrolment.user_id, enrolment.state) == (user.id, EnrolmentState.ACTIVE)


def test_nobody_is_enrolled_twice_in_a_cohort(session: Session) -> None:
    cohort = make_cohort(session)
    _enrol(session, cohort)
    with pytest.raises(Conflict) as refusal:
        _enrol(session, cohort, email="S03@EXEMPLE.FR")
    assert refusal.value.field == "email"  # type: ignore[attr-defined]
    assert _enrol(session, make_cohort(session)).state is EnrolmentState.INVITED


def test_nobody_enters_after_the_end_or_in_a_house_that_is_none(session: Session) -> None:
    cohort = make_cohort(session)
    with pytest.raises(Invalid):
        _enrol(session, cohort, entered_on=cohort.ends_on + timedelta(days=1))
    with pytest.raises(Invalid):
        _enrol(session, cohort, house_id=cohort.training_body_id)
    house = make_organisation(session, OrganisationKind.HOUSE)
    assert _enrol(session, cohort, house_id=house.id).house_id == house.id


def test_a_list_is_enrolled_and_those_already_there_are_left_as_they_are(
    session: Session, run_jobs: Callable[[], int]
) -> None:
    cohort = make_cohort(session)
    _enrol(session, cohort, email="s2@exemple.fr")
    outcome = services.enrol_all(session, None, cohort, [_person(n) for n in (1, 2, 3, 3)])
    assert outcome == services.Enrolled(enrolled=2, already=2)
    session.commit()
    assert session.scalar(select(func.count()).select_from(Enrolment)) == 3
    run_jobs()
    assert session.scalar(select(func.count()).select_from(MailMessage)) == 3
    assert "cohorts:roster:imported" in _tags(session)


def test_accepting_the_invitation_begins_the_enrolment_and_takes_the_name_given_then(
    session: Session, run_jobs: Callable[[], int]
) -> None:
    enrolment = _enrol(session, make_cohort(session))
    run_jobs()
    user = session.get_one(User, enrolment.user_id)
    accounts.accept_invitation(
        session, session.scalars(select(Invitation)).one(), user,
        given_name="Stagiaire", family_name="Ôter", password="un mot de passe très long 42",
    )  # fmt: skip
    run_jobs()
    session.refresh(enrolment)
    assert (enrolment.state, enrolment.sort_name) == (EnrolmentState.ACTIVE, "oter stagiaire")


def test_an_enrolment_is_amended_with_a_trace(session: Session) -> None:
    enrolment = make_enrolment(session)
    cohort = session.get_one(Cohort, enrolment.cohort_id)
    services.amend_enrolment(
        session, None, enrolment, cohort,
        state=EnrolmentState.SUSPENDED, access_route=AccessRoute.PRIOR_EXPERIENCE, entered_on=cohort.starts_on,
    )  # fmt: skip
    assert (enrolment.state, enrolment.access_route) == (EnrolmentState.SUSPENDED, AccessRoute.PRIOR_EXPERIENCE)
    assert {"cohorts:enrolment:state-changed", "cohorts:enrolment:amended"} <= set(_tags(session))


def test_an_enrolment_never_becomes_invited_again(session: Session) -> None:
    with pytest.raises(Invalid):
        services.change_state(session, None, make_enrolment(session), state=EnrolmentState.INVITED)


def test_an_invitation_is_sent_again_to_those_who_are_expected_only(
    session: Session, run_jobs: Callable[[], int]
) -> None:
    enrolment = _enrol(session, make_cohort(session))
    run_jobs()
    services.invite_again(session, None, enrolment)
    run_jobs()
    assert session.scalar(select(func.count()).select_from(MailMessage)) == 2
    services.change_state(session, None, enrolment, state=EnrolmentState.WITHDRAWN)
    with pytest.raises(Conflict):
        services.invite_again(session, None, enrolment)


def test_an_invitation_waiting_to_leave_stays_when_the_enrolment_is_withdrawn(
    session: Session, run_jobs: Callable[[], int]
) -> None:
    enrolment = _enrol(session, make_cohort(session))
    services.change_state(session, None, enrolment, state=EnrolmentState.WITHDRAWN)
    run_jobs()
    assert session.scalar(select(func.count()).select_from(MailMessage)) == 0
