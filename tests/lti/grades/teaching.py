"""A course of a platform that stands for a cohort, with trainees whose grades go there."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from certify.accounts.models import User
from certify.assessments.models import Standing
from certify.cohorts.models import Cohort, Enrolment
from certify.core import clock, jobs
from certify.core.access import Actor, Role
from certify.core.outbox import OutboxMessage
from certify.lti import keys
from certify.lti.models import Context, Deployment, Identity, LineItem, LtiMembership, Registration, Score
from certify.lti.services import grades
from certify.organisations.models import Organisation
from certify.settings import Settings
from tests.factories.assessments import make_signed, whole_grid
from tests.factories.cohorts import make_enrolment
from tests.factories.people import actor_of, make_member, make_user
from tests.services.launches import register
from tests.services.lms import Platform
from tests.services.lms.people import Person

_numbers = itertools.count(1)


@dataclass
class Teaching:
    """A course, its platform, its cohort."""

    session: Session
    platform: Platform
    registration: Registration
    deployment: Deployment
    context: Context
    cohort: Cohort

    def teacher(self) -> User:
        """Return somebody who trains in the organisation."""
        organisation = self.session.get_one(Organisation, self.cohort.training_body_id)
        return make_member(self.session, organisation, Role.TRAINER)

    def actor(self) -> Actor:
        """Return the actor such a person is."""
        return actor_of(self.session, self.teacher())

    def know(self, person: Person, *, active: bool = True, user: User | None = None) -> Enrolment:
        """Have somebody of the course known and enrolled in the cohort."""
        user = user or make_user(self.session, given_name="Stagiaire", family_name=f"{next(_numbers):04}")
        enrolment = make_enrolment(self.session, self.cohort, user)
        self.meet(person, user, active=active)
        return enrolment

    def meet(self, person: Person, user: User, *, active: bool = True) -> Identity:
        """Have a known account met in the course."""
        identity = Identity(
            registration_id=self.registration.id, sub=person.sub, user_id=user.id, created_at=clock.now()
        )
        self.session.add(identity)
        self.session.flush()
        self.session.add(
            LtiMembership(
                context_id=self.context.id,
                identity_id=identity.id,
                roles=["Learner"],
                role=Role.TRAINEE,
                active=active,
                source="roster",
                joined_at=clock.now(),
            )
        )
        self.session.commit()
        return identity

    def make_columns(self) -> list[LineItem]:
        """Ask for the columns as a teacher does, have them made, and return them in the order of the platform."""
        grades.make_columns(self.session, self.actor(), self.context)
        self.session.commit()
        self.run()
        return self.columns()

    def columns(self) -> list[LineItem]:
        """Return the columns known."""
        self.session.expire_all()
        return list(self.session.scalars(select(LineItem).order_by(LineItem.created_at, LineItem.part)))

    def column(self, part: str = "whole") -> LineItem:
        """Return the column of a part."""
        return next(one for one in self.columns() if one.part == part)

    def assess(self, enrolment: Enrolment, level: str | None = "acquired", **others: str | None) -> None:
        """Sign an assessment of everything, and have the grades wanted."""
        make_signed(self.session, enrolment, ratings=whole_grid(level, **others))
        self.want(enrolment)

    def stand(self, enrolment: Enrolment, levels: dict[str, str]) -> None:
        """Put a trainee somewhere without going through a grid."""
        row = self.session.get(Standing, enrolment.id) or Standing(enrolment_id=enrolment.id, disputed=[])
        row.competencies, row.assessed_at = levels, clock.now()
        self.session.add(row)
        self.session.flush()
        self.want(enrolment)

    def want(self, enrolment: Enrolment) -> None:
        """Say that an assessment of somebody was signed."""
        grades.want_scores(self.session, enrolment.id)
        self.session.commit()

    def run(self, *, after: timedelta | None = None) -> int:
        """Do what is to be done, now or after some time."""
        self.session.commit()
        if after is not None:
            self.pass_time(after)
        return jobs.run_pending()

    def pass_time(self, time: timedelta) -> None:
        """Have everything noted so far be older by some time: the platform lives by the real clock."""
        for score in self.session.scalars(select(Score)):
            score.wanted_at -= time
            score.due_at = score.due_at - time if score.due_at else None
        for message in self.session.scalars(select(OutboxMessage).where(OutboxMessage.done_at.is_(None))):
            message.due_at -= time
            message.not_before = message.not_before - time if message.not_before else None
            if "due" in message.payload:
                due = datetime.fromisoformat(message.payload["due"]) - time
                message.payload = {**message.payload, "due": due.isoformat()}
        self.session.commit()

    def scores(self, part: str = "") -> list[Score]:
        """Return the grades, oldest first, of one column or of all."""
        self.session.rollback()
        self.session.expire_all()
        query = select(Score).join(LineItem, LineItem.id == Score.line_item_id).order_by(Score.id)
        return list(self.session.scalars(query.where(LineItem.part == part) if part else query))

    def score(self, part: str = "whole") -> Score:
        """Return the only grade of a column."""
        found = self.scores(part)
        assert len(found) == 1
        return found[0]

    def taken(self, part: str = "whole") -> Sequence[tuple[str, float | None]]:
        """Return what the gradebook took in a column, in order."""
        return [(one.user_id, one.given) for one in self.platform.scores if one.line_item.tag == f"certify:{part}"]


def make_teaching(session: Session, settings: Settings, platform: Platform, cohort: Cohort) -> Teaching:
    """Make a course that stands for a cohort, in a platform that lets certify write its gradebook."""
    document = keys.published(session, settings)
    organisation = session.get_one(Organisation, cohort.training_body_id)
    registration = register(session, platform, organisation, jwks=lambda: document)
    deployment = session.scalars(select(Deployment).where(Deployment.registration_id == registration.id)).one()
    context = Context(
        deployment_id=deployment.id, lms_id=platform.course.id, title=platform.course.title, cohort_id=cohort.id,
        line_items_url=platform.gradebook.list_url(platform.course), ags_scopes=list(platform.grade_scopes),
        id_history=[], created_at=clock.now(),
    )  # fmt: skip
    session.add(context)
    session.commit()
    return Teaching(session, platform, registration, deployment, context, cohort)
