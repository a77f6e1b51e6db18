"""Prior learning: declared by a trainee, read by a trainer, counted once accepted, never overwritten."""

import io
from datetime import date, timedelta

import pytest
from sqlalchemy.orm import Session

import competencies
from certify.accounts.models import User
from certify.assessments.queries import proofs_of
from certify.cohorts.models import Enrolment, EnrolmentState
from certify.core import clock
from certify.core.access import Actor, Role
from certify.core.errors import Conflict, Forbidden, Invalid
from certify.evidence import queries, services
from certify.evidence.queries import EvidenceState
from certify.organisations.models import Organisation
from tests.factories.cohorts import make_cohort, make_enrolment
from tests.factories.following import make_prior
from tests.factories.juries import make_jury, opened
from tests.factories.logbook import make_trainer, photo
from tests.factories.people import actor_of, make_member, make_organisation
from tests.services.signing_in import SignIn
from tests.services.statements import count_statements
from tests.services.visiting import follow, read, submit, visit, words

FORM = "main form.form"


def _author(session: Session, enrolment: Enrolment) -> Actor:
    return actor_of(session, session.get_one(User, enrolment.user_id))


def _trainer(session: Session, enrolment: Enrolment) -> Actor:
    return actor_of(session, make_trainer(session, enrolment))


def test_accepted_prior_learning_counts_and_shows_beside_its_indicators(session: Session) -> None:
    enrolment = make_enrolment(session)
    item = make_prior(session, enrolment, submitted=True)
    assert queries.accepted_pieces(session, [enrolment.id]) == {}
    services.accept(session, _trainer(session, enrolment), item)
    session.flush()
    assert enrolment.covered == 2
    (first, second) = queries.accepted_pieces(session, [enrolment.id])[enrolment.id]
    assert {first.indicator, second.indicator} == {"1.1.1", "3.3.1"}
    assert first.kind == "prior"
    (proof,) = proofs_of(session, enrolment.id)["1.1.1"]
    assert (proof.kind, proof.title) == ("prior", item.title)


def test_returned_prior_learning_is_completed_and_submitted_again(session: Session) -> None:
    enrolment = make_enrolment(session)
    author, trainer = _author(session, enrolment), _trainer(session, enrolment)
    item = make_prior(session, enrolment, submitted=True)
    with pytest.raises(Invalid, match="ce qu’il faut compléter"):
        services.return_(session, trainer, item, answer=" ")
    with pytest.raises(Invalid, match="reconnaître"):
        services.return_(session, trainer, item, answer="Voyez avec Mme Dupont")
    services.return_(session, trainer, item, answer="Dites votre part.")
    session.flush()
    assert (item.state, item.answer, enrolment.covered) == (EvidenceState.RETURNED, "Dites votre part.", 0)
    said = {"title": "Repris", "obtained_on": date(2023, 1, 1), "account": "Ma part.", "indicators": ["1.1.1"]}
    services.amend_prior(session, author, enrolment, item, **said)  # type: ignore[arg-type]
    services.submit_prior(session, author, enrolment, item)
    services.accept(session, trainer, item)
    session.flush()
    assert enrolment.covered == 1


def test_what_was_submitted_or_accepted_no_longer_changes(session: Session) -> None:
    enrolment = make_enrolment(session)
    author, trainer = _author(session, enrolment), _trainer(session, enrolment)
    item = make_prior(session, enrolment, submitted=True)
    said = {"title": "Autre", "obtained_on": None, "account": "", "indicators": []}
    with pytest.raises(Conflict):
        services.amend_prior(session, author, enrolment, item, **said)  # type: ignore[arg-type]
    services.accept(session, trainer, item)
    session.flush()
    for verb in (services.remove, lambda *_: services.submit_prior(session, author, enrolment, item)):
        with pytest.raises(Conflict):
            verb(session, author, item)
    with pytest.raises(Conflict, match="déjà répondu"):
        services.return_(session, trainer, item, answer="Trop tard")


