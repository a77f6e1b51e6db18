"""First names a trainee declared, known by their digests alone, and what the guard finds with them."""

import uuid
from functools import partial

from sqlalchemy import func, select
from sqlalchemy.orm import Session

import competencies
from certify.anonymity import policies
from certify.anonymity.models import DeclaredName
from certify.anonymity.policies import Identifying, Texts
from certify.core.keys import keyed_digest


def findings(session: Session, enrolment_id: uuid.UUID | None, texts: Texts) -> tuple[Identifying, ...]:
    """Return every passage that would let somebody be recognised, first names the writer declared included.

    Each text comes with its field and how the field is called; wrap the name of a file in `policies.FileName`.
    """
    return policies.what_identifies(texts, _declared_test(session, enrolment_id))


def digest_of(enrolment_id: uuid.UUID, name: str) -> str:
    """Return what is kept of a declared first name: nobody can read it back, nor compare it between two people."""
    return _digest(enrolment_id, competencies.normal_name(name))


def declared_digests(session: Session, enrolment_id: uuid.UUID) -> frozenset[str]:
    """Return what is kept of the first names a trainee declared."""
    return frozenset(session.scalars(select(DeclaredName.digest).where(DeclaredName.enrolment_id == enrolment_id)))


def count_declared(session: Session, enrolment_id: uuid.UUID) -> int:
    """Return how many first names a trainee declared."""
    query = select(func.count()).select_from(DeclaredName).where(DeclaredName.enrolment_id == enrolment_id)
    return session.scalar(query) or 0


def _declared_test(session: Session, enrolment_id: uuid.UUID | None) -> policies.IsDeclared | None:
    """Return a test of normal forms, or nothing when no first name was declared."""
    kept = declared_digests(session, enrolment_id) if enrolment_id else frozenset()
    return partial(_is_declared, enrolment_id, kept) if enrolment_id and kept else None


def _is_declared(enrolment_id: uuid.UUID, kept: frozenset[str], normal: str) -> bool:
    return _digest(enrolment_id, normal) in kept


def _digest(enrolment_id: uuid.UUID, normal: str) -> str:
    return keyed_digest(f"first-name:{enrolment_id}", normal)
