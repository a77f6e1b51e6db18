"""The code anyone types or scans to check a certificate: 13 random characters, then one that catches mistakes."""

import secrets

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base 32: no I, L, O or U, so that nothing reads as something else."""
LENGTH = 14
_RANDOM = LENGTH - 1
_GROUPS = (5, 10)
_VALUES = {character: value for value, character in enumerate(ALPHABET)}
_FORGIVEN = str.maketrans({"O": "0", "I": "1", "L": "1"})
_FIELD = 0b100101
"""x⁵ + x² + 1, which makes the 32 values a field whose element 2 has 31 different powers."""


def new_code() -> str:
    """Make a code of 65 random bits; it says nothing of the person nor of the number of certificates."""
    body = "".join(secrets.choice(ALPHABET) for _ in range(_RANDOM))
    return body + check_character(body)


def check_character(body: str) -> str:
    """Return the character that ends a code.

    Each character weighs a different power of 2 in the field of 32 elements, so that one wrong character, or two
    characters exchanged wherever they stand, always change the sum.
    """
    total = 0
    for character in body:
        total = _double(total ^ _VALUES[character])
    return ALPHABET[total]


def _double(value: int) -> int:
    value <<= 1
    return value ^ _FIELD if value & 0b100000 else value


def read(typed: str) -> str | None:
    """Return the code somebody meant, forgiving case, spaces, hyphens and look-alikes; nothing when impossible."""
    code = "".join(character for character in typed.upper() if character.isalnum()).translate(_FORGIVEN)
    if len(code) != LENGTH or any(character not in _VALUES for character in code):
        return None
    return code if check_character(code[:_RANDOM]) == code[_RANDOM] else None


def spaced(code: str) -> str:
    """Write a code the way it is printed: « 7Q2KD-0V9XM-4TRB »."""
    first, second = _GROUPS
    return f"{code[:first]}-{code[first:second]}-{code[second:]}"
