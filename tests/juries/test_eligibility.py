import pytest
from sqlalchemy.orm import Session

from certify.cohorts.models import Enrolment
from certify.core.access import Role
from certify.core.errors import Conflict
from certify.eligibility import services as eligibility
from certify.juries import candidates, services
from certify.organisations.models import Organisation
from tests.factories.cohorts import make_enrolment
from tests.factories.files import make_coordinator, make_practice, make_rules
from tests.factories.juries import Prepared, declared, grant, make_candidate, make_jury, make_ready, opened
from tests.factories.people import actor_of, make_member
from tests.services.signing_in import SignIn
from tests.services.visiting import visit, words

REASON = "Heures faites dans une autre structure, attestées par la Maison."


@pytest.fixture
def made(session: Session) -> Prepared:
    """Prepare a session whose programme blocks on ten hours of practice."""
    prepared = make_jury(session, 0)
    make_rules(session, prepared.cohort, hours=10, blocking=frozenset({"hours"}))
    return prepared


def person(session: Session, made: Prepared) -> Enrolment:
    return make_enrolment(session, made.cohort, make_candidate(session))


def waived(session: Session, enrolment: Enrolment) -> None:
    coordinator = actor_of(session, make_coordinator(session, enrolment))
    eligibility.waive(session, coordinator, enrolment, requirement="hours", reason=REASON)


def test_somebody_with_a_blocking_requirement_unmet_cannot_be_presented(session: Session, made: Prepared) -> None:
    enrolment, other = person(session, made), person(session, made)
    make_practice(session, other, minutes=600)
    with pytest.raises(Conflict, match="Heures au cahier de suivi") as refused:
        services.add_candidates(session, made.actor(session), made.jury, [enrolment.id, other.id])
    assert "dérogation" in str(refused.value)
    assert [one.enrolment_id for one in services.add_candidates(session, made.actor(session), made.jury, [other.id])]


def test_an_exemption_lets_somebody_be_presented(session: Session, made: Prepared) -> None:
    enrolment = person(session, made)
    waived(session, enrolment)
    added = services.add_candidates(session, made.actor(session), made.jury, [enrolment.id])
    assert [one.enrolment_id for one in added] == [enrolment.id]


def test_the_list_says_what_is_missing_and_offers_no_box_to_tick(
    session: Session, made: Prepared, sign_in: SignIn
) -> None:
    enrolment = person(session, made)
    make_practice(session, enrolment, minutes=120)
    page = visit(sign_in(made.registrar), f"/juries/{made.jury.id}/candidates")
    assert "Heures au cahier de suivi 2 h sur 10 h" in words(page)
    assert "dérogation" in words(page)
    assert page.find("input", {"value": str(enrolment.id)}).has_attr("disabled")  # type: ignore[union-attr]


def test_the_jury_reads_conditions_and_exemptions_and_the_minutes_keep_them(
    session: Session, made: Prepared, sign_in: SignIn
) -> None:
    enrolment = person(session, made)
    waived(session, enrolment)
    candidacy = services.add_candidates(session, made.actor(session), made.jury, [enrolment.id])[0]
    made.candidacies.append(candidacy)
    declared(session, made)
    session.commit()
    page = visit(sign_in(made.president), f"/candidacies/{candidacy.id}")
    assert REASON in words(page)
    assert "0 h sur 10 h" in words(page)
    opened(session, made)
    grant(session, made, candidacy)
    minutes = services.close(session, made.actor(session, made.president), made.jury)
    facts = minutes.facts["candidates"][0]["derogations"]
    assert [(one["requirement"], one["reason"]) for one in facts] == [("Heures au cahier de suivi", REASON)]
    session.commit()
    assert REASON in words(visit(sign_in(made.registrar), f"/juries/{made.jury.id}/minutes"))


def test_the_ready_are_those_whose_file_lacks_nothing(session: Session, made: Prepared) -> None:
    ready, incomplete = person(session, made), person(session, made)
    registrar = made.actor(session)
    for one in (ready, incomplete):
        row = candidates.Candidacy(enrolment_id=one.id, session_id=made.jury.id)
        make_ready(session, row)
    make_practice(session, ready, minutes=600)
    assert [one.id for one, _name, _cohort in candidates.ready(session, registrar)] == [ready.id]
    waived(session, incomplete)
    assert {one.id for one, _name, _cohort in candidates.ready(session, registrar)} == {ready.id, incomplete.id}
    other = make_member(session, session.get_one(Organisation, made.cohort.training_body_id), Role.COORDINATOR)
    assert candidates.ready(session, actor_of(session, other)) == []