def test_only_a_trainer_of_the_body_other_than_the_author_answers(session: Session) -> None:
    enrolment = make_enrolment(session)
    item = make_prior(session, enrolment, submitted=True)
    body = session.get_one(Organisation, enrolment.training_body_id)
    stranger = actor_of(session, make_member(session, make_organisation(session), Role.TRAINER))
    coordinator = actor_of(session, make_member(session, body, Role.COORDINATOR))
    make_member(session, body, Role.TRAINER, session.get_one(User, enrolment.user_id))
    for actor in (stranger, coordinator, _author(session, enrolment)):
        with pytest.raises(Forbidden):
            services.accept(session, actor, item)
    assert queries.count_waiting(session, _author(session, enrolment)) == 0
    assert queries.count_waiting(session, _trainer(session, enrolment)) == 1
    assert queries.count_waiting(session, stranger) == 0


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"obtained_on": None}, "obtained_on"),
        ({"account": ""}, "account"),
        ({"indicators": []}, "indicators"),
        ({"indicators": ["inconnu"]}, "indicators"),
        ({"title": "Chez M. Durand"}, "title"),
        ({"account": "Écrivez à parent@exemple.fr"}, "account"),
    ],
)
def test_what_is_missing_or_identifies_somebody_is_not_submitted(
    session: Session, said: dict[str, object], field: str
) -> None:
    enrolment = make_enrolment(session)
    item = make_prior(session, enrolment, **said)
    with pytest.raises(Invalid) as refused:
        services.submit_prior(session, _author(session, enrolment), enrolment, item)
    assert refused.value.field == field


def test_a_file_that_names_somebody_is_not_submitted(session: Session) -> None:
    enrolment = make_enrolment(session)
    item = make_prior(session, enrolment, stream=io.BytesIO(photo()), filename="Mme_Dupont.jpg")
    assert item.media_type == "image/jpeg"
    with pytest.raises(Invalid, match="reconnaître"):
        services.submit_prior(session, _author(session, enrolment), enrolment, item)


@pytest.mark.parametrize("state", [EnrolmentState.SUSPENDED, EnrolmentState.COMPLETED, EnrolmentState.WITHDRAWN])
def test_somebody_whose_training_is_not_under_way_adds_nothing(session: Session, state: EnrolmentState) -> None:
    enrolment = make_enrolment(session)
    item = make_prior(session, enrolment)
    enrolment.state = state
    author = _author(session, enrolment)
    with pytest.raises(Conflict, match="plus active"):
        make_prior(session, enrolment)
    with pytest.raises(Conflict, match="plus active"):
        services.submit_prior(session, author, enrolment, item)


def test_what_is_acquired_before_is_not_dated_after_today(session: Session) -> None:
    with pytest.raises(Invalid, match="à venir"):
        make_prior(session, make_enrolment(session), obtained_on=clock.today() + timedelta(days=1))


@pytest.mark.engines("sqlite")
def test_a_trainee_declares_and_a_trainer_accepts(session: Session, sign_in: SignIn) -> None:
    enrolment = make_enrolment(session)
    author = sign_in(session.get_one(User, enrolment.user_id))
    page = visit(author, "/prior-learning")
    assert "Aucun acquis pour l’instant" in words(page)
    page = visit(author, "/prior-learning/new")
    page = read(submit(author, page, FORM, press="Soumettre", title="Trois ans d’accueil"), status=422)
    assert "Dites quand vous l’avez acquis" in words(page)
    wrong = submit(author, page, FORM, file=(io.BytesIO(b"MZ"), "programme.exe"), press="Enregistrer")
    assert "n’est pas accepté" in words(read(wrong, status=422))
    sent = {"obtained_on": "30/06/2024", "account": "J’ai tenu l’accueil.", "indicators": ["1.1.1"]}
    page = follow(author, submit(author, page, FORM, press="Enregistrer", **sent))
    assert "Vous seul·e le voyez" in words(page)
    staff = sign_in(make_trainer(session, enrolment))
    assert "Rien n’a été soumis" in words(visit(staff, f"/trainees/{enrolment.id}/prior-learning"))
    page = follow(
        author,
        submit(author, page, FORM, press="Soumettre", faces_checked=True, file=(io.BytesIO(photo()), "salle.jpg")),
    )
    assert "soumis" in words(page)
    assert not page.select(FORM)
    queue = visit(staff, "/evidence/to-read")
    address = str(queue.select("td.cell-main a")[0]["href"])
    piece = visit(staff, address)
    assert staff.get(str(piece.select_one("a.chip")["href"])).mimetype == "image/jpeg"  # type: ignore[index]
    assert "Choisissez" in words(read(staff.post(address, data=_token(piece)), status=422))
    page = follow(staff, submit(staff, piece, FORM, press="Accepter"))
    assert "Aucune preuve n’attend de réponse" in words(page)
    assert "accepté" in words(visit(author, address))
    assert author.get(f"{address}/edit").status_code == 303
    assert len(list(session.scalars(queries.count_covered(enrolment.id)))) == 1


