"""Finds, in a text about practice, what would identify a parent or a child, so that it is never submitted.

It errs on the side of the writer: dates of meetings, hours, SIRET numbers, emergency numbers and functions
(« Mme la directrice », « Monsieur le Maire ») pass. It cannot know a first name on its own.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from competencies.faults import UnknownCode
from competencies.framework import Text


@dataclass(frozen=True, slots=True)
class Finding:
    """One identifying passage: text[start:end] is the excerpt."""

    kind: str
    start: int
    end: int
    excerpt: str


_EMAIL = re.compile(
    r"(?<![\w.+-])[\w.+-]{1,64}(?:@|[ ]@[ ]|[ ]?[(\[](?:at|arobase)[)\]][ ]?|[ ]arobase[ ])"
    r"\w[\w-]{0,62}(?:\.\w[\w-]{0,62}){0,4}\.[^\W\d_]{2,24}(?![\w-])",
    re.IGNORECASE,
)

_SPACE = "[ \u00a0\u202f]"
_GAP = rf"(?:{_SPACE}?[.\-–/·,]{_SPACE}?|{_SPACE}{{1,2}})?"
_PHONE = re.compile(
    # One separator throughout, so that « 05.06.2025 10 parents » stays a date and a number of people.
    rf"(?<![\d+])(?:(?:\+|00)33{_GAP}(?:\(0\){_GAP})?[1-9]|0[1-9])"
    rf"(?:(?P<pair>{_GAP})\d\d(?:(?P=pair)\d\d){{3}}|(?P<three>{_GAP})\d{{3}}(?P=three)\d{{3}}(?P=three)\d\d"
    rf"|(?P<four>{_GAP})\d{{4}}(?P=four)\d{{4}})(?!\d)"
    # A mobile may mix its separators, unless it starts like a date.
    rf"|(?<![\d+])(?!\d\d([./-])\d\d\4)0[67](?:(?:{_SPACE}|[.\-/])\d\d){{4}}(?!\d)"
    rf"|(?<![\d+])\+[1-9](?:(?:{_SPACE}|[.\-])?\d){{9,13}}(?!\d)"
)

_NIR = re.compile(
    r"(?<!\d)[1278][\s.]?\d\d[\s.]?(?:0[1-9]|1[0-2]|20|3\d|4[0-2]|[5-9]\d)[\s.]?(?:\d\d|2[AB])"
    r"[\s.]?\d{3}[\s.]?\d{3}(?:[\s.\-/]{0,3}\d\d)?(?!\d)",
    re.IGNORECASE,
)

_MONTHS = (
    r"(?:janv(?:ier|\.)?|f[ée]v(?:rier|r\.?|\.)?|mars|avr(?:il|\.)?|mai|juin|juil(?:let|\.)?|ao[ûu]t"
    r"|sept(?:embre|\.)?|oct(?:obre|\.)?|nov(?:embre|\.)?|d[ée]c(?:embre|\.)?)"
)
_DATE = (
    rf"(?:\d{{1,2}}[ ]?[/.\-][ ]?\d{{1,2}}[ ]?[/.\-][ ]?\d{{2,4}}|\d{{4}}-\d{{2}}-\d{{2}}"
    rf"|\d{{1,2}}(?:er)?[ \u00a0\u202f]{_MONTHS}(?:[ \u00a0\u202f]\d{{4}})?)(?!\d)"
)
_BORN = r"(?:n(?:é|e\u0301)(?:[(.·-]?e\)?)?(?:[(.·-]?s\)?)?|nées?|nee|na[iî]t|naquit)"
_WHERE = (
    r"(?:[ ](?:à|au|en)[ ](?:la[ ]|l[’'])?(?:maternité|hôpital|clinique|domicile|[A-ZÉ][\w’'-]{1,30})"
    r"(?:[ ](?:de[ ]|d[’'])?[A-ZÉ][\w’'-]{1,30})?)?"
)
_DAY = r"(?:(?:lun|mar|mercre|jeu|vendre|same)di[ ]|dimanche[ ])?"
# The place is read case-sensitively: « née à Lens le … » is a birth, « nés à l’étranger accueillis le … » a meeting.
_BORN_ON = rf"\b(?i:{_BORN}){_WHERE}(?i:,?[ ](?:(?:le|un)[ ])?{_DAY}{_DATE})"
_BIRTH_ON = (
    r"\b(?i:(?:date[ ]de[ ])?naissance|ddn|accouchement|accouchée?)"
    rf"(?i:[ ]?[:=(]?[ ]?(?:est[ ]|prévue?[ ])?(?:le[ ]|du[ ])?{_DAY}{_DATE})"
)
_ON_WAS_BORN = rf"(?<!\d)(?i:{_DATE})(?i:,?[ ](?:est[ ])?(?:{_BORN})(?!\w))"
_BIRTH_DATE = re.compile(rf"{_BORN_ON}|{_BIRTH_ON}|{_ON_WAS_BORN}")

_NAME = re.compile(
    r"(?<!\w)(?:M\.|(?:MM|Mr|Mme|Mmes|Mlle|Mlles|mr|mme|mlle|MME|MLLE|MR)\.?|M|(?i:madame|monsieur|mademoiselle))"
    r"[ \t\u00a0\u202f]{1,3}(?P<name>(?:(?:de|De|DE|van|von|el|ben|da|di|dos)[ ](?:la[ ]|La[ ]|LA[ ])?|d[’'])?"
    r"(?P<first>[^\W\d_])[\w’'-]{0,40}(?:[ \u00a0\u202f][A-ZÀ-ÖØ-Þ][\w’'-]{0,40}){0,2})"
)
_SENTENCE_OPENINGS = frozenset(
    {"les", "un", "une", "des", "du", "ce", "cet", "cette", "ces", "il", "elle", "ils", "elles", "on", "nous", "vous"}
    | {"je", "ensuite", "puis", "pour", "dans", "avec", "et", "mais", "tout", "bonjour", "merci"}
    | {"madame", "monsieur", "mademoiselle", "mme", "mlle", "mr"}
)
_ARTICLES = frozenset({"le", "la"})
_FUNCTIONS = frozenset(
    {"maire", "préfet", "préfète", "président", "présidente", "ministre", "député", "députée", "sénateur", "sénatrice"}
    | {"directeur", "directrice", "conseiller", "conseillère", "médecin", "docteur", "docteure", "juge"}
)

_PATTERNS: Mapping[str, re.Pattern[str]] = {
    "email": _EMAIL,
    "nir": _NIR,
    "phone": _PHONE,
    "birth_date": _BIRTH_DATE,
    "name": _NAME,
}

_ADVICE: Mapping[str, Text] = {
    "email": Text(
        "Une adresse électronique identifie une personne. Retirez-la ; gardez vos contacts hors du cahier de suivi.",
        "An e-mail address identifies a person. Remove it; keep your contacts outside the logbook.",
    ),
    "phone": Text(
        "Un numéro de téléphone identifie une personne. Retirez-le ; écrivez plutôt « j’ai appelé la PMI ».",
        "A phone number identifies a person. Remove it; write for instance “I called the health service”.",
    ),
    "nir": Text(
        "Ce nombre ressemble à un numéro de sécurité sociale. Retirez-le : il n’a pas sa place ici.",
        "This number looks like a social security number. Remove it: it has no place here.",
    ),
    "birth_date": Text(
        "Une date de naissance complète identifie un enfant. Écrivez son âge en mois ou son mois de naissance.",
        "A full date of birth identifies a child. Write only the age in months or the month of birth.",
    ),
    "name": Text(
        "Un nom identifie une personne. Écrivez plutôt « un parent du groupe » ou la fonction de la personne.",
        "A name identifies a person. Write “a parent of the group” instead, or the person’s function.",
    ),
}


def find_identifying(text: str) -> tuple[Finding, ...]:
    """Find the e-mails, phones, NIR, dates of birth and titled names of a text, in reading order, without overlap."""
    kept: list[Finding] = []
    taken = bytearray(len(text))
    for kind in _PATTERNS:
        for finding in _find(kind, text):
            if taken.find(1, finding.start, finding.end) < 0:
                taken[finding.start : finding.end] = b"\x01" * (finding.end - finding.start)
                kept.append(finding)
    return tuple(sorted(kept, key=lambda finding: finding.start))


def advice(kind: str) -> Text:
    """Say why a kind of finding is refused and what to write instead."""
    try:
        return _ADVICE[kind]
    except KeyError:
        raise UnknownCode("Élément identifiant", kind) from None


def _find(kind: str, text: str) -> Iterator[Finding]:
    position = 0
    while match := _PATTERNS[kind].search(text, position):
        if match.re is not _NAME or _is_name(match):
            yield Finding(kind, match.start(), match.end(), match.group())
            position = match.end()
        else:
            # « M. et Mme X »: what follows the refused title may itself be a title.
            position = match.start("name")


def _is_name(match: re.Match[str]) -> bool:
    """Tell a name from a function (« Monsieur le Maire ») and from the start of a sentence (« groupe M. Les »)."""
    first, *others = match["name"].lower().split()
    if not match["first"].isupper() or first in _SENTENCE_OPENINGS:
        return False
    if first in _ARTICLES:
        return bool(others) and others[0] not in _FUNCTIONS
    # Without its dot, « M A » is more often a size or a group than a person.
    return match.group()[1] != " " or len(match["name"]) > 1
