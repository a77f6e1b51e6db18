"""The pages on which a session is prepared: date, seats, needs, declarations, derogations, convocations, steps back."""

from datetime import time, timedelta

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from certify.core import clock
from certify.core.access import Role
from certify.core.db import db
from certify.juries import services
from certify.juries.models import CompositionDerogation, JurySeat, JuryStep, LinkDeclaration, SessionState
from certify.organisations.models import Organisation
from tests.factories.juries import Prepared, add_candidate, declared, grant, make_jury, opened, seat_member
from tests.factories.people import actor_of, make_member, make_user
from tests.services.signing_in import SignIn
from tests.services.statements import count_statements
from tests.services.visiting import Page, follow, read, submit, visit

SOON = clock.today() + timedelta(days=20)


def ready(session: Session, candidates: int = 1) -> Prepared:
    return make_jury(session, candidates, held_on=SOON, starts_at=time(9), place="Lille, salle 2")


def tied(session: Session, made: Prepared) -> JurySeat:
    body = session.get_one(Organisation, made.cohort.training_body_id)
    user = make_member(session, body, Role.TRAINER, make_user(session, given_name="Formatrice", family_name="A"))
    return seat_member(session, made.jury, user)


def plain(page: Page) -> str:
    return " ".join(page.get_text(" ").split())


def test_the_registrar_changes_when_and_where_a_session_meets(session: Session, sign_in: SignIn) -> None:
    made = make_jury(session)
    client, address = sign_in(made.registrar), f"/juries/{made.jury.id}"
    page = visit(client, f"{address}/edit")
    refused = read(
        submit(client, page, mode="video", place="", starts_at="25:00", video_url="http://exemple.test"), status=422
    )
    for words in ("n’est pas une heure", "Elle commence par https"):
        assert words in plain(refused)
    late = read(submit(client, page, starts_at="14:00", ends_at="9 h 30"), status=422)
    assert "après l’heure de début" in plain(late)
    values = {
        "held_on": "12/06/2027",
        "starts_at": "14 h 30",
        "mode": "both",
        "video_url": "https://visio.exemple.test",
    }
    shown = plain(follow(client, submit(client, page, **values)))
    for words in ("12 juin 2027, 14 h 30 · Lille, salle 2 · en visioconférence", "https://visio.exemple.test"):
        assert words in shown


def test_the_registrar_says_in_what_quality_somebody_sits(session: Session, sign_in: SignIn) -> None:
    made = make_jury(session)
    seat = session.scalars(select(JurySeat).where(JurySeat.user_id == made.members[1].id)).one()
    client, address = sign_in(made.registrar), f"/juries/{made.jury.id}/seats/{seat.id}"
    page = visit(client, address)
    refused = read(submit(client, page, is_president=True, is_reserve=True), status=422)
    assert "n’est pas confiée à une personne suppléante" in plain(refused)
    answer = submit(client, page, is_reserve=True, employer="Relais des Lilas", quality="Puéricultrice", gender="F")
    shown = plain(follow(client, answer))
    assert "suppléance" in shown
    assert "Relais des Lilas" in shown
    assert client.get(f"/juries/{make_jury(session).jury.id}/seats/{seat.id}").status_code == 404


def test_the_jury_reads_when_a_candidate_is_expected_and_what_is_arranged(session: Session, sign_in: SignIn) -> None:
    made = ready(session)
    client, address = sign_in(made.registrar), f"/juries/{made.jury.id}/candidates/{made.candidacies[0].id}"
    page = visit(client, address)
    refused = read(submit(client, page, passes_at="8:00", extra_time_percent="33"), status=422)
    assert "La session commence plus tard" in plain(refused)
    values = {"passes_at": "10 h 30", "extra_time_percent": "33", "arrangements": "Une pause au milieu."}
    follow(client, submit(client, page, **values))
    shown = plain(visit(sign_in(made.members[1]), f"/juries/{made.jury.id}"))
    assert "10 h 30 · temps supplémentaire : 33 % · Une pause au milieu." in shown
    assert client.get(f"/juries/{make_jury(session).jury.id}/candidates/{made.candidacies[0].id}").status_code == 404


def test_a_member_declares_a_link_which_the_registrar_sees(session: Session, sign_in: SignIn) -> None:
    made = declared(session, ready(session, 2))
    session.commit()
    juror, candidacy = made.members[1], made.candidacies[0]
    client, address = sign_in(juror), f"/juries/{made.jury.id}/declare"
    page = visit(client, address)
    assert "Vous avez signé cette déclaration" in plain(page)
    refused = read(submit(client, page, **{f"link-{candidacy.id}": "other", "agreed": True}), status=422)
    assert "quel est ce lien" in plain(refused)
    values = {f"link-{candidacy.id}": "employed", f"account-{candidacy.id}": "Il y a dix ans.", "agreed": True}
    follow(client, submit(client, page, **values))
    assert len(session.scalars(select(LinkDeclaration)).all()) == 4
    shown = plain(visit(sign_in(made.registrar), f"/juries/{made.jury.id}"))
    assert "emploie ou a employé la personne candidate" in shown
    assert "Il y a dix ans." in shown
    assert sign_in(made.registrar).get(address).status_code == 404


