"""The verbs of cohorts."""

import uuid
from datetime import date

from sqlalchemy.orm import Session

from certify.cohorts import policies, queries
from certify.cohorts.models import Cohort
from certify.core import audit, clock
from certify.core.access import Actor
from certify.core.errors import Conflict, Invalid
from certify.core.i18n import lazy as _l
from certify.frameworks.models import FrameworkVersion, VersionState
from certify.organisations import queries as organisations
from certify.organisations.models import Organisation


def create_cohort(
    session: Session,
    actor: Actor | None,
    training_body: Organisation,
    *,
    certifying_body: Organisation,
    version: FrameworkVersion,
    name: str,
    starts_on: date,
    ends_on: date,
) -> Cohort:
    """Open a cohort of a training body, on a framework version of a certifying body that habilitates it today."""
    _check_dates(starts_on, ends_on)
    _check_name(session, training_body.id, name)
    _check_version(session, training_body.id, version)
    if version.certifying_body_id != certifying_body.id:
        raise Invalid(_l("Cette version du référentiel est celle d’un autre organisme certificateur."), "version")
    cohort = Cohort(
        training_body_id=training_body.id,
        certifying_body_id=certifying_body.id,
        framework_version_id=version.id,
        name=name,
        starts_on=starts_on,
        ends_on=ends_on,
        created_at=clock.now(),
    )
    session.add(cohort)
    session.flush()
    audit.record(
        session, actor, "cohorts:cohort:created", cohort, organisation_id=training_body.id,
        framework_version_id=version.id, starts_on=starts_on, ends_on=ends_on,
    )  # fmt: skip
    return cohort


def amend_cohort(
    session: Session,
    actor: Actor | None,
    cohort: Cohort,
    *,
    name: str,
    starts_on: date,
    ends_on: date,
    version: FrameworkVersion | None = None,
) -> Cohort:
    """Change the name and dates of a cohort and, as long as nobody was ever enrolled in it, its framework version."""
    _check_dates(starts_on, ends_on)
    _check_name(session, cohort.training_body_id, name, but=cohort.id)
    if version is not None and version.id != cohort.framework_version_id:
        if queries.has_enrolments(session, cohort.id):
            raise Conflict(_l("Des personnes sont déjà inscrites : le référentiel de cette promotion ne change plus."))
        _check_version(session, cohort.training_body_id, version)
        cohort.certifying_body_id, cohort.framework_version_id = version.certifying_body_id, version.id
    cohort.name, cohort.starts_on, cohort.ends_on = name, starts_on, ends_on
    audit.record(
        session, actor, "cohorts:cohort:amended", cohort, organisation_id=cohort.training_body_id,
        framework_version_id=cohort.framework_version_id, starts_on=starts_on, ends_on=ends_on,
    )  # fmt: skip
    return cohort


def _check_dates(starts_on: date, ends_on: date) -> None:
    if not policies.is_in_order(starts_on, ends_on):
        raise Invalid(_l("La fin doit venir après le début."), "ends_on")


def _check_name(session: Session, training_body_id: uuid.UUID, name: str, *, but: uuid.UUID | None = None) -> None:
    if queries.is_name_taken(session, training_body_id, name, but=but):
        raise Invalid(_l("Une promotion de votre organisme porte déjà ce nom : choisissez-en un autre."), "name")


def _check_version(session: Session, training_body_id: uuid.UUID, version: FrameworkVersion) -> None:
    habilitating = organisations.certifying_bodies_of(session, [training_body_id], clock.today())
    if version.certifying_body_id not in {one.id for one in habilitating}:
        raise Invalid(
            _l("Cet organisme certificateur n’habilite pas votre organisme de formation aujourd’hui."), "version"
        )
    if version.state is not VersionState.ACTIVE:
        raise Invalid(_l("Cette version du référentiel n’est pas en vigueur."), "version")
