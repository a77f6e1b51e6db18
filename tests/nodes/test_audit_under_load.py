"""Two bodies write their audit chains from several processes at once: no link is lost, none is forked."""

import json
import subprocess
import uuid
from collections import Counter

import pytest
from sqlalchemy import func, select

from certify.cohorts.models import Cohort
from certify.core import clock
from certify.core.access import Role
from certify.core.audit import AuditEvent
from certify.core.db import separate_session
from certify.organisations.models import Organisation
from tests.factories.cohorts import make_cohort
from tests.factories.people import make_member
from tests.nodes.balancer import Browser
from tests.nodes.crowd import Sending, Server, at_once, known
from tests.services.live_server import CERTIFY, environment_of
from tests.services.processes import ROOT
from tests.services.visiting import Page, submit, visit

EACH = 50
TABS = 5


@pytest.fixture
def cohorts(server: Server) -> dict[str, Cohort]:
    """Give a cohort in each of two bodies, by the address of its coordinator."""
    found = {}
    with server.app.app_context(), separate_session() as session:
        for _ in range(2):
            cohort = make_cohort(session)
            body = session.get_one(Organisation, cohort.training_body_id)
            found[known(session, make_member(session, body, Role.COORDINATOR))] = cohort
    return found


def test_a_hundred_enrolments_in_two_bodies_at_once_leave_two_whole_chains(
    server: Server, cohorts: dict[str, Cohort]
) -> None:
    sendings: list[list[Sending]] = []
    for coordinator, cohort in cohorts.items():
        browser = server.browser_of(coordinator)
        page = visit(browser, f"/cohorts/{cohort.id}/enrolments/new")
        for tab in server.tabs(browser, TABS):
            people = [uuid.uuid4() for _ in range(EACH // TABS)]
            sendings.append([_enrolling(tab, page, one) for one in people])

    turns = [at_once(list(turn)) for turn in zip(*sendings, strict=True)]

    assert Counter(answer.status_code for turn in turns for answer in turn) == {303: 2 * EACH}
    bodies = [cohort.training_body_id for cohort in cohorts.values()]
    created = select(AuditEvent.organisation_id, func.count()).where(AuditEvent.tag == "cohorts:enrolment:created")
    with server.app.app_context(), separate_session() as session:
        counts = dict(
            session.execute(
                created.where(AuditEvent.organisation_id.in_(bodies)).group_by(AuditEvent.organisation_id)
            ).all()
        )
    assert counts == dict.fromkeys(bodies, EACH)
    command = [str(CERTIFY), "audit", "verify", "--json"]
    done = subprocess.run(
        command, cwd=ROOT, env=environment_of(server.settings), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["intact"] is True


def _enrolling(tab: Browser, page: Page, person: uuid.UUID) -> Sending:
    values = {
        "email": f"{person.hex}@exemple.test",
        "given_name": "Stagiaire",
        "family_name": person.hex[:8],
        "entered_on": clock.today().isoformat(),
        "_receipt": str(person),
    }
    return lambda: submit(tab, page, 'form:has([name="entered_on"])', **values)
