"""Tables of juries: sessions and who sits, what keeps somebody from sitting, votes and decisions, minutes."""

from certify.juries.models.composing import (
    CompositionDerogation,
    DeclaredLink,
    LinkDeclaration,
    Recusal,
    SeatPresence,
)
from certify.juries.models.decisions import Appeal, BlockDecision, DecisionKind, JuryDecision, Vote
from certify.juries.models.minutes import (
    JuryExtract,
    JuryMinutes,
    JurySignature,
    MissingSignature,
    SignatureMethod,
    SigningCode,
)
from certify.juries.models.sessions import (
    Candidacy,
    Convocation,
    JurySeat,
    JurySession,
    JuryStep,
    MeetingMode,
    SessionState,
)

__all__ = [
    "Appeal",
    "BlockDecision",
    "Candidacy",
    "CompositionDerogation",
    "Convocation",
    "DecisionKind",
    "DeclaredLink",
    "JuryDecision",
    "JuryExtract",
    "JuryMinutes",
    "JurySeat",
    "JurySession",
    "JurySignature",
    "JuryStep",
    "LinkDeclaration",
    "MeetingMode",
    "MissingSignature",
    "Recusal",
    "SeatPresence",
    "SessionState",
    "SignatureMethod",
    "SigningCode",
    "Vote",
]
