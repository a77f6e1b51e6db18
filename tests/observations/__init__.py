"""Observations asked of field referents."""
