"""What is said to platforms: signing, reading and applying a large roster, delivering many grades."""

import time
import uuid
from collections.abc import Callable, Iterator
from statistics import median
from typing import Any

from flask import current_app
from sqlalchemy import insert, select
from sqlalchemy.orm import Session

import competencies
from certify.accounts.models import User
from certify.assessments.models import Standing
from certify.cohorts.models import Cohort, Enrolment
from certify.core import clock, jobs
from certify.core.access import Role
from certify.core.db import db, separate_session
from certify.core.types import new_id
from certify.lti import keys
from certify.lti.client import access
from certify.lti.models import (
    Context,
    Deployment,
    Identity,
    LtiMembership,
    Registration,
    RosterRead,
    RosterState,
    Score,
    ScoreState,
)
from certify.lti.protocol import deeplinks, tokens
from certify.lti.services import grades, rosters
from certify.organisations.models import Organisation
from certify.settings import Settings
from tests.bench.calling import SITE
from tests.bench.measuring import seconds
from tests.bench.peer import running_peer
from tests.bench.places import opened_app
from tests.bench.rows import Row, information, within
from tests.factories.cohorts import make_cohort
from tests.factories.people import actor_of, make_member
from tests.services.launches import register
from tests.services.lms import Platform, running_platform
from tests.services.lms.vocabulary import DEEP_LINKING, DEEP_LINKING_REQUEST
from tests.services.statements import count_statements

NAMES = (
    "lti.deep_linking_response", "lti.token_request", "lti.roster_10000", "lti.roster_statements_per_1000",
    "lti.scores_1000",
)  # fmt: skip
SIGNATURES = 10
MEMBERS = 10_000
GRADES = 1000


def measure() -> Iterator[Row]:
    """Sign in turns with the peer; then apply a roster and deliver grades, over real HTTP."""
    with running_platform() as platform, opened_app(lti_allow_insecure=True, public_url=SITE) as app, app.app_context():
        context_id = _course(platform)
        yield from _signing(platform)
        yield from _roster(platform, context_id)
    with running_platform() as platform, opened_app(lti_allow_insecure=True, public_url=SITE) as app, app.app_context():
        yield _grades(platform, _course(platform))


def _settings() -> Settings:
    settings: Settings = current_app.config["SETTINGS"]
    return settings


def _course(platform: Platform) -> uuid.UUID:
    """Have the platform known, and its course stand for a cohort."""
    cohort = make_cohort(db.session)
    organisation = db.session.get_one(Organisation, cohort.training_body_id)
    document = keys.published(db.session, _settings())
    registration = register(db.session, platform, organisation, tool=SITE, jwks=lambda: document)
    deployment = db.session.scalars(select(Deployment).where(Deployment.registration_id == registration.id)).one()
    context = Context(
        id=new_id(), deployment_id=deployment.id, lms_id=platform.course.id, title=platform.course.title,
        cohort_id=cohort.id, memberships_url=platform.roster_url(platform.course),
        line_items_url=platform.gradebook.list_url(platform.course), ags_scopes=list(platform.grade_scopes),
        id_history=[], created_at=clock.now(),
    )  # fmt: skip
    context_id = context.id
    db.session.add(context)
    db.session.commit()
    return context_id


def _signing(platform: Platform) -> Iterator[Row]:
    registration = db.session.scalars(select(Registration)).one()
    asked = deeplinks.settings_of(
        platform.claims("teacher", message=DEEP_LINKING_REQUEST)[f"{DEEP_LINKING}deep_linking_settings"]
    )
    items = (deeplinks.Item("Carnet", f"{SITE}/lti/launch", {"certify_item": str(new_id())}, None),)

    def answer() -> None:
        kid, key = keys.signing(db.session, _settings())
        claims = deeplinks.response(
            items, asked, issuer=registration.issuer, client_id=registration.client_id, deployment_id="1",
            now=clock.now(), nonce="a nonce",
        )  # fmt: skip
        tokens.sign(claims, kid=kid, key=key)

    party = access._party(registration, platform.grade_scopes)

    def ask() -> None:
        access._assertion(db.session, _settings(), party, clock.now())

    answer()
    ours, theirs = [], []
    with running_peer({"claims": platform.claims()}) as peer:
        peer.ask({"signatures": 1})
        for _n in range(SIGNATURES):
            ours += [(_spent(answer), _spent(ask)) for _each in range(SIGNATURES)]
            theirs += peer.ask({"signatures": 1})
    db.session.rollback()
    for place, name in enumerate(NAMES[:2]):
        mine, its = (median(row[place] for row in rows) * 1000 for rows in (ours, theirs))
        yield within(name, mine, "ms", 1, its, "PyLTI1p3")


