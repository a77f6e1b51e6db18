"""Reads about frameworks: versions, their content, the rules of a programme."""

from certify.frameworks.queries.carrying import carried, steps_between, whole_mapping
from certify.frameworks.queries.programmes import (
    RecognitionRow,
    RulesRow,
    last_recognition,
    programme_of,
    programme_of_cohort,
    programmes_of,
    recognition_history,
    recognition_of,
    rules_history,
)
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
    "RecognitionRow",
    "RulesRow",
    "active_versions",
    "bodies_of_organisations",
    "bodies_that_habilitate",
    "carried",
    "certifying_bodies_from",
    "framework_of",
    "last_recognition",
    "programme_of",
    "programme_of_cohort",
    "programmes_of",
    "recognition_history",
    "recognition_of",
    "rules_history",
    "steps_between",
    "version_for",
    "visible_versions",
    "whole_mapping",
]
