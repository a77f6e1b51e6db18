"""What the State and public classifications say of a framework: each change is a new row."""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from certify.core import audit, clock
from certify.core.access import Actor
from certify.core.errors import Conflict, Invalid
from certify.core.i18n import lazy as _l
from certify.core.types import new_id
from certify.frameworks import queries
from certify.frameworks.models import FrameworkVersion, Recognition, RegistrationState
from certify.frameworks.services.programmes import locked, require_writer

ROME_STATUSES = ("aimed", "granted")
_ROME = re.compile(r"[A-N]\d{4}")
_NSF = re.compile(r"[1-4]\d{2}[a-z]{0,2}")
_ESCO = re.compile(r"https?://data\.europa\.eu/esco/[a-z]{1,30}/[A-Za-z0-9._-]{1,80}")
_REFERENCES = {
    RegistrationState.RNCP: re.compile(r"RNCP\d{1,6}"),
    RegistrationState.RS: re.compile(r"RS\d{1,6}"),
}
_LONGEST_YEARS = 5
_LABEL = 200
_MOST_LINKS = 30


@dataclass(frozen=True)
class RomeLink:
    """A job of the ROME near the certification, aimed at or granted."""

    code: str
    label: str
    status: str = "aimed"


@dataclass(frozen=True)
class EscoLink:
    """An occupation or a skill of ESCO, named by its address, which nobody here opens."""

    uri: str
    label: str


@dataclass(frozen=True)
class NsfCode:
    """A speciality of the Nomenclature des spécialités de formation (décret 94-522), as the record gives it."""

    code: str
    label: str


@dataclass(frozen=True)
class Recognised:
    """What somebody says of the recognition of a framework."""

    state: RegistrationState = RegistrationState.NOT_REGISTERED
    reference: str = ""
    level: int | None = None
    decided_on: date | None = None
    starts_on: date | None = None
    ends_on: date | None = None
    rome: tuple[RomeLink, ...] = ()
    esco: tuple[EscoLink, ...] = ()
    nsf: tuple[NsfCode, ...] = ()

    @classmethod
    def of(cls, row: Recognition | None) -> "Recognised":
        """Return what a row says; nothing at all when there is none."""
        if row is None:
            return cls()
        return cls(
            row.state, row.reference, row.level, row.decided_on, row.starts_on, row.ends_on,
            tuple(RomeLink(**one) for one in row.rome), tuple(EscoLink(**one) for one in row.esco),
            tuple(NsfCode(**one) for one in row.nsf),
        )  # fmt: skip


def recognise(
    session: Session, actor: Actor, version: FrameworkVersion, said: Recognised, *, known: int
) -> Recognition | None:
    """Record what the State and public classifications say of a framework; the same again changes nothing.

    A registration has a number, a date of decision and a period of five years at most (C. trav. L6113-5, L6113-6); the
    RNCP gives a level (D6113-19), the RS none.
    """
    require_writer(actor, version, _l("Seul l’organisme certificateur dit ce qui est enregistré."))
    locked(session, version.certifying_body_id)
    _check_registration(said)
    _check_links(said)
    last = queries.last_recognition(session, version.certifying_body_id, version.code)
    if Recognised.of(last) == said:
        return last
    if (last.number if last else 0) != known:
        raise Conflict(
            _l(
                "Cette page a été enregistrée par quelqu’un d’autre depuis que vous l’avez ouverte. "
                "Rien n’a été écrasé : rechargez-la pour la lire."
            )
        )
    row = Recognition(
        id=new_id(), certifying_body_id=version.certifying_body_id, framework_code=version.code, number=known + 1,
        state=said.state, reference=said.reference, level=said.level, decided_on=said.decided_on,
        starts_on=said.starts_on, ends_on=said.ends_on, rome=[asdict(one) for one in said.rome],
        esco=[asdict(one) for one in said.esco], nsf=[asdict(one) for one in said.nsf],
        recorded_at=clock.now(), recorded_by_id=actor.user_id,
    )  # fmt: skip
    session.add(row)
    session.flush()
    audit.record(
        session, actor, "frameworks:recognition:recorded", row, organisation_id=version.certifying_body_id,
        code=version.code, number=row.number,
    )  # fmt: skip
    return row


