"""What is frozen at issue: the civil name once it was checked, the registration in force, the last day of validity."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from certify.certificates import services
from certify.certificates.models import Certificate
from certify.cohorts.models import Enrolment
from certify.core import clock, files
from certify.frameworks.models import ProgrammeRules, Recognition, RegistrationState
from certify.identities.ciphers import closed_status
from certify.identities.models import CivilIdentity, ProofKind
from competencies import JuryRules, Programme
from competencies.civil_status import CivilStatus, Sex
from tests.documents.reading_back import words_of
from tests.factories.cohorts import make_cohort
from tests.factories.juries import (
    ACQUIRED,
    NOT_ACQUIRED,
    Prepared,
    awards,
    closed,
    make_jury,
    make_published_jury,
    published,
)

TODAY = clock.today()


def _issued(session: Session, made: Prepared) -> Certificate:
    return services.issue(session, made.actor(session), awards(session, made)[0])


def _registered(session: Session, made: Prepared, number: int, first: int, last: int) -> None:
    """Record a registration in force from a day to another, counted from today."""
    session.add(
        Recognition(
            certifying_body_id=made.body.id, framework_code="facilitator", number=number, state=RegistrationState.RNCP,
            reference="RNCP12345", level=5, decided_on=TODAY + timedelta(days=first),
            starts_on=TODAY + timedelta(days=first), ends_on=TODAY + timedelta(days=last), rome=[], esco=[],
            nsf=[{"code": "332", "label": "Travail social"}], recorded_at=clock.now(),
        )
    )  # fmt: skip
    session.flush()


@pytest.mark.engines("sqlite")
def test_a_registration_is_quoted_from_the_decision_or_from_the_entry_into_training(session: Session) -> None:
    cases = (((-300, 300), True), ((-300, -1), True), ((1, 300), False), ((-3, -1), False))
    for (first, last), is_quoted in cases:
        made = make_published_jury(session)
        session.get_one(Enrolment, made.candidacies[0].enrolment_id).entered_on = TODAY - timedelta(days=90)
        _registered(session, made, 1, first, last)
        said = _issued(session, made).facts["recognition"]
        assert (said is not None) is is_quoted, (first, last)
        if said is not None:
            assert (said["reference"], said["level"], said["nsf"][0]["code"]) == ("RNCP12345", 5, "332")


@pytest.mark.engines("sqlite")
def test_validity_ends_with_the_months_of_the_rules_for_the_whole_certification_alone(session: Session) -> None:
    for outcome, has_end in ((ACQUIRED, True), (NOT_ACQUIRED, False)):
        cohort = make_cohort(session)
        rules = Programme(jury=JuryRules(validity_months=36, renewal_months_before=6))
        session.add(
            ProgrammeRules(
                certifying_body_id=cohort.certifying_body_id, framework_code="facilitator", number=1,
                content=rules.to_document(), recorded_at=clock.now(),
            )
        )  # fmt: skip
        session.flush()
        made = published(session, closed(session, make_jury(session, cohort=cohort), b1=outcome))
        certificate = _issued(session, made)
        assert (certificate.expires_on is not None) is has_end
        assert certificate.facts["expires_on"] == (
            certificate.expires_on.isoformat() if certificate.expires_on else None
        )
        if certificate.expires_on is not None:
            assert certificate.expires_on.year == made.jury.held_on.year + 3


@pytest.mark.engines("sqlite")
def test_a_certificate_bears_the_civil_name_once_it_was_checked(session: Session) -> None:
    made = make_published_jury(session, 2)
    first, second = awards(session, made)
    status = CivilStatus(
        given_names=("Anne", "Marie"), birth_name="O’Brien", usage_name="Dvořák", sex=Sex.FEMALE, birth_year=1990
    )
    for award, checked_at in ((first, clock.now()), (second, None)):
        session.add(
            CivilIdentity(
                user_id=award.holder.id, number=1, content=closed_status(status), proof=ProofKind.PASSPORT,
                recorded_at=clock.now(), recorded_by_id=award.holder.id, checked_at=checked_at,
                checked_by_id=made.registrar.id if checked_at else None,
            )
        )  # fmt: skip
    session.flush()
    bearing, plain = (services.issue(session, made.actor(session), award) for award in (first, second))
    assert bearing.facts["holder"]["name"] == bearing.holder_name == "Anne Marie O’Brien, nom d’usage Dvořák"
    assert bearing.facts["holder"]["is_checked"] is True
    assert plain.facts["holder"]["name"] == second.holder.name
    # A birth date is never among the facts: anybody who holds the code reads them.
    assert "1990" not in str(bearing.facts)


@pytest.mark.engines("sqlite")
def test_a_document_of_nowhere_says_its_day_alone(session: Session, run_jobs: Callable[[], int]) -> None:
    made = published(session, closed(session, make_jury(session, place="")))
    made.body.city = ""
    session.flush()
    certificate = _issued(session, made)
    run_jobs()
    session.expire_all()
    text = words_of(files.read(certificate.storage_key))
    assert "Fait le" in text
    assert "Fait à" not in text
