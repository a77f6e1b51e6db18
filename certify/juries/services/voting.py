"""Voting on a candidate before the collegial decision: each for oneself, then open to all."""

from collections.abc import Mapping

from sqlalchemy.orm import Session

import competencies
from certify.anonymity.services import require_anonymous
from certify.core import clock
from certify.core.access import Actor
from certify.core.errors import Conflict, Forbidden, Invalid
from certify.core.i18n import lazy as _l
from certify.frameworks.queries import framework_of
from certify.juries import dossiers, policies
from certify.juries.composition import named_in_declarations
from certify.juries.models import Candidacy, Vote
from certify.juries.services.presence import deliberating
from certify.juries.services.rows import note
from certify.juries.sitting import sitting_of
from certify.juries.votes import last_votes


def vote(
    session: Session, actor: Actor, candidacy: Candidacy, *, outcomes: Mapping[str, competencies.BlockOutcome | None],
    comments: Mapping[str, str],
) -> list[Vote]:  # fmt: skip
    """Say what one thinks of each block of a candidate; None is an abstention. Only what changes is written."""
    jury = deliberating(session, candidacy.session_id)
    seat = policies.seat_of(jury, actor)
    if seat is None or not sitting_of(session, jury).is_voter(seat, candidacy.id):
        raise Forbidden(_l("Vous ne votez pas sur cette candidature : seuls votent les membres présents non récusés."))
    if candidacy.id not in named_in_declarations(session, jury.id).get(seat.id, ()):
        raise Forbidden(_l("Signez d’abord votre déclaration de liens sur la page de la session, puis votez."))
    framework = framework_of(session, jury.framework_version_id)
    already = dossiers.acquired_for(session, candidacy)
    asked = [block.code for block in framework.blocks if block.code not in already]
    if not set(outcomes) <= set(asked):
        raise Invalid(_l("Un de ces blocs est déjà acquis, ou n’existe pas : il ne se vote pas."))
    texts = [(f"block-{code}-comment", _l("Note"), comments.get(code, "")) for code in outcomes]
    require_anonymous(session, candidacy.enrolment_id, texts)
    known, moment = last_votes(session, candidacy.id).get(seat.id, {}), clock.now()
    written = []
    for code, outcome in outcomes.items():
        value, comment, last = outcome.value if outcome else "", comments.get(code, "").strip(), known.get(code)
        if last is None or (last.outcome, last.comment) != (value, comment):
            number = last.number + 1 if last else 1
            written.append(
                Vote(
                    candidacy_id=candidacy.id,
                    seat_id=seat.id,
                    block=code,
                    number=number,
                    outcome=value,
                    comment=comment,
                    at=moment,
                )
            )
    session.add_all(written)
    if written:
        note(session, actor, "jury:vote:given", candidacy, jury, blocks=[one.block for one in written])
    return written


def open_votes(session: Session, actor: Actor, candidacy: Candidacy) -> Candidacy:
    """Open the votes on a candidate to all who decide, before everybody has voted: the president's choice, noted."""
    jury = deliberating(session, candidacy.session_id)
    if not policies.is_president(jury, actor):
        raise Forbidden(_l("Les votes sont ouverts par la présidence du jury."))
    if not last_votes(session, candidacy.id):
        raise Conflict(_l("Personne n’a encore voté sur cette candidature."))
    if candidacy.votes_opened_at is None:
        candidacy.votes_opened_at = clock.now()
        note(session, actor, "jury:votes:opened", candidacy, jury)
    return candidacy
