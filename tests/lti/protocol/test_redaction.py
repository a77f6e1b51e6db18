"""What is kept of a launch names nobody and can be kept anywhere."""

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from certify.lti.protocol import names
from certify.lti.protocol.claims import redacted
from tests.lti.protocol.messages import ISSUER, JSON, LEARNER, choosing, claims

KNOWN = sorted({value for name, value in vars(names).items() if name.isupper() and isinstance(value, str)})
NAMES = st.sampled_from([*KNOWN, "iss", "aud", "sub", "exp"]) | st.text()


def test_nothing_that_names_a_person_is_kept() -> None:
    said = claims(
        middle_name="Trois",
        picture=f"{ISSUER}/portrait.png",
        preferred_username="stagiaire03",
        ext={"user_username": "stagiaire03"},
        LIS={"person_sourcedid": "stagiaire03"},
        FOR_USER={"user_id": "12", "name": "Stagiaire 12", "email": "stagiaire12@exemple.fr"},
        ROLE_SCOPE_MENTOR=["stagiaire12"],
        CUSTOM={"login": "stagiaire03", "certify_item": "3f2c"},
    )
    kept = json.dumps(redacted(said), ensure_ascii=False).lower()

    assert "stagiaire" not in kept
    assert "portrait" not in kept
    assert "trois" not in kept
    personal = "email ext family_name given_name middle_name name nonce picture preferred_username"
    assert redacted(said)["withheld"] == sorted([*personal.split(), names.LIS])


def test_what_explains_a_launch_is_kept() -> None:
    said = claims(
        CUSTOM={"login": "x", "certify_item": "3f2c"},
        PRESENTATION={"return_url": f"{ISSUER}/retour?sesskey=secret#a", "document_target": "iframe"},
        PLATFORM={"product_family_code": "moodle", "contact_email": "bureau@exemple.fr"},
        AGS={"scope": [names.SCORE], "lineitems": f"{ISSUER}/l?type_id=1"},
    )
    kept = redacted(said)

    assert kept["iss"] == ISSUER
    assert kept["exp"] - kept["iat"] == 60
    assert kept[names.ROLES] == [LEARNER]
    assert kept[names.CONTEXT] == {"id": "2", "label": "C2", "title": "Cours d’essai", "type": ["CourseSection"]}
    assert kept[names.RESOURCE_LINK] == {"id": "7", "title": "Carnet de bord"}
    assert kept[names.CUSTOM] == {"login": "…", "certify_item": "3f2c"}
    assert kept[names.PRESENTATION] == {"document_target": "iframe", "return_url": f"{ISSUER}/retour"}
    assert kept[names.PLATFORM] == {"product_family_code": "moodle"}
    assert kept[names.AGS] == {"scope": [names.SCORE], "lineitems": f"{ISSUER}/l?type_id=1"}


def test_two_launches_of_one_person_can_be_told_from_those_of_another() -> None:
    assert redacted(claims())["sub"] == redacted(claims())["sub"]
    assert redacted(claims())["sub"] != redacted(claims(sub="5"))["sub"]
    assert redacted(claims())["sub"] != redacted(claims(iss="https://autre.exemple.fr"))["sub"]
    assert len(redacted(claims())["sub"]) == len("sha256:") + 12


def test_what_a_platform_wants_back_after_deep_linking_is_not_kept() -> None:
    kept = redacted(choosing(data="secret", accept_multiple=False))

    assert kept[names.DL_SETTINGS] == {
        "deep_link_return_url": f"{ISSUER}/retour",
        "accept_types": ["ltiResourceLink"],
        "accept_multiple": False,
        "accept_presentation_document_targets": ["iframe", "window"],
    }


@given(said=st.dictionaries(NAMES, JSON | st.just("\ud800\0"), max_size=8))
def test_whatever_was_claimed_can_be_kept(said: dict[str, Any]) -> None:
    kept = json.dumps(redacted(said), ensure_ascii=False, allow_nan=False)

    assert "\\u0000" not in kept
    assert kept.encode("utf-8")
    assert len(kept) < 200_000
