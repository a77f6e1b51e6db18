"""Yes/no questions about a session: may these people sit for these candidates, may this person act on it."""

import uuid
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import competencies
from certify.core.access import Actor, Permission
from certify.core.i18n import current_locale
from certify.core.i18n import lazy as _l
from certify.juries.models import Candidacy, JurySeat, JurySession, SessionState
from certify.juries.queries import Member
from certify.juries.ties import Tie
from competencies import USUAL_JURY_RULES, JuryRules

_VIOLATIONS = {
    "fewer_than_asked": _l("Moins de membres que demandé"),
    "too_few_externals": _l("Moins de membres externes que demandé"),
    "too_few_qualified": _l("Pas assez de membres qualifiés pour la VAE"),
    "no_quorum": _l("Quorum non atteint"),
}


def violation_words(code: str) -> Any:
    """Say in a few words which rule a violation breaks."""
    link = competencies.CONFLICTS.get(code.removeprefix("conflict_"))
    if link is not None:
        return _l("Un membre %(link)s", link=link.to(current_locale()))
    return _VIOLATIONS.get(code, _l("Un membre a un autre lien avec la personne candidate"))


@dataclass(frozen=True)
class Presented:
    """A candidate, as far as the composition of the jury is concerned."""

    enrolment_id: uuid.UUID
    candidacy_id: uuid.UUID
    name: str
    training_body_id: uuid.UUID
    is_vae: bool = False
    candidacy: Candidacy | None = None
    """With the needs that the jury reads."""


@dataclass(frozen=True)
class Finding:
    """A rule that is not kept, whom it concerns, and the records that tell so."""

    violation: competencies.Violation
    member: str | None = None
    candidate: str | None = None
    ties: tuple[Tie, ...] = ()
    enrolment_id: uuid.UUID | None = None
    """The candidate it concerns; none when it concerns the whole session."""
    user_id: uuid.UUID | None = None
    """The member it concerns, if any."""

    @property
    def may_be_waived(self) -> bool:
        """Whether a derogation can set it aside."""
        return competencies.may_be_waived(self.violation)


@dataclass(frozen=True)
class Asked:
    """What a jury is held against, beside who sits: the rules, and where each member belongs."""

    rules: JuryRules = USUAL_JURY_RULES
    body_id: uuid.UUID | None = None
    """The certifying body."""
    inside: Mapping[uuid.UUID, frozenset[uuid.UUID]] = field(default_factory=dict)
    """For each person, the organisations concerned to which they belong."""


def check_seats(
    members: Sequence[Member], ties: Sequence[Tie], candidates: Sequence[Presented], asked: Asked
) -> tuple[Finding, ...]:
    """Say why these members may not sit for these candidates: what is wrong for all of them, then for each.

    Whoever belongs to the certifying body is internal for everybody, whoever belongs to a training body for its own
    candidates.
    """
    names = {str(member.user.id): member.user.name for member in members}
    seats = [_seat(one, frozenset(), is_external=_is_external(one, asked, None)) for one in members]
    whole = competencies.check_composition(seats, asked.rules)
    found = [_finding(one, names) for one in whole]
    already = {(one.code, one.who) for one in whole}
    held: defaultdict[uuid.UUID, list[Tie]] = defaultdict(list)
    for tie in ties:
        held[tie.enrolment_id].append(tie)
    for candidate in candidates:
        own = held.get(candidate.enrolment_id, [])
        if own or candidate.is_vae or any(candidate.training_body_id in ids for ids in asked.inside.values()):
            found += (
                _finding(one, names, candidate, own)
                for one in _of_candidate(members, own, candidate, asked)
                if (one.code, one.who) not in already
            )
    return tuple(found)


def _of_candidate(
    members: Sequence[Member], ties: Sequence[Tie], candidate: Presented, asked: Asked
) -> tuple[competencies.Violation, ...]:
    seats = seats_for(members, ties, candidate, asked)
    return competencies.check_composition(seats, asked.rules, is_vae=candidate.is_vae)


def seats_for(
    members: Sequence[Member], ties: Sequence[Tie], candidate: Presented, asked: Asked,
    named: Mapping[uuid.UUID, frozenset[uuid.UUID]] | None = None,
) -> list[competencies.Seat]:  # fmt: skip
    """Return who sits, as seen from one candidate; `ties` holds those of this candidate at least.

    `named` gives, by seat, the candidacies named in the member's last declaration; without it all count as declared.
    """
    held: defaultdict[uuid.UUID, set[str]] = defaultdict(set)
    for tie in ties:
        if tie.enrolment_id == candidate.enrolment_id:
            held[tie.user_id].add(tie.conflict)
    return [
        _seat(
            one, frozenset(held.get(one.user.id, ())),
            is_external=_is_external(one, asked, candidate.training_body_id),
            has_declared=named is None or has_declared(one.seat, [candidate], named.get(one.seat.id, frozenset())),
        )
        for one in members
    ]  # fmt: skip


