"""What a room needs before parents and babies come in: the checklist of a meeting, as codes."""

from enum import StrEnum
from typing import Any

from certify.core.i18n import lazy as _l


class RoomItem(StrEnum):
    """One thing to look at in the room."""

    FLOOR = "floor"
    SEATS = "seats"
    WARMTH = "warmth"
    CHANGING = "changing"
    WATER = "water"
    HYGIENE = "hygiene"
    SAFETY = "safety"
    QUIET = "quiet"
    STROLLERS = "strollers"
    NOTICES = "notices"

    @property
    def label(self) -> Any:
        """Its name on screen."""
        return _ITEMS[self][0]

    @property
    def hint(self) -> Any:
        """What is looked at."""
        return _ITEMS[self][1]


_ITEMS = {
    RoomItem.FLOOR: (_l("Tapis au sol"), _l("propres, de quoi poser tous les bébés")),
    RoomItem.SEATS: (_l("Chaises et coussins"), _l("en cercle, avec un fauteuil pour allaiter ou donner le biberon")),
    RoomItem.WARMTH: (_l("Chaleur"), _l("pièce aérée puis chauffée, entre 19 et 22 °C")),
    RoomItem.CHANGING: (_l("Coin change"), _l("plan de change, lingettes, poubelle fermée")),
    RoomItem.WATER: (_l("Eau"), _l("de quoi boire, et de quoi chauffer un biberon")),
    RoomItem.HYGIENE: (_l("Hygiène"), _l("savon ou gel pour les mains, jouets lavés")),
    RoomItem.SAFETY: (_l("Sécurité"), _l("prises couvertes, rien de petit ni de chaud à portée de main")),
    RoomItem.QUIET: (_l("Calme"), _l("porte fermée, on ne nous entend pas, on n’est pas dérangé")),
    RoomItem.STROLLERS: (_l("Poussettes"), _l("une place à l’abri, l’accès sans marche est libre")),
    RoomItem.NOTICES: (_l("Affichage"), _l("le cadre du groupe, le 119 et les numéros d’urgence, la prochaine date")),
}
