"""Questions about one certificate: what it is worth on a day, and where it may go from there."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from certify.certificates.models import Certificate, CertificateEvent, CertificateEventKind, CertificateKind
from certify.certificates.models import CertificateState as Is
from certify.core import clock
from certify.core.clock import PARIS

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


def may_become(certificate: Certificate, kind: CertificateEventKind) -> bool:
    """Tell whether this event may happen to a certificate as it is kept now."""
    return turning_event(certificate).kind.leads_to in _MAY_COME_FROM[kind]


def renewal_of(certificate: Certificate) -> uuid.UUID | None:
    """Return the certificate obtained again after this one, if any; its events are loaded."""
    renewed = (event.successor_id for event in certificate.events if event.kind is _KIND.RENEWED)
    return next(renewed, None)


def decided_on(certificate: Certificate) -> date:
    """Return the day of the jury that the facts quote; that of the issue for an attestation of attendance."""
    return date.fromisoformat(certificate.facts.get("decided_on") or certificate.facts["issued_on"])
