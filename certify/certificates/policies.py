"""Questions about one certificate: what it is worth on a day, and where it may go from there."""

import uuid
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Protocol

import competencies
from certify.certificates.models import Certificate, CertificateEvent, CertificateEventKind, CertificateKind
from certify.certificates.models import CertificateState as Is
from certify.core import clock
from certify.core.clock import PARIS
from certify.juries.queries import DecisionKind
from certify.juries.services.afterwards import WITHDRAWING

KIND_LABELS = {kind.value: kind.label for kind in CertificateKind}
"""What each kind of document is called."""

_KIND = CertificateEventKind
_MAY_COME_FROM: Mapping[CertificateEventKind, frozenset[Is]] = {
    _KIND.SUSPENDED: frozenset({Is.VALID}),
    _KIND.LIFTED: frozenset({Is.SUSPENDED}),
    _KIND.REVOKED: frozenset({Is.VALID, Is.SUSPENDED}),
    _KIND.REINSTATED: frozenset({Is.REVOKED}),
    _KIND.REPLACED: frozenset({Is.VALID, Is.SUSPENDED}),
}
"""From which kept states each event may come; a certificate that was replaced stays so."""
STANDING = (Is.VALID, Is.SUSPENDED)
"""The kept states of a certificate that is worth something, or will be again."""


class Said(Protocol):
    """What a decision of a jury says of somebody: the decision itself, or the award made of it."""

    @property
    def kind(self) -> DecisionKind:
        """Why it was taken."""

    @property
    def outcome(self) -> competencies.WholeOutcome:
        """What becomes of the whole certification."""

    @property
    def acquired(self) -> Collection[str]:
        """Codes of the blocks acquired."""


@dataclass(frozen=True)
class State:
    """Where a certificate stands after its events and the calendar."""

    state: Is
    since: datetime
    successor_id: uuid.UUID | None = None
    """The certificate that replaces it."""
    is_automatic: bool = False
    """Brought by what the jury or the calendar did, not by somebody of the register."""

    @property
    def is_valid(self) -> bool:
        """Whether it is worth what it says."""
        return self.state is Is.VALID

    @property
    def label(self) -> Any:
        """The state in words."""
        return self.state.label

    @property
    def tone(self) -> str:
        """How it is coloured on screen; the words always stand beside."""
        return _TONES[self.state]


_TONES = {
    Is.VALID: "ok", Is.SUSPENDED: "warning", Is.EXPIRED: "warning", Is.REVOKED: "danger", Is.REPLACED: "neutral",
}  # fmt: skip


def state_of(certificate: Certificate, today: date | None = None) -> State:
    """Return the state told by the events and, when they leave it valid, by its last day; its events are loaded.

    A suspended certificate whose last day is over stays suspended: what it was worth until then is still in question.
    """
    last = turning_event(certificate)
    state = last.kind.leads_to or Is.VALID
    ends = certificate.expires_on
    if state is Is.VALID and ends is not None and ends < (today or clock.today()):
        return State(Is.EXPIRED, datetime.combine(ends + timedelta(days=1), time(), PARIS), is_automatic=True)
    return State(state, last.at, last.successor_id, last.by_id is None)


def turning_event(certificate: Certificate) -> CertificateEvent:
    """Return the last event that changed the state; duplicates, reminders and renewals leave it as it is."""
    return next(event for event in reversed(certificate.events) if event.kind.leads_to is not None)


def may_become(certificate: Certificate, kind: CertificateEventKind, *, is_automatic: bool = False) -> bool:
    """Tell whether this event may happen to a certificate as it is kept now, by somebody or by what its jury did."""
    state = turning_event(certificate).kind.leads_to
    # What a jury gives back is suspended as it was, when somebody had suspended it before.
    return state in _MAY_COME_FROM[kind] or (is_automatic and kind is _KIND.SUSPENDED and state is Is.REVOKED)


def suspension_by_hand(certificate: Certificate) -> CertificateEvent | None:
    """Return the suspension somebody decided and nobody lifted; what the jury does in between does not end it."""
    by_hand = [one for one in certificate.events if one.by_id is not None and one.kind.leads_to is not None]
    return by_hand[-1] if by_hand and by_hand[-1].kind is _KIND.SUSPENDED else None


def is_revoked_by_hand(certificate: Certificate) -> bool:
    """Whether somebody of the register revoked it, and not its jury."""
    last = turning_event(certificate)
    return last.kind is _KIND.REVOKED and last.by_id is not None


def upholds(said: Said, certificate: Certificate) -> bool:
    """Whether everything a certificate attests is acquired by a decision."""
    if said.kind in WITHDRAWING:
        return False
    if certificate.kind is CertificateKind.WHOLE and said.outcome != competencies.WholeOutcome.OBTAINED:
        return False
    return codes_of(certificate) <= set(said.acquired)


def says_the_same(certificate: Certificate, said: Said) -> bool:
    """Whether a document issued from a decision would attest what this one does, no less and no more."""
    is_whole = said.outcome == competencies.WholeOutcome.OBTAINED
    is_same_kind = (certificate.kind is CertificateKind.WHOLE) is is_whole
    return is_same_kind and codes_of(certificate) == set(said.acquired) and said.kind not in WITHDRAWING


def codes_of(certificate: Certificate) -> set[str]:
    """Return the codes of the blocks that a certificate attests."""
    return {block["code"] for block in certificate.facts["blocks"]}


def renewal_of(certificate: Certificate, near: Mapping[uuid.UUID, Certificate]) -> Certificate | None:
    """Return the certificate obtained again after this one, if it stands, among those near; its events are loaded."""
    ids = [event.successor_id for event in certificate.events if event.kind is _KIND.RENEWED]
    found = [near[one] for one in ids if one is not None and one in near]
    return next((one for one in reversed(found) if one.state in STANDING), None)


def decided_on(certificate: Certificate) -> date:
    """Return the day of the jury that the facts quote; that of the issue for an attestation of attendance."""
    return date.fromisoformat(certificate.facts.get("decided_on") or certificate.facts["issued_on"])
