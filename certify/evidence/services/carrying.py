"""Carrying evidence over to a later version of the framework: new links beside the old ones, which are retired."""

import uuid
from collections import defaultdict
from collections.abc import Collection, Mapping

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from certify.cohorts.models import Enrolment
from certify.core import clock
from certify.core.types import new_id
from certify.evidence.models import EvidenceItem, EvidenceLink, EvidenceState


def carry(session: Session, enrolment_ids: Collection[uuid.UUID], codes: Mapping[str, tuple[str, ...]]) -> None:
    """Link the evidence of some trainees to the indicators that take the place of those it illustrated.

    A link whose indicator keeps its code stays. Any other is retired, and a new one is made under each code that takes
    its place; one that nothing replaces is retired alone. Drafts and what waits for an answer are carried too. The
    number of statements depends on neither the trainees nor their evidence. Nobody else may write to these enrolments
    meanwhile: the caller has them locked.
    """
    query = (
        select(EvidenceLink)
        .join(EvidenceItem, EvidenceItem.id == EvidenceLink.evidence_id)
        .where(EvidenceItem.enrolment_id.in_(enrolment_ids), EvidenceLink.retired_at.is_(None))
        .order_by(EvidenceLink.evidence_id, EvidenceLink.indicator)
        .execution_options(populate_existing=True)
    )
    moment = clock.now()
    links = list(session.scalars(query))
    standing, wanted = set[tuple[uuid.UUID, str]](), defaultdict[tuple[uuid.UUID, str], list[str]](list)
    for link in links:
        targets = codes.get(link.indicator, ())
        if targets == (link.indicator,):
            standing.add((link.evidence_id, link.indicator))
            continue
        link.retired_at = moment
        for code in targets:
            wanted[link.evidence_id, code].append(link.reflection)
    # The old ones leave first: of one piece, an indicator has a single link that is not retired.
    session.flush()
    session.add_all(
        EvidenceLink(id=new_id(), evidence_id=evidence_id, indicator=code, reflection="\n\n".join(filter(None, said)))
        for (evidence_id, code), said in wanted.items()
        if (evidence_id, code) not in standing
    )
    session.flush()
    for row in session:
        if isinstance(row, EvidenceItem):
            session.expire(row, ["links"])


def recount_all(session: Session, enrolments: Collection[Enrolment]) -> None:
    """Count anew the indicators that the accepted evidence of many trainees covers, in one statement."""
    query = (
        select(EvidenceItem.enrolment_id, func.count(EvidenceLink.indicator.distinct()))
        .join(EvidenceLink, EvidenceLink.evidence_id == EvidenceItem.id)
        .where(
            EvidenceItem.enrolment_id.in_([one.id for one in enrolments]),
            EvidenceItem.state == EvidenceState.ACCEPTED,
            EvidenceLink.retired_at.is_(None),
        )
        .group_by(EvidenceItem.enrolment_id)
    )
    counts = dict(session.execute(query).all())
    for enrolment in enrolments:
        enrolment.covered = counts.get(enrolment.id, 0)
    session.flush()
