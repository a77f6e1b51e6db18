"""Claims: what is required is required, what is optional may be missing, and nothing unreadable gets through."""

from dataclasses import FrozenInstanceError
from typing import Any

import pytest

from certify.lti.protocol import names
from certify.lti.protocol.claims import (
    AgsClaim,
    ContextClaim,
    LinkClaim,
    MessageType,
    Person,
    Platform,
    Presentation,
    read,
)
from certify.lti.protocol.errors import LaunchRefused
from tests.lti.protocol.messages import ABSENT, INSTRUCTOR, ISSUER, LEARNER, choosing, claims


def refusal(said: dict[str, Any]) -> str:
    with pytest.raises(LaunchRefused) as caught:
        read(said)
    return caught.value.code


def test_a_resource_link_launch_is_read() -> None:
    message = read(claims())

    assert message.type is MessageType.RESOURCE_LINK
    assert message.deployment_id == "1"
    assert message.target_link_uri == "https://certify.exemple.fr/lti/launch"
    assert message.roles == (LEARNER,)
    assert message.person == Person("4", "Stagiaire 03", "Stagiaire", "03", "stagiaire03@exemple.fr", "fr")
    assert message.context == ContextClaim("2", "Cours d’essai", "C2")
    assert message.link == LinkClaim("7", "Carnet de bord")
    with pytest.raises(FrozenInstanceError):
        message.deployment_id = "2"  # type: ignore[misc]


def test_a_launch_with_nothing_optional_is_read() -> None:
    private = dict.fromkeys(("name", "given_name", "family_name", "email", "locale", "CONTEXT"), ABSENT)
    message = read(claims(**private, RESOURCE_LINK={"id": "7"}, ROLES=[]))

    assert message.person == Person("4", "", "", "", "", "")
    assert (message.context, message.link, message.roles) == (None, LinkClaim("7", ""), ())
    assert (message.presentation, message.platform) == (Presentation("", "", ""), Platform("", "", "", ""))
    assert (message.custom, message.ags, message.memberships_url, message.deep_linking) == ({}, None, "", None)
    assert (message.for_user, message.mentored, message.id_history, message.placement_id) == ("", (), (), "")


@pytest.mark.parametrize("empty", [None, [], {}, ""])
def test_null_and_the_empty_list_of_php_are_as_good_as_absent(empty: Any) -> None:
    optional = ("CONTEXT", "PRESENTATION", "PLATFORM", "CUSTOM", "AGS", "NRPS", "ROLE_SCOPE_MENTOR", "email", "name")
    message = read(claims(**dict.fromkeys(optional, empty)))

    assert (message.context, message.ags, message.custom, message.mentored) == (None, None, {}, ())


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"VERSION": ABSENT}, "version-missing"),
        ({"VERSION": None}, "version-missing"),
        ({"VERSION": "1.1"}, "version-wrong"),
        ({"VERSION": 1.3}, "version-wrong"),
        ({"MESSAGE_TYPE": ABSENT}, "message-type-missing"),
        ({"MESSAGE_TYPE": "LtiStartProctoring"}, "message-type-unknown"),
        ({"MESSAGE_TYPE": "LtiDeepLinkingResponse"}, "message-type-unknown"),
        ({"MESSAGE_TYPE": ["LtiResourceLinkRequest"]}, "message-type-unknown"),
        ({"DEPLOYMENT_ID": ABSENT}, "deployment-missing"),
        ({"DEPLOYMENT_ID": ""}, "deployment-missing"),
        ({"DEPLOYMENT_ID": 1}, "claims-malformed"),
        ({"DEPLOYMENT_ID": "1" * 256}, "claims-malformed"),
        ({"TARGET_LINK_URI": ABSENT}, "target-missing"),
        ({"TARGET_LINK_URI": "javascript:alert(1)"}, "claims-malformed"),
        ({"TARGET_LINK_URI": ["https://certify.exemple.fr/"]}, "claims-malformed"),
        ({"ROLES": ABSENT}, "roles-missing"),
        ({"ROLES": None}, "roles-missing"),
        ({"ROLES": "Instructor"}, "roles-malformed"),
        ({"ROLES": {"0": LEARNER}}, "roles-malformed"),
        ({"ROLES": [LEARNER, None]}, "roles-malformed"),
        ({"RESOURCE_LINK": ABSENT}, "resource-link-missing"),
        ({"RESOURCE_LINK": {"title": "Carnet"}}, "resource-link-missing"),
        ({"RESOURCE_LINK": "7"}, "claims-malformed"),
        ({"RESOURCE_LINK": {"id": 7}}, "claims-malformed"),
        ({"RESOURCE_LINK": {"id": "7\0"}}, "claims-malformed"),
        ({"CONTEXT": "2"}, "claims-malformed"),
        ({"CONTEXT": {"id": ["2"]}}, "claims-malformed"),
        ({"CONTEXT": {"id": "\ud800"}}, "claims-malformed"),
        ({"CUSTOM": "a=b"}, "claims-malformed"),
        ({"AGS": 5}, "claims-malformed"),
        ({"sub": ABSENT}, "subject-missing"),
        ({"sub": "4" * 256}, "claims-malformed"),
        ({"sub": "4\0"}, "claims-malformed"),
    ],
)
def test_a_launch_that_breaks_a_rule_is_refused(changes: dict[str, Any], code: str) -> None:
    assert refusal(claims(**changes)) == code


