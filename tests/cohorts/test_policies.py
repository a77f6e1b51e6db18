"""What may be done with an enrolment, and what looks like an address."""

import pytest

from certify.cohorts import policies
from certify.cohorts.models import EnrolmentState


@pytest.mark.parametrize(
    "text", ["a@b.fr", "prenom.nom+cahier@sous.domaine.exemple", "élodie@exemple.fr", "a@exemple.test"]
)
def test_an_address_is_recognised(text: str) -> None:
    assert policies.is_email(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a",
        "a@b",
        "a@b..fr",
        "@b.fr",
        "a@.fr",
        "a b@c.fr",
        "a@b.fr, c@d.fr",
        "<a@b.fr>",
        "a@b@c.fr",
        "a" * 250 + "@b.fr",
    ],
)
def test_what_is_no_single_address_is_not(text: str) -> None:
    assert not policies.is_email(text)


@pytest.mark.parametrize("state", EnrolmentState)
def test_an_enrolment_goes_anywhere_but_back_to_invited(state: EnrolmentState) -> None:
    assert all(policies.may_change_state(state, wanted) for wanted in EnrolmentState if wanted != "invited")
    assert policies.may_change_state(state, EnrolmentState.INVITED) is (state is EnrolmentState.INVITED)
