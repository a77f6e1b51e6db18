"""The command line: `certify NOUN VERB`, in French, for people and (`--json`) for machines.

Answers: 0 done, 1 refused with the reason on stderr, 2 wrong usage.
"""

from certify.cli.root import main

__all__ = ["main"]
