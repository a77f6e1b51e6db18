"""Answers about seals from values alone: which key is in use, which is near its end."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from certify.core.i18n import lazy as _l
from certify.seals.models import SealKey

NEAR = timedelta(days=60)
"""How long before its end a certificate asks to be replaced: an authority takes weeks to deliver another."""


class KeyState(StrEnum):
    """What a key does at a moment."""

    IN_USE = "in_use"
    NEAR_ITS_END = "near_its_end"
    ENDED = "ended"
    RETIRED = "retired"

    @property
    def label(self) -> Any:
        """How it is called on screen."""
        return _LABELS[self]

    @property
    def tone(self) -> str:
        """The tone of its badge."""
        return _TONES.get(self, "neutral")


_LABELS = {
    KeyState.IN_USE: _l("en service"),
    KeyState.NEAR_ITS_END: _l("en service, bientôt à remplacer"),
    KeyState.ENDED: _l("certificat arrivé à sa fin"),
    KeyState.RETIRED: _l("retirée"),
}
_TONES = {KeyState.IN_USE: "ok", KeyState.NEAR_ITS_END: "warning", KeyState.ENDED: "danger"}


@dataclass(frozen=True)
class KnownKey:
    """A key beside what it does."""

    key: SealKey
    state: KeyState


@dataclass(frozen=True)
class Seal:
    """The keys of an organisation: the one that seals, when there is one, and the others."""

    current: KnownKey | None
    """The newest not retired, even when its certificate has ended."""
    others: tuple[KnownKey, ...]


def seal_of(keys: Sequence[SealKey], moment: datetime) -> Seal:
    """Sort an organisation's keys, given newest first."""
    newest = next((key for key in keys if key.retired_at is None), None)
    known = [KnownKey(key, _state(key, newest, moment)) for key in keys]
    current = next((one for one in known if one.key is newest), None)
    return Seal(current, tuple(one for one in known if one is not current))


def _state(key: SealKey, newest: SealKey | None, moment: datetime) -> KeyState:
    if key is not newest:
        return KeyState.RETIRED
    if key.not_after <= moment:
        return KeyState.ENDED
    return KeyState.NEAR_ITS_END if key.not_after - moment < NEAR else KeyState.IN_USE
