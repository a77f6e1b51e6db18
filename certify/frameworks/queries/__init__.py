"""Reads about frameworks: versions, their content, the rules of a programme."""

from certify.frameworks.queries.versions import (
    Adopted,
    active_versions,
    bodies_of_organisations,
    bodies_that_habilitate,
    certifying_bodies_from,
    framework_of,
    version_for,
    visible_versions,
)

__all__ = [
    "Adopted",
    "active_versions",
    "bodies_of_organisations",
    "bodies_that_habilitate",
    "certifying_bodies_from",
    "framework_of",
    "version_for",
    "visible_versions",
]
