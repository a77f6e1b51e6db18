"""Whether the people called to sit may form the jury of each candidate: everything read, then every rule checked."""

import uuid
from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased

import competencies
from certify.accounts.models import User
from certify.cohorts.models import AccessRoute, Enrolment
from certify.juries import policies, queries
from certify.juries.models import Candidacy, CompositionDerogation, JurySeat, JurySession, LinkDeclaration
from certify.juries.policies import Asked, Finding, Presented
from certify.juries.rules import rules_of
from certify.juries.ties import Tie, is_same_house, ties_of
from certify.organisations.models import Membership, Organisation


@dataclass(frozen=True)
class GrantedDerogation:
    """A rule set aside, with the names of whom it concerns and of who decided so."""

    row: CompositionDerogation
    candidate: str
    """Empty for the whole session."""
    enrolment_id: uuid.UUID | None
    member: str
    user_id: uuid.UUID | None
    granted_by: str

    def covers(self, finding: Finding) -> bool:
        """Whether a finding is set aside by it."""
        return (
            self.row.withdrawn_at is None
            and finding.may_be_waived
            and self.row.violation == finding.violation.code
            and self.user_id == finding.user_id
            and self.enrolment_id in (None, finding.enrolment_id)
        )


@dataclass(frozen=True)
class Group:
    """The same rule not kept by the same member, for one or several candidates."""

    first: Finding
    findings: tuple[Finding, ...]

    @property
    def key(self) -> tuple[str, str]:
        """What names it in an address: the rule, and the member."""
        return self.first.violation.code, str(self.first.user_id or "")

    @property
    def is_link(self) -> bool:
        """Whether it is a link between a member and candidates."""
        return self.first.violation.code.startswith("conflict_")


