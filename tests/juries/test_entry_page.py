"""A logbook entry as a member of the jury reads it."""

from sqlalchemy.orm import Session

from certify.cohorts.models import Enrolment
from certify.evidence import queries as evidence
from certify.evidence.models import EvidenceKind
from certify.logbook.models import ReviewOutcome
from tests.factories.juries import make_jury
from tests.factories.logbook import answer, make_submitted
from tests.services.signing_in import SignIn
from tests.services.visiting import visit, words


def test_the_jury_reads_an_entry_as_it_was_accepted(session: Session, sign_in: SignIn) -> None:
    made = make_jury(session)
    enrolment = session.get_one(Enrolment, made.candidacies[0].enrolment_id)
    entry = make_submitted(session, enrolment, activity="watch", values={"source": "Un dossier", "changed": "Rien"})
    answer(session, entry, ReviewOutcome.ACCEPTED)
    entry.account, entry.private_note = "Réécrit en cachette.", "Pour moi."
    session.commit()
    (item,) = [one for one in evidence.items_of_entry(session, entry.id) if one.kind is EvidenceKind.ENTRY]
    client = sign_in(made.president)
    visit(client, f"/candidacies/{made.candidacies[0].id}")
    told = words(visit(client, f"/candidacies/{made.candidacies[0].id}/evidence/{item.id}"))
    assert "Source Un dossier" in told
    assert "Huit parents sont venus" in told
    assert "en cachette" not in told
    assert "Pour moi" not in told
