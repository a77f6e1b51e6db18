"""What is seen of a cohort, in a real browser: both widths, the keyboard alone, a file made while one watches."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from certify.assessments.models import Standing
from certify.core import clock, jobs
from certify.core.access import Role
from certify.core.db import db
from certify.organisations.models import Organisation
from tests.factories.assessments import make_accepted_evidence, make_own, make_signed, make_trainer, whole_grid
from tests.factories.cohorts import make_cohort, make_enrolment
from tests.factories.people import make_member, make_user
from tests.services.accessibility import assert_all_accessible
from tests.services.live_server import LiveServer
from tests.services.signing_in import sign_in_as

Places = dict[str, str]


STAFF = "coordination@exemple.test"


@pytest.fixture
def places(live_server: LiveServer) -> Places:
    """Give the addresses of the pages of a cohort with trainees, one of whom has a whole history."""
    with live_server.app.app_context():
        cohort = make_cohort(db.session, name="Printemps")
        body = db.session.get_one(Organisation, cohort.training_body_id)
        make_member(db.session, body, Role.COORDINATOR, make_user(db.session, email=STAFF))
        levels = {"1.1": "acquired", "1.2": "partly_acquired", "3.2": "not_acquired"}
        for n in range(3):
            person = make_user(db.session, given_name="Stagiaire", family_name=f"{n:02d}")
            enrolment = make_enrolment(db.session, cohort, person, sort_name=f"{n:02d}")
            if n < 2:
                db.session.add(
                    Standing(enrolment_id=enrolment.id, competencies=levels, disputed=[], assessed_at=clock.now())
                )
        for days, level in ((40, "not_acquired"), (5, "acquired")):
            held_on = clock.today() - timedelta(days=days)
            make_signed(db.session, enrolment, make_trainer(db.session, enrolment), whole_grid(level), held_on=held_on)
        make_own(db.session, enrolment)
        make_accepted_evidence(db.session, enrolment, ["1.1.1", "3.2.1"], sha256="a" * 64)
        found = {
            "matrix": f"/cohorts/{cohort.id}", "late": f"/cohorts/{cohort.id}?situation=late",
            "disputed": f"/cohorts/{cohort.id}/disputed", "results": f"/cohorts/{cohort.id}/results",
            "statistics": "/statistics", "exports": "/exports", "trainee": f"/trainees/{enrolment.id}",
            "file": f"/trainees/{enrolment.id}/whole-file",
        }  # fmt: skip
        db.session.commit()
    return {name: live_server.url + path for name, path in found.items()}


@pytest.mark.parametrize("window", ["page", "phone"])
def test_every_page_of_reports_is_accessible_and_fits_its_window(
    request: pytest.FixtureRequest,
    live_server: LiveServer,
    places: Places,
    window: str,
) -> None:
    browser: Page = request.getfixturevalue(window)
    sign_in_as(browser, live_server, STAFF)
    assert_all_accessible(browser, places)


def test_arrows_go_through_the_matrix_and_enter_opens_the_evidence(
    live_server: LiveServer, places: Places, page: Page
) -> None:
    sign_in_as(page, live_server, STAFF)
    page.goto(places["matrix"])
    focused = page.locator("*:focus")
    page.locator("[data-matrix] tbody th a").first.focus()
    page.keyboard.press("ArrowRight")
    said = str(focused.get_attribute("aria-label"))
    assert said.startswith("Stagiaire 00, 1.1 ")
    assert said.endswith("acquis")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("End")
    page.keyboard.press("ArrowDown")
    assert str(focused.get_attribute("aria-label")).startswith("Stagiaire 02, 4.4")
    page.keyboard.press("ArrowDown")
    assert str(focused.get_attribute("aria-label")).startswith("Stagiaire 02, 4.4")
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text("Stagiaire 02")
    expect(page.locator("#c-4\\.4")).to_be_visible()


def test_a_file_is_watched_until_it_is_ready_and_downloaded(
    live_server: LiveServer, places: Places, page: Page, axe: Callable[[Page], None]
) -> None:
    sign_in_as(page, live_server, STAFF)
    page.goto(places["matrix"])
    page.get_by_role("button", name="Exporter en XLSX").click()
    expect(page.locator("#export")).to_contain_text("Cette page se met à jour seule")
    axe(page)
    _work(live_server.app)
    link = page.get_by_role("link", name="Télécharger")
    expect(link).to_be_visible()
    axe(page)
    with page.expect_download() as download:
        link.click()
    assert download.value.suggested_filename.endswith(".xlsx")


def _work(app: Flask) -> None:
    with app.app_context():
        jobs.run_pending()
