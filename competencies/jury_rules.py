"""What a certification asks of its juries: figures and links, each with its range and where it comes from."""

from collections.abc import Mapping
from dataclasses import dataclass, fields

from competencies import jury_words
from competencies.framework import Text
from competencies.rule_reading import ROOT, RuleReading, shown

RANGES: Mapping[str, tuple[int, int]] = {
    "fewest_members": (2, 20),
    "external_percent": (0, 100),
    "quorum": (2, 20),
    "vae_qualified": (1, 20),
    "access_days": (0, 365),
    "appeal_days": (0, 365),
    "validity_months": (0, 240),
    "renewal_months_before": (0, 36),
}
"""Each figure with the least and the most it may be; two people and one qualified are the least the law knows."""

SETTABLE_CONFLICTS = tuple(code for code in jury_words.CONFLICTS if code not in ("is_candidate", "declared"))
"""The links that a certification may let pass outside VAE.

Nobody ever decides on themselves. A member who declares one of these links is treated as one whose records show it;
who declares another sits only by a derogation, granted knowing what it is.
"""


@dataclass(frozen=True, slots=True)
class JuryRules:
    """What is asked of a jury, before it meets, on the day, and once its results are published."""

    fewest_members: int = 2
    external_percent: int = 50
    """The share of members who belong neither to the certifying body nor to the candidate's training body."""
    quorum: int = 2
    """How many must be present, and not recused, to decide on a candidate."""
    vae_qualified: int = 1
    """How many members are qualified for the certification, for a candidate who comes by VAE."""
    blocking: frozenset[str] = frozenset(SETTABLE_CONFLICTS)
    """The links that keep somebody from sitting; for VAE all do, whatever is said here."""
    is_balance_shown: bool = True
    access_days: int = 30
    """For how many days after publication members may still read the candidates' files."""
    appeal_days: int = 60
    """For how many days after publication a candidate may contest; 0 when the certification foresees no appeal."""
    validity_months: int = 0
    """For how many months what is awarded is valid; 0 for ever."""
    renewal_months_before: int = 6
    """How many months before the end a certification may be renewed."""

    @classmethod
    def from_document(cls, document: object) -> "JuryRules":
        """Read what to_document gave, or what somebody wrote; a key left out keeps its default."""
        reading = RuleReading()
        rules = cls.read(reading, document, f"{ROOT} › jury")
        reading.finish()
        return rules

    @classmethod
    def read(cls, reading: RuleReading, document: object, where: str) -> "JuryRules":
        """Read a document found inside another one, whose faults are told together."""
        table = reading.table(document, where, tuple(one.name for one in fields(cls)))
        figures = {
            name: reading.number(table[name], f"{where} › {name}", limits)
            for name, limits in RANGES.items()
            if name in table
        }
        balance, blocking = USUAL_JURY_RULES.is_balance_shown, USUAL_JURY_RULES.blocking
        if "is_balance_shown" in table:
            balance = reading.yes_or_no(table["is_balance_shown"], f"{where} › is_balance_shown")
        if "blocking" in table:
            blocking = _blocking(reading, table, where)
        rules = cls(**figures, is_balance_shown=balance, blocking=blocking)
        for name, message in rules.contradictions():
            reading.refuse(f"{where} › {name}", message.fr)
        return rules

    def contradictions(self) -> tuple[tuple[str, Text], ...]:
        """Say which rules cannot be kept together, each with a message."""
        found = []
        if self.quorum > self.fewest_members:
            found.append(("quorum", _QUORUM_TOO_HIGH))
        if 0 < self.validity_months <= self.renewal_months_before:
            found.append(("renewal_months_before", _RENEWAL_TOO_SOON))
        return tuple(found)

    def to_document(self) -> dict[str, object]:
        """Give the rules as values that JSON can hold, every key written: what was frozen does not follow defaults."""
        return {
            one.name: sorted(self.blocking) if one.name == "blocking" else getattr(self, one.name)
            for one in fields(self)
        }


USUAL_JURY_RULES = JuryRules()
"""The rules when a certification has given none."""

_QUORUM_TOO_HIGH = Text(
    "le quorum ne peut pas dépasser le nombre de membres demandé ; relevez l’un ou baissez l’autre.",
    "the quorum cannot be more than the number of members asked for; raise one or lower the other.",
)
_RENEWAL_TOO_SOON = Text(
    "le renouvellement s’ouvrirait avant la délivrance ; demandez moins de mois que n’en dure la validité.",
    "renewal would open before the award; ask for fewer months than the validity lasts.",
)


def _blocking(reading: RuleReading, table: Mapping[str, object], where: str) -> frozenset[str]:
    def known(row: object, place: str) -> str | None:
        code = reading.code(row, place)
        if code and code not in SETTABLE_CONFLICTS:
            reading.refuse(place, f"le lien « {shown(code)} » est inconnu.")
        return code or None

    codes = reading.rows(table, "blocking", known, where)
    reading.once(codes, f"{where} › blocking")
    return frozenset(codes)
