"""Facts about one request: where it stands, what may still be done with it, what its answer says."""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

import competencies
from certify.core.i18n import lazy as _l
from certify.observations.models import ObservationAnswer, ObservationRequest, Way

MOST_INDICATORS = 12
"""More would not be read to the end on a phone."""
MOST_WAITING = 20
"""Requests of one trainee that may wait at once: a mail goes out for each."""
NOT_OBSERVED = "none"
"""What the form sends for « non observé »."""


class RequestState(StrEnum):
    """Where a request stands."""

    WAITING = "waiting"
    ANSWERED = "answered"
    TO_SIGN = "to_sign"
    """Answered on one device: the trainee has not signed yet."""
    CONTESTED = "contested"
    DECLINED = "declined"
    REVOKED = "revoked"
    EXPIRED = "expired"

    @property
    def label(self) -> Any:
        """Its name on screen."""
        return _STATES[self]

    @property
    def tone(self) -> str:
        """The tone of its badge."""
        return _TONES.get(self, "neutral")


_STATES = {
    RequestState.WAITING: _l("En attente"),
    RequestState.ANSWERED: _l("Réponse reçue"),
    RequestState.TO_SIGN: _l("À signer par vous"),
    RequestState.CONTESTED: _l("Réponse contestée"),
    RequestState.DECLINED: _l("Refusée"),
    RequestState.REVOKED: _l("Annulée"),
    RequestState.EXPIRED: _l("Lien expiré"),
}
_TONES = {
    RequestState.ANSWERED: "ok",
    RequestState.TO_SIGN: "warning",
    RequestState.CONTESTED: "danger",
    RequestState.DECLINED: "warning",
    RequestState.EXPIRED: "warning",
}


def state_of(request: ObservationRequest, answer: ObservationAnswer | None, now: datetime) -> RequestState:
    """Say where a request stands at a moment."""
    if answer is not None:
        return _state_of_answer(request, answer)
    if request.revoked_at is not None:
        return RequestState.REVOKED
    if request.declined_at is not None:
        return RequestState.DECLINED
    return RequestState.EXPIRED if request.expires_at <= now else RequestState.WAITING


def _state_of_answer(request: ObservationRequest, answer: ObservationAnswer) -> RequestState:
    if answer.contested_at is not None:
        return RequestState.CONTESTED
    is_signed = request.way is Way.MAIL or answer.trainee_signed_at is not None
    return RequestState.ANSWERED if is_signed else RequestState.TO_SIGN


def may_be_sent_again(state: RequestState, request: ObservationRequest) -> bool:
    """Whether a new link may leave: nobody answered, declined or gave the request up."""
    return request.way is Way.MAIL and state in (RequestState.WAITING, RequestState.EXPIRED)


def may_be_revoked(state: RequestState) -> bool:
    """Whether there is still something to take back."""
    return state in (RequestState.WAITING, RequestState.EXPIRED)


@dataclass(frozen=True)
class Seen:
    """What was said of one indicator: nothing yet (""), « non observé », or a level of the scale."""

    choice: str = ""
    comment: str = ""

    @property
    def level(self) -> str | None:
        """The level seen, if any was."""
        return self.choice if self.choice not in ("", NOT_OBSERVED) else None


@dataclass(frozen=True)
class Draft:
    """An answer being written."""

    seen: Mapping[str, Seen] = field(default_factory=dict)
    comment: str = ""

    def to_document(self) -> dict[str, Any]:
        """Return the draft as JSON can hold it."""
        return {"seen": {code: vars(one) for code, one in self.seen.items()}, "comment": self.comment}

    @classmethod
    def of(cls, request: ObservationRequest) -> "Draft":
        """Return what is saved of the answer to a request."""
        saved = request.draft.get("seen", {})
        seen = {code: Seen(**saved[code]) if code in saved else Seen() for code in request.indicators}
        return cls(seen, request.draft.get("comment", ""))

    @property
    def done(self) -> int:
        """How many criteria have a choice."""
        return sum(1 for one in self.seen.values() if one.choice)

    @property
    def is_empty(self) -> bool:
        """Whether nothing was ticked nor written."""
        return not self.comment and not any(one.choice or one.comment for one in self.seen.values())

    def frozen(self) -> dict[str, Any]:
        """Return what is signed: what was not ticked was not observed."""
        return {code: {"level": one.level, "comment": one.comment} for code, one in self.seen.items()}


def revision_of(request: ObservationRequest) -> int:
    """Return the number of the last save of a draft, 0 before the first."""
    return int(request.draft.get("revision", 0))


def texts_of(draft: Draft) -> Iterator[tuple[str, Any, str]]:
    """Yield what the referent wrote, for the guard: the name of the field, what it is called, the text."""
    for code, one in draft.seen.items():
        yield f"comment-{code}", _l("Commentaire sur %(code)s", code=code), one.comment
    yield "comment", _l("Commentaire général"), draft.comment


def digest_of(request: ObservationRequest, seen: Mapping[str, Any], comment: str, name: str, at: datetime) -> str:
    """Return the SHA-256 of everything that is signed, with the request it answers."""
    said = {
        "request": str(request.id), "framework": str(request.framework_version_id), "seen": seen, "comment": comment,
        "name": name, "at": at.isoformat(),
    }  # fmt: skip
    return hashlib.sha256(json.dumps(said, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def choices_of(framework: competencies.Framework, code: str) -> tuple[competencies.Level, ...]:
    """Return the levels to choose from for an indicator, best first, on the scale of the training."""
    return tuple(reversed(framework.scale_of(code).levels))


def tint_of(scale: competencies.Scale, level: str) -> str:
    """Return the tint of a level of any scale, as the certification's levels name them."""
    if scale.is_reached(level):
        return "acquired"
    return "not_acquired" if level == scale.lowest.code else "partly_acquired"


def observed(seen: Mapping[str, Any], known: Iterable[str]) -> list[str]:
    """Return the indicators at which something was seen, in order; « non observé » proves nothing."""
    return [code for code in known if seen.get(code, {}).get("level") is not None]
