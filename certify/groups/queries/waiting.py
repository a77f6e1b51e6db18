"""Reads about families who wait for a group, and what groups could be made of them."""

import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session, aliased

from certify.cohorts.models import Cohort
from certify.core import listing
from certify.core.access import Actor, Permission
from certify.core.errors import NotFound
from certify.frameworks.models import FrameworkVersion
from certify.frameworks.queries import programme_of
from certify.groups.models import PeerGroup, WaitingFamily
from certify.organisations.models import Organisation
from competencies.composer import Proposal, Waiting, compose
from competencies.thresholds import USUAL_THRESHOLDS, Thresholds


@dataclass(frozen=True)
class FamilyRow:
    """One family of a list, with the house it asked for and the group it entered, if any."""

    family: WaitingFamily
    house: str
    group_code: str


@dataclass(frozen=True)
class Proposed:
    """A group that could be made, with the families it would be made of, by month."""

    proposal: Proposal
    families: tuple[WaitingFamily, ...]

    @property
    def numbers(self) -> str:
        """The numbers of the families, as a form sends them."""
        return ",".join(str(one.number) for one in self.families)

    @property
    def house_id(self) -> uuid.UUID | None:
        """The house all of them asked for, if it is one."""
        houses = {one.house_id for one in self.families}
        return houses.pop() if len(houses) == 1 else None


def families_of(training_body_id: uuid.UUID, *, words: str = "", state: str = "") -> Select[*tuple[Any, ...]]:
    """Select the families of a waiting list: (family, house, code of the group they entered)."""
    house, group = aliased(Organisation), aliased(PeerGroup)
    query = (
        select(WaitingFamily, house.name.label("house"), group.code.label("code"))
        .outerjoin(house, house.id == WaitingFamily.house_id)
        .outerjoin(group, group.id == WaitingFamily.group_id)
        .where(WaitingFamily.training_body_id == training_body_id, *listing.matches(words, WaitingFamily.place))
    )
    if state == "all":
        return query
    return query.where(WaitingFamily.closed_on.is_(None))


def family_for(session: Session, actor: Actor, family_id: uuid.UUID) -> WaitingFamily:
    """Return a family of a waiting list that the actor keeps; raise NotFound otherwise."""
    query = select(WaitingFamily).where(
        WaitingFamily.id == family_id,
        WaitingFamily.training_body_id.in_(actor.organisations(Permission.GROUP_WRITE)),
    )
    family = session.scalars(query.with_for_update()).one_or_none()
    if family is None:
        raise NotFound()
    return family


def waiting_of(session: Session, training_body_id: uuid.UUID, *, lock: bool = False) -> list[WaitingFamily]:
    """Return the families of a training body that wait, by number."""
    query = select(WaitingFamily).where(
        WaitingFamily.training_body_id == training_body_id, WaitingFamily.closed_on.is_(None)
    )
    query = query.order_by(WaitingFamily.number)
    return list(session.scalars(query.with_for_update() if lock else query))


def with_numbers(families: Sequence[WaitingFamily], numbers: Collection[int]) -> list[WaitingFamily]:
    """Keep the families that have these numbers; raise NotFound when one of them does not wait any more."""
    found = [one for one in families if one.number in set(numbers)]
    if len(found) < len(set(numbers)):
        raise NotFound()
    return found


def thresholds_for(session: Session, training_body_id: uuid.UUID) -> Thresholds:
    """Return the thresholds of the programme that the newest cohort of a training body follows; two statements."""
    newest = (
        select(FrameworkVersion.certifying_body_id, FrameworkVersion.code)
        .join(Cohort, Cohort.framework_version_id == FrameworkVersion.id)
        .where(Cohort.training_body_id == training_body_id)
        .order_by(Cohort.starts_on.desc(), Cohort.id.desc())
    )
    pair = session.execute(newest.limit(1)).one_or_none()
    return programme_of(session, *pair).fidelity if pair else USUAL_THRESHOLDS


def proposals(families: Sequence[WaitingFamily], thresholds: Thresholds) -> list[Proposed]:
    """Return the groups that could be made of families who wait, by place and month."""
    by_key = {str(one.number): one for one in families}
    waiting = [Waiting(str(one.number), one.place, one.month) for one in families]
    return [
        Proposed(found, tuple(sorted((by_key[key] for key in found.keys), key=lambda one: (one.month, one.number))))
        for found in compose(waiting, thresholds)
    ]
