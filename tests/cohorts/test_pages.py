"""Pages of cohorts and enrolments, as a coordinator goes through them."""

import io
import re
import uuid
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from certify.accounts.models import User
from certify.cohorts.models import Cohort, Enrolment, EnrolmentState
from certify.core import clock
from certify.core.access import Role
from certify.core.mail import MailMessage
from certify.frameworks.models import FrameworkVersion
from certify.organisations.models import Organisation, OrganisationKind
from tests.factories.cohorts import make_cohort, make_enrolment, make_version
from tests.factories.people import (
    make_certifying_body,
    make_habilitation,
    make_member,
    make_organisation,
    make_user,
)
from tests.services.signing_in import SignIn
from tests.services.visiting import Page, follow, read, submit, visit

TODAY = clock.today()


def _coordinator(
    session: Session, sign_in: SignIn, training_body: Organisation, role: Role = Role.COORDINATOR
) -> FlaskClient:
    return sign_in(make_member(session, training_body, role))


def _cohort(session: Session, **values: object) -> tuple[Cohort, Organisation]:
    cohort = make_cohort(session, **values)
    return cohort, session.get_one(Organisation, cohort.training_body_id)


def _people(session: Session, cohort: Cohort) -> int:
    session.rollback()
    return session.scalar(select(func.count()).where(Enrolment.cohort_id == cohort.id)) or 0


def test_a_coordinator_opens_a_cohort_then_changes_it(session: Session, sign_in: SignIn) -> None:
    training, certifying = make_organisation(session), make_certifying_body(session)
    make_habilitation(session, certifying, training)
    version = make_version(session, certifying)
    client = _coordinator(session, sign_in, training)
    page = visit(client, "/cohorts/new")
    answer = submit(
        client, page, name="Printemps 2026", starts_on="2026-01-12", ends_on="18/12/2026", version=str(version.id)
    )
    assert "Printemps 2026" in follow(client, answer).get_text()
    cohort = session.scalars(select(Cohort)).one()
    assert (cohort.certifying_body_id, cohort.ends_on.isoformat()) == (certifying.id, "2026-12-18")
    page = visit(client, f"/cohorts/{cohort.id}/edit")
    answer = submit(client, page, name="Printemps 2026 bis")
    assert "Printemps 2026 bis" in follow(client, answer).get_text()
    assert "Printemps 2026 bis" in visit(client, "/cohorts").get_text()


def test_a_refused_cohort_keeps_what_was_typed_and_says_what_to_correct(session: Session, sign_in: SignIn) -> None:
    _printemps, training = _cohort(session, name="Printemps")
    client = _coordinator(session, sign_in, training)
    page = visit(client, "/cohorts/new")
    answer = submit(client, page, name="Printemps", starts_on="2026-05-01", ends_on="31/02/2026")
    page = read(answer, status=422)
    assert "La date « 31/02/2026 » n’existe pas." in page.get_text().replace("\u202f", " ")
    answer = submit(client, page, name="Printemps", starts_on="2026-05-01", ends_on="2026-12-01")
    page = read(answer, status=422)
    assert "porte déjà ce nom" in page.get_text()
    assert page.select_one("input[name=name]")["value"] == "Printemps"  # type: ignore[index]


def test_a_body_nobody_habilitates_is_told_what_to_do(session: Session, sign_in: SignIn) -> None:
    client = _coordinator(session, sign_in, make_organisation(session))
    assert "ne vous habilite" in visit(client, "/cohorts/new").get_text()
    assert "Aucune promotion pour l’instant" in visit(client, "/cohorts").get_text()


def test_who_coordinates_two_bodies_chooses_one_first(session: Session, sign_in: SignIn) -> None:
    first, second = make_organisation(session), make_organisation(session)
    user = make_member(session, first, Role.COORDINATOR)
    client = sign_in(make_member(session, second, Role.COORDINATOR, user))
    links = [str(link["href"]) for link in visit(client, "/cohorts/new").select("main .links-list a")]
    assert len(links) == 2
    visit(client, links[0])


def test_the_framework_is_not_offered_again_once_somebody_is_enrolled(session: Session, sign_in: SignIn) -> None:
    cohort, training = _cohort(session)
    client = _coordinator(session, sign_in, training)
    assert visit(client, f"/cohorts/{cohort.id}/edit").select_one("select[name=version]")
    make_enrolment(session, cohort)
    assert not visit(client, f"/cohorts/{cohort.id}/edit").select_one("select[name=version]")