@dataclass(frozen=True)
class Composition:
    """What the rules say of a session, all candidates together and one by one."""

    asked: Asked
    members: Sequence[queries.Member]
    candidates: Sequence[Presented]
    ties: Sequence[Tie]
    derogations: Sequence[GrantedDerogation]
    """Those withdrawn included."""
    named: dict[uuid.UUID, frozenset[uuid.UUID]]
    """By seat, the candidacies that the member's last declaration names."""

    @property
    def rules(self) -> competencies.JuryRules:
        """The rules the session is held against."""
        return self.asked.rules

    @cached_property
    def found(self) -> tuple[Finding, ...]:
        """Every rule not kept, those set aside included."""
        return policies.check_seats(self.members, self.ties, self.candidates, self.asked)

    @cached_property
    def findings(self) -> tuple[Finding, ...]:
        """The rules not kept that no derogation sets aside: each blocks the session, or one candidate."""
        return tuple(one for one in self.found if not any(given.covers(one) for given in self.derogations))

    @property
    def links_set_aside(self) -> int:
        """How many links between a member and a candidate a derogation sets aside."""
        kept = len([one for one in self.findings if one.violation.code.startswith("conflict_")])
        return len([one for one in self.found if one.violation.code.startswith("conflict_")]) - kept

    @cached_property
    def groups(self) -> tuple[Group, ...]:
        """What blocks, the same thing said once for all the candidates concerned."""
        by_rule: defaultdict[tuple[str, uuid.UUID | None], list[Finding]] = defaultdict(list)
        for one in self.findings:
            by_rule[one.violation.code, one.user_id].append(one)
        return tuple(Group(rows[0], tuple(rows)) for rows in by_rule.values())

    @cached_property
    def undeclared(self) -> tuple[Finding, ...]:
        """The members who have still to declare their links."""
        return policies.check_declarations(self.members, self.candidates, self.named)

    @cached_property
    def of_reserves(self) -> tuple[Finding, ...]:
        """For whom a reserve could not be called to sit."""
        return policies.check_reserves(self.members, self.ties, self.candidates, self.asked)

    @property
    def blocked(self) -> frozenset[uuid.UUID]:
        """The enrolments of the candidates for whom this jury may not sit."""
        return frozenset(one.enrolment_id for one in self.findings if one.enrolment_id)

    @property
    def is_sound(self) -> bool:
        """Whether nothing keeps this jury from being called."""
        return not self.findings and bool(self.members) and bool(self.candidates)

    @property
    def is_ready(self) -> bool:
        """Whether nothing keeps the deliberation from opening."""
        return self.is_sound and not self.undeclared

    @property
    def has_vae(self) -> bool:
        """Whether a candidate comes by validation of prior experience."""
        return any(one.is_vae for one in self.candidates)

    @property
    def titular(self) -> int:
        """How many members sit, reserves left out."""
        return sum(1 for one in self.members if not one.seat.is_reserve)

    @property
    def president(self) -> str:
        """Who presides; empty when nobody does yet."""
        return next((one.user.name for one in self.members if one.seat.is_president), "")

    def has_declared(self, seat: JurySeat) -> bool:
        """Whether a member has declared their links with every candidate."""
        return policies.has_declared(seat, self.candidates, self.named.get(seat.id, frozenset()))

    def has_declared_on(self, seat: JurySeat, candidacy_id: uuid.UUID) -> bool:
        """Whether a member has declared their links with one candidate."""
        return seat.declared_at is not None and candidacy_id in self.named.get(seat.id, frozenset())

    def belongs(self, user_id: uuid.UUID) -> frozenset[str]:
        """Return to which side a member belongs: « body » for the certifying body, « training » for a training body."""
        inside = self.asked.inside.get(user_id, frozenset())
        return frozenset("body" if one == self.asked.body_id else "training" for one in inside)

    def is_external(self, member: queries.Member) -> bool:
        """Whether a member is external for every candidate: said so, and not contradicted by where they belong."""
        return member.seat.is_external and not self.belongs(member.user.id)

    def candidacy_of(self, enrolment_id: uuid.UUID) -> uuid.UUID | None:
        """Return the candidacy of an enrolment."""
        return next((one.candidacy_id for one in self.candidates if one.enrolment_id == enrolment_id), None)

    def seat_of(self, user_id: uuid.UUID | None) -> uuid.UUID | None:
        """Return the seat of a member."""
        return next((one.seat.id for one in self.members if one.user.id == user_id), None)

    @property
    def balance(self) -> competencies.Balance | None:
        """Women and men among the members, when a candidate comes by VAE and the rules show it."""
        return policies.balance(self.members) if self.has_vae and self.rules.is_balance_shown else None

    def check_present(
        self, enrolment_id: uuid.UUID, seats: Collection[uuid.UUID]
    ) -> tuple[competencies.Violation, ...]:
        """Say why those present and not recused (their seats) may not decide on one candidate."""
        candidate = next(one for one in self.candidates if one.enrolment_id == enrolment_id)
        here = {str(one.user.id) for one in self.members if one.seat.id in seats}
        seen = policies.seats_for(self.members, self.ties, candidate, self.asked, self.named)
        waived = frozenset(
            (one.row.violation, str(one.user_id) if one.user_id else None)
            for one in self.derogations
            if one.row.withdrawn_at is None and one.enrolment_id in (None, enrolment_id)
        )
        return competencies.check_quorum(
            [replace(one, is_present=one.person in here) for one in seen], self.rules, is_vae=candidate.is_vae,
            waived=waived,
        )  # fmt: skip


def composition_of(session: Session, jury: JurySession) -> Composition:
    """Read everything the rules need about a session, in a number of statements that does not depend on its size."""
    members = queries.members_of(session, jury)
    return Composition(
        Asked(rules_of(session, jury), jury.certifying_body_id, _inside(session, jury)), members,
        presented(session, jury.id), ties_of(session, jury.id), derogations_of(session, jury.id),
        named_in_declarations(session, jury.id),
    )  # fmt: skip


