"""The one verb of practice: propose what the records show as evidence, with its figures and lines frozen."""

import uuid
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from certify.cohorts.models import Enrolment
from certify.core import clock
from certify.core.access import Actor
from certify.core.errors import Conflict, Forbidden, NotFound
from certify.core.i18n import lazy as _l
from certify.core.i18n import typeset
from certify.core.templating import day, month
from certify.evidence.queries import EvidenceItem, EvidenceKind
from certify.evidence.services import propose
from certify.practice import policies, queries
from certify.practice.queries import Finding

_NAMESPACE = uuid.UUID("8c8a0f0e-6d3d-5f0e-9d52-2b3f4d0c7a11")


def propose_finding(session: Session, actor: Actor, enrolment: Enrolment, *, rule: str) -> EvidenceItem:
    """Propose what a rule finds now, for the indicators it illustrates; it counts once a trainer accepts it.

    A larger count makes a piece of its own beside the earlier one, which stays as it was read.
    """
    # Two clicks, or the trainee and a trainer at once, must see each other.
    session.scalars(select(Enrolment.id).where(Enrolment.id == enrolment.id).with_for_update()).one()
    finding = next((one for one in queries.findings_of(session, enrolment) if one.proposal.rule == rule), None)
    if finding is None:
        raise NotFound
    if not policies.may_propose(actor, enrolment, rule):
        raise Forbidden(_l("Seule la personne concernée propose ce compte : il repose sur ses actions codées."))
    if not finding.proposal.is_proposable:
        raise Conflict(_l("Ce compte n’est pas encore assez grand, ou n’illustre aucun indicateur de ce référentiel."))
    if not finding.may_propose:
        raise Conflict(_l("Ce compte est déjà proposé. Il pourra l’être de nouveau quand il aura grandi."))
    found = finding.proposal
    identity = uuid.uuid5(_NAMESPACE, f"{enrolment.id}:{rule}:{found.count}:{queries.tries_of(session, enrolment)}")
    title = typeset(f"{found.label.fr} : {found.count}")
    return propose(
        session, actor, enrolment, kind=EvidenceKind.COMPUTED, title=title, facts=frozen(finding),
        links=dict.fromkeys(found.indicators, ""), identity=identity,
    )  # fmt: skip


def frozen(finding: Finding) -> dict[str, Any]:
    """Return the figures and the lines behind as they are now, for whoever reads the piece later."""
    found = finding.proposal
    return {
        "rule": found.rule,
        "label": {"fr": found.label.fr, "en": found.label.en},
        "reason": {"fr": found.reason.fr, "en": found.reason.en},
        "count": found.count,
        "threshold": found.threshold,
        "is_published": found.is_published,
        "computed_on": clock.today().isoformat(),
        "lines": [
            {"on": line.on.isoformat(), "when": month(line.on) if line.is_month else day(line.on), "label": line.label}
            for line in found.lines
        ],
    }
