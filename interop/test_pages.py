"""The pages that a reader follows with programs of others, as their first lines say (`<!-- needs: … -->`)."""

import os

from conftest import ROOT, run


def test_pages(plugin):
    """Every page of README.md and docs/ prints what it shows."""
    path = f"{plugin('main').parent}:{ROOT / '.tools' / 'venv' / 'bin'}:{os.environ['PATH']}"
    run("go", "test", "./cmd/irisfix", "-count=1", "-run", "^TestPages$", cwd=ROOT, env=os.environ | {"IRISFIX_TEST_PAGES": "all", "PATH": path})
