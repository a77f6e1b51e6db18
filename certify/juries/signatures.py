"""Reads about the signatures of minutes: who sat, who signed and how, who does not and why."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from certify.juries.models import JuryMinutes, JurySignature, MissingSignature


@dataclass(frozen=True)
class SignatureLine:
    """One member who sat, and their signature, or why there is none."""

    member: dict[str, Any]
    """As in the facts of the minutes."""
    signature: JurySignature | None
    missing: MissingSignature | None

    @property
    def is_awaited(self) -> bool:
        """Whether it is still to come."""
        return self.signature is None and self.missing is None

    def as_facts(self) -> dict[str, Any]:
        """Return what the document prints."""
        said = {"name": self.member["name"], "is_president": self.member["is_president"]}
        if self.signature is not None:
            return said | {
                "signed_at": self.signature.signed_at, "method": self.signature.method.value,
                "digest": self.signature.digest, "reason": "",
            }  # fmt: skip
        return said | {"signed_at": None, "reason": self.missing.reason if self.missing else ""}


def lines_of(session: Session, minutes: JuryMinutes) -> list[SignatureLine]:
    """Return every member who sat with their signature, in the order of the minutes; two statements."""
    signed = {str(row.seat_id): row for row in given(session, minutes)}
    lacking = {str(row.seat_id): row for row in stated_missing(session, minutes)}
    seats = set(sat(minutes))
    return [
        SignatureLine(member, signed.get(member["seat"]), lacking.get(member["seat"]))
        for member in minutes.facts["members"]
        if member.get("seat") in seats
    ]


def given(session: Session, minutes: JuryMinutes) -> list[JurySignature]:
    """Return the signatures given, the first first."""
    query = select(JurySignature).where(JurySignature.minutes_id == minutes.id)
    return list(session.scalars(query.order_by(JurySignature.signed_at, JurySignature.id)))


def stated_missing(session: Session, minutes: JuryMinutes) -> list[MissingSignature]:
    """Return what the registrar stated of those who do not sign."""
    return list(session.scalars(select(MissingSignature).where(MissingSignature.minutes_id == minutes.id)))


def sat(minutes: JuryMinutes) -> list[str]:
    """Return the seats of those who sat, as the facts write them; minutes of before signatures name none."""
    return [member["seat"] for member in minutes.facts["members"] if member["is_present"] and "seat" in member]


def missing(session: Session, minutes: JuryMinutes) -> list[str]:
    """Return the seats that sat, and neither signed nor are said not to sign."""
    done = {str(row.seat_id) for row in given(session, minutes)}
    done |= {str(row.seat_id) for row in stated_missing(session, minutes)}
    return [seat for seat in sat(minutes) if seat not in done]