@pytest.mark.parametrize("said", [{}, {"name": "badltilaunch"}])
def test_claims_of_another_world_are_refused(said: dict[str, Any]) -> None:
    assert refusal(said) == "version-missing"


@pytest.mark.parametrize(
    ("roles", "kept"),
    [
        ([LEARNER, INSTRUCTOR, LEARNER], (LEARNER, INSTRUCTOR)),
        (["Learner"], ("Learner",)),
        (["https://exemple.fr/roles#Chef"], ("https://exemple.fr/roles#Chef",)),
        ([], ()),
        ([""], ()),
    ],
)
def test_many_short_unknown_and_no_roles_launch(roles: list[str], kept: tuple[str, ...]) -> None:
    assert read(claims(ROLES=roles)).roles == kept


def test_a_context_without_an_identifier_is_none() -> None:
    assert read(claims(CONTEXT={"title": "Cours"})).context is None


def test_identifiers_keep_their_case_and_their_accents() -> None:
    message = read(claims(CONTEXT={"id": "Été 1"}, sub="AbC"))

    assert message.context == ContextClaim("Été 1", "", "")
    assert message.person.sub == "AbC"


def test_texts_are_cut_to_what_can_be_kept() -> None:
    message = read(
        claims(
            name="  n\0" + "x" * 500,
            family_name="y" * 500,
            email="a" * 250 + "@exemple.fr",
            CONTEXT={"id": "2", "title": "\ud800" + "t" * 500, "label": "l" * 500},
            PLATFORM={"product_family_code": "p" * 500, "version": 4, "name": ["moodle"]},
        )
    )

    assert message.person.name == "n" + "x" * 159
    assert len(message.person.family_name) == 80
    assert message.person.email == "", "half an address is another address"
    assert message.context == ContextClaim("2", "?" + "t" * 254, "l" * 120)
    assert message.platform == Platform("p" * 40, "", "", "")


def test_the_platform_and_its_presentation_are_read() -> None:
    message = read(
        claims(
            PLATFORM={"product_family_code": "moodle", "version": "2024100706", "name": "Essai", "guid": "g"},
            PRESENTATION={"return_url": f"{ISSUER}/retour?sesskey=k", "document_target": "Iframe", "locale": "fr-FR"},
        )
    )

    assert message.platform == Platform("moodle", "2024100706", "Essai", "g")
    assert message.presentation == Presentation(f"{ISSUER}/retour?sesskey=k", "iframe", "fr-FR")


@pytest.mark.parametrize(
    "address",
    [
        "javascript:alert(1)",
        "//exemple.fr",
        "https://",
        "ftp://exemple.fr",
        "https://a b.fr",
        'https://a.fr/"><script>',
        "https://a.fr/\r\nSet-Cookie: x",
        "https://é.fr",
        "https://[::1",
        "https://[1:2:3]/",
        "https://a.fr:99999/",
        5,
        "https://nom@exemple.fr/",
        "https://exemple.fr\\@autre.fr/",
        "data:text/html,x",
        "https://a.fr/" + "x" * 4000,
    ],
)
def test_an_address_that_could_lead_astray_is_none(address: Any) -> None:
    message = read(claims(PRESENTATION={"return_url": address}, NRPS={"context_memberships_url": address}))

    assert (message.presentation.return_url, message.memberships_url) == ("", "")


@pytest.mark.parametrize(
    "address",
    [
        "https://exemple.fr",
        "http://127.0.0.1:8099/x?y=1&z=[2]#a",
        "HTTPS://exemple.fr/é".replace("é", "%C3%A9"),
        "https://[::1]:8443/retour",
        "http://lms_essai:8080/",
    ],
)
def test_an_address_is_kept_as_it_is(address: str) -> None:
    assert read(claims(PRESENTATION={"return_url": f" {address} "})).presentation.return_url == address