def check_reserves(
    members: Sequence[Member], ties: Sequence[Tie], candidates: Sequence[Presented], asked: Asked
) -> tuple[Finding, ...]:
    """Say for which candidates a reserve could not be called to sit; this blocks nothing until they are."""
    reserves = [member for member in members if member.seat.is_reserve]
    names = {str(member.user.id): member.user.name for member in reserves}
    mine = [tie for tie in ties if str(tie.user_id) in names]
    concerned = {tie.enrolment_id for tie in mine}
    return tuple(
        _finding(one, names, candidate, mine)
        for candidate in candidates
        if candidate.enrolment_id in concerned
        for one in competencies.check_links(
            seats_for(reserves, mine, candidate, asked), asked.rules, is_vae=candidate.is_vae
        )
    )


def _finding(
    violation: competencies.Violation,
    names: Mapping[str, str],
    candidate: Presented | None = None,
    ties: Sequence[Tie] = (),
) -> Finding:
    user_id = uuid.UUID(violation.who) if violation.who else None
    enrolment_id = candidate.enrolment_id if candidate else None
    behind = (
        tie
        for tie in ties
        if (tie.user_id, tie.enrolment_id) == (user_id, enrolment_id) and violation.code == f"conflict_{tie.conflict}"
    )
    return Finding(
        violation, names.get(violation.who or ""), candidate.name if candidate else None, tuple(behind), enrolment_id,
        user_id,
    )  # fmt: skip


def check_declarations(
    members: Sequence[Member], candidates: Sequence[Presented], named: Mapping[uuid.UUID, frozenset[uuid.UUID]]
) -> tuple[Finding, ...]:
    """Say which members, reserves aside, have still to declare their links, once at least with each candidate.

    `named` gives, by seat, the candidacies named in the member's last declaration.
    """
    names = {str(member.user.id): member.user.name for member in members}
    titular = [member for member in members if not member.seat.is_reserve]
    seats = [
        _seat(one, frozenset(), has_declared=has_declared(one.seat, candidates, named.get(one.seat.id, frozenset())))
        for one in titular
    ]
    return tuple(_finding(one, names) for one in competencies.check_declarations(seats))


def has_declared(seat: JurySeat, candidates: Sequence[Presented], named: frozenset[uuid.UUID]) -> bool:
    """Whether a member has signed a declaration that names every candidate."""
    return seat.declared_at is not None and all(one.candidacy_id in named for one in candidates)


def _is_external(member: Member, asked: Asked, training_body_id: uuid.UUID | None) -> bool:
    belongs = asked.inside.get(member.user.id, frozenset())
    return member.seat.is_external and asked.body_id not in belongs and training_body_id not in belongs


def _seat(
    member: Member, conflicts: frozenset[str], *, is_external: bool = True, has_declared: bool = True
) -> competencies.Seat:
    seat = member.seat
    return competencies.Seat(
        str(member.user.id), seat.is_president, is_external, conflicts, has_declared, is_reserve=seat.is_reserve,
        is_qualified=seat.is_qualified, gender=seat.gender,
    )  # fmt: skip


def balance(members: Sequence[Member]) -> competencies.Balance:
    """Count women and men among the members."""
    return competencies.balance([_seat(member, frozenset()) for member in members])


def seat_of(jury: JurySession, actor: Actor) -> JurySeat | None:
    """Return the actor's own seat, if any; the session's seats are loaded."""
    return next((seat for seat in jury.seats if seat.user_id == actor.user_id), None)


def may_prepare(jury: JurySession, actor: Actor) -> bool:
    """Whether the actor may change members and candidates: the registrar, until the session opens."""
    return jury.state.is_prepared and is_registrar(jury, actor)


def is_registrar(jury: JurySession, actor: Actor) -> bool:
    """Whether the actor keeps the sessions of this certifying body."""
    return jury.certifying_body_id in actor.organisations(Permission.JURY_WRITE)


def is_president(jury: JurySession, actor: Actor) -> bool:
    """Whether the actor presides over this session."""
    return jury.id in actor.juries(Permission.JURY_DECIDE)


def may_declare(
    jury: JurySession, seat: JurySeat, candidates: Sequence[Presented], named: frozenset[uuid.UUID]
) -> bool:
    """Whether a member may sign their declaration: until the session opens, or later when it was never complete."""
    is_late = jury.state is SessionState.DELIBERATING and not has_declared(seat, candidates, named)
    return jury.state.is_prepared or is_late


def may_decide(jury: JurySession, actor: Actor) -> bool:
    """Whether the actor may record decisions: the president, while the jury deliberates."""
    return jury.state is SessionState.DELIBERATING and is_president(jury, actor)


def may_read_files(jury: JurySession, actor: Actor) -> bool:
    """Whether the actor may open candidates' files: the registrar, or a member who declared their links with them."""
    seat = seat_of(jury, actor)
    return is_registrar(jury, actor) or (seat is not None and seat.declared_at is not None)
