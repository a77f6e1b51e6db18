"""What certify and a platform of others say to each other, over HTTP, and what either kept of it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests
from bs4 import BeautifulSoup
from flask import Flask
from pydantic import SecretStr
from sqlalchemy import select
from sqlalchemy.orm import Session

from certify import create_app
from certify.accounts.models import User
from certify.cohorts.models import Cohort, Enrolment
from certify.core import clock, jobs
from certify.core.access import Role
from certify.core.db import db
from certify.lti.client import columns, rosters
from certify.lti.client.columns import Column
from certify.lti.client.rosters import Member
from certify.lti.models import Context, Identity, Launch, Registration, ResourceLink, Verdict
from certify.lti.protocol import scoring
from certify.lti.services import grades, registrations
from certify.organisations.models import Organisation
from certify.settings import Settings
from tests.factories.assessments import make_signed, whole_grid
from tests.factories.cohorts import make_cohort, make_enrolment
from tests.factories.people import actor_of, make_member
from tests.interop.platforms import DEEP_LINKING, Form, OtherPlatform
from tests.services import databases
from tests.services.live_server import LiveServer, served
from tests.services.processes import free_port


@contextmanager
def running_certify(folder: Path) -> Iterator[LiveServer]:
    """Serve certify, which lets platforms of this machine in, at the address that it tells them."""
    port = free_port()
    secret = SecretStr("a secret of the tests, of no worth to anybody")
    with databases.migrated_database("sqlite", folder) as url:
        app = create_app(
            Settings(
                env="test",
                data_dir=folder / "var",
                database_url=url,
                queue_url="memory:",
                secret_key=secret,
                password_salt=secret,
                keys_secret=secret,
                public_url=f"http://127.0.0.1:{port}",
                lti_allow_insecure=True,
            )
        )
        with served(app, port=port) as server:
            yield server
        _close(app)


def _close(app: Flask) -> None:
    with app.app_context():
        db.session.remove()  # type: ignore[attr-defined]
        for engine in db.engines.values():
            engine.dispose()


class Browser:
    """A visitor who gives certify its cookies back: like browsers, it trusts this machine as it trusts HTTPS."""

    def __init__(self) -> None:
        self._cookies: dict[str, str] = {}

    def get(self, address: str, query: dict[str, str] | None = None) -> requests.Response:
        """Open a page, without following where it leads."""
        return self._keep(requests.get(address, params=query, **self._options()))

    def post(self, address: str, fields: dict[str, str]) -> requests.Response:
        """Send a form, without following where it leads."""
        return self._keep(requests.post(address, data=fields, **self._options()))

    def _options(self) -> dict[str, Any]:
        cookies = "; ".join(f"{name}={value}" for name, value in self._cookies.items())
        return {"headers": {"Cookie": cookies}, "allow_redirects": False, "timeout": 20}

    def _keep(self, answer: requests.Response) -> requests.Response:
        self._cookies |= {cookie.name: cookie.value or "" for cookie in answer.cookies}
        return answer


@dataclass(frozen=True)
class Exchange:
    """Certify and a platform that know each other."""

    certify: LiveServer
    platform: OtherPlatform

    @classmethod
    def between(cls, certify: LiveServer, platform: OtherPlatform) -> "Exchange":
        """Make certify know the platform, as an administrator does from what the platform shows."""
        told = platform.registration()
        deployment = told.pop("deployment_id")
        with certify.app.app_context():
            cohort = make_cohort(db.session)
            registrations.register_manually(
                db.session,
                certify.app.config["SETTINGS"],
                None,
                db.session.get_one(Organisation, cohort.training_body_id),
                name="Plateforme",
                platform=registrations.Platform(**told),
                deployment_ids=[deployment],
            )
            db.session.commit()
        return cls(certify, platform)

    def launch(
        self, user: str, *, message: str = "LtiResourceLinkRequest", browser: Browser | None = None
    ) -> requests.Response:
        """Launch certify from the platform, in a browser of its own by default; return the answer to the launch."""
        browser = browser or Browser()
        begun = browser.get(*self.platform.login_request(user, message=message))
        assert begun.status_code == 302, begun.text
        form = self.platform.authorize(begun.headers["Location"])
        return browser.post(form.action, form.fields)

    def verdicts(self) -> list[tuple[str, str, str]]:
        """Return what certify kept of the launches, the last one first: verdict, reason, detail."""
        with self.certify.app.app_context():
            launches = db.session.scalars(select(Launch).order_by(Launch.at.desc()))
            return [(launch.verdict, launch.reason, launch.detail) for launch in launches]

    def choose(self, target: str, *, part: str = "") -> None:
        """Place a link in the course through the pages that its teacher sees, and take the answer to the platform."""
        self.launch(self.platform.teacher)
        self._within(_link_the_course, writes=True)
        browser = Browser()
        launched = self.launch(self.platform.teacher, message=DEEP_LINKING, browser=browser)
        asked = _form(browser.get(self.certify.address(launched.headers["Location"])), "form#links")
        chosen = {**asked.fields, "targets": target, f"{target}-part": part}
        answer = browser.post(self.certify.address(asked.action), chosen)
        self.platform.choose(_form(answer, "form[data-lti-return]"))

    def roster(self) -> list[Member]:
        """Read the roster of the course."""
        return self._within(
            lambda session, settings, registration: rosters.members(
                session, settings, registration, session.scalars(select(Context)).one().memberships_url
            )
        )

    def column(self, *, label: str, maximum: float, tag: str) -> Column:
        """Find or make a column of the course."""

        def found(session: Session, settings: Settings, registration: Registration) -> Column:
            course = session.scalars(select(Context)).one()
            place = (session, settings, registration, course.line_items_url)
            known = {"resource_id": "certify:promotion", "tag": tag, "granted": course.ags_scopes}
            there = columns.find_columns(*place, **known)
            return there[0] if there else columns.create_column(*place, label=label, maximum=maximum, **known)

        return self._within(found)

    def column_of_link(self) -> str:
        """Return the column that the platform made for the link, as launches tell it."""
        return self._within(
            lambda session, _settings, _registration: session.scalars(select(ResourceLink)).one().line_item_url
        )

    def score(self, column_url: str, value: float, maximum: float) -> int | None:
        """Send the first trainee's score; return the platform's status."""
        body = scoring.score_body(
            self.platform.learner_sub, value, maximum, scoring.stamp(None, clock.now()), "Validé", is_final=True
        )
        return self._within(
            lambda session, settings, registration: columns.post_score(
                session, settings, registration, column_url, body
            )[0]
        )

    def validate(self) -> None:
        """Have the course stand for the cohort, its columns made, and the first trainee's competencies all acquired."""

        def make_columns(session: Session, _settings: Settings, _registration: Registration) -> None:
            course, cohort = _link_the_course(session)
            trainer = make_member(session, session.get_one(Organisation, cohort.training_body_id), Role.TRAINER)
            grades.make_columns(session, actor_of(session, trainer), course)

        def sign(session: Session, _settings: Settings, _registration: Registration) -> None:
            met = select(Identity.user_id).where(Identity.sub == self.platform.learner_sub)
            trainee = session.get_one(User, session.scalars(met).one())
            known = session.scalars(select(Enrolment).where(Enrolment.user_id == trainee.id)).one_or_none()
            enrolment = known or make_enrolment(session, session.scalars(select(Cohort)).one(), trainee)
            make_signed(session, enrolment, ratings=whole_grid("acquired"))
            grades.want_scores(session, enrolment.id)

        for step in (make_columns, sign):
            self._within(step, writes=True)
            with self.certify.app.app_context():
                jobs.run_pending()

    def _within(self, act: Callable[[Session, Settings, Registration], Any], *, writes: bool = False) -> Any:
        with self.certify.app.app_context():
            settings = self.certify.app.config["SETTINGS"]
            # As its own jobs do: platforms are called from where nothing is written, so that they can call back.
            db.session.connection(execution_options={"reads_only": not writes})
            done = act(db.session, settings, db.session.scalars(select(Registration)).one())
            db.session.commit()
            return done


def _form(page: requests.Response, selector: str) -> Form:
    assert page.status_code == 200, page.text
    form = BeautifulSoup(page.text, "html5lib").select_one(selector)
    assert form is not None, page.text
    fields = form.select("input[type=hidden], input.form-control")
    return Form(str(form["action"]), {str(one["name"]): str(one.get("value", "")) for one in fields})


def _link_the_course(session: Session, *_facts: Any) -> tuple[Context, Cohort]:
    course, cohort = session.scalars(select(Context)).one(), session.scalars(select(Cohort)).one()
    course.cohort_id = cohort.id
    return course, cohort


ACCEPTED = (Verdict.ACCEPTED, "", "")
