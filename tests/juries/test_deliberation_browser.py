"""The pages of a jury that decides, signs and publishes, in a real browser, at both widths."""

import pytest
from playwright.sync_api import Page
from sqlalchemy.orm import Session

import competencies
from certify.accounts.models import User
from certify.cohorts.models import Enrolment
from certify.core import clock
from certify.core.db import db
from certify.juries import services
from certify.juries.models import DecisionKind, JurySession
from tests.factories.juries import BLOCKS, NOT_ACQUIRED, grant, make_closed_jury, make_jury, make_published_jury, opened
from tests.services.accessibility import assert_all_accessible
from tests.services.live_server import LiveServer
from tests.services.signing_in import sign_in_as

PARTLY = competencies.BlockOutcome.PARTLY_ACQUIRED


@pytest.fixture
def places(live_server: LiveServer) -> dict[str, dict[str, str]]:
    """Give, by reader, the addresses of a jury that votes, of one to sign, and of one published and contested."""
    with live_server.app.app_context():
        session: Session = db.session
        made = opened(session, make_jury(session, 2))
        first = made.candidacies[0]
        for user, outcome in zip(made.members, (NOT_ACQUIRED, PARTLY, None), strict=True):
            services.vote(
                session, made.actor(session, user), first, outcomes=dict.fromkeys(BLOCKS, outcome),
                comments={"1": "Une seule situation décrite."},
            )  # fmt: skip
        services.recuse(session, made.actor(session, made.members[2]), made.candidacies[1], reason="Ancien service.")
        grant(session, made, first, b4=NOT_ACQUIRED)
        signing = make_closed_jury(session)
        done = make_published_jury(session, 2, b4=NOT_ACQUIRED)
        one = done.candidacies[0]
        holder = session.get_one(User, session.get_one(Enrolment, one.enrolment_id).user_id)
        appeal = services.lodge(session, done.actor(session, holder), one, grounds="Ma fiche 12 n’a pas été lue.")
        services.withdraw(
            session, done.actor(session), done.candidacies[1], kind=DecisionKind.CANCELLATION, expected=1,
            decided_on=clock.today(), reason="Inscription annulée.",
        )  # fmt: skip
        jury = session.get_one(JurySession, done.jury.id)
        found = {
            made.president.email: {
                "day": f"/juries/{made.jury.id}/deliberation", "file": f"/candidacies/{first.id}",
                "session": f"/juries/{made.jury.id}",
            },
            signing.president.email: {"signing": f"/juries/{signing.jury.id}/minutes"},
            done.registrar.email: {
                "outcomes": f"/juries/{jury.id}/outcomes", "after": f"/candidacies/{one.id}/after",
                "correct": f"/candidacies/{one.id}/correct", "withdraw": f"/candidacies/{one.id}/withdraw",
                "reinstate": f"/candidacies/{done.candidacies[1].id}/reinstate", "answer": f"/appeals/{appeal.id}",
                "minutes": f"/juries/{jury.id}/minutes",
            },
            holder.email: {"results": "/results"},
        }  # fmt: skip
        session.commit()
    return {email: {name: live_server.url + path for name, path in pages.items()} for email, pages in found.items()}


@pytest.mark.parametrize("window", ["page", "phone"])
def test_every_page_of_a_deliberation_is_accessible_and_fits_its_window(
    request: pytest.FixtureRequest, live_server: LiveServer, places: dict[str, dict[str, str]], window: str
) -> None:
    page: Page = request.getfixturevalue(window)
    for email, pages in places.items():
        sign_in_as(page, live_server, email)
        assert_all_accessible(page, pages)
