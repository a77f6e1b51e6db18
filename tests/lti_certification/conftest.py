"""The strict platform, certify registered in it, and a course that stands for a cohort."""

from tests.lti.conftest import cohort, platform, registration

__all__ = ["cohort", "platform", "registration"]
