"""Training and certification of the facilitators of the Maisons des 1000 premiers jours."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from certify.app import create_app

__all__ = ["create_app"]


def __getattr__(name: str) -> Any:
    """Give the factory when it is asked for: the processes that only make documents do without the application."""
    if name != "create_app":
        raise AttributeError(name)
    from certify.app import create_app

    return create_app