def test_a_rule_is_set_aside_with_a_reason_that_the_jury_reads_then_blocks_again(
    session: Session, sign_in: SignIn
) -> None:
    made = ready(session, 2)
    seat = tied(session, made)
    client, address = sign_in(made.registrar), f"/juries/{made.jury.id}"
    page = visit(client, address)
    link = page.select_one('a[href*="/derogations?violation=conflict_trained"]')
    assert link is not None
    assert page.find("a", href=f"{address}/seats/{seat.id}")
    form = visit(client, str(link["href"]))
    assert "Remplissez ce champ" in plain(read(submit(client, form, reason=""), status=422))
    shown = follow(client, submit(client, form, reason="Aucun autre membre qualifié dans la région."))
    assert len(session.scalars(select(CompositionDerogation)).all()) == 2
    assert "Aucun lien avec les candidatures 2 liens écartés par dérogation" in plain(shown)
    assert "Aucun autre membre qualifié dans la région." in plain(visit(sign_in(made.members[2]), address))
    assert client.get(f"{address}/derogations?violation=no_president&member=").status_code == 404
    again = follow(client, submit(client, shown, 'form[action$="/withdraw"]'))
    assert "1 point bloque" in plain(again)
    assert "retirée le" in plain(again)


def test_the_registrar_convenes_sees_what_was_sent_and_cancels_with_a_reason(session: Session, sign_in: SignIn) -> None:
    made = ready(session)
    session.commit()
    client, address = sign_in(made.registrar), f"/juries/{made.jury.id}"
    assert visit(client, address).find("a", href=f"{address}/convocations")
    page = visit(client, f"{address}/convocations")
    assert "3 membres, 1 personne candidate" in plain(page)
    shown = follow(client, submit(client, page))
    assert shown.select_one(".steps .is-current").get_text() == "Convocation"  # type: ignore[union-attr]
    sent = plain(visit(client, f"{address}/convocations"))
    assert sent.count("convocation") >= 4
    assert "personne candidate" in sent
    back = f'form[action="{address}/back"]'
    assert "Remplissez ce champ" in plain(read(submit(client, shown, back, reason=" "), status=422))
    undone = plain(follow(client, submit(client, shown, back, reason="La salle n’est plus libre.")))
    assert "Convocations annulées" in undone
    assert "La salle n’est plus libre." in undone
    assert "annulation" in plain(visit(client, f"{address}/convocations"))


def test_a_session_without_its_hour_says_so_when_it_is_convened(session: Session, sign_in: SignIn) -> None:
    made = make_jury(session)
    client = sign_in(made.registrar)
    page = visit(client, f"/juries/{made.jury.id}/convocations")
    assert "heure de début" in plain(read(submit(client, page), status=422))


def test_a_deliberation_is_suspended_with_a_reason_and_opened_again(session: Session, sign_in: SignIn) -> None:
    made = opened(session, make_jury(session, starts_at=time(9)))
    grant(session, made, made.candidacies[0])
    session.commit()
    client, address = sign_in(made.registrar), f"/juries/{made.jury.id}"
    page = visit(client, address)
    shown = follow(client, submit(client, page, f'form[action="{address}/back"]', reason="Un membre est souffrant."))
    assert "Délibération suspendue" in plain(shown)
    assert shown.select_one(f'form[action="{address}/seats"]')
    opened_again = follow(client, submit(client, shown, f'form[action="{address}/open"]'))
    assert "Délibération en cours" in plain(opened_again)
    states = [one.to_state for one in session.scalars(select(JuryStep).order_by(JuryStep.number))]
    assert states[-2:] == [SessionState.CONVENED, SessionState.DELIBERATING]
    for path in ("edit", f"seats/{made.jury.seats[0].id}", f"candidates/{made.candidacies[0].id}"):
        assert sign_in(made.members[1]).get(f"{address}/{path}").status_code in (403, 404)


def test_a_member_told_of_a_new_candidate_signs_again(session: Session, sign_in: SignIn) -> None:
    made = declared(session, ready(session))
    juror = made.members[1]
    session.commit()
    assert "Votre déclaration est signée" in plain(visit(sign_in(juror), f"/juries/{made.jury.id}"))
    add_candidate(session, made)
    session.commit()
    assert "relisez la liste et signez de nouveau" in plain(visit(sign_in(juror), f"/juries/{made.jury.id}"))
    services.declare(session, actor_of(session, juror), made.jury)


@pytest.mark.engines("sqlite")
def test_the_page_of_a_session_takes_as_many_statements_whatever_its_size(
    app: Flask, session: Session, sign_in: SignIn
) -> None:
    counts = []
    for size in (2, 12):
        made = ready(session, size)
        tied(session, made)
        session.commit()
        client = sign_in(made.registrar)
        visit(client, f"/juries/{made.jury.id}")
        with app.app_context(), count_statements(db.engine) as statements:
            visit(client, f"/juries/{made.jury.id}")
        counts.append(len(statements))
    assert counts[0] == counts[1], statements
