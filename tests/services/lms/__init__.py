"""A learning platform of our own, strict about LTI 1.3, served over real HTTP: what the tool's tests launch from."""

from tests.services.lms.faults import Fault
from tests.services.lms.paging import LinkStyle
from tests.services.lms.people import Course, Link, Person
from tests.services.lms.platform import Platform
from tests.services.lms.refusals import Refused
from tests.services.lms.serving import running_platform
from tests.services.lms.vocabulary import ABSENT

__all__ = ["ABSENT", "Course", "Fault", "Link", "LinkStyle", "Person", "Platform", "Refused", "running_platform"]
