"""Yes/no questions about exemptions and the documents of a file."""

from certify.cohorts.models import Enrolment
from certify.core.access import Actor, Permission

REASON_LENGTH = 1000


def is_own(actor: Actor, enrolment: Enrolment) -> bool:
    """Whether the file is the actor's own: nobody exempts themself."""
    return enrolment.user_id == actor.user_id


def may_waive(actor: Actor, enrolment: Enrolment) -> bool:
    """Whether the actor may exempt this trainee from a requirement."""
    bodies = actor.organisations(Permission.ELIGIBILITY_WAIVE)
    return enrolment.training_body_id in bodies and not is_own(actor, enrolment)


def may_record_documents(actor: Actor, enrolment: Enrolment) -> bool:
    """Whether the actor may say which documents of this trainee were received."""
    bodies = actor.organisations(Permission.ENROLMENT_WRITE)
    return enrolment.training_body_id in bodies and not is_own(actor, enrolment)
