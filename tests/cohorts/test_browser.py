"""Cohorts in a real browser: every page at both widths, and the import without a line of script."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from certify.assessments.models import Standing
from certify.cohorts.models import EnrolmentState
from certify.core import clock
from certify.core.access import Role
from certify.core.db import db
from certify.organisations.models import Organisation
from tests.factories.cohorts import make_cohort, make_enrolment
from tests.factories.people import make_member, make_user
from tests.services.accessibility import assert_all_accessible
from tests.services.live_server import LiveServer
from tests.services.signing_in import sign_in_as

STAFF = "coordination@exemple.test"
LIST = "prénom;nom;e-mail\nStagiaire;03;s03@exemple.fr\nStagiaire;04;pas une adresse\n"


@pytest.fixture
def places(live_server: LiveServer) -> dict[str, str]:
    """Give the addresses of the pages of a cohort with trainees."""
    with live_server.app.app_context():
        cohort = make_cohort(db.session, name="Printemps")
        make_member(
            db.session, db.session.get_one(Organisation, cohort.training_body_id), Role.COORDINATOR,
            make_user(db.session, email=STAFF),
        )  # fmt: skip
        for n in range(3):
            person = make_user(db.session, given_name="Stagiaire", family_name=f"{n:02d}")
            enrolment = make_enrolment(db.session, cohort, person, state=EnrolmentState.INVITED)
            levels = {"1.1": "acquired", "1.2": "partly_acquired", "3.2": "not_acquired"}
            db.session.add(
                Standing(enrolment_id=enrolment.id, competencies=levels, disputed=["3.2"], assessed_at=clock.now())
            )
        found = {
            "list": "/cohorts", "new": "/cohorts/new", "matrix": f"/cohorts/{cohort.id}",
            "edit": f"/cohorts/{cohort.id}/edit", "enrolments": f"/cohorts/{cohort.id}/enrolments",
            "enrol": f"/cohorts/{cohort.id}/enrolments/new", "import": f"/cohorts/{cohort.id}/import",
            "enrolment": f"/enrolments/{enrolment.id}", "frameworks": "/frameworks",
            "framework": f"/frameworks/{cohort.framework_version_id}",
        }  # fmt: skip
        db.session.commit()
    return {name: live_server.url + path for name, path in found.items()}


@pytest.mark.parametrize("window", ["page", "phone"])
def test_every_page_of_cohorts_is_accessible_and_fits_its_window(
    request: pytest.FixtureRequest,
    live_server: LiveServer,
    places: dict[str, str],
    axe: Callable[[Page], None],
    window: str,
) -> None:
    page: Page = request.getfixturevalue(window)
    sign_in_as(page, live_server, STAFF)
    assert_all_accessible(page, places)
    page.goto(places["import"])
    page.fill("textarea[name=pasted]", LIST)
    page.get_by_role("button", name="Voir l’aperçu").click()
    axe(page)
    expect(page.get_by_text("pas une adresse", exact=True)).to_be_visible()


def test_a_list_is_imported_without_a_line_of_script(
    live_server: LiveServer, places: dict[str, str], plain_page: Page
) -> None:
    sign_in_as(plain_page, live_server, STAFF)
    plain_page.goto(places["import"])
    plain_page.fill("textarea[name=pasted]", LIST)
    plain_page.get_by_role("button", name="Voir l’aperçu").click()
    plain_page.get_by_role("button", name="Inscrire cette personne").click()
    expect(plain_page.get_by_text("1 personne inscrite")).to_be_visible()
    plain_page.goto(places["matrix"])
    assert plain_page.get_by_role("row").filter(has_text="Stagiaire 03").count() == 1
    plain_page.get_by_label("Situation", exact=True).select_option("disputed")
    plain_page.get_by_role("button", name="Filtrer").click()
    expect(plain_page.locator(".matrix tbody tr")).to_have_count(3)
    assert plain_page.get_by_role("link", name="Stagiaire 00, 3.2").get_attribute("href")
