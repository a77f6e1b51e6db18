"""The verbs of frameworks."""

from certify.frameworks.services.adopting import adopt

__all__ = ["adopt"]
