"""Mails about groups: to those who facilitate one and to the one who follows it, without a word about anybody in it."""

from collections.abc import Mapping

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from certify.accounts.models import User
from certify.cohorts.models import Enrolment
from certify.core import clock, mail
from certify.core.i18n import force_locale
from certify.groups import policies
from certify.groups.models import Facilitator, PeerGroup
from certify.groups.queries.groups import facilitates_on


def rules_turned(session: Session, group: PeerGroup, rules: Mapping[str, str]) -> None:
    """Say which rules of a group are now at risk or not met."""
    for person in _concerned(session, group):
        with force_locale(person.locale):
            lines = [
                (policies.said(policies.RULES[code]), policies.said(policies.VERDICTS[verdict]))
                for code, verdict in rules.items()
                if code in policies.RULES
            ]
        mail.queue(
            session, "groups_fidelity", to=person.address, locale=person.locale, person=person.name, code=group.code,
            lines=lines, path=f"/groups/{group.id}",
        )  # fmt: skip


def _concerned(session: Session, group: PeerGroup) -> list[User]:
    facilitating = (
        select(Enrolment.user_id)
        .join(Facilitator, Facilitator.enrolment_id == Enrolment.id)
        .where(Facilitator.group_id == group.id, facilitates_on(clock.today()))
    )
    query = select(User).where(or_(User.id.in_(facilitating), User.id == group.referent_id), User.active)
    return list(session.scalars(query.order_by(User.id)))
