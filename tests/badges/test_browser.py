"""The pages of badges in a real browser, on a screen and on a phone."""

import pytest
from playwright.sync_api import Page

from certify.accounts.models import User
from certify.badges import services
from certify.core import jobs
from certify.core.db import db
from tests.factories.badges import make_badge
from tests.factories.juries import make_published_jury
from tests.services.accessibility import assert_all_accessible
from tests.services.live_server import LiveServer
from tests.services.signing_in import sign_in_as


@pytest.mark.parametrize("size", ["page", "phone"])
def test_every_page_of_badges_is_accessible(live_server: LiveServer, request: pytest.FixtureRequest, size: str) -> None:
    window: Page = request.getfixturevalue(size)
    with live_server.app.app_context():
        prepared = make_published_jury(db.session)
        certificate, badge = make_badge(db.session, jobs.run_pending, prepared)
        holder = db.session.get_one(User, certificate.holder_id)
        services.publish(db.session, prepared.actor(db.session, holder), badge)
        base, slug = f"/o/{badge.organisation_id.hex}", badge.document["credentialSubject"]["achievement"]["id"]
        own, keys = f"/my-certificates/{certificate.id}/badge", f"/organisations/{badge.organisation_id}/badges"
        public = f"{base}/badges/{badge.id.hex}"
        emails = [holder.email, prepared.registrar.email]
        db.session.commit()
    assert_all_accessible(
        window,
        {
            "the issuer": live_server.address(base),
            "an achievement": live_server.address(f"{base}/achievements/{slug.rpartition('/')[2]}"),
            "a badge its holder publishes": live_server.address(public),
        },
    )
    sign_in_as(window, live_server, emails[0])
    assert_all_accessible(window, {"one's own badge": live_server.address(own)})
    sign_in_as(window, live_server, emails[1])
    assert_all_accessible(window, {"the registrar's keys": live_server.address(keys)})