def presented(session: Session, jury_id: uuid.UUID) -> list[Presented]:
    """Return the candidates of a session, by name."""
    rows = session.execute(
        select(Candidacy, Enrolment, User)
        .join(Enrolment, Enrolment.id == Candidacy.enrolment_id)
        .join(User, User.id == Enrolment.user_id)
        .where(Candidacy.session_id == jury_id)
        .order_by(Enrolment.sort_name, Candidacy.id)
    )
    return [
        Presented(
            one.id, row.id, user.name, one.training_body_id, one.access_route is AccessRoute.PRIOR_EXPERIENCE, row
        )
        for row, one, user in rows
    ]


def _inside(session: Session, jury: JurySession) -> dict[uuid.UUID, frozenset[uuid.UUID]]:
    """Return, for each member, the organisations concerned to which they belong today, or that employ them."""
    bodies = select(Enrolment.training_body_id).join(Candidacy, Candidacy.enrolment_id == Enrolment.id)
    concerned = (Organisation.id == jury.certifying_body_id) | Organisation.id.in_(
        bodies.where(Candidacy.session_id == jury.id)
    )
    names = {row.id: row.name for row in session.execute(select(Organisation.id, Organisation.name).where(concerned))}
    rows = session.execute(
        select(JurySeat.user_id, Membership.organisation_id)
        .join(Membership, Membership.user_id == JurySeat.user_id)
        .where(
            JurySeat.session_id == jury.id, Membership.ended_at.is_(None), Membership.organisation_id.in_(list(names))
        )
    )
    found: defaultdict[uuid.UUID, set[uuid.UUID]] = defaultdict(set)
    for user_id, organisation_id in rows:
        found[user_id].add(organisation_id)
    for seat in jury.seats:
        found[seat.user_id] |= {one for one, name in names.items() if is_same_house(seat.employer, name)}
    return {user_id: frozenset(ids) for user_id, ids in found.items() if ids}


def named_in_declarations(session: Session, jury_id: uuid.UUID) -> dict[uuid.UUID, frozenset[uuid.UUID]]:
    """Return, by seat, the candidacies that the member's last declaration names."""
    later, mine = aliased(LinkDeclaration), LinkDeclaration
    newest = select(func.max(later.number)).where(later.seat_id == mine.seat_id).scalar_subquery()
    rows = session.execute(
        select(mine.seat_id, mine.facts)
        .join(JurySeat, JurySeat.id == mine.seat_id)
        .where(JurySeat.session_id == jury_id, mine.number == newest)
    )
    return {seat_id: _named(facts) for seat_id, facts in rows}


def _named(facts: Any) -> frozenset[uuid.UUID]:
    return frozenset(uuid.UUID(one["candidacy"]) for one in facts["candidates"])


def derogations_of(session: Session, jury_id: uuid.UUID) -> list[GrantedDerogation]:
    """Return every rule set aside in a session, in the order they were, those withdrawn included."""
    row, member, candidate, author = CompositionDerogation, aliased(User), aliased(User), aliased(User)
    rows = session.execute(
        select(row, member, candidate, Candidacy.enrolment_id, author)
        .outerjoin(JurySeat, JurySeat.id == row.seat_id)
        .outerjoin(member, member.id == JurySeat.user_id)
        .outerjoin(Candidacy, Candidacy.id == row.candidacy_id)
        .outerjoin(Enrolment, Enrolment.id == Candidacy.enrolment_id)
        .outerjoin(candidate, candidate.id == Enrolment.user_id)
        .join(author, author.id == row.granted_by_id)
        .where(row.session_id == jury_id)
        .order_by(row.granted_at, row.id)
    )
    return [
        GrantedDerogation(
            one, who.name if who else "", enrolment_id, sits.name if sits else "", sits.id if sits else None, by.name
        )
        for one, sits, who, enrolment_id, by in rows
    ]
