"""The written style, where a machine can tell: sizes, names, words that must not stay, tests that assert nothing."""

import ast
import os
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
MAX_FILE_LINES = 350
MAX_FUNCTION_LINES = 40
LONGER_FUNCTIONS = {
    "certify/app.py:create_app": "every wire of the application, in order, on one screen",
}
"""Functions that read better whole, each with the reason."""

_MADE_ELSEWHERE = ("certify/static/vendor/", "certify/static/icons/", "certify/static/fonts/", ".ci/requirements-")
_IGNORED = {".git", ".venv", ".venv-interop", ".venv-peer", "var", "build", "dist", "__pycache__", ".hypothesis"}
_TEXT = {".py", ".html", ".txt", ".css", ".js", ".toml", ".md", ".po", ".ini", ".mako", ".sh", ".csv", ".svg", ""}
_ASSERTING = re.compile(r"^(assert_\w+|expect\w*|visit|read|follow|axe|check_\w+|fail|raises|warns)$")
# Written in pieces, so that this file does not hold what it forbids.
_UNFINISHED = re.compile(r"\b(?:TO" + r"DO|FIX" + r"ME|X" + r"XX)\b|raise NotImpl" + r"emented|pragma: no " + r"cover")
_EVADED = re.compile(r"pytest\.(?:mark\.)?(?:sk" + r"ip|sk" + r"ipif|xf" + r"ail|importorsk" + r"ip)\b")
_MACHINE = re.compile(r"(?<![\w.*-])/(?:wo" + r"rk|ro" + r"ot|home/\w+|opt/py" + r"pi|opt/wh" + r"eels|t" + r"mp)/")
_REGISTRY = re.compile(r"py" + r"pi\.org/simple|files\.python" + r"hosted|registry\.np" + r"mjs|deb\.deb" + r"ian\.org")


def _files(*folders: str, suffixes: set[str]) -> Iterator[Path]:
    for path in _written():
        name = _name(path)
        if path.suffix in suffixes and any(folder == "." or name.startswith(f"{folder}/") for folder in folders):
            yield path


@cache
def _written() -> list[Path]:
    """Return the files somebody wrote here, without walking through what was installed or made."""
    found: list[Path] = []
    for folder, below, names in os.walk(ROOT):
        below[:] = [name for name in below if name not in _IGNORED and not name.endswith(("_cache", ".egg-info"))]
        found += [Path(folder, name) for name in names]
    return sorted(path for path in found if not _name(path).startswith(_MADE_ELSEWHERE))


@cache
def _lines(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8").splitlines()


def _name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def _sources(*folders: str) -> Iterator[tuple[str, ast.Module]]:
    for path in _files(*folders, suffixes={".py"}):
        yield _name(path), _parsed(path)


@cache
def _parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def _functions(tree: ast.AST) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def _places(pattern: re.Pattern[str], *folders: str, except_in: tuple[str, ...] = ()) -> list[str]:
    found = []
    for path in _files(*folders, suffixes=_TEXT):
        if _name(path).startswith(except_in or ("-",)):
            continue
        for number, line in enumerate(_lines(path), 1):
            if match := pattern.search(line):
                found.append(f"{_name(path)}:{number}: {match.group()}")
    return found


def test_no_file_is_longer_than_can_be_read_at_once() -> None:
    sizes = {_name(path): len(_lines(path)) for path in _checked_for_size()}

    assert {name: size for name, size in sizes.items() if size > MAX_FILE_LINES} == {}


def _checked_for_size() -> Iterator[Path]:
    yield from _files("certify", "competencies", "tests", suffixes={".py"})
    yield from _files("certify/static", suffixes={".css", ".js"})
    yield from _files("templates", suffixes={".html"})


def test_no_function_is_longer_than_a_screen() -> None:
    sizes = {
        f"{name}:{function.name}": (function.end_lineno or 0) - function.lineno + 1
        for name, tree in _sources("certify", "competencies")
        for function in _functions(tree)
    }

    assert {place: n for place, n in sizes.items() if n > MAX_FUNCTION_LINES and place not in LONGER_FUNCTIONS} == {}


def test_every_longer_function_on_the_list_is_still_there() -> None:
    there = {f"{name}:{function.name}" for name, tree in _sources("certify") for function in _functions(tree)}

    assert set(LONGER_FUNCTIONS) <= there


def test_every_room_has_a_name_that_says_something() -> None:
    vague = {"utils", "util", "helpers", "helper", "common", "misc", "manager", "managers", "shared", "tools"}
    names = {_name(path) for path in _files("certify", "competencies", "tests", suffixes={".py"})}

    assert {name for name in names if vague & set(Path(name).with_suffix("").parts)} == set()


def test_every_package_says_what_it_is_for() -> None:
    packages = [(name, tree) for name, tree in _sources("certify", "competencies") if name.endswith("__init__.py")]

    assert [name for name, tree in packages if not ast.get_docstring(tree)] == []


def test_nothing_is_left_unfinished() -> None:
    assert _places(_UNFINISHED, ".") == []


def test_no_test_is_evaded() -> None:
    assert _places(_EVADED, "tests") == []


def test_every_test_asserts_something() -> None:
    idle = [
        f"{name}:{function.name}"
        for name, tree in _sources("tests")
        for function in _functions(tree)
        if function.name.startswith("test_") and not any(map(_asserts, ast.walk(function)))
    ]

    assert idle == []


def _asserts(node: ast.AST) -> bool:
    if isinstance(node, ast.Assert):
        return True
    if not isinstance(node, ast.Call):
        return False
    called = node.func
    name = called.attr if isinstance(called, ast.Attribute) else called.id if isinstance(called, ast.Name) else ""
    return bool(_ASSERTING.match(name))


def test_test_names_are_sentences() -> None:
    short = [
        f"{name}:{function.name}"
        for name, tree in _sources("tests")
        for function in _functions(tree)
        if function.name.startswith("test_") and function.name.count("_") < 3
    ]

    assert short == []


def test_no_path_of_a_machine_is_written_down() -> None:
    assert _places(_MACHINE, ".") == []


def test_no_address_of_a_package_registry_is_written_down() -> None:
    assert _places(_REGISTRY, ".") == []


@pytest.mark.parametrize("name", ["services", "queries", "policies", "models"])
def test_no_room_file_catches_everything(name: str) -> None:
    catching = [
        f"{path}:{node.lineno}"
        for path, tree in _sources("certify")
        for node in ast.walk(tree)
        if Path(path).stem == name and isinstance(node, ast.ExceptHandler) and _is_broad(node)
    ]

    assert catching == []


def _is_broad(handler: ast.ExceptHandler) -> bool:
    return handler.type is None or (
        isinstance(handler.type, ast.Name) and handler.type.id in {"Exception", "BaseException"}
    )


def test_routes_are_a_table_of_contents_and_nothing_else() -> None:
    kinds = (ast.Import, ast.ImportFrom, ast.Assign, ast.AnnAssign, ast.Expr)
    strange = [
        f"{path}:{statement.lineno}"
        for path, tree in _sources("certify")
        for statement in tree.body
        if path.endswith("/routes.py") and not isinstance(statement, kinds)
    ]

    assert strange == []
