"""Files asked for."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from certify.accounts.models import User
from certify.cohorts.models import Cohort, Enrolment
from certify.reports.models import Export, ExportKind
from certify.reports.services import exports
from tests.factories.people import actor_of


def make_export(session: Session, cohort: Cohort, user: User, kind: ExportKind = ExportKind.HEAT_MAP) -> Export:
    """Ask for a file about a cohort."""
    export = exports.request(session, actor_of(session, user), kind, cohort)
    session.flush()
    return export


def make_export_of_somebody(session: Session) -> Export:
    """Have somebody already enrolled ask for their own file."""
    enrolment = session.scalars(select(Enrolment).limit(1)).one()
    actor = actor_of(session, session.get_one(User, enrolment.user_id))
    return exports.request(session, actor, ExportKind.TRAINEE_PDF, enrolment)
