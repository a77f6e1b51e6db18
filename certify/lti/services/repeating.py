"""A launch like the one before: most are, and they change nothing but the record of launches and of sign-ins.

Such a launch finds everything known, let in, in use, and as the platform says it. That is asked by one statement, row
by row at every launch, so that no change made meanwhile is missed: by an administrator, a trainer, a roster, a merge.
Whoever finds the least difference lets `launching` bring things up to date.
"""

from datetime import datetime

from certify.core.access import Role
from certify.core.prepared import Transactional
from certify.lti.protocol.claims import Message
from certify.lti.queries import entering
from certify.lti.queries.entering import KnownLink, KnownRegistration, Standing
from certify.lti.services import people, placing
from certify.lti.services.placing import Place, agrees


def place(on: Transactional, registration: KnownRegistration, message: Message, *, now: datetime) -> Place | None:
    """Return where a launch in a course leads when it brings nothing new; nothing when something is to be changed."""
    if message.context is None:
        return None
    found = entering.standing(
        on, registration.id, deployment=message.deployment_id, sub=message.person.sub,
        context=message.context.id, link=message.link.id if message.link else "",
    )  # fmt: skip
    if found is None or not _is_as_said(found, registration, message, now):
        return None
    is_trainee = found.member.role is Role.TRAINEE and found.course.cohort_id is not None
    if is_trainee and found.is_enrolled is None:
        return None
    course, link = found.course, found.link
    return Place(
        organisation_id=registration.organisation_id, deployment_id=found.deployment_id, identity_id=found.identity.id,
        user_id=found.user.id, context_id=course.id, cohort_id=course.cohort_id, link_id=link.id if link else None,
        target=link.target if link else None, role=found.member.role,
        is_enrolled=is_trainee and found.is_enrolled is True,
    )  # fmt: skip


def _is_as_said(found: Standing, registration: KnownRegistration, message: Message, now: datetime) -> bool:
    of_identity, of_user = people.person_said(found.user, message.person)
    return (
        agrees(found.identity, of_identity)
        and agrees(found.user, of_user)
        and agrees(found.course, placing.course_said(message))
        and agrees(found.member, placing.member_said(registration, message))
        and not placing.is_first_today(found.member.launched_at, now)
        and _is_link_as_said(found.link, found, message)
    )


def _is_link_as_said(link: KnownLink | None, found: Standing, message: Message) -> bool:
    if link is None:
        return message.link is None
    return not placing.is_placed_anew(link, message) and agrees(link, placing.link_said(link, found.course.id, message))
