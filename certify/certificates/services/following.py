"""Certificates follow what their jury does afterwards: results withdrawn or published again, a decision changed."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session, aliased, selectinload

import competencies
from certify.certificates import policies
from certify.certificates.models import Certificate, CertificateEventKind, CertificateKind, CertificateState
from certify.certificates.services.standing import turn
from certify.core.i18n import force_locale
from certify.core.i18n import gettext as _
from certify.core.templating import day
from certify.juries.queries import Candidacy, DecisionKind, JuryDecision, JurySession, SessionState

_WITHDRAWING = frozenset({DecisionKind.FRAUD, DecisionKind.CANCELLATION})
"""Kinds of decisions that withdraw what was awarded, whatever blocks they name."""


@dataclass(frozen=True)
class _Standing:
    """What the jury says today of the person a certificate was issued to."""

    jury: JurySession
    decision: JuryDecision

    def upholds(self, certificate: Certificate) -> bool:
        """Whether everything the certificate attests is still acquired."""
        if self.decision.kind in _WITHDRAWING:
            return False
        if certificate.kind is CertificateKind.WHOLE and self.decision.outcome != competencies.WholeOutcome.OBTAINED:
            return False
        return {block["code"] for block in certificate.facts["blocks"]} <= self.acquired

    @property
    def awards_something(self) -> bool:
        """Whether a document may still be issued from what stands."""
        outcome = self.decision.outcome
        is_whole = outcome == competencies.WholeOutcome.OBTAINED
        is_partly = outcome == competencies.WholeOutcome.PARTLY_OBTAINED and bool(self.acquired)
        return self.decision.kind not in _WITHDRAWING and (is_whole or is_partly)

    @property
    def acquired(self) -> set[str]:
        """Codes of the blocks acquired."""
        return {one.block for one in self.decision.blocks if one.outcome == competencies.BlockOutcome.ACQUIRED}

    @property
    def day(self) -> str:
        """The day of the decision, in words."""
        return day(self.decision.decided_on or self.jury.held_on)


def follow(session: Session, concerned: ColumnElement[bool]) -> list[Certificate]:
    """Bring the certificates of some candidacies to what their jury says now; return those that turned.

    The state wanted is computed from what stands today, so that messages may arrive twice or in any order. What
    somebody of the register suspended or revoked is left alone.
    """
    turned = []
    for certificate, standing in _rows(session, concerned):
        kind = _wanted(certificate, standing)
        if kind is not None:
            with force_locale("fr"):
                reason = _reason(kind, standing)
            turn(session, None, certificate, kind, reason=reason)
            turned.append(certificate)
    return turned


def _rows(session: Session, concerned: ColumnElement[bool]) -> Sequence[tuple[Certificate, _Standing]]:
    of_certificate, later = aliased(JuryDecision), aliased(JuryDecision)
    last = select(later.number).where(later.candidacy_id == Candidacy.id).order_by(later.number.desc()).limit(1)
    query = (
        select(Certificate, JurySession, JuryDecision)
        .join(of_certificate, of_certificate.id == Certificate.decision_id)
        .join(Candidacy, Candidacy.id == of_certificate.candidacy_id)
        .join(JurySession, JurySession.id == Candidacy.session_id)
        .join(JuryDecision, JuryDecision.candidacy_id == Candidacy.id)
        .where(JuryDecision.number == last.scalar_subquery(), concerned)
        .order_by(Certificate.id)
        .options(selectinload(Certificate.events), selectinload(JuryDecision.blocks))
        .execution_options(populate_existing=True)
    )
    found: Iterable[tuple[Certificate, JurySession, JuryDecision]] = session.execute(query)
    return [(certificate, _Standing(jury, decision)) for certificate, jury, decision in found]


def _wanted(certificate: Certificate, standing: _Standing) -> CertificateEventKind | None:
    """Return what must happen to a certificate, if anything must."""
    now = policies.turning_event(certificate)
    state, is_ours = now.kind.leads_to, now.by_id is None
    if state is CertificateState.REPLACED or (state is CertificateState.REVOKED and not is_ours):
        return None
    if not standing.upholds(certificate):
        return _lost(state, standing)
    if standing.jury.state is not SessionState.PUBLISHED:
        return CertificateEventKind.SUSPENDED if state is CertificateState.VALID else None
    if state is CertificateState.REVOKED:
        return CertificateEventKind.REINSTATED
    return CertificateEventKind.LIFTED if state is CertificateState.SUSPENDED and is_ours else None


def _lost(state: CertificateState | None, standing: _Standing) -> CertificateEventKind | None:
    """Return what happens to a certificate that says too much: it waits for the one that replaces it, if one comes."""
    if state is CertificateState.VALID and standing.awards_something:
        return CertificateEventKind.SUSPENDED
    is_over = state is CertificateState.REVOKED or standing.awards_something
    return None if is_over else CertificateEventKind.REVOKED


def _reason(kind: CertificateEventKind, standing: _Standing) -> str:
    number = standing.jury.reference
    if kind is CertificateEventKind.SUSPENDED and standing.jury.state is not SessionState.PUBLISHED:
        return _("Les résultats de la session de jury %(number)s ne sont plus publiés.", number=number)
    if kind is CertificateEventKind.LIFTED:
        return _("Les résultats publiés de la session de jury %(number)s confirment ce document.", number=number)
    said = _(
        "Décision du jury du %(date)s, session %(number)s : %(kind)s.",
        date=standing.day, number=number, kind=standing.decision.kind.label,
    )  # fmt: skip
    return f"{said} {standing.decision.reason}".strip()
