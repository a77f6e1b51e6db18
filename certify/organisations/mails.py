"""What mails say about a part somebody is given."""

from certify.core.access import Role
from certify.core.i18n import force_locale
from certify.core.i18n import gettext as _


def role_name(role: Role) -> str:
    """Return the name of a role, as a person reads it."""
    names = {
        Role.ADMINISTRATOR: _("Administration"),
        Role.COORDINATOR: _("Coordination"),
        Role.TRAINER: _("Formateur·rice"),
        Role.REFERENT: _("Référent·e de terrain"),
        Role.REGISTRAR: _("Responsable de la certification"),
        Role.AUDITOR: _("Auditeur·rice"),
        Role.TRAINEE: _("Stagiaire"),
        Role.JUROR: _("Membre de jury"),
        Role.PRESIDENT: _("Président·e de jury"),
    }
    return names[role]


def reason_for(role: Role, locale: str) -> str:
    """Return why somebody is written to, in their language."""
    with force_locale(locale):
        return _("votre rôle y est « %(role)s »", role=role_name(role))
