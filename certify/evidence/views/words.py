"""Kinds and states of pieces, in words."""

from certify.core.i18n import lazy as _l
from certify.evidence.models import EvidenceKind, EvidenceState

KINDS = {
    EvidenceKind.FILE: (_l("Fichier"), "paperclip"),
    EvidenceKind.LINK: (_l("Lien"), "link-45deg"),
    EvidenceKind.TEXT: (_l("Texte"), "chat-left-text"),
    EvidenceKind.ENTRY: (_l("Fiche du cahier"), "journal-text"),
    EvidenceKind.PRIOR: (_l("Acquis antérieur"), "award"),
    EvidenceKind.OBSERVATION: (_l("Observation"), "eye"),
    EvidenceKind.COMPUTED: (_l("Relevé d’activité"), "bar-chart"),
}
"""What a piece is, in words, with its sign."""

STATES = {
    EvidenceState.UNLINKED: (_l("sans indicateur"), "neutral"),
    EvidenceState.LINKED: (_l("à soumettre"), "neutral"),
    EvidenceState.SUBMITTED: (_l("soumise"), "warning"),
    EvidenceState.RETURNED: (_l("renvoyée"), "danger"),
    EvidenceState.ACCEPTED: (_l("acceptée"), "ok"),
    EvidenceState.REPLACED: (_l("remplacée"), "neutral"),
}
"""Where a piece stands, in words, with its tone."""

WAITS = {
    EvidenceState.UNLINKED: _l("Choisissez les indicateurs qu’elle illustre."),
    EvidenceState.LINKED: _l("Soumettez-la quand elle est prête."),
    EvidenceState.SUBMITTED: _l("Un·e formateur·rice va la lire."),
    EvidenceState.RETURNED: _l("Lisez la réponse, complétez, puis soumettez de nouveau."),
}
"""What a piece waits for."""
