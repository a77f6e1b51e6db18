"""The courses of the platform, who is in them and the links placed there: what a test may change as an LMS does."""

from dataclasses import replace
from typing import Any

from tests.services.lms.people import Course, Link, Person, trainee, trainer


class Campus:
    """One course to begin with, a trainer, three trainees and a link."""

    def __init__(self) -> None:
        self.course = Course("2", "Accompagner les 1000 premiers jours", "M1000-2026")
        self.teacher = trainer(3, "A")
        self.learners = [trainee(4), trainee(5), trainee(6)]
        self.course.put(self.teacher, *self.learners)
        self.courses: dict[str, Course] = {self.course.id: self.course}
        self.links: list[Link] = []
        self._links_made = 6
        self.add_link("Mon carnet")

    @property
    def learner(self) -> Person:
        """Return the first trainee of the course."""
        return self.learners[0]

    @property
    def link(self) -> Link:
        """Return the link placed last."""
        return self.links[-1]

    def person(self, who: Person | str | None) -> Person:
        """Return somebody: themselves, by identifier, `teacher`, or the first trainee."""
        if isinstance(who, Person):
            return who
        if who in {None, "learner"}:
            return self.learner
        if who == "teacher":
            return self.teacher
        return next(course.people[str(who)] for course in self.courses.values() if str(who) in course.people)

    def change(self, person: Person, **fields: Any) -> Person:
        """Change what is known of somebody, in every course they are in."""
        changed = replace(person, **fields)
        for course in self.courses.values():
            if person.sub in course.people:
                course.put(changed)
        self.learners = [changed if one.sub == person.sub else one for one in self.learners]
        if self.teacher.sub == person.sub:
            self.teacher = changed
        return changed

    def add_course(self, title: str, *people: Person, course_id: str = "") -> Course:
        """Make a course."""
        number = course_id or str(100 + len(self.courses))
        course = Course(number, title, f"C-{number}")
        course.put(*people)
        self.courses[course.id] = course
        return course

    def copy_course(self, course: Course, title: str) -> tuple[Course, list[Link]]:
        """Copy a course with its people and its links; return both, known by new identifiers."""
        copy = self.add_course(title, *course.people.values())
        copy.history = (course.id, *course.history)
        copied = [link for link in self.links if link.course is course]
        return copy, [self._keep(link.copied_to(copy, self._next_link_id())) for link in copied]

    def add_link(self, title: str, *, course: Course | None = None, url: str = "", **custom: str) -> Link:
        """Place a link to the tool."""
        return self._keep(Link(self._next_link_id(), course or self.course, title, url, custom))

    def delete_link(self, link: Link) -> None:
        """Delete a link."""
        self.links.remove(link)

    def _next_link_id(self) -> str:
        self._links_made += 1
        return str(self._links_made)

    def _keep(self, link: Link) -> Link:
        self.links.append(link)
        return link
