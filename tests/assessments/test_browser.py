"""Assessments in a real browser: every page at both widths, for those who assess, coordinate, certify or train."""

from datetime import timedelta

import pytest
from playwright.sync_api import Page

from certify.accounts.models import User
from certify.assessments import services
from certify.core import clock
from certify.core.access import Role
from certify.core.db import db
from certify.organisations.models import Organisation
from tests.factories.assessments import make_draft, make_own, make_own_draft, make_signed, make_trainer, whole_grid
from tests.factories.cohorts import make_cohort, make_enrolment
from tests.factories.people import actor_of, make_member, make_user
from tests.services.accessibility import assert_all_accessible
from tests.services.live_server import LiveServer
from tests.services.signing_in import sign_in_as

COORDINATOR, TRAINER, TRAINEE, REGISTRAR = (
    f"{name}@exemple.test" for name in ("coordination", "formation", "stagiaire", "greffe")
)
Places = dict[str, dict[str, str]]


@pytest.fixture
def places(live_server: LiveServer) -> Places:
    """Give the pages of each person about a trainee whom two trainers see differently."""
    with live_server.app.app_context():
        session = db.session
        cohort = make_cohort(session, name="Printemps")
        body = session.get_one(Organisation, cohort.training_body_id)
        coordinator = make_member(session, body, Role.COORDINATOR, make_user(session, email=COORDINATOR))
        certifying = session.get_one(Organisation, cohort.certifying_body_id)
        make_member(session, certifying, Role.REGISTRAR, make_user(session, email=REGISTRAR))
        enrolment = make_enrolment(session, cohort, make_user(session, email=TRAINEE))
        first = make_trainer(session, enrolment, email=TRAINER)
        signed = make_signed(session, enrolment, first, whole_grid("acquired"))
        second: User = make_trainer(session, enrolment)
        other = make_signed(session, enrolment, second, whole_grid("not_acquired"), comment="Vu deux fois.")
        draft = make_draft(session, enrolment, first, held_on=clock.today() - timedelta(days=3))
        make_own(session, enrolment)
        own = make_own_draft(session, enrolment)
        actor = actor_of(session, coordinator)
        draw = services.draw_sample(session, actor, cohort, percentage=100, seed="12 juin")
        services.retain(
            session, actor, enrolment, "1.1", level="partly_acquired", comment="Vu ensemble, encore fragile."
        )
        trainee = f"/trainees/{enrolment.id}"
        found = {
            COORDINATOR: {
                "compare": f"{trainee}/comparison", "gaps": f"{trainee}/comparison?gaps=1",
                "competency": f"{trainee}/competencies/1.1", "retain": f"{trainee}/competencies/1.2/retained",
                "agreement": f"/cohorts/{cohort.id}/agreement", "verification": f"/cohorts/{cohort.id}/verification",
                "ratings": f"/cohorts/{cohort.id}/agreement/ratings?indicator=1.1.1",
                "draw": f"/verifications/{draw.id}", "assessors": "/assessors", "habilitate": "/assessors/new",
            },
            TRAINER: {
                "list": "/assessments", "start": f"{trainee}/assessments", "grid": f"/assessments/{draft.id}/edit",
                "signed": f"/assessments/{signed.id}", "double": f"/assessments/{other.id}/double",
            },
            TRAINEE: {
                "own": "/self-assessment", "own-grid": f"/assessments/{own.id}/edit",
                "own-comparison": "/self-assessment/comparison", "own-competency": f"{trainee}/competencies/1.1",
            },
            REGISTRAR: {"assessors": "/assessors", "habilitate": "/assessors/new"},
        }  # fmt: skip
        session.commit()
    return {who: {name: live_server.url + path for name, path in pages.items()} for who, pages in found.items()}


@pytest.mark.parametrize("window", ["page", "phone"])
@pytest.mark.parametrize("who", [COORDINATOR, TRAINER, TRAINEE, REGISTRAR])
def test_every_page_of_assessments_is_accessible_and_fits_its_window(
    request: pytest.FixtureRequest, live_server: LiveServer, places: Places, window: str, who: str
) -> None:
    browser: Page = request.getfixturevalue(window)
    sign_in_as(browser, live_server, who)
    assert_all_accessible(browser, places[who])
