"""Attendance, VAE, suspensions and prior learning in a real browser, at both widths and without a script."""

from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from certify.cohorts.models import AccessRoute, HalfDay, Presence, VaeStepKind
from certify.core import clock
from certify.core.access import Role
from certify.core.db import db
from certify.organisations.models import Organisation
from tests.factories.cohorts import make_cohort, make_enrolment
from tests.factories.following import make_half_day, make_pause, make_prior, make_step, mark
from tests.factories.people import make_member, make_user
from tests.services.accessibility import assert_all_accessible
from tests.services.live_server import LiveServer
from tests.services.signing_in import sign_in_as

STAFF, TRAINEE = "formation@exemple.test", "stagiaire@exemple.test"


@pytest.fixture
def places(live_server: LiveServer) -> dict[str, str]:
    """Give the addresses of the pages of a cohort under way."""
    with live_server.app.app_context():
        session, today = db.session, clock.today()
        cohort = make_cohort(session, name="Printemps")
        body = session.get_one(Organisation, cohort.training_body_id)
        staff = make_user(session, email=STAFF, given_name="Coordinatrice", family_name="A")
        make_member(session, body, Role.COORDINATOR, staff)
        make_member(session, body, Role.TRAINER, staff)
        people = [
            make_enrolment(session, cohort, make_user(session, given_name="Stagiaire", family_name=f"{n:02d}"))
            for n in range(1, 6)
        ]
        trainee = make_user(session, email=TRAINEE, given_name="Stagiaire", family_name="06")
        own = make_enrolment(session, cohort, trainee, access_route=AccessRoute.PRIOR_EXPERIENCE)
        old = make_half_day(session, cohort, today - timedelta(days=8), title="Accueillir un groupe de parents")
        for number, enrolment in enumerate([*people, own]):
            mark(session, old, enrolment, Presence.ABSENT if number == 2 else Presence.PRESENT, staff)
        mark(session, old, people[2], Presence.EXCUSED, staff)
        new = make_half_day(session, cohort, today, half=HalfDay.MORNING, title="Écouter sans juger")
        make_half_day(session, cohort, today + timedelta(days=3), half=HalfDay.AFTERNOON)
        make_half_day(session, cohort, today - timedelta(days=2), cancelled_at=clock.now())
        make_pause(session, people[0], today - timedelta(days=60), today - timedelta(days=30))
        make_step(session, own, VaeStepKind.FEASIBILITY_FILED, today - timedelta(days=150), staff, blocks=["1"])
        wrong = make_step(session, own, VaeStepKind.ADMITTED, today - timedelta(days=130), staff)
        make_step(session, own, VaeStepKind.ADMITTED, wrong.on, staff, strikes_id=wrong.id)
        make_step(session, own, VaeStepKind.ADMITTED, today - timedelta(days=120), staff)
        make_step(session, own, VaeStepKind.VALIDATION_FILED, today - timedelta(days=20), staff)
        draft = make_prior(session, own)
        prior = make_prior(session, own, submitted=True, title="Trois ans d’animation d’un lieu d’accueil")
        found = {
            "half-days": f"/cohorts/{cohort.id}/attendance", "sheet": f"/cohorts/{cohort.id}/attendance/{new.id}",
            "filled-sheet": f"/cohorts/{cohort.id}/attendance/{old.id}",
            "print": f"/cohorts/{cohort.id}/attendance/{new.id}/print",
            "totals": f"/cohorts/{cohort.id}/attendance/trainees", "vae": f"/enrolments/{own.id}/vae",
            "vae-files": "/vae", "pause": f"/enrolments/{people[0].id}/pause", "enrolment": f"/enrolments/{own.id}",
            "prior-of": f"/trainees/{own.id}/prior-learning", "prior-reviews": "/prior-learning/waiting",
            "prior-piece": f"/prior-learning/{prior.id}",
        }  # fmt: skip
        own_pages = {
            "own-attendance": "/attendance", "own-vae": "/vae/own", "own-prior": "/prior-learning",
            "own-new": "/prior-learning/new",
            "own-edit": f"/prior-learning/{draft.id}/edit", "own-piece": f"/prior-learning/{prior.id}",
        }  # fmt: skip
        session.commit()
    return {name: live_server.url + path for name, path in (found | own_pages).items()}


@pytest.mark.parametrize("window", ["page", "phone"])
def test_every_page_that_follows_trainees_is_accessible_and_fits_its_window(
    request: pytest.FixtureRequest,
    live_server: LiveServer,
    places: dict[str, str],
    window: str,
) -> None:
    page: Page = request.getfixturevalue(window)
    for email, is_own in ((STAFF, False), (TRAINEE, True)):
        sign_in_as(page, live_server, email)
        assert_all_accessible(page, {name: url for name, url in places.items() if name.startswith("own-") is is_own})


def test_a_sheet_is_filled_in_on_a_phone_without_a_script(
    live_server: LiveServer, places: dict[str, str], plain_page: Page
) -> None:
    sign_in_as(plain_page, live_server, STAFF)
    plain_page.goto(places["sheet"])
    row = plain_page.get_by_role("group", name="Stagiaire 02")
    expect(row.get_by_label("présent·e")).to_be_checked()
    row.get_by_label("absent·e").check()
    box = row.locator("label").first.bounding_box()
    assert box is not None
    assert box["height"] >= 44
    plain_page.get_by_role("button", name="Enregistrer la feuille").click()
    expect(plain_page.get_by_text("La feuille est enregistrée")).to_be_visible()
    expect(plain_page.get_by_role("group", name="Stagiaire 02").get_by_label("absent·e")).to_be_checked()


def test_a_step_of_a_vae_is_recorded_then_struck_out_without_a_script(
    live_server: LiveServer, places: dict[str, str], plain_page: Page
) -> None:
    sign_in_as(plain_page, live_server, STAFF)
    plain_page.goto(places["vae"])
    plain_page.get_by_label("Étape", exact=True).select_option("jury_held")
    plain_page.get_by_label("Date de l’étape").fill(clock.today().isoformat())
    plain_page.get_by_role("button", name="Enregistrer l’étape").click()
    expect(plain_page.get_by_text("L’étape est enregistrée")).to_be_visible()
    plain_page.locator(".timeline > li").first.locator("summary").click()
    plain_page.locator(".timeline > li").first.get_by_label("Pourquoi la barrer ?").fill(
        "Saisie sur le mauvais dossier"
    )
    plain_page.get_by_role("button", name="Barrer l’étape").first.click()
    expect(plain_page.locator(".timeline > .is-struck")).to_have_count(2)
