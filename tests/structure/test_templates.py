"""Templates: each names the macros it calls, and calls those it names, whoever includes it."""

from collections.abc import Iterator
from pathlib import Path

import jinja2
import pytest
from jinja2 import nodes

TEMPLATES = Path(__file__).resolve().parents[2] / "templates"


def _parsed() -> Iterator[tuple[str, nodes.Template]]:
    environment = jinja2.Environment(extensions=["jinja2.ext.i18n", "jinja2.ext.do"], autoescape=True)
    for path in sorted(TEMPLATES.rglob("*")):
        if path.suffix in {".html", ".txt"}:
            yield path.relative_to(TEMPLATES).as_posix(), environment.parse(path.read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def parsed() -> dict[str, nodes.Template]:
    """Give the syntax tree of each template, by name."""
    return dict(_parsed())


def _imported(tree: nodes.Template) -> set[str]:
    names = (name for one in tree.find_all(nodes.FromImport) for name in one.names)
    return {name if isinstance(name, str) else name[1] for name in names}


def test_a_template_imports_only_what_it_uses(parsed: dict[str, nodes.Template]) -> None:
    useless = {}
    for name, tree in parsed.items():
        read = {one.name for one in tree.find_all(nodes.Name) if one.ctx == "load"}
        useless[name] = _imported(tree) - read
    assert {name: found for name, found in useless.items() if found} == {}


def test_a_template_imports_each_macro_it_calls(parsed: dict[str, nodes.Template]) -> None:
    macros = {one.name for tree in parsed.values() for one in tree.find_all(nodes.Macro)}
    borrowed = {}
    for name, tree in parsed.items():
        called = {one.node.name for one in tree.find_all(nodes.Call) if isinstance(one.node, nodes.Name)}
        own = {one.name for one in tree.find_all(nodes.Macro)} | _imported(tree)
        given = {one.name for one in tree.find_all(nodes.Name) if one.ctx != "load"}
        borrowed[name] = (called & macros) - own - given
    assert {name: found for name, found in borrowed.items() if found} == {}