def test_cohorts_are_searched_filtered_sorted_and_exported(session: Session, sign_in: SignIn) -> None:
    current, training = _cohort(session, name="Printemps")
    version_id = current.framework_version_id
    make_cohort(
        session, training, _version(session, version_id),
        name="Ancienne", starts_on=TODAY - timedelta(days=400), ends_on=TODAY - timedelta(days=100),
    )  # fmt: skip
    client = _coordinator(session, sign_in, training)
    assert "Ancienne" not in visit(client, "/cohorts?period=current").get_text()
    assert "Printemps" not in visit(client, "/cohorts?period=ended").get_text()
    assert "Aucune promotion ne correspond" in visit(client, "/cohorts?q=introuvable").get_text()
    for key in ("name", "starts", "ends", "trainees", "body", "certifying", "nonsense"):
        visit(client, f"/cohorts?sort={key}&direction=desc")
    rows = client.get("/cohorts?format=csv").get_data(as_text=True).splitlines()
    assert len(rows) == 3


def _version(session: Session, version_id: uuid.UUID) -> FrameworkVersion:
    return session.get_one(FrameworkVersion, version_id)


def test_a_coordinator_enrols_somebody_who_gets_an_invitation(
    session: Session, sign_in: SignIn, run_jobs: Callable[[], int]
) -> None:
    cohort, training = _cohort(session)
    house = make_organisation(session, OrganisationKind.HOUSE)
    client = _coordinator(session, sign_in, training)
    page = visit(client, f"/cohorts/{cohort.id}/enrolments/new")
    answer = submit(
        client, page, given_name="🦊 زينب", family_name="O’Brien", email="s03@exemple.fr",
        access_route="VAE", house_id=str(house.id),
    )  # fmt: skip
    page = follow(client, answer)
    assert "🦊 زينب O’Brien" in page.get_text()
    assert "VAE" in page.get_text()
    run_jobs()
    assert session.scalars(select(MailMessage.recipient)).all() == ["s03@exemple.fr"]


def test_enrolling_twice_is_told_beside_the_address_and_loses_nothing(session: Session, sign_in: SignIn) -> None:
    cohort, training = _cohort(session)
    enrolment = make_enrolment(session, cohort)
    email = session.get_one(User, enrolment.user_id).email
    client = _coordinator(session, sign_in, training)
    page = visit(client, f"/cohorts/{cohort.id}/enrolments/new")
    page = read(submit(client, page, given_name="Stagiaire", family_name="03", email=email.upper()), status=422)
    assert "déjà inscrite" in page.select_one("#email-error").get_text()  # type: ignore[union-attr]
    assert page.select_one("input[name=family_name]")["value"] == "03"  # type: ignore[index]
    assert _people(session, cohort) == 1


def test_the_same_enrolment_form_sent_twenty_times_enrols_once(session: Session, sign_in: SignIn) -> None:
    cohort, training = _cohort(session)
    client = _coordinator(session, sign_in, training)
    page = visit(client, f"/cohorts/{cohort.id}/enrolments/new")
    values = {"given_name": "Stagiaire", "family_name": "03", "email": "s03@exemple.fr"}
    places = {submit(client, page, **values).headers["Location"] for _ in range(3)}
    assert len(places) == 1
    assert _people(session, cohort) == 1


@pytest.mark.parametrize("email", ["pas une adresse", "a@b", "x" * 260 + "@exemple.fr"])
def test_a_wrong_address_is_refused(session: Session, sign_in: SignIn, email: str) -> None:
    cohort, training = _cohort(session)
    client = _coordinator(session, sign_in, training)
    page = visit(client, f"/cohorts/{cohort.id}/enrolments/new")
    read(submit(client, page, given_name="Stagiaire", family_name="03", email=email), status=422)
    assert _people(session, cohort) == 0


