"""What becomes of the codes of one framework version in a later one."""

import uuid
from collections.abc import Mapping, Sequence
from types import MappingProxyType

from sqlalchemy import select
from sqlalchemy.orm import Session

from certify.frameworks.models import FrameworkVersion, VersionState
from competencies.carrying import Carried, compose, mapping_from_document

_KEPT = 256
_composed: dict[tuple[uuid.UUID, uuid.UUID], Mapping[str, tuple[str, ...]]] = {}


def carried(
    session: Session, from_version_id: uuid.UUID, to_version_id: uuid.UUID
) -> Mapping[str, tuple[str, ...]] | None:
    """Return the codes that follow each indicator of a version in a later one; None when it is the same version.

    Empty when the second does not come from the first: nothing is carried over. A version in force and its mapping
    never change, so each process reads a pair once.
    """
    if from_version_id == to_version_id:
        return None
    key = (from_version_id, to_version_id)
    found = _composed.get(key)
    if found is None:
        steps = steps_between(session, from_version_id, to_version_id)
        found = MappingProxyType({one.code: one.to for one in whole_mapping(steps)})
        if not _is_draft(session, to_version_id):
            if len(_composed) >= _KEPT:
                _composed.pop(next(iter(_composed)), None)
            _composed[key] = found
    return found


def _is_draft(session: Session, version_id: uuid.UUID) -> bool:
    state = session.scalar(select(FrameworkVersion.state).where(FrameworkVersion.id == version_id))
    return state is not VersionState.ACTIVE and state is not VersionState.ARCHIVED


def steps_between(
    session: Session, from_version_id: uuid.UUID, to_version_id: uuid.UUID
) -> tuple[tuple[Carried, ...], ...]:
    """Return the mapping of each version that leads from one to another, oldest first; none when no line does."""
    steps: list[tuple[Carried, ...]] = []
    current: uuid.UUID | None = to_version_id
    met: set[uuid.UUID] = set()
    while current is not None and current != from_version_id and current not in met:
        met.add(current)
        row = session.execute(
            select(FrameworkVersion.predecessor_id, FrameworkVersion.mapping).where(FrameworkVersion.id == current)
        ).one_or_none()
        if row is None or row.mapping is None:
            return ()
        steps.append(tuple(mapping_from_document(row.mapping)))
        current = row.predecessor_id
    return tuple(reversed(steps)) if current == from_version_id else ()


def whole_mapping(steps: Sequence[tuple[Carried, ...]]) -> tuple[Carried, ...]:
    """Put the mappings of successive versions end to end."""
    if not steps:
        return ()
    whole = steps[0]
    for step in steps[1:]:
        whole = tuple(compose(whole, step))
    return whole
