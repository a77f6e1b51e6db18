"""Pages of the guard in a real browser: they are accessible and fit a phone."""

import pytest
from playwright.sync_api import Page

from certify.accounts.models import User
from certify.anonymity import queries, services
from certify.anonymity.policies import Passage
from certify.core.db import db
from tests.factories.cohorts import make_enrolment
from tests.factories.evidence import author_of
from tests.factories.logbook import make_entry, make_trainer, submit
from tests.factories.people import actor_of
from tests.services.accessibility import assert_all_accessible
from tests.services.live_server import LiveServer
from tests.services.signing_in import sign_in_as

WINDOWS = ["page", "phone"]


def _made(live_server: LiveServer) -> tuple[str, str, str]:
    """Make two flagged passages; return the addresses of a trainee and of a trainer, and of what can be flagged."""
    with live_server.app.app_context():
        enrolment = make_enrolment(db.session)
        trainer = make_trainer(db.session, enrolment)
        account = "Gabin a souri. " * 3 + "Sa mère a parlé du sommeil, longuement. " * 4
        version = submit(db.session, make_entry(db.session, enrolment, account=account))
        actor = actor_of(db.session, trainer)
        subject = queries.subject_for(db.session, actor, "logbook_version", version.id)
        services.flag(db.session, actor, subject, passages=[Passage("account", 0, 5), Passage("title", 0, 4)])
        services.declare_names(db.session, author_of(db.session, enrolment), enrolment, names=["Lina"])
        trainee = db.session.get_one(User, enrolment.user_id)
        db.session.commit()
        return trainee.email, trainer.email, f"/flags/logbook_version/{version.id}"


@pytest.mark.parametrize("window", WINDOWS)
def test_a_trainee_reads_what_to_rewrite_and_declares_names(
    request: pytest.FixtureRequest, live_server: LiveServer, window: str
) -> None:
    trainee, _, _ = _made(live_server)
    browser: Page = request.getfixturevalue(window)
    sign_in_as(browser, live_server, trainee)
    places = {"names": "/declared-names", "flags": "/flags"}
    assert_all_accessible(browser, {name: live_server.address(path) for name, path in places.items()})


@pytest.mark.parametrize("window", WINDOWS)
def test_a_trainer_masks_passages_and_reads_what_was_masked(
    request: pytest.FixtureRequest, live_server: LiveServer, window: str
) -> None:
    _, trainer, path = _made(live_server)
    browser: Page = request.getfixturevalue(window)
    sign_in_as(browser, live_server, trainer)
    places = {"flag": path, "flags": "/flags"}
    assert_all_accessible(browser, {name: live_server.address(path) for name, path in places.items()})
