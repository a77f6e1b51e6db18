"""Training and certification of the facilitators of the Maisons des 1000 premiers jours."""

from certify.app import create_app

__all__ = ["create_app"]
