"""Compares the names of this package with those of iris-devtester's fixtures: what a program gives to one, the other takes."""

import dataclasses
import inspect

import irisfix
from iris_devtester import fixtures as ancestor

# Functions of that package which have nothing to do with tables, and what is private to it.
ELSEWHERE = {"ExportResult", "ImportResult", "export_classes", "import_classes", "export_global", "import_global", "export_package"}


def parameters(function):
    """Names and whether they must be given; what only collects others says nothing."""
    every = inspect.signature(function).parameters.values()
    return {p.name: p.default is p.empty for p in every if p.kind not in (p.VAR_POSITIONAL, p.VAR_KEYWORD)}


wrong = []
for name in set(ancestor.__all__) - ELSEWHERE:
    theirs, ours = getattr(ancestor, name), getattr(irisfix, name)
    if issubclass(theirs, Exception):
        bases = {b.__name__ for b in theirs.__mro__} - {b.__name__ for b in ours.__mro__}
        wrong += [f"{name} is no {b}" for b in bases]
        continue
    if dataclasses.is_dataclass(theirs):
        fields, there = ([f.name for f in dataclasses.fields(c)] for c in (theirs, ours))
        if there[:len(fields)] != fields:
            wrong.append(f"{name} has the fields {there}, not {fields} first")
    for method, function in inspect.getmembers(theirs, inspect.isroutine):
        if method.startswith("_") and method != "__init__" or method not in vars(theirs):
            continue
        if not hasattr(ours, method):
            wrong.append(f"{name}.{method} is missing")
            continue
        want, have = parameters(function), parameters(getattr(ours, method))
        given = [(a, b) for a, b in zip(want, have) if a != b] if name != "FixtureLoader" and name != "DATFixtureLoader" else []
        missing = set(want) - set(have)
        demanded = {p for p, must in have.items() if must and not want.get(p)}
        if given or missing or demanded:
            wrong.append(f"{name}.{method} takes {have}, not {want}")
assert not wrong, "\n".join(wrong)
