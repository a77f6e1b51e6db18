"""Yes/no questions about a session: may these people sit for these candidates, may this person act on it."""

import uuid
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import competencies
from certify.core.access import Actor, Permission
from certify.juries.models import JurySeat, JurySession, SessionState
from certify.juries.queries import Member
from certify.juries.ties import Tie


@dataclass(frozen=True)
class Finding:
    """A rule that is not kept, whom it concerns, and the records that tell so."""

    violation: competencies.Violation
    member: str | None = None
    candidate: str | None = None
    ties: tuple[Tie, ...] = ()


def check_seats(
    members: Sequence[Member], ties: Sequence[Tie], candidates: Mapping[uuid.UUID, str]
) -> tuple[Finding, ...]:
    """Say why these members may not sit for these candidates: number, president, externals, then each tie.

    `candidates` gives the name of each enrolment presented, in the order to speak of them.
    """
    names = {str(member.user.id): member.user.name for member in members}
    whole = competencies.check_composition([_seat(member, frozenset()) for member in members])
    found = [Finding(one, names.get(one.who or "")) for one in whole]
    by_candidate: defaultdict[uuid.UUID, list[Tie]] = defaultdict(list)
    for tie in ties:
        by_candidate[tie.enrolment_id].append(tie)
    for enrolment_id, name in candidates.items():
        found += _check_ties(members, by_candidate.get(enrolment_id, []), name)
    return tuple(found)


def _check_ties(members: Sequence[Member], ties: Sequence[Tie], candidate: str) -> list[Finding]:
    if not ties:
        return []
    held: defaultdict[uuid.UUID, list[Tie]] = defaultdict(list)
    for tie in ties:
        held[tie.user_id].append(tie)
    names = {str(member.user.id): member.user.name for member in members}
    seats = [_seat(one, frozenset(tie.conflict for tie in held.get(one.user.id, []))) for one in members]
    return [
        Finding(violation, names.get(violation.who or ""), candidate, _behind(held, violation))
        for violation in competencies.check_composition(seats)
        if violation.code.startswith("conflict_")
    ]


def _behind(held: Mapping[uuid.UUID, Sequence[Tie]], violation: competencies.Violation) -> tuple[Tie, ...]:
    member = uuid.UUID(violation.who or "")
    return tuple(tie for tie in held[member] if f"conflict_{tie.conflict}" == violation.code)


def check_declarations(members: Sequence[Member]) -> tuple[Finding, ...]:
    """Say who has not declared their links yet."""
    names = {str(member.user.id): member.user.name for member in members}
    missing = competencies.check_declarations([_seat(member, frozenset()) for member in members])
    return tuple(Finding(one, names.get(one.who or "")) for one in missing)


def _seat(member: Member, conflicts: frozenset[str]) -> competencies.Seat:
    seat = member.seat
    return competencies.Seat(
        str(member.user.id), seat.is_president, member.is_external, conflicts, seat.declared_at is not None
    )


def seat_of(jury: JurySession, actor: Actor) -> JurySeat | None:
    """Return the actor's own seat, if any; the session's seats are loaded."""
    return next((seat for seat in jury.seats if seat.user_id == actor.user_id), None)


def may_prepare(jury: JurySession, actor: Actor) -> bool:
    """Whether the actor may change members and candidates: the registrar, until the session opens."""
    return jury.state is SessionState.CREATED and is_registrar(jury, actor)


def is_registrar(jury: JurySession, actor: Actor) -> bool:
    """Whether the actor keeps the sessions of this certifying body."""
    return jury.certifying_body_id in actor.organisations(Permission.JURY_WRITE)


def is_president(jury: JurySession, actor: Actor) -> bool:
    """Whether the actor presides over this session."""
    return jury.id in actor.juries(Permission.JURY_DECIDE)


def may_decide(jury: JurySession, actor: Actor) -> bool:
    """Whether the actor may record decisions: the president, while the jury deliberates."""
    return jury.state is SessionState.DELIBERATING and is_president(jury, actor)


def may_read_files(jury: JurySession, actor: Actor) -> bool:
    """Whether the actor may open candidates' files: the registrar, or a member who declared no link with them."""
    seat = seat_of(jury, actor)
    return is_registrar(jury, actor) or (seat is not None and seat.declared_at is not None)