def _check_registration(said: Recognised) -> None:
    if said.state is RegistrationState.NOT_REGISTERED:
        _check_nothing_said(said)
        return
    if not _REFERENCES[said.state].fullmatch(said.reference):
        raise Invalid(
            _l("Écrivez la référence comme dans l’annuaire : RNCP suivi de 1 à 6 chiffres.")
            if said.state is RegistrationState.RNCP
            else _l("Écrivez la référence comme dans l’annuaire : RS suivi de 1 à 6 chiffres."),
            "reference",
        )
    _check_level(said)
    _check_dates(said)


def _check_nothing_said(said: Recognised) -> None:
    given = {
        "reference": said.reference, "level": said.level, "decided_on": said.decided_on,
        "starts_on": said.starts_on, "ends_on": said.ends_on,
    }  # fmt: skip
    for field, value in given.items():
        if value:
            raise Invalid(_l("Une certification non enregistrée n’a ni référence, ni niveau, ni dates."), field)


def _check_level(said: Recognised) -> None:
    if said.state is RegistrationState.RS and said.level is not None:
        raise Invalid(_l("Le répertoire spécifique n’attribue pas de niveau : laissez ce champ vide."), "level")
    if said.state is RegistrationState.RNCP and (said.level is None or not 3 <= said.level <= 8):
        raise Invalid(_l("Donnez le niveau inscrit dans la décision, de 3 à 8."), "level")


def _check_dates(said: Recognised) -> None:
    if said.decided_on is None:
        raise Invalid(_l("Donnez la date de la décision d’enregistrement."), "decided_on")
    if said.decided_on > clock.today():
        raise Invalid(_l("Une décision à venir n’est pas encore un enregistrement."), "decided_on")
    if said.starts_on is None:
        raise Invalid(_l("Donnez le premier jour de l’enregistrement."), "starts_on")
    if said.ends_on is None:
        raise Invalid(_l("Donnez le dernier jour de l’enregistrement."), "ends_on")
    if said.ends_on < said.starts_on:
        raise Invalid(_l("La fin doit venir après le début."), "ends_on")
    if said.ends_on >= _years_after(said.starts_on, _LONGEST_YEARS):
        raise Invalid(_l("Un enregistrement dure cinq ans au plus (C. trav. L6113-5)."), "ends_on")


def _years_after(day: date, years: int) -> date:
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return date(day.year + years, 3, 1)


def _check_links(said: Recognised) -> None:
    for number, rome in enumerate(said.rome, start=1):
        if not _ROME.fullmatch(rome.code):
            message = _l("Ligne %(number)s : un code ROME est une lettre de A à N et quatre chiffres.", number=number)
            raise Invalid(message, "rome")
        if rome.status not in ROME_STATUSES:
            raise Invalid(_l("Ligne %(number)s : dites si le code est visé ou attribué.", number=number), "rome")
    for number, esco in enumerate(said.esco, start=1):
        if not _ESCO.fullmatch(esco.uri):
            message = _l("Ligne %(number)s : l’adresse commence par https://data.europa.eu/esco/.", number=number)
            raise Invalid(message, "esco")
    for number, nsf in enumerate(said.nsf, start=1):
        if not _NSF.fullmatch(nsf.code):
            message = _l("Ligne %(number)s : un code NSF a trois chiffres, parfois une lettre.", number=number)
            raise Invalid(message, "nsf")
    _check_list("nsf", [(one.code, one.label) for one in said.nsf])
    _check_list("rome", [(one.code, one.label) for one in said.rome])
    _check_list("esco", [(one.uri, one.label) for one in said.esco])


def _check_list(field: str, rows: Iterable[tuple[Any, str]]) -> None:
    rows = list(rows)
    if len(rows) > _MOST_LINKS:
        raise Invalid(_l("Gardez %(most)s lignes au plus.", most=_MOST_LINKS), field)
    for number, (_key, label) in enumerate(rows, start=1):
        if not label or len(label) > _LABEL:
            raise Invalid(_l("Ligne %(number)s : donnez l’intitulé.", number=number), field)
    twice = [key for key, count in Counter(key for key, _label in rows).items() if count > 1]
    if twice:
        raise Invalid(_l("« %(code)s » est donné deux fois.", code=twice[0]), field)
