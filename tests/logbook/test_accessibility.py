"""Every page of the logbook in a browser: axe finds nothing and nothing is wider than the window, wide or narrow."""

import pytest
from playwright.sync_api import Browser

from certify.accounts.models import User
from certify.cohorts.models import Enrolment
from certify.core.access import Role
from certify.core.db import db
from certify.logbook.models import ReviewOutcome
from certify.organisations.models import Organisation
from tests.factories.cohorts import make_enrolment
from tests.factories.logbook import (
    answer,
    make_entry,
    make_form,
    make_submitted,
    make_template,
    make_trainer,
    submit,
    trainee_of,
)
from tests.factories.people import make_member
from tests.services.accessibility import assert_all_accessible
from tests.services.live_server import LiveServer
from tests.services.signing_in import sign_in_browser

Places = dict[str, str]


def scene(server: LiveServer) -> list[tuple[User, Places]]:
    """Make entries at every stage; return who looks at which pages."""
    session = db.session
    enrolment = make_enrolment(session)
    draft = make_entry(session, enrolment, activity="watch", values={"source": "Un dossier"})
    make_template(session, draft)
    waiting = make_submitted(session, enrolment, activity="partner_meeting")
    returned = make_submitted(session, enrolment)
    answer(session, returned, ReviewOutcome.RETURNED, comments={"account": "Précisez."})
    returned.account = "Écrit autrement."
    submit(session, returned)
    answer(session, returned, ReviewOutcome.RETURNED, number=2, comments={"account": "Encore."})
    body = session.get_one(Organisation, enrolment.training_body_id)
    form = make_form(session, body)
    trainee, trainer = trainee_of(session, enrolment), make_trainer(session, enrolment)
    coordinator = make_member(session, body, Role.COORDINATOR)
    session.commit()
    return [
        (trainee, _own_pages(server, draft.id, returned.id)),
        (trainer, _staff_pages(server, waiting.id, returned.id, enrolment)),
        (
            coordinator,
            {
                "forms": server.address("/entry-forms"),
                "editor": server.address(f"/entry-forms/{body.id}/partner_meeting"),
                "version": server.address(f"/entry-forms/versions/{form.id}"),
            },
        ),
    ]


def _own_pages(server: LiveServer, draft: object, returned: object) -> Places:
    paths = {
        "list": "/logbook?since=2026-01-01",
        "new": "/logbook/new",
        "draft with a newer form": f"/logbook/{draft}/edit",
        "returned": f"/logbook/{returned}/edit",
        "read again": f"/logbook/{draft}/submit",
        "entry": f"/logbook/{returned}",
        "counters": "/logbook/counters",
        "templates": "/logbook/templates",
    }
    return {name: server.address(path) for name, path in paths.items()}


def _staff_pages(server: LiveServer, waiting: object, returned: object, enrolment: Enrolment) -> Places:
    paths = {
        "queue": "/reviews",
        "review": f"/reviews/{waiting}",
        "versions": f"/logbook/{returned}",
        "list": f"/trainees/{enrolment.id}/logbook",
        "counters": f"/trainees/{enrolment.id}/logbook/counters",
    }
    return {name: server.address(path) for name, path in paths.items()}


@pytest.mark.parametrize("width", [1280, 360])
@pytest.mark.engines("sqlite")
def test_everybody_can_use_the_pages_of_the_logbook(live_server: LiveServer, browser: Browser, width: int) -> None:
    with live_server.app.app_context():
        people = scene(live_server)
        windows = []
        for person, places in people:
            context = browser.new_context(viewport={"width": width, "height": 800}, locale="fr-FR")
            sign_in_browser(context, live_server, person)
            windows.append((context, places))
    for context, places in windows:
        assert_all_accessible(context.new_page(), places)
        context.close()
