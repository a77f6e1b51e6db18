"""Asking somebody what they saw, answering without an account, and what the answer is worth."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from certify.cohorts.models import Enrolment, EnrolmentState
from certify.core import audit, clock
from certify.core.errors import Conflict, Invalid
from certify.core.mail import MailMessage
from certify.core.sealing import Sealed
from certify.evidence import queries as pieces
from certify.evidence import services as evidence
from certify.evidence.models import EvidenceItem, EvidenceLink, EvidenceState, EvidenceVersion
from certify.observations import policies, queries, services
from certify.observations.models import ObservationAnswer, ObservationRequest, Way
from certify.observations.policies import Draft, RequestState, Seen
from tests.factories.cohorts import make_enrolment
from tests.factories.logbook import make_trainer, trainee_of
from tests.factories.observations import INDICATORS, fill, make_answered, make_observation, secret_of
from tests.factories.people import actor_of


def piece_of(session: Session, request: ObservationRequest) -> EvidenceItem | None:
    answer = session.scalars(select(ObservationAnswer).where(ObservationAnswer.request_id == request.id)).one()
    return pieces.item_of(session, answer.id)


def mails_to(session: Session, address: str) -> list[str]:
    query = select(MailMessage.subject).where(MailMessage.recipient == address)
    return list(session.scalars(query.order_by(MailMessage.created_at)))


def test_only_the_digest_of_the_link_is_kept(session: Session) -> None:
    request = make_observation(session)
    secret = secret_of(session, request)
    assert request.token_digest == queries.token_digest(secret)
    assert secret not in str(vars(request))
    found = queries.of_secret(session, secret)
    assert found is not None
    assert found.request.id == request.id
    assert queries.of_secret(session, secret[:-1]) is None


@pytest.mark.engines("sqlite")
@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"indicators": ()}, "indicators"),
        ({"indicators": ("9.9.9",)}, "indicators"),
        ({"referent_email": ""}, "referent_email"),
        ({"message": "Vous avez vu Mme Durand pleurer."}, "message"),
    ],
)
def test_a_request_that_lacks_something_is_refused(session: Session, values: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as refused:
        make_observation(session, **values)
    assert refused.value.field == field


@pytest.mark.engines("sqlite")
def test_more_than_twelve_indicators_are_refused(session: Session) -> None:
    enrolment = make_enrolment(session)
    found = queries.asked(session, make_observation(session, enrolment).id)
    codes = tuple(one.code for one in found.framework.indicators[:13])
    with pytest.raises(Invalid, match="12 indicateurs au plus"):
        make_observation(session, enrolment, indicators=codes)
    assert len(make_observation(session, enrolment, indicators=codes[:12]).indicators) == 12


@pytest.mark.engines("sqlite")
def test_nobody_asks_themself_nor_sends_without_end(session: Session) -> None:
    enrolment = make_enrolment(session)
    with pytest.raises(Invalid, match="est la vôtre"):
        make_observation(session, enrolment, referent_email=trainee_of(session, enrolment).email.upper())
    for _each in range(policies.MOST_WAITING):
        make_observation(session, enrolment)
    with pytest.raises(Conflict, match="attendent déjà"):
        make_observation(session, enrolment)


@pytest.mark.engines("sqlite")
def test_a_closed_enrolment_asks_nothing_more(session: Session) -> None:
    enrolment = make_enrolment(session, state=EnrolmentState.COMPLETED)
    with pytest.raises(Conflict, match="plus active"):
        make_observation(session, enrolment)


def test_a_new_link_closes_the_former_and_keeps_the_draft(session: Session) -> None:
    request = make_observation(session)
    former = secret_of(session, request)
    fill(session, request, l1_1="none")
    with clock.at(clock.now() + timedelta(days=22)):
        found = queries.asked(session, request.id)
        assert found.state is RequestState.EXPIRED
        services.resend(session, actor_of(session, found.trainee), found)
        session.flush()
        assert queries.of_secret(session, former) is None
        again = queries.of_secret(session, secret_of(session, request))
        assert again is not None
        assert again.state is RequestState.WAITING
        assert Draft.of(again.request).seen["3.1.1"].choice == "none"


def test_a_revoked_request_takes_no_answer_and_forgets_what_was_begun(session: Session) -> None:
    request = make_observation(session)
    found = fill(session, request, l1_1="none")
    services.revoke(session, actor_of(session, found.trainee), found)
    session.flush()
    assert request.draft == {}
    with pytest.raises(services.LinkClosed):
        services.save_draft(session, found, Draft(), revision=1)
    with pytest.raises(Conflict):
        services.resend(session, actor_of(session, found.trainee), found)


def test_two_devices_overwrite_nothing_of_each_other(session: Session) -> None:
    request = make_observation(session)
    found = queries.asked(session, request.id)
    one = Draft({code: Seen("none", "vu ici") for code in INDICATORS}, "")
    assert services.save_draft(session, found, one, revision=0) == 1
    assert services.save_draft(session, found, one, revision=0) == 1, "the same again changes nothing"
    with pytest.raises(services.StaleDraft):
        services.save_draft(session, found, Draft({}, "ailleurs"), revision=0)
    assert Draft.of(request) == one


def test_an_answer_is_frozen_copied_and_waits_for_a_trainer(session: Session, run_jobs: Callable[[], int]) -> None:
    request = make_answered(session)
    found = queries.asked(session, request.id)
    assert found.answer is not None
    assert found.state is RequestState.ANSWERED
    assert request.draft == {}
    item = piece_of(session, request)
    assert item is not None
    assert (item.kind, item.state) == ("observation", EvidenceState.SUBMITTED)
    links = select(EvidenceLink.indicator).where(EvidenceLink.evidence_id == item.id)
    assert session.scalars(links).all() == ["3.1.1"], "what was not observed proves nothing"
    assert item.facts["digest"] == found.answer.digest
    assert item.facts["seen"]["3.1.2"]["level"] is None
    found.answer.comment = "autre chose"
    with pytest.raises(Sealed):
        session.flush()
    session.rollback()


def test_the_referent_gets_a_copy_and_the_trainee_is_told(session: Session, run_jobs: Callable[[], int]) -> None:
    request = make_answered(session)
    run_jobs()
    assert len(mails_to(session, request.referent_email)) == 2
    trainee = queries.asked(session, request.id).trainee
    assert mails_to(session, trainee.email) == [f"{request.referent_name} a répondu à votre demande d’observation"]
    copy = session.scalars(select(MailMessage).where(MailMessage.subject.startswith("Copie"))).one()
    assert "non observé" in copy.text
    assert f"/observe/{secret_of(session, request)}/contest" in copy.text


@pytest.mark.engines("sqlite")
def test_what_nobody_observed_makes_no_piece(session: Session) -> None:
    request = make_observation(session)
    found = fill(session, request, l1_1="none", l1_2="none")
    services.sign(session, None, found, revision=1, name="Référente")
    session.flush()
    assert piece_of(session, request) is None


@pytest.mark.engines("sqlite")
def test_an_answer_that_names_a_parent_is_not_signed(session: Session) -> None:
    request = make_observation(session)
    found = queries.asked(session, request.id)
    draft = Draft({code: Seen("none", "Mme Durand a parlé longtemps.") for code in INDICATORS}, "")
    services.save_draft(session, found, draft, revision=0)
    with pytest.raises(Invalid, match="permet de reconnaître") as refused:
        services.sign(session, None, found, revision=1, name="Référente")
    assert refused.value.field == "comment-3.1.1"


@pytest.mark.engines("sqlite")
def test_nothing_is_signed_empty_nor_unread_nor_twice(session: Session) -> None:
    request = make_observation(session)
    found = queries.asked(session, request.id)
    with pytest.raises(Invalid, match="Aucun critère"):
        services.sign(session, None, found, revision=0, name="Référente")
    found = fill(session, request, l1_1="none")
    with pytest.raises(services.StaleDraft):
        services.sign(session, None, found, revision=0, name="Référente")
    services.sign(session, None, found, revision=1, name="Référente")
    session.flush()
    with pytest.raises(services.LinkClosed):
        services.sign(session, None, queries.asked(session, request.id), revision=1, name="Référente")


def test_together_both_sign_and_both_moments_are_kept(session: Session) -> None:
    request = make_answered(session, way=Way.TOGETHER)
    found = queries.asked(session, request.id)
    assert found.state is RequestState.TO_SIGN
    assert piece_of(session, request) is None
    services.countersign(session, actor_of(session, found.trainee), found)
    session.flush()
    assert found.answer is not None
    assert found.answer.trainee_signed_at is not None
    assert found.answer.trainee_signed_at >= found.answer.signed_at
    item = piece_of(session, request)
    assert item is not None
    assert item.facts["trainee_signed_at"] == found.answer.trainee_signed_at.isoformat()
    with pytest.raises(Conflict):
        services.countersign(session, actor_of(session, found.trainee), queries.asked(session, request.id))


@pytest.mark.engines("sqlite")
def test_together_without_an_address_nothing_is_mailed(session: Session) -> None:
    request = make_answered(session, way=Way.TOGETHER, referent_email="")
    assert request.token_digest is None
    assert session.scalars(select(MailMessage)).all() == []


def test_a_contested_answer_stops_counting_until_it_is_accepted_anew(
    session: Session, run_jobs: Callable[[], int]
) -> None:
    request = make_answered(session)
    enrolment = session.get_one(Enrolment, request.enrolment_id)
    trainer = make_trainer(session, enrolment)
    item = piece_of(session, request)
    assert item is not None
    evidence.accept(session, actor_of(session, trainer), item)
    session.flush()
    assert enrolment.covered == 1
    found = queries.of_secret(session, secret_of(session, request))
    assert found is not None
    services.contest(session, found)
    session.flush()
    services.contest(session, found)
    assert queries.asked(session, request.id).state is RequestState.CONTESTED
    assert (item.state, enrolment.covered) == (EvidenceState.SUBMITTED, 0)
    assert item.facts["contested_at"]
    run_jobs()
    told = "Une observation de la pratique de"
    assert [subject for subject in mails_to(session, trainer.email) if subject.startswith(told)] != []
    item = session.get_one(EvidenceItem, item.id)
    evidence.accept(session, actor_of(session, trainer), item)
    session.flush()
    assert session.get_one(Enrolment, request.enrolment_id).covered == 1
    versions = select(EvidenceVersion.number).where(EvidenceVersion.item_id == item.id)
    assert sorted(session.scalars(versions)) == [1, 2]


@pytest.mark.engines("sqlite")
def test_a_link_without_an_answer_contests_nothing(session: Session) -> None:
    found = queries.asked(session, make_observation(session).id)
    with pytest.raises(services.LinkClosed):
        services.contest(session, found)


def test_who_declines_is_asked_nothing_more(session: Session, run_jobs: Callable[[], int]) -> None:
    request = make_observation(session)
    services.decline(session, queries.asked(session, request.id))
    run_jobs()
    found = queries.asked(session, request.id)
    assert found.state is RequestState.DECLINED
    assert mails_to(session, found.trainee.email)[0].startswith(request.referent_name)


@pytest.mark.engines("sqlite")
def test_an_answer_after_the_enrolment_is_over_is_kept_and_proves_nothing(session: Session) -> None:
    request = make_observation(session)
    session.get_one(Enrolment, request.enrolment_id).state = EnrolmentState.COMPLETED
    found = fill(session, request, l1_1=queries.asked(session, request.id).framework.scale_of("3.1.1").threshold)
    services.sign(session, None, found, revision=1, name="Référente")
    session.flush()
    assert queries.asked(session, request.id).state is RequestState.ANSWERED
    assert piece_of(session, request) is None


@pytest.mark.engines("sqlite")
def test_every_step_is_in_the_chain(session: Session) -> None:
    request = make_answered(session)
    session.commit()
    tags = session.scalars(select(audit.AuditEvent.tag).where(audit.AuditEvent.object_id == request.id))
    assert set(tags) == {"observations:request:made", "observations:answer:signed"}
