"""Certificates follow what their jury does afterwards: results withdrawn or published again, a decision changed."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session, aliased, selectinload

import competencies
from certify.certificates import policies
from certify.certificates.models import Certificate, CertificateEventKind, CertificateState
from certify.certificates.services.standing import other_standing, turn
from certify.core.i18n import force_locale
from certify.core.i18n import gettext as _
from certify.core.templating import day
from certify.juries.queries import Candidacy, DecisionKind, JuryDecision, JurySession, SessionState
from certify.juries.services.afterwards import WITHDRAWING


@dataclass(frozen=True)
class _Standing:
    """What the jury says today of the person a certificate was issued to."""

    jury: JurySession
    decision: JuryDecision

    @property
    def kind(self) -> DecisionKind:
        """Why it was taken."""
        return self.decision.kind

    @property
    def outcome(self) -> competencies.WholeOutcome:
        """What becomes of the whole certification."""
        return competencies.WholeOutcome(self.decision.outcome)

    @property
    def awards_something(self) -> bool:
        """Whether a document may still be issued from what stands."""
        whole = competencies.WholeOutcome
        is_partly = self.outcome is whole.PARTLY_OBTAINED and bool(self.acquired)
        return self.kind not in WITHDRAWING and (self.outcome is whole.OBTAINED or is_partly)

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
    somebody of the register suspended or revoked is left alone, and nothing comes back beside what took its place.
    """
    turned = []
    for certificate, standing in _rows(session, concerned):
        kind = _wanted(certificate, standing)
        if kind is None:
            continue
        if _brings_back(certificate, kind) and other_standing(session, certificate) is not None:
            continue
        with force_locale("fr"):
            reason = _reason(certificate, kind, standing)
        turn(session, None, certificate, kind, reason=reason)
        turned.append(certificate)
    return turned


def _brings_back(certificate: Certificate, kind: CertificateEventKind) -> bool:
    is_revoked = policies.turning_event(certificate).kind is CertificateEventKind.REVOKED
    return is_revoked or kind is CertificateEventKind.LIFTED


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
    if standing.jury.state is not SessionState.PUBLISHED:
        # What is not published is not known: it neither withdraws nor gives anything back.
        return CertificateEventKind.SUSPENDED if state is CertificateState.VALID else None
    if not policies.upholds(standing, certificate):
        return _lost(state, standing)
    is_held = policies.suspension_by_hand(certificate) is not None
    if state is CertificateState.REVOKED:
        return CertificateEventKind.SUSPENDED if is_held else CertificateEventKind.REINSTATED
    is_to_lift = state is CertificateState.SUSPENDED and is_ours and not is_held
    return CertificateEventKind.LIFTED if is_to_lift else None


def _lost(state: CertificateState | None, standing: _Standing) -> CertificateEventKind | None:
    """Return what happens to a certificate that says too much: it waits for the one that replaces it, if one comes."""
    if state is CertificateState.VALID and standing.awards_something:
        return CertificateEventKind.SUSPENDED
    is_over = state is CertificateState.REVOKED or standing.awards_something
    return None if is_over else CertificateEventKind.REVOKED


def _reason(certificate: Certificate, kind: CertificateEventKind, standing: _Standing) -> str:
    number = standing.jury.reference
    if kind is CertificateEventKind.SUSPENDED and standing.jury.state is not SessionState.PUBLISHED:
        return _("Les résultats de la session de jury %(number)s ne sont plus publiés.", number=number)
    if kind is CertificateEventKind.LIFTED:
        return _("Les résultats publiés de la session de jury %(number)s confirment ce document.", number=number)
    said = _(
        "Décision du jury du %(date)s, session %(number)s : %(kind)s.",
        date=standing.day, number=number, kind=standing.decision.kind.label,
    )  # fmt: skip
    held = policies.suspension_by_hand(certificate)
    if kind is CertificateEventKind.SUSPENDED and held is not None:
        more = _("La suspension du %(date)s n’est pas levée : %(reason)s", date=day(held.at), reason=held.reason)
        return f"{said} {standing.decision.reason}".strip() + f" {more}"
    return f"{said} {standing.decision.reason}".strip()