def test_enrolments_are_searched_without_accents_filtered_and_exported_to_be_imported(
    session: Session, sign_in: SignIn
) -> None:
    cohort, training = _cohort(session)
    user = make_user(session, given_name="Stagiaire", family_name="Élan")
    make_enrolment(session, cohort, user, sort_name="elan stagiaire")
    make_enrolment(session, cohort, state=EnrolmentState.WITHDRAWN)
    client = _coordinator(session, sign_in, training)
    url = f"/cohorts/{cohort.id}/enrolments"
    assert len(visit(client, f"{url}?q=ÉLAN").select("tbody tr")) == 1
    assert len(visit(client, f"{url}?state=withdrawn").select("tbody tr")) == 1
    assert "Personne ne correspond" in visit(client, f"{url}?q=introuvable").get_text()
    for key in ("name", "email", "state", "route", "entered"):
        assert len(visit(client, f"{url}?sort={key}").select("tbody tr")) == 2
    exported = client.get(f"{url}?format=csv&state=active").get_data()
    assert "Élan" in exported.decode("utf-8-sig")
    other, _training = _cohort(session, training_body=training, version=_version(session, cohort.framework_version_id))
    page = visit(client, f"/cohorts/{other.id}/import")
    page = read(submit(client, page, file=(io.BytesIO(exported), "inscriptions.csv")))
    assert "1 personne" in page.get_text()


def test_an_enrolment_is_read_by_a_trainer_and_changed_by_a_coordinator(session: Session, sign_in: SignIn) -> None:
    cohort, training = _cohort(session)
    enrolment = make_enrolment(session, cohort)
    url = f"/enrolments/{enrolment.id}"
    trainer = _coordinator(session, sign_in, training, Role.TRAINER)
    assert not visit(trainer, url).select("main form")
    assert trainer.post(url).status_code in (400, 403)
    client = _coordinator(session, sign_in, training)
    page = visit(client, url)
    answer = submit(client, page, f"form.form[action='{url}']", state="completed", access_route="CQ")
    assert "terminée" in follow(client, answer).get_text()
    page = read(submit(client, page, f"form.form[action='{url}']", state="invited"), status=422)
    assert "ne redevient pas" in page.get_text()
    page = read(submit(client, page, f"form.form[action='{url}']", entered_on="31/02/2026"), status=422)
    assert "n’existe pas" in page.get_text()


def test_an_invitation_is_sent_again(session: Session, sign_in: SignIn, run_jobs: Callable[[], int]) -> None:
    cohort, training = _cohort(session)
    enrolment = make_enrolment(session, cohort, state=EnrolmentState.INVITED)
    client = _coordinator(session, sign_in, training)
    page = visit(client, f"/enrolments/{enrolment.id}")
    follow(client, submit(client, page, "form[action$='/invitation']"))
    run_jobs()
    assert len(session.scalars(select(MailMessage)).all()) == 1


def _imported(client: FlaskClient, cohort: Cohort, **values: object) -> Page:
    page = visit(client, f"/cohorts/{cohort.id}/import")
    return read(submit(client, page, **values))


def test_a_list_in_latin_1_with_semicolons_is_previewed_then_enrolled(
    session: Session, sign_in: SignIn, run_jobs: Callable[[], int]
) -> None:
    cohort, training = _cohort(session)
    client = _coordinator(session, sign_in, training)
    lines = [
        "Prénom;Nom;Courriel;Voie d'accès;Date d'entrée", "Élodie;Zéro-Un;s1@exemple.fr;FC;",
        "Stagiaire;02;pas une adresse;ZZ;31/02/2026", "Stagiaire;03;S1@exemple.fr;;", "Stagiaire;04;s4@exemple.fr;VAE;",
    ]  # fmt: skip
    page = _imported(client, cohort, file=(io.BytesIO("\r\n".join(lines).encode("cp1252")), "liste.csv"))
    text = page.get_text()
    assert "Windows-1252" in text
    assert "point-virgule" in text
    assert "Élodie Zéro-Un" in text
    faults = [row.get_text(" ", strip=True) for row in page.select("#faults tbody tr")]
    assert [re.match(r"Ligne (\d)", fault)[1] for fault in faults] == ["3", "3", "3", "4"]  # type: ignore[index]
    assert _people(session, cohort) == 0
    answer = submit(client, page, "form[action$='/confirm']", press="Inscrire les 2 personnes")
    assert "2 personnes inscrites" in follow(client, answer).get_text()
    assert _people(session, cohort) == 2
    run_jobs()
    assert len(session.scalars(select(MailMessage)).all()) == 2
    assert submit(client, page, "form[action$='/confirm']").headers["Location"] == answer.headers["Location"]
    page = _imported(client, cohort, pasted="\n".join(lines))
    assert "Déjà inscrites" in page.get_text()
    assert _people(session, cohort) == 2


