"""What the page of a group shows: its fidelity with the lines behind, its members, its meetings, its timeline."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise

from sqlalchemy import select
from sqlalchemy.orm import Session

from certify.accounts.models import User
from certify.core import clock
from certify.groups import policies
from certify.groups.models import Meeting, MeetingState, PeerGroup
from certify.groups.queries import records
from certify.groups.queries.groups import FacilitatorRow, facilitators_of
from certify.groups.queries.meetings import day_of
from certify.groups.queries.rosters import Member, members_of
from certify.organisations.models import Organisation
from competencies.fidelity import Fidelity, assess_fidelity
from competencies.fidelity_view import add_months
from competencies.fidelity_words import THRESHOLDS
from competencies.thresholds import Thresholds

NEXT_SHOWN = 3


@dataclass(frozen=True)
class Rule:
    """What one rule says of the group, in sentences, with the members and meetings it was counted on."""

    code: str
    verdict: str
    label: str
    text: str
    source: str
    told: str
    defaults: tuple[str, ...]
    """The figures of the rule that the programme does not publish."""
    members: tuple[Member, ...]
    meetings: tuple[Meeting, ...]


@dataclass(frozen=True)
class GroupPage:
    """Everything the page of a group shows."""

    day: date
    """The day on which it is looked at: today, or its last one."""
    fidelity: Fidelity
    thresholds: Thresholds
    rules: tuple[Rule, ...]
    members: tuple[Member, ...]
    facilitators: tuple[FacilitatorRow, ...]
    meetings: tuple[Meeting, ...]
    house: str
    training_body: str
    referent: str

    @property
    def here(self) -> list[Member]:
        """Who belongs to the group on that day."""
        return [one for one in self.members if one.stay_on(self.day)]

    @property
    def accompanying(self) -> list[FacilitatorRow]:
        """Who facilitates the group on that day."""
        return [one for one in self.facilitators if one.is_current(self.day)]

    @property
    def next_meetings(self) -> list[Meeting]:
        """The meetings to come, the nearest first."""
        coming = [one for one in self.meetings if one.state is MeetingState.PLANNED and day_of(one) >= clock.today()]
        return coming[:NEXT_SHOWN]

    @property
    def to_fill(self) -> list[Meeting]:
        """The meetings whose day has passed and of which nobody said what became."""
        return [one for one in self.meetings if one.state is MeetingState.PLANNED and day_of(one) < clock.today()]

    @property
    def alerts(self) -> list[Rule]:
        """The rules at risk or not met."""
        return [one for one in self.rules if one.verdict in ("at_risk", "not_met")]

    @property
    def last_day_for_minimum(self) -> date | None:
        """When the minimal length is, or will be, reached."""
        return self.fidelity.clock.minimum_reached_on


def page_of(session: Session, group: PeerGroup) -> GroupPage:
    """Return what the page of a group shows, in a constant number of statements."""
    today = clock.today()
    record = records.records_of(session, [group.id])[group.id]
    thresholds = records.thresholds_of(session, [group])[group.id]
    closed = records.closed_days_of(session, [group], today)[group.id]
    fidelity = assess_fidelity(record, today, thresholds, closed)
    members = tuple(members_of(session, [group.id])[group.id])
    query = select(Meeting).where(Meeting.group_id == group.id).order_by(Meeting.starts_at, Meeting.id)
    meetings = tuple(session.scalars(query))
    names = _names_of(session, group)
    referent = session.get(User, group.referent_id) if group.referent_id else None
    return GroupPage(
        day=policies.last_day(group, today), fidelity=fidelity, thresholds=thresholds,
        rules=_rules(fidelity, members, meetings), members=members,
        facilitators=tuple(facilitators_of(session, [group.id])[group.id]), meetings=meetings,
        house=names.get(group.house_id, ""), training_body=names.get(group.training_body_id, ""),
        referent=referent.name if referent else "",
    )  # fmt: skip


def _names_of(session: Session, group: PeerGroup) -> Mapping[uuid.UUID | None, str]:
    query = select(Organisation.id, Organisation.name).where(
        Organisation.id.in_([one for one in (group.house_id, group.training_body_id) if one])
    )
    return {row.id: row.name for row in session.execute(query)}


def _rules(fidelity: Fidelity, members: tuple[Member, ...], meetings: tuple[Meeting, ...]) -> tuple[Rule, ...]:
    return tuple(
        Rule(
            code=rule.code, verdict=rule.verdict.value, label=policies.said(rule.label), text=policies.said(rule.text),
            source=policies.said(rule.source), told=policies.said(rule.told),
            defaults=tuple(policies.said(THRESHOLDS[name]) for name in rule.defaults),
            members=tuple(one for one in members if str(one.participant.id) in rule.lines),
            meetings=tuple(one for one in meetings if str(one.id) in rule.lines),
        )
        for rule in fidelity.rules
    )  # fmt: skip


@dataclass(frozen=True)
class Gap:
    """A time without a held meeting that is longer than allowed."""

    after: date
    until: date | None
    """None when it still runs."""
    days: int


def gaps_of(page: GroupPage) -> list[Gap]:
    """Return the times without a held meeting that are longer than the rhythm allows, closures included."""
    held = sorted({day_of(one) for one in page.meetings if one.state is MeetingState.HELD and day_of(one) <= page.day})
    limit = page.thresholds.longest_gap_days
    gaps = [Gap(before, after, (after - before).days) for before, after in pairwise(held)]
    if held:
        gaps.append(Gap(held[-1], None, (page.day - held[-1]).days))
    return [gap for gap in gaps if gap.days > limit]


def bounds_of(page: GroupPage, group: PeerGroup) -> tuple[date, date]:
    """Return the first and last day of the timeline of a group."""
    days = [day_of(one) for one in page.meetings] + [page.day]
    minimum = page.last_day_for_minimum or add_months(group.opened_on, page.thresholds.months)
    return min(group.opened_on, *days) - timedelta(days=6), max(minimum, *days) + timedelta(days=10)
