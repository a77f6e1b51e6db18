"""Who is in the courses of the platform, and the links put there."""

from dataclasses import dataclass, field, replace

from tests.services.lms.vocabulary import INSTRUCTOR, LEARNER


@dataclass(frozen=True)
class Person:
    """Somebody with an account on the platform."""

    sub: str
    given_name: str = ""
    family_name: str = ""
    email: str = ""
    roles: tuple[str, ...] = (LEARNER,)
    status: str = "Active"
    mentored: tuple[str, ...] = ()
    """Those a mentor follows."""

    @property
    def name(self) -> str:
        """Return the whole name."""
        return f"{self.given_name} {self.family_name}".strip()

    @property
    def is_gradable(self) -> bool:
        """Whether the gradebook has a line for this person."""
        return self.status == "Active" and any("Learner" in role for role in self.roles)


@dataclass
class Course:
    """A course and its people, by their identifier."""

    id: str
    title: str
    label: str
    people: dict[str, Person] = field(default_factory=dict)
    history: tuple[str, ...] = ()
    """Courses this one is a copy of, newest first."""

    def put(self, *people: Person) -> None:
        """Enrol people, or change what is known of them."""
        self.people.update({person.sub: person for person in people})

    def remove(self, *people: Person) -> None:
        """Take people off the course."""
        for person in people:
            del self.people[person.sub]

    def fill(self, count: int, *, first: int = 1000) -> list[Person]:
        """Enrol many trainees; they are numbered."""
        made = [trainee(first + number) for number in range(count)]
        self.put(*made)
        return made


@dataclass(frozen=True)
class Link:
    """A link to the tool, placed in a course."""

    id: str
    course: Course
    title: str
    url: str = ""
    """Where it leads in the tool; empty means the address given at registration."""
    custom: dict[str, str] = field(default_factory=dict)
    window: str = "iframe"

    def copied_to(self, course: Course, link_id: str) -> "Link":
        """Return its copy in another course: everything but its identifier."""
        return replace(self, course=course, id=link_id)


def trainee(number: int) -> Person:
    """Return a trainee known by a number."""
    return Person(str(number), "Stagiaire", f"{number:02}", f"stagiaire.{number:02}@lms.example")


def trainer(number: int, letter: str) -> Person:
    """Return a trainer known by a letter."""
    return Person(str(number), "Formatrice", letter, f"formatrice.{letter.lower()}@lms.example", (INSTRUCTOR,))
