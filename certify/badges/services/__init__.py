"""The verbs of badges: keep keys, make a badge once, publish lists, show one's badge or no longer."""

from certify.badges.services.keeping import ensure_keys, rotate
from certify.badges.services.making import Made, ask_for_missing, keep_badge, make_badge, prepare_issuer
from certify.badges.services.publishing import ask_for_lists, publish_list
from certify.badges.services.showing import publish, withdraw

__all__ = [
    "Made", "ask_for_lists", "ask_for_missing", "ensure_keys", "keep_badge", "make_badge", "prepare_issuer", "publish",
    "publish_list", "rotate", "withdraw",
]  # fmt: skip
