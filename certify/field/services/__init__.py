"""What can be done with what a device sends."""

from certify.field.services.conflicts import resolve
from certify.field.services.receiving import receive

__all__ = ["receive", "resolve"]
