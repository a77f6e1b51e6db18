"""What this package raises when it is given something that makes no sense."""

from dataclasses import dataclass


class DomainFault(Exception):
    """Base of every exception of this package; its message is French and readable by a user."""


class UnknownCode(DomainFault, KeyError):
    """A code that the framework or its scale does not define."""

    def __init__(self, kind: str, code: str) -> None:
        super().__init__(kind, code)
        self.kind = kind
        self.code = code

    def __str__(self) -> str:
        return f"{self.kind} : code inconnu « {self.code} »."


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong in a framework document: where it is, and what was expected there."""

    where: str
    message: str

    def __str__(self) -> str:
        return f"{self.where} : {self.message}"


class FrameworkFaults(DomainFault):
    """A framework document was refused; carries everything found wrong, not only the first fault."""

    def __init__(self, faults: tuple[Fault, ...]) -> None:
        super().__init__(faults)
        self.faults = faults

    def __str__(self) -> str:
        count = len(self.faults)
        heading = "Référentiel refusé, 1 défaut :" if count == 1 else f"Référentiel refusé, {count} défauts :"
        return "\n".join([heading, *(f"- {fault}" for fault in self.faults)])
