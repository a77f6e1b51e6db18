"""The rules a session is composed by: frozen when it is convened, those of the programme until then."""

from sqlalchemy.orm import Session

from certify.frameworks.models import FrameworkVersion
from certify.frameworks.queries import programme_of
from certify.juries.models import JurySession
from competencies import JuryRules


def rules_of(session: Session, jury: JurySession) -> JuryRules:
    """Return the rules of a session: those written when it was convened, or else those of the programme today."""
    return JuryRules.from_document(jury.rules) if jury.rules is not None else current_rules(session, jury)


def current_rules(session: Session, jury: JurySession) -> JuryRules:
    """Return what the certification asks of its juries today."""
    version = session.get_one(FrameworkVersion, jury.framework_version_id)
    return programme_of(session, jury.certifying_body_id, version.code).jury