def _token(page: object) -> dict[str, str]:
    field = page.select_one(f"{FORM} [name=csrf_token]")  # type: ignore[attr-defined]
    return {"csrf_token": str(field["value"])}


@pytest.mark.engines("sqlite")
def test_a_draft_is_its_author_s_alone_and_may_be_taken_back(session: Session, sign_in: SignIn) -> None:
    enrolment = make_enrolment(session)
    item = make_prior(session, enrolment)
    staff = sign_in(make_trainer(session, enrolment))
    assert staff.get(f"/prior-learning/{item.id}").status_code == 404
    other = sign_in(session.get_one(User, make_enrolment(session).user_id))
    assert other.get(f"/prior-learning/{item.id}").status_code == 404
    assert other.get(f"/prior-learning/{item.id}/edit").status_code == 404
    author = sign_in(session.get_one(User, enrolment.user_id))
    page = visit(author, f"/prior-learning/{item.id}/edit")
    page = follow(author, submit(author, page, "form[action$=remove]"))
    assert "L’acquis est retiré" in words(page)
    assert author.get(f"/prior-learning/{item.id}").status_code == 404


@pytest.mark.engines("sqlite")
def test_the_pages_of_prior_learning_ask_the_database_the_same_however_many(session: Session, sign_in: SignIn) -> None:
    counts = []
    for number in (1, 8):
        cohort = make_cohort(session)
        enrolment = make_enrolment(session, cohort)
        for _n in range(number):
            make_prior(session, enrolment, submitted=True)
        session.commit()
        staff, author = sign_in(make_trainer(session, enrolment)), sign_in(session.get_one(User, enrolment.user_id))
        seen = []
        for client, path in (
            (staff, "/evidence/to-read"),
            (staff, f"/trainees/{enrolment.id}/prior-learning"),
            (author, "/prior-learning"),
        ):
            client.get(path)
            with count_statements(session.get_bind().engine) as sent:
                assert client.get(path).status_code == 200
            seen.append(len(sent))
        counts.append(seen)
    assert counts[0] == counts[1]


@pytest.mark.engines("sqlite")
def test_the_jury_reads_accepted_prior_learning_and_its_file(session: Session, sign_in: SignIn) -> None:
    made = make_jury(session)
    enrolment = session.get_one(Enrolment, made.candidacies[0].enrolment_id)
    item = make_prior(session, enrolment, submitted=True, stream=io.BytesIO(photo()), filename="salle.jpg")
    client = sign_in(made.president)
    address = f"/candidacies/{made.candidacies[0].id}/evidence/{item.id}"
    assert client.get(address).status_code == 404
    services.accept(session, _trainer(session, enrolment), item, answer="Solide.")
    opened(session, made)
    session.commit()
    page = visit(client, address)
    assert "lieu d’accueil pendant trois ans" in words(page)
    assert "Solide." in words(page)
    assert client.get(str(page.select_one("a.chip")["href"])).mimetype == "image/jpeg"  # type: ignore[index]


def test_a_piece_of_prior_learning_covers_the_indicators_it_names() -> None:
    framework = competencies.demo()
    piece = competencies.Piece("1.1.1", "prior", date(2024, 1, 1), is_accepted=True)
    assert "1.1.1" in competencies.cover(framework, [piece]).covered
