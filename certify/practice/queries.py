"""Reads of what somebody's records show: the lines each rule counts, and what was already proposed of them."""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import chain

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from certify.cohorts.models import Enrolment
from certify.cohorts.queries import folded
from certify.core import clock
from certify.core.i18n import gettext as _
from certify.evidence.queries import EvidenceItem, EvidenceKind, EvidenceState
from certify.fragility.models import ActionKind, FollowUp, FollowUpKind, FragilityAction
from certify.fragility.queries import actions_of
from certify.frameworks.queries import framework_of
from certify.groups.models import Facilitator, Meeting, MeetingState, PeerGroup
from certify.groups.queries.records import records_of, thresholds_of
from certify.logbook.models import Activity, EntryState, EntryVersion, LogbookEntry
from certify.supervision.queries import attended_half_days
from competencies.computed import Counted, Line, Proposal, months_of_one_group, one_of_each, propose
from competencies.fidelity import Verdict, assess_fidelity

IN_TIME = timedelta(days=7)
_REFERRALS = frozenset(
    {
        ActionKind.NETWORK,
        ActionKind.PMI,
        ActionKind.DOCTOR,
        ActionKind.MIDWIFE,
        ActionKind.PSYCHOLOGIST,
        ActionKind.SOCIAL_WORKER,
        ActionKind.ASSOCIATION,
    }
)
_FOLLOWED = frozenset({FollowUpKind.IN_TOUCH, FollowUpKind.TAKEN_UP})


@dataclass(frozen=True)
class Finding:
    """What a rule finds, and the last piece proposed from it."""

    proposal: Proposal
    last: EvidenceItem | None

    @property
    def last_count(self) -> int:
        """How many lines the last piece held; none when it was returned or taken off."""
        if self.last is None or self.last.state in (EvidenceState.RETURNED, EvidenceState.REMOVED):
            return 0
        return int(self.last.facts.get("count", 0))

    @property
    def may_propose(self) -> bool:
        """Whether there is more to propose than what was."""
        return self.proposal.is_proposable and self.proposal.count > self.last_count


def findings_of(session: Session, enrolment: Enrolment) -> tuple[Finding, ...]:
    """Return what the records of a trainee show; a constant number of statements whatever there is of them."""
    framework = framework_of(session, enrolment.framework_version_id)
    latest = _proposed(session, enrolment)
    return tuple(Finding(one, latest.get(one.rule)) for one in propose(framework, records_for(session, enrolment)))


def _proposed(session: Session, enrolment: Enrolment) -> dict[str, EvidenceItem]:
    query = (
        select(EvidenceItem)
        .where(EvidenceItem.enrolment_id == enrolment.id, EvidenceItem.kind == EvidenceKind.COMPUTED)
        .order_by(EvidenceItem.created_at, EvidenceItem.id)
    )
    return {str(one.facts.get("rule", "")): one for one in session.scalars(query)}


def tries_of(session: Session, enrolment: Enrolment) -> int:
    """Return how many pieces were ever computed for a trainee."""
    query = select(func.count()).where(
        EvidenceItem.enrolment_id == enrolment.id, EvidenceItem.kind == EvidenceKind.COMPUTED
    )
    return session.scalar(query) or 0


def records_for(session: Session, enrolment: Enrolment) -> Mapping[Counted, Sequence[Line]]:
    """Return the lines that the rules count, for one trainee."""
    meetings = _meetings(session, enrolment)
    entries = _entries(session, enrolment)
    actions = actions_of(session, enrolment.id)
    return {
        Counted.MEETINGS_HELD: meetings,
        Counted.MONTHS_RUN: months_of_one_group(meetings),
        Counted.GROUPS_FORMED: _groups(session, enrolment),
        Counted.WRITTEN_IN_TIME: _written_in_time(session, entries),
        Counted.PARTNERS_MET: _partners(entries),
        Counted.WATCH_ENTRIES: [_of_entry(one) for one in entries if one.activity is Activity.WATCH],
        Counted.INDIVIDUAL_MEETINGS: list(
            chain(
                _of_actions(actions, {ActionKind.INDIVIDUAL_MEETING}),
                (_of_month(one) for one in entries if one.activity is Activity.INDIVIDUAL_MEETING),
            )
        ),
        Counted.REFERRALS: _of_actions(actions, _REFERRALS),
        Counted.RELAYS_FOLLOWED: _of_actions(_followed(session, actions), _REFERRALS),
        Counted.PRACTICE_HALF_DAYS: _half_days(session, enrolment),
        Counted.SUPPORT_ASKED: _of_actions(actions, {ActionKind.SUPERVISION}),
    }


