"""The whole path, clicked: from a new cohort to a certificate that anyone checks, in one story.

The staff sit at a computer, one after the other; the trainee has a phone, 360 px wide.
"""

from playwright.sync_api import Page

from tests.browser import jury_part, training_part
from tests.browser.story import Check, Story
from tests.browser.town import settled
from tests.services.live_server import LiveServer


def test_the_path_is_clicked_from_a_new_cohort_to_a_revoked_certificate(
    live_server: LiveServer, page: Page, phone: Page, axe: Check
) -> None:
    story = Story(settled(live_server), page, phone, axe)

    training_part.open_a_cohort(story)
    training_part.import_a_list(story)
    training_part.enrol_one_person(story)
    training_part.accept_the_invitation(story)
    training_part.write_an_entry(story)
    training_part.attach_the_evidence(story)
    training_part.hand_in(story)
    training_part.return_it(story)
    training_part.amend_it(story)
    training_part.accept_it(story)
    training_part.assess(story)
    training_part.read_own_progress(story)
    jury_part.prepare_the_jury(story)
    jury_part.declare_and_open(story)
    jury_part.decide(story)
    jury_part.close(story)
    jury_part.publish(story)
    jury_part.issue(story)
    jury_part.verify(story)
    jury_part.revoke(story)
    assert story.town.traces_of_faults() == []
