"""What every page gets from its frame stays what it is: no template gives one of its names to something else."""

from __future__ import annotations

import ast
import inspect
import textwrap

from jinja2 import Environment, nodes

from api.web.frame.forms import FormTokens
from api.web.frame.pages import HERE, Pages

_SEES = (nodes.Macro, nodes.Import, nodes.FromImport, nodes.Assign, nodes.AssignBlock)


def given_by_the_frame() -> set[str]:
    """The names under which ``Pages.page`` hands values to every template."""
    tree = ast.parse(textwrap.dedent(inspect.getsource(Pages.page)))
    renders = [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "render"
    ]
    return {keyword.arg for call in renders for keyword in call.keywords if keyword.arg}


def named_by(statement: nodes.Node) -> set[str]:
    """The names that a statement at the top of a template gives away."""
    if isinstance(statement, nodes.Macro):
        return {statement.name}
    if isinstance(statement, nodes.Import):
        return {statement.target}
    if isinstance(statement, nodes.FromImport):
        return {name[1] if isinstance(name, tuple) else name for name in statement.names}
    return {name.name for name in statement.find_all(nodes.Name) if name.ctx == "store"}


def test_no_template_takes_a_name_of_the_frame() -> None:
    environment = Environment(extensions=[FormTokens, "jinja2.ext.i18n"])
    frame = given_by_the_frame()
    assert {"clock", "who", "languages"} <= frame
    taken = {
        (path.name, name)
        for path in sorted((HERE / "templates").glob("*.html"))
        for statement in environment.parse(path.read_text()).body
        if isinstance(statement, _SEES)
        for name in named_by(statement) & frame
    }
    assert taken == set()
