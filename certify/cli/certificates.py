"""Certificates from the command line: what a file is worth, and whether the stored documents are whole."""

import uuid
from pathlib import Path
from typing import Any

import click

from certify.certificates.services import rereading
from certify.certificates.services.checking import FileVerdict, check_file
from certify.cli.terminal import answer, refuse, say, with_application
from certify.core.db import db
from certify.core.templating import day

_FINDINGS = {
    "issued": "c’est, à l’octet près, un document du registre",
    "sealed": "le sceau tient, mais ce n’est pas un certificat du registre",
    "unproved": "le contenu est entier, mais rien ne prouve la date du sceau ; ce n’est pas un certificat du registre",
    "altered": "le sceau ne tient pas",
    "unread": "le fichier demande trop de temps ou de mémoire pour être examiné",
    "unknown": "ni sceau, ni trace au registre",
}


@click.group()
def certificates() -> None:
    """Certificats délivrés."""


@certificates.command()
@click.argument("path", metavar="FICHIER.pdf", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Réponse pour une machine.")
@with_application
def verify(path: Path, as_json: bool) -> int:
    """Dire si un PDF est un document du registre, si son sceau tient et ce qu’il vaut aujourd’hui.

    Répond 0 quand le document est au registre et valide, 1 sinon.
    """
    verdict = check_file(db.session, path.read_bytes())
    if as_json:
        answer(_document(verdict))
        return 0 if verdict.is_good else 1
    for line in _lines(verdict):
        say(line)
    return 0 if verdict.is_good else 1


def _lines(verdict: FileVerdict) -> list[str]:
    seal = verdict.seal.verdict
    lines = [f"Registre : {_FINDINGS[verdict.finding.value]}."]
    if verdict.certificate is not None and verdict.state is not None:
        one = verdict.certificate
        lines.append(f"Document : {one.number}, {one.facts['title']}, {one.holder_name}.")
        lines.append(f"État : {verdict.state.label} depuis le {day(verdict.state.since)}.")
    if verdict.seal.is_valid and verdict.seal.organisation is not None:
        lines.append(f"Sceau : valable, posé par {verdict.seal.organisation.name}.")
        if verdict.key_retired_at is not None:
            lines.append(f"Clé retirée le {day(verdict.key_retired_at)} : ce sceau seul ne prouve rien.")
    elif verdict.is_before_seals:
        lines.append("Sceau : aucun, le document est antérieur aux sceaux.")
    else:
        lines += [f"Sceau : {fault}" for fault in seal.why] or ["Sceau : posé par un organisme inconnu ici."]
    return [*lines, f"SHA-256 : {verdict.sha256}"]


def _document(verdict: FileVerdict) -> dict[str, Any]:
    seal, one = verdict.seal.verdict, verdict.certificate
    return {
        "is_good": verdict.is_good,
        "finding": verdict.finding.value,
        "sha256": verdict.sha256,
        "number": one.number if one else None,
        "status": verdict.state.state.value if verdict.state else None,
        "duplicate": verdict.duplicate,
        "seal": {
            "is_valid": verdict.seal.is_valid,
            "organisation": verdict.seal.organisation.name if verdict.seal.organisation else None,
            "signer": seal.signer,
            "signed_at": seal.signed_at,
            "is_timestamped": seal.is_timestamped,
            "key_retired_at": verdict.key_retired_at,
            "faults": [fault.value for fault in seal.faults],
        },
    }


@certificates.command()
@click.option("--limit", type=click.IntRange(1, 1_000_000), default=10_000, help="Combien de documents au plus.")
@with_application
def reread(limit: int) -> None:
    """Relire les documents conservés et comparer chacun à son empreinte."""
    ids: list[uuid.UUID] = rereading.to_read(db.session, limit)
    damaged = 0
    for certificate_id in ids:
        damaged += rereading.reread(db.session, certificate_id) is False
        db.session.commit()
    say(f"{len(ids)} document(s) relu(s), {damaged} abîmé(s).")
    if damaged:
        refuse("des documents ne sont plus ceux qui ont été délivrés : restaurez-les depuis une sauvegarde")
