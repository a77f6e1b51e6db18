"""What a registrar may not do about somebody they are tied to, and until when members read what a session said."""

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from certify.core import clock
from certify.core.access import Actor, Permission, Role
from certify.core.audit import AuditEvent
from certify.core.errors import Forbidden
from certify.juries import queries, services
from certify.juries.models import DecisionKind
from certify.juries.reading import reader_of
from competencies import WholeOutcome
from tests.factories.cohorts import make_enrolment
from tests.factories.juries import (
    ACQUIRED,
    BLOCKS,
    Prepared,
    add_candidate,
    closed,
    grant,
    make_jury,
    make_published_jury,
    opened,
    published,
    seat_member,
)
from tests.factories.people import actor_of, make_member
from tests.services.signing_in import SignIn
from tests.services.visiting import read, submit, visit

RULING = services.Ruling(dict.fromkeys(BLOCKS, ACQUIRED), WholeOutcome.OBTAINED, "Relu.")


@pytest.fixture
def own(session: Session) -> Prepared:
    """Publish the results of a session to which its registrar was presented."""
    made = make_jury(session, 0)
    add_candidate(session, made, make_enrolment(session, made.cohort, made.registrar))
    return published(session, closed(session, made))


def _refused(session: Session, made: Prepared, actor: Actor, refusal: str) -> None:
    candidacy, today = made.candidacies[0], clock.today()
    with pytest.raises(Forbidden, match=refusal):
        services.decide_again(
            session, actor, candidacy, kind=DecisionKind.CORRECTION, expected=1, decided_on=today, ruling=RULING
        )
    with pytest.raises(Forbidden, match=refusal):
        services.withdraw(
            session, actor, candidacy, kind=DecisionKind.FRAUD, expected=1, decided_on=today, reason="Pièce falsifiée."
        )
    with pytest.raises(Forbidden, match=refusal):
        services.reinstate(session, actor, candidacy, expected=1, decided_on=today, reason="Erreur.")


def test_a_registrar_neither_reads_nor_changes_what_was_decided_on_themselves(
    session: Session, own: Prepared, sign_in: SignIn
) -> None:
    actor, candidacy = own.actor(session), own.candidacies[0]
    loaded = queries.candidacy_for(session, actor, candidacy.id)
    assert "le vôtre" in str(reader_of(session, loaded, actor).refusal)
    _refused(session, own, actor, "le vôtre")
    appeal = services.lodge(session, actor, candidacy, grounds="Une pièce oubliée.")
    with pytest.raises(Forbidden, match="le vôtre"):
        services.answer(session, actor, appeal, is_upheld=False, words="Non.", answered_on=clock.today())
    another = make_member(session, own.body, Role.REGISTRAR)
    services.answer(
        session, actor_of(session, another), appeal, is_upheld=False, words="Le jury confirme.",
        answered_on=clock.today(),
    )  # fmt: skip
    session.commit()
    client = sign_in(own.registrar)
    for path in ("after", "correct", "withdraw", "reinstate", "letter"):
        assert client.get(f"/candidacies/{candidacy.id}/{path}").status_code == 403
    assert client.get(f"/appeals/{appeal.id}").status_code == 403
    assert client.get(f"/juries/{own.jury.id}/outcomes").status_code == 200
    assert sign_in(another).get(f"/candidacies/{candidacy.id}/after").status_code == 200


def test_a_registrar_who_stood_aside_as_a_member_does_not_escape_it(session: Session) -> None:
    made = make_jury(session)
    seat = seat_member(session, made.jury, made.registrar, is_external=False)
    opened(session, made)
    candidacy, actor = made.candidacies[0], made.actor(session)
    loaded = queries.candidacy_for(session, actor, candidacy.id)
    assert reader_of(session, loaded, actor).refusal is None
    services.recuse(session, actor, candidacy, seat_id=seat.id, reason="Ancienne collègue.")
    assert "retiré·e" in str(reader_of(session, loaded, actor).refusal)
    grant(session, made, candidacy)
    services.close(session, made.actor(session, made.president), made.jury)
    made.members.append(made.registrar)
    published(session, made)
    _refused(session, made, actor, "retiré·e")
    another = actor_of(session, make_member(session, made.body, Role.REGISTRAR))
    services.withdraw(
        session, another, candidacy, kind=DecisionKind.FRAUD, expected=1, decided_on=clock.today(),
        reason="Pièce falsifiée.",
    )  # fmt: skip


def test_a_registrar_tied_to_a_candidate_as_a_member_does_not_escape_it(session: Session) -> None:
    made = make_jury(session)
    seat_member(session, made.jury, made.registrar, is_external=False, is_reserve=True)
    actor = made.actor(session)
    jury = queries.jury_for(session, actor, made.jury.id, Permission.JURY_READ)
    services.declare(session, actor, jury, links={made.candidacies[0].id: ("other", "Une parente.")})
    loaded = queries.candidacy_for(session, actor, made.candidacies[0].id)
    assert "lien" in str(reader_of(session, loaded, actor).refusal)


def test_the_access_of_members_to_the_session_and_its_minutes_ends_too(session: Session, sign_in: SignIn) -> None:
    made = make_published_jury(session)
    session.commit()
    member, registrar = sign_in(made.members[1]), sign_in(made.registrar)
    paths = [f"/juries/{made.jury.id}", f"/juries/{made.jury.id}/minutes", f"/juries/{made.jury.id}/minutes.pdf"]
    assert [member.get(path).status_code for path in paths[:2]] == [200, 200]
    with clock.at(clock.now() + timedelta(days=31)):
        member, registrar = sign_in(made.members[1]), sign_in(made.registrar)
        assert [member.get(path).status_code for path in paths] == [403, 403, 403]
        assert "a pris fin" in member.get(paths[0]).text
        assert member.get("/juries").status_code == 200
        assert [registrar.get(path).status_code for path in paths[:2]] == [200, 200]
        services.unpublish(session, made.actor(session), made.jury, reason="Erreur de transcription.")
        session.commit()
        assert member.get(paths[1]).status_code == 200


@pytest.mark.engines("sqlite")
def test_a_refused_form_that_shows_the_file_again_is_traced_as_a_reading(session: Session, sign_in: SignIn) -> None:
    made = opened(session, make_jury(session))
    session.commit()
    client, address = sign_in(made.president), f"/candidacies/{made.candidacies[0].id}"
    page = visit(client, address)
    for action, values in (("/votes", {}), ("/recusals", {"seat": ""}), ("", {"outcome": ""})):
        read(submit(client, page, f'form[action="{address}{action}"]', **values), status=422)
    traces = session.scalars(select(AuditEvent).where(AuditEvent.tag == "jury:file:read")).all()
    assert [trace.actor_id for trace in traces] == [made.president.id] * 4
