"""Answering from the link of a mail on a phone, in a window that knows nobody."""

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from certify.cohorts.models import Enrolment
from certify.core.db import db
from certify.observations import queries
from certify.observations.models import ObservationAnswer, ObservationRequest, Way
from tests.factories.cohorts import make_enrolment
from tests.factories.logbook import make_trainer, trainee_of
from tests.factories.observations import fill, make_answered, make_observation, secret_of
from tests.services.accessibility import assert_accessible, assert_all_accessible
from tests.services.live_server import LiveServer
from tests.services.signing_in import sign_in_as


def fits(window: Page) -> bool:
    """Whether nothing is wider than the window."""
    return not window.evaluate("document.documentElement.scrollWidth > innerWidth")


def test_a_referent_answers_on_a_phone_from_the_mail_to_the_signature(live_server: LiveServer, phone: Page) -> None:
    with live_server.app.app_context():
        request = make_observation(db.session)
        scale = queries.asked(db.session, request.id).framework.scale_of("3.1.1")
        best, path = scale.levels[-1].label.fr, f"/observe/{secret_of(db.session, request)}"
        db.session.commit()
    phone.goto(live_server.address(path))
    assert fits(phone)
    assert_accessible(phone)
    first = phone.locator("fieldset[data-indicator]").first
    first.get_by_text(best, exact=False).first.tap()
    first.locator("textarea").fill("Un tour de parole posé, personne n’est coupé.")
    expect(phone.locator("[data-autosave-status]")).to_contain_text("Enregistré")
    phone.reload()
    expect(first.locator("textarea")).to_have_value("Un tour de parole posé, personne n’est coupé.")
    expect(first.locator("input:checked")).to_have_count(1)
    for card in phone.locator("fieldset[data-indicator]").all()[1:]:
        card.get_by_text("Non observé").tap()
    expect(phone.locator("[data-grid-count]")).to_have_text("3 sur 3")
    phone.get_by_role("button", name="Relire et signer").tap()
    expect(phone.get_by_role("heading", level=1)).to_have_text("Relire et signer")
    assert fits(phone)
    assert_accessible(phone)
    phone.get_by_label("Votre prénom et votre nom").fill("Référente 01")
    phone.get_by_label("Je certifie avoir observé").check()
    phone.get_by_role("button", name="Signer ma réponse").tap()
    expect(phone.get_by_role("heading", level=1)).to_have_text("Merci, votre réponse est signée")
    assert_accessible(phone)
    with live_server.app.app_context():
        answer = db.session.scalars(select(ObservationAnswer)).one()
        assert answer.signed_name == "Référente 01"
        assert [one["level"] for one in answer.seen.values()] == [scale.levels[-1].code, None, None]


@pytest.mark.parametrize("size", ["page", "phone"])
def test_every_page_of_observations_is_accessible(
    live_server: LiveServer, request: pytest.FixtureRequest, size: str
) -> None:
    window: Page = request.getfixturevalue(size)
    with live_server.app.app_context():
        enrolment = make_enrolment(db.session)
        waiting, answered = make_observation(db.session, enrolment), make_answered(db.session, enrolment)
        together = make_answered(db.session, enrolment, way=Way.TOGETHER)
        begun = make_observation(db.session, enrolment)
        fill(db.session, begun, l1_1="none")
        link, closed = secret_of(db.session, begun), secret_of(db.session, answered)
        trainee, trainer = trainee_of(db.session, enrolment).email, make_trainer(db.session, enrolment).email
        ids = [str(one.id) for one in (waiting, answered, together, enrolment)]
        db.session.commit()
    assert_all_accessible(
        window,
        {
            "answering": live_server.address(f"/observe/{link}"),
            "reading again": live_server.address(f"/observe/{link}/review"),
            "declining": live_server.address(f"/observe/{link}/decline"),
            "thanks": live_server.address(f"/observe/{closed}/thanks"),
            "contesting": live_server.address(f"/observe/{closed}/contest"),
        },
    )
    sign_in_as(window, live_server, trainee)
    assert_all_accessible(
        window,
        {
            "the list": live_server.address("/observations"),
            "asking": live_server.address("/observations/new"),
            "one that waits": live_server.address(f"/observations/{ids[0]}"),
            "one that was answered": live_server.address(f"/observations/{ids[1]}"),
            "signing in turn": live_server.address(f"/observations/{ids[2]}/sign"),
        },
    )
    sign_in_as(window, live_server, trainer)
    assert_all_accessible(
        window,
        {
            "those of a trainee": live_server.address(f"/trainees/{ids[3]}/observations"),
            "what was answered": live_server.address(f"/observations/{ids[1]}"),
        },
    )


def test_a_phone_that_lost_the_network_keeps_what_was_typed(live_server: LiveServer, phone: Page) -> None:
    with live_server.app.app_context():
        request = make_observation(db.session)
        path = f"/observe/{secret_of(db.session, request)}"
        db.session.commit()
        request_id = request.id
    phone.goto(live_server.address(path))
    phone.context.set_offline(True)
    phone.locator("#comment").fill("Écrit dans une salle sans réseau.")
    expect(phone.locator("[data-autosave-status]")).to_have_class("saved is-trouble")
    phone.context.set_offline(False)
    expect(phone.locator("[data-autosave-status]")).to_contain_text("Enregistré")
    with live_server.app.app_context():
        saved = db.session.get_one(ObservationRequest, request_id)
        assert saved.draft["comment"] == "Écrit dans une salle sans réseau."
        assert db.session.get_one(Enrolment, saved.enrolment_id).covered == 0
