"""Each test makes its own application; compiling its four hundred addresses anew is most of what that takes."""

from collections.abc import Callable
from typing import Any

from werkzeug.routing import Rule

_compile = Rule._compile_builder
_compiled: dict[tuple[Any, ...], Callable[..., tuple[str, str]]] = {}


def _compile_once(rule: Rule, append_unknown: bool = True) -> Callable[..., tuple[str, str]]:
    # What is compiled is a function of the address alone; it is bound to its rule afterwards.
    if rule.defaults:
        return _compile(rule, append_unknown)
    key = (append_unknown, *rule._trace)
    if key not in _compiled:
        _compiled[key] = _compile(rule, append_unknown)
    return _compiled[key]


def install() -> None:
    """Have the addresses of every application made from now on compiled once a run."""
    Rule._compile_builder = _compile_once  # type: ignore[method-assign, assignment]