def _spent(work: Callable[[], None]) -> float:
    begin = time.process_time()
    work()
    return time.process_time() - begin


def _roster(platform: Platform, context_id: uuid.UUID) -> Iterator[Row]:
    """Read and apply ten thousand members, by a job as a teacher does it."""
    platform.course.fill(MEMBERS)
    with count_statements(db.engine) as sent:
        spent = seconds(lambda: _applied(platform, context_id))
    yield within("lti.roster_10000", spent, "s", 5)
    found = len(db.session.scalars(select(LtiMembership.id)).all())
    assert found >= MEMBERS, f"{found} members"
    db.session.rollback()
    per_thousand = round(len(sent) * 1000 / found)
    yield within("lti.roster_statements_per_1000", per_thousand, "requêtes", 20)


def _applied(platform: Platform, context_id: uuid.UUID) -> None:
    with separate_session() as session:
        context = session.get_one(Context, context_id)
        cohort = session.get_one(Cohort, context.cohort_id)
        teacher = make_member(session, session.get_one(Organisation, cohort.training_body_id), Role.TRAINER)
        read = rosters.want(session, actor_of(session, teacher), cohort.training_body_id, context)
        session.commit()
        brought = rosters.ask(session, _settings(), read.id)
        rosters.keep(session, read.id, brought)
        session.commit()
        kept = session.get_one(RosterRead, read.id)
        assert kept.state is RosterState.READY, kept.fault
        rosters.apply(session, actor_of(session, teacher), kept)
        session.commit()


def _grades(platform: Platform, context_id: uuid.UUID) -> Row:
    """Queue a thousand grades and deliver them to the platform, one worker."""
    context = db.session.get_one(Context, context_id)
    url = platform.gradebook.add(platform.course.id, {"label": "Tout", "scoreMaximum": 100, "tag": "certify:whole"}).url
    grades.put_column(db.session, context, "whole", url, "Ensemble de la certification")
    _fill(db.session, platform, context)

    def deliver() -> None:
        grades.want_course(db.session, context)
        db.session.commit()
        jobs.run_pending()

    spent = seconds(deliver)
    states = set(db.session.scalars(select(Score.state)))
    assert states == {ScoreState.SENT}, states
    assert len(platform.scores) == GRADES, len(platform.scores)
    return information("lti.scores_1000", GRADES / spent, "par s")


def _fill(session: Session, platform: Platform, context: Context) -> None:
    """Have a thousand trainees known, enrolled and assessed."""
    now, cohort = clock.now(), session.get_one(Cohort, context.cohort_id)
    registration = session.scalars(select(Registration)).one()
    levels = {one.code: "acquired" for one in competencies.demo().competencies}
    common = {
        "cohort_id": cohort.id, "entered_on": cohort.starts_on, "framework_version_id": cohort.framework_version_id,
        "training_body_id": cohort.training_body_id,
    }  # fmt: skip
    rows: dict[Any, list[dict[str, Any]]] = {User: [], Enrolment: [], Standing: [], Identity: [], LtiMembership: []}
    for person in platform.course.fill(GRADES):
        user, enrolment, identity = new_id(), new_id(), new_id()
        rows[User].append(
            {"id": user, "email": f"{user.hex}@lti.invalid", "given_name": "Stagiaire", "created_at": now}
        )
        rows[Enrolment].append({"id": enrolment, "user_id": user, "created_at": now, **common})
        rows[Standing].append({"enrolment_id": enrolment, "competencies": levels, "disputed": [], "assessed_at": now})
        rows[Identity].append(
            {"id": identity, "user_id": user, "registration_id": registration.id, "sub": person.sub, "created_at": now}
        )
        part = {"roles": ["Learner"], "role": Role.TRAINEE, "source": "roster", "joined_at": now}
        rows[LtiMembership].append({"id": new_id(), "context_id": context.id, "identity_id": identity, **part})
    for table, values in rows.items():
        session.execute(insert(table), values)
    session.commit()