def test_a_list_confirmed_after_others_enrolled_the_same_people_says_so(session: Session, sign_in: SignIn) -> None:
    cohort, training = _cohort(session)
    client = _coordinator(session, sign_in, training)
    pasted = "prénom\tnom\te-mail\nStagiaire\t03\ts03@exemple.fr\nStagiaire\t04\ts04@exemple.fr"
    page = _imported(client, cohort, pasted=pasted)
    make_enrolment(session, cohort, make_user(session, email="s03@exemple.fr"))
    text = follow(client, submit(client, page, "form[action$='/confirm']")).get_text()
    assert "1 personne inscrite" in text
    assert "1 l’était déjà" in text


def test_what_is_no_list_is_refused_beside_the_file_and_what_was_pasted_is_kept(
    session: Session, sign_in: SignIn
) -> None:
    cohort, training = _cohort(session)
    client = _coordinator(session, sign_in, training)
    page = visit(client, f"/cohorts/{cohort.id}/import")
    read(submit(client, page), status=422)
    page = read(submit(client, page, pasted="a;b;c\n1;2;3"), status=422)
    assert "Il manque" in page.get_text()
    assert "1;2;3" in page.select_one("textarea").get_text()  # type: ignore[union-attr]
    data = {"csrf_token": str(page.select_one("input[name=csrf_token]")["value"]), "pasted": "x" * 1_000_001}  # type: ignore[index]
    answer = client.post(f"/cohorts/{cohort.id}/import/preview", data=data, headers={"Referer": page.url})
    assert "dépasse 1 Mo" in read(answer, status=422).get_text()


def test_forged_or_borrowed_rows_enrol_nobody(session: Session, sign_in: SignIn) -> None:
    cohort, training = _cohort(session)
    other, _training = _cohort(session, training_body=training, version=_version(session, cohort.framework_version_id))
    client = _coordinator(session, sign_in, training)
    page = _imported(client, cohort, pasted="prénom;nom;e-mail\nStagiaire;03;s03@exemple.fr")
    sealed = str(page.select_one("input[name=people]")["value"])  # type: ignore[index]
    token = str(page.select_one("input[name=csrf_token]")["value"])  # type: ignore[index]
    for cohort_id, people in ((cohort.id, sealed[:-3] + "abc"), (other.id, sealed), (cohort.id, ""), (cohort.id, "[]")):
        data = {"csrf_token": token, "people": people}
        answer = client.post(f"/cohorts/{cohort_id}/import/confirm", data=data, headers={"Referer": page.url})
        assert "n’est plus valable" in read(answer, status=422).get_text()
    assert _people(session, cohort) == _people(session, other) == 0


def test_the_model_file_can_be_downloaded(session: Session, sign_in: SignIn) -> None:
    client = _coordinator(session, sign_in, make_organisation(session))
    answer = client.get("/cohorts/import-model.csv")
    assert answer.get_data().decode("utf-8-sig").startswith("prénom;nom;e-mail;voie d’accès;date d’entrée;maison")


def test_the_cohorts_of_another_body_do_not_exist(session: Session, sign_in: SignIn) -> None:
    cohort, _training = _cohort(session)
    enrolment = make_enrolment(session, cohort)
    client = _coordinator(session, sign_in, make_organisation(session))
    token = str(visit(client, "/cohorts").select_one("input[name=csrf_token]")["value"])  # type: ignore[index]
    base = f"/cohorts/{cohort.id}"
    for url in (
        base,
        f"{base}/edit",
        f"{base}/enrolments",
        f"{base}/enrolments/new",
        f"{base}/import",
        f"/enrolments/{enrolment.id}",
    ):
        assert client.get(url).status_code == 404, url
    for url in (f"{base}/edit", f"{base}/enrolments/new", f"{base}/import/preview", f"{base}/import/confirm",
                f"/enrolments/{enrolment.id}", f"/enrolments/{enrolment.id}/invitation"):  # fmt: skip
        answer = client.post(url, data={"csrf_token": token}, headers={"Referer": f"http://localhost{url}"})
        assert answer.status_code == 404, url
    assert cohort.name not in visit(client, "/cohorts").get_text()


def test_a_trainer_reads_cohorts_and_changes_none(session: Session, sign_in: SignIn) -> None:
    cohort, training = _cohort(session)
    client = _coordinator(session, sign_in, training, Role.TRAINER)
    visit(client, "/cohorts")
    visit(client, f"/cohorts/{cohort.id}/enrolments")
    for url in (
        "/cohorts/new",
        f"/cohorts/{cohort.id}/edit",
        f"/cohorts/{cohort.id}/enrolments/new",
        f"/cohorts/{cohort.id}/import",
    ):
        assert client.get(url).status_code == 403, url