def _meetings(session: Session, enrolment: Enrolment) -> list[Line]:
    """Meetings held with the facilitator present, while the trainee facilitated the group."""
    query = (
        select(Meeting.id, Meeting.starts_at, Meeting.theme, PeerGroup.code, Facilitator.starts_on, Facilitator.ends_on)
        .join(PeerGroup, PeerGroup.id == Meeting.group_id)
        .join(Facilitator, Facilitator.group_id == PeerGroup.id)
        .where(
            Facilitator.enrolment_id == enrolment.id, Meeting.state == MeetingState.HELD,
            Meeting.facilitator_present.is_(True),
        )
    )  # fmt: skip
    lines = []
    for meeting_id, starts_at, theme, code, since, until in session.execute(query):
        on = starts_at.astimezone(clock.PARIS).date()
        if since <= on and (until is None or on < until):
            label = (
                _("Groupe %(code)s : %(theme)s", code=code, theme=theme) if theme else _("Groupe %(code)s", code=code)
            )
            lines.append(Line(str(meeting_id), on, label, group=code))
    return lines


def _groups(session: Session, enrolment: Enrolment) -> list[Line]:
    """Groups whose size and age spread are those the programme expects."""
    query = (
        select(PeerGroup)
        .join(Facilitator, Facilitator.group_id == PeerGroup.id)
        .where(Facilitator.enrolment_id == enrolment.id)
    )
    groups = {one.id: one for one in session.scalars(query)}
    records, thresholds = records_of(session, groups), thresholds_of(session, groups.values())
    found = []
    for group_id, record in records.items():
        fidelity = assess_fidelity(record, clock.today(), thresholds[group_id])
        if all(fidelity.rule(code).verdict is Verdict.MET for code in ("size", "age_spread")):
            group = groups[group_id]
            found.append(Line(str(group_id), group.opened_on, _("Groupe %(code)s", code=group.code), group=group.code))
    return found


def _entries(session: Session, enrolment: Enrolment) -> list[LogbookEntry]:
    query = select(LogbookEntry).where(
        LogbookEntry.enrolment_id == enrolment.id, LogbookEntry.state == EntryState.ACCEPTED
    )
    return list(session.scalars(query.order_by(LogbookEntry.happened_on, LogbookEntry.id)))


def _written_in_time(session: Session, entries: Iterable[LogbookEntry]) -> list[Line]:
    of_meetings = {one.id: one for one in entries if one.activity is Activity.GROUP_MEETING and one.happened_on}
    query = (
        select(EntryVersion.entry_id, func.min(EntryVersion.submitted_at))
        .where(EntryVersion.entry_id.in_(of_meetings))
        .group_by(EntryVersion.entry_id)
    )
    return [
        _of_entry(of_meetings[entry_id])
        for entry_id, first in session.execute(query)
        if first.astimezone(clock.PARIS).date() - _day_of(of_meetings[entry_id]) <= IN_TIME
    ]


def _partners(entries: Iterable[LogbookEntry]) -> tuple[Line, ...]:
    """Partners met: the kind and the place tell them apart, or the title where the entry has no place."""
    met = {str(one.id): one for one in entries if one.activity is Activity.PARTNER_MEETING}

    def partner(line: Line) -> tuple[str, str]:
        entry = met[line.key]
        return str((entry.values or {}).get("partner_kind", "")), folded(entry.place or entry.title)

    return one_of_each((_of_entry(one) for one in met.values()), partner)


def _half_days(session: Session, enrolment: Enrolment) -> list[Line]:
    return [
        Line(str(one.held.id), one.held.on, one.held.theme or str(one.held.kind.label))
        for one in attended_half_days(session, enrolment.id)
        if one.is_signed
    ]


def _followed(session: Session, actions: Sequence[FragilityAction]) -> list[FragilityAction]:
    query = (
        select(FollowUp.action_id, FollowUp.kind)
        .where(FollowUp.action_id.in_([one.id for one in actions]))
        .order_by(FollowUp.recorded_at, FollowUp.id)
    )
    standing: dict[uuid.UUID, FollowUpKind] = {row[0]: row[1] for row in session.execute(query)}
    return [one for one in actions if standing.get(one.id) in _FOLLOWED]


def _of_actions(actions: Iterable[FragilityAction], kinds: Iterable[ActionKind]) -> list[Line]:
    """Say of an action its code and its month, never its day nor its group: a situation must not be found again."""
    wanted = set(kinds)
    return [
        Line(str(one.id), one.on.replace(day=1), str(one.kind.label), is_month=True)
        for one in actions
        if one.kind in wanted
    ]


def _of_month(entry: LogbookEntry) -> Line:
    return Line(str(entry.id), _day_of(entry).replace(day=1), str(entry.activity.label), is_month=True)


def _of_entry(entry: LogbookEntry) -> Line:
    return Line(str(entry.id), _day_of(entry), entry.title)


def _day_of(entry: LogbookEntry) -> date:
    return entry.happened_on or entry.created_at.astimezone(clock.PARIS).date()
