"""Holds requests against the description of its interface that GitHub
publishes, as githubkit has made it into models.

Reads a list of requests from standard input; prints what is wrong with each.
"""

import ast
import inspect
import json
import sys
from importlib import import_module

from githubkit.compat import type_validate_python
from pydantic import ValidationError

PACKAGE = "githubkit_schemas.v2022_11_28"


def operations():
    """Method, path, names of the query and of the model of the body, of all that is described."""
    for area in ("actions", "orgs", "repos"):
        tree = ast.parse(inspect.getsource(import_module(f"{PACKAGE}.rest.{area}")))
        for function in ast.walk(tree):
            if not isinstance(function, ast.FunctionDef):
                continue
            lines = (ast.get_docstring(function) or "").splitlines()
            words = next((line.split() for line in lines[1:3] if line.strip()), [])
            if len(words) != 2 or not words[1].startswith("/"):
                continue
            query, model = set(), None
            for node in ast.walk(function):
                match node:
                    case ast.Assign(targets=[ast.Name(id="params")], value=ast.Dict(keys=keys)):
                        query = {key.value for key in keys}
                    case ast.Call(func=ast.Name(id="type_validate_python"), args=[of, *_]):
                        model = of
            yield words[0], words[1].split("/")[1:], query, model


def fits(template, path):
    return len(template) == len(path) and all(
        one.startswith("{") or one == other for one, other in zip(template, path)
    )


def strangers(model, body):
    known = {field.alias or name for name, field in model.model_fields.items()}
    return set(body) - known


def fault(described, request):
    method, path = request["method"], request["path"]
    found = [one for one in described if one[0] == method and fits(one[1], path)]
    if not found:
        return "there is no such request"
    # The one with the fewest blanks is meant.
    _, _, query, of = min(found, key=lambda one: sum(part.startswith("{") for part in one[1]))
    if more := set(request["query"]) - query:
        return f"it has no {sorted(more)} in its query"
    body = request["body"]
    if of is None:
        return None if body is None else "it takes no body"
    if body is None:
        return "it needs a body"
    models = import_module(f"{PACKAGE}.models")
    names = [node.id for node in ast.walk(of) if isinstance(node, ast.Name)]
    model = next(getattr(models, name) for name in names if name not in ("Union", "None"))
    try:
        type_validate_python(model, body)
    except ValidationError as error:
        return "; ".join(f"{one['loc']}: {one['msg']}" for one in error.errors())
    if more := strangers(model, body):
        return f"it knows no {sorted(more)}"
    return None


def main():
    described = list(operations())
    for request in json.load(sys.stdin):
        if why := fault(described, request):
            print(request["method"], "/".join(request["path"]), why)


main()