def test_services_of_the_course_are_read() -> None:
    message = read(
        claims(
            AGS={
                "scope": [names.SCORE, 5],
                "lineitems": f"{ISSUER}/l?type_id=1",
                "lineitem": f"{ISSUER}/l/3?type_id=1",
            },
            NRPS={"context_memberships_url": f"{ISSUER}/m", "service_versions": ["2.0"]},
        )
    )

    assert message.ags == AgsClaim((names.SCORE,), f"{ISSUER}/l?type_id=1", f"{ISSUER}/l/3?type_id=1")
    assert message.memberships_url == f"{ISSUER}/m"


def test_grade_services_without_scopes_or_with_one_address_are_read() -> None:
    assert read(claims(AGS={"lineitem": f"{ISSUER}/l/3"})).ags == AgsClaim((), "", f"{ISSUER}/l/3")
    assert read(claims(AGS={"scope": [names.SCORE]})).ags is None
    assert read(claims(AGS={"lineitems": f"{ISSUER}/" + "x" * 500})).ags is None


def test_custom_parameters_are_texts_whatever_they_came_as() -> None:
    custom = read(claims(CUSTOM={"a": "é", "b": 5, "c": True, "d": 1.5, "e": None, "f": ["x"], "g": 10**40})).custom

    assert custom == {"a": "é", "b": "5", "c": "true", "d": "1.5", "e": "", "f": "", "g": ""}


def test_what_a_teacher_placed_is_found_again() -> None:
    assert read(claims(CUSTOM={"certify_item": "3f2c"})).placement_id == "3f2c"


@pytest.mark.parametrize(
    ("sent", "history"),
    [
        ("a, b ,,a,c", ("a", "b", "c")),
        ("$Context.id.history", ()),
        ("", ()),
        (None, ()),
        (["a"], ()),
        ("x" * 300 + ",b", ("b",)),
        (",".join(str(number) for number in range(100)), tuple(str(number) for number in range(50))),
    ],
)
def test_the_courses_a_course_was_copied_from_are_read(sent: Any, history: tuple[str, ...]) -> None:
    assert read(claims(CUSTOM={"context_id_history": sent})).id_history == history


def test_a_deep_linking_launch_needs_no_target_no_link_and_no_roles() -> None:
    message = read(choosing(data="octets exacts "))

    assert message.type is MessageType.DEEP_LINKING
    assert (message.target_link_uri, message.link) == ("", None)
    assert message.deep_linking is not None
    assert message.deep_linking.data == "octets exacts "
    assert read(choosing() | {names.ROLES: None}).roles == ()


def test_a_deep_linking_launch_needs_its_settings() -> None:
    assert refusal(claims(MESSAGE_TYPE="LtiDeepLinkingRequest")) == "deep-linking-settings-missing"


def test_settings_of_deep_linking_are_ignored_elsewhere() -> None:
    assert read(claims(DL_SETTINGS=5)).deep_linking is None


def test_a_submission_review_says_whose_work_and_which_column() -> None:
    said = claims(
        MESSAGE_TYPE="LtiSubmissionReviewRequest",
        RESOURCE_LINK=ABSENT,
        FOR_USER={"user_id": "12", "name": "Stagiaire 12"},
        AGS={"scope": [names.SCORE], "lineitem": f"{ISSUER}/l/3"},
    )
    message = read(said)

    assert (message.for_user, message.link) == ("12", None)
    assert message.ags is not None
    assert message.ags.line_item_url == f"{ISSUER}/l/3"
    assert refusal(said | {names.FOR_USER: {}}) == "for-user-missing"
    assert refusal(said | {names.FOR_USER: {"user_id": 12}}) == "claims-malformed"


def test_a_data_privacy_launch_is_read_with_and_without_a_person() -> None:
    said = claims(MESSAGE_TYPE="DataPrivacyLaunchRequest", RESOURCE_LINK=ABSENT, CONTEXT=ABSENT)

    assert read(said).type is MessageType.DATA_PRIVACY
    assert read(said).for_user == ""
    assert read(said | {names.FOR_USER: {"user_id": "12"}}).for_user == "12"


def test_a_mentor_says_of_whom() -> None:
    assert read(claims(ROLE_SCOPE_MENTOR=["12", 5, "13", "12"])).mentored == ("12", "13")
