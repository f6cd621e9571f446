"""How the pages below docs/ become a site: `make docs`. Why so: docs/decisions/site.md."""

import os
import posixpath
import re
import shutil

project = "irisfix"
html_title = "irisfix"
author = "the irisfix authors"
copyright = "the irisfix authors, Apache-2.0"
extensions = ["myst_parser"]
root_doc = "README"
exclude_patterns = ["site"]
html_theme = "furo"
html_static_path = ["static"]
html_css_files = ["irisfix.css"]
html_favicon = "static/icon.svg"
html_copy_source = False
html_show_sphinx = False
html_theme_options = {"source_repository": "https://github.com/irisfix/irisfix/", "source_branch": "main", "source_directory": "docs/"}
pygments_style, pygments_dark_style = "friendly", "github-dark"
highlight_language = "none"
smartquotes = False  # what is written is what is read
myst_heading_anchors = 4  # as GitHub makes them, so that links are right in both places

# The order of the pages. Every page is in it, or Sphinx says so.
NAVIGATION = {
    "Learn": ["tutorial"],
    "Do": [
        "Install irisfix <howto/install>",
        "Fixtures in pytest <howto/pytest>",
        "Fixtures in Go tests <howto/go>",
        "Fixtures in CI <howto/ci>",
        "Out of Git LFS <howto/lfs>",
        "Private registries <howto/private-registry>",
        "Across an air gap <howto/air-gap>",
    ],
    "Look up": ["Commands <commands/README>", "reference", "exit-codes", "iris", "operations", "format"],
    "Understand": ["explanation/why-oci", "explanation/why-parquet", "explanation/atomic", "benchmarks", "decisions/README"],
}
BELOW = ("commands/", "decisions/")  # directories whose pages are listed by their README alone

# No page asks anybody else for anything; a browser holds it to that.
POLICY = "default-src 'self'; style-src 'self' 'unsafe-inline'; script-src 'self' 'unsafe-inline'; img-src 'self' data:"
BLOB = "https://github.com/irisfix/irisfix/blob/main/"


def read(app, name, source):
    """Gives a page what the site needs and GitHub does not."""
    source[0] = outward(name, source[0])
    if name == root_doc:
        source[0] += "".join(toctree(caption, pages) for caption, pages in NAVIGATION.items())
    for directory in BELOW:
        if name == directory + "README":
            source[0] += toctree("", sorted(page.removeprefix(directory) for page in app.env.found_docs if page.startswith(directory) and page != name))


def toctree(caption, pages):
    return "\n".join(["\n\n```{toctree}", ":hidden:", f":caption: {caption}" * bool(caption), *pages, "```\n"])


def outward(name, text):
    """Turns links to files of the repository that are no pages into links to GitHub."""

    def link(match):
        path = posixpath.normpath(posixpath.join("docs", posixpath.dirname(name), match[1]))
        inside = path.startswith("docs/") and path.endswith(".md")
        return match[0] if inside else f"]({BLOB}{path}{match[2] or ''})"

    return re.sub(r"\]\(((?!#|[a-z]+:)[^)#\s]+)(#[^)\s]*)?\)", link, text)


def page_context(app, name, template, context, doctree):
    context["metatags"] = f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">\n' + context.get("metatags", "")


def finish(app, error):
    """The first page under the name that web servers look for."""
    if error is None:
        shutil.copy(os.path.join(app.outdir, f"{root_doc}.html"), os.path.join(app.outdir, "index.html"))


def setup(app):
    app.connect("source-read", read)
    app.connect("html-page-context", page_context)
    app.connect("build-finished", finish)
