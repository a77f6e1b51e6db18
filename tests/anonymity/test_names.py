"""Declaring first names: only digests are kept, a trainee sees how many, and takes them back."""

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from certify.accounts.models import User
from certify.anonymity import queries, services
from certify.anonymity.models import DeclaredName
from certify.core.audit import AuditEvent
from certify.core.errors import Invalid
from tests.factories.cohorts import make_enrolment
from tests.factories.evidence import author_of
from tests.services.signing_in import SignIn
from tests.services.visiting import follow, read, submit, visit, words


def test_nothing_that_can_be_read_back_is_kept(session: Session) -> None:
    enrolment = make_enrolment(session)
    actor = author_of(session, enrolment)
    assert services.declare_names(session, actor, enrolment, names=["Zoé", "zoe", "Jean Loup"]) == 2
    session.commit()
    kept = session.scalars(select(DeclaredName.digest)).all()
    assert all(len(digest) == 64 and "zo" not in digest for digest in kept)
    event = session.scalars(select(AuditEvent).where(AuditEvent.tag == "anonymity:names:declared")).one()
    assert "zoe" not in str(vars(event)).lower()
    assert services.declare_names(session, actor, enrolment, names=["ZOE"]) == 0


def test_the_same_name_of_two_trainees_makes_two_digests(session: Session) -> None:
    one, other = make_enrolment(session), make_enrolment(session)
    assert queries.digest_of(one.id, "Lina") != queries.digest_of(other.id, "Lina")


def test_names_are_taken_back_by_typing_them_or_all_at_once(session: Session) -> None:
    enrolment = make_enrolment(session)
    actor = author_of(session, enrolment)
    services.declare_names(session, actor, enrolment, names=["Lina", "Noé", "Rose"])
    session.flush()
    assert services.withdraw_names(session, actor, enrolment, names=["lina", "Inconnue"]) == 1
    assert queries.count_declared(session, enrolment.id) == 2
    assert services.withdraw_names(session, actor, enrolment, names=None) == 2
    assert queries.count_declared(session, enrolment.id) == 0


@pytest.mark.parametrize("names", [[], ["  "], ["1234"], ["é"], ["un deux trois quatre"], ["x" * 41]])
def test_what_is_not_a_first_name_is_refused(session: Session, names: list[str]) -> None:
    enrolment = make_enrolment(session)
    with pytest.raises(Invalid) as refused:
        services.declare_names(session, author_of(session, enrolment), enrolment, names=names)
    assert refused.value.field == "names"


def test_a_list_without_end_is_refused(session: Session) -> None:
    enrolment = make_enrolment(session)
    letters = "abcdefghijklmnopqrstuvwxyz"
    names = [f"Pre{first}{second}" for first in letters for second in letters][:201]
    with pytest.raises(Invalid, match="200 prénoms au plus"):
        services.declare_names(session, author_of(session, enrolment), enrolment, names=names)


def test_a_trainee_declares_names_sees_how_many_and_takes_them_back(session: Session, sign_in: SignIn) -> None:
    enrolment = make_enrolment(session)
    session.commit()
    client = sign_in(session.get_one(User, enrolment.user_id))
    page = visit(client, "/declared-names")
    assert "0 prénom déclaré" in words(page)
    page = follow(client, submit(client, page, "main form", names="Lina\nNoé, Rose"))
    assert "3 prénoms déclarés" in words(page)
    assert "Lina" not in words(page)
    gone = {"gone-names": "noe"}
    page = follow(client, submit(client, page, "#withdraw form", press="Retirer ces prénoms", **gone))
    assert "2 prénoms déclarés" in words(page)
    page = follow(client, submit(client, page, "#withdraw form + form", press="Les retirer tous"))
    assert "0 prénom déclaré" in words(page)


def test_an_empty_list_is_refused_on_the_page(session: Session, sign_in: SignIn) -> None:
    enrolment = make_enrolment(session)
    session.commit()
    client = sign_in(session.get_one(User, enrolment.user_id))
    page = visit(client, "/declared-names")
    page = read(submit(client, page, "main form", names=" , "), status=422)
    assert "Écrivez au moins un prénom." in words(page)
