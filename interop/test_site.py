"""The site that is built from docs/: nothing in it leads nowhere, and no page asks anybody else for anything."""

import html.parser
import pathlib
import re
import subprocess
import urllib.parse

import pytest

from conftest import ROOT, run


class Page(html.parser.HTMLParser):
    """What a page has and asks for."""

    def __init__(self, path):
        super().__init__()
        self.anchors, self.links, self.resources, self.policy = set(), [], [], ""
        self.feed(path.read_text())

    def handle_starttag(self, tag, attributes):
        a = dict(attributes)
        self.anchors |= {a[name] for name in ("id", "name") if a.get(name)}
        if tag == "a" and "href" in a:
            self.links.append(a["href"])
        elif tag in ("link", "use", "image") and a.get("href"):
            self.resources.append(a["href"])
        elif tag == "meta" and a.get("http-equiv") == "Content-Security-Policy":
            self.policy = a["content"]
        self.resources += [a[name] for name in ("src", "srcset", "poster", "data", "action") if a.get(name)]


@pytest.fixture(scope="module")
def site():
    run("make", "docs", cwd=ROOT)
    return ROOT / ".tools" / "site"


@pytest.fixture(scope="module")
def pages(site):
    return {path: Page(path) for path in site.rglob("*.html")}


def test_every_page_is_in_the_site(site):
    """Each Markdown page has become one, and the first is where web servers look."""
    sources = {path.relative_to(ROOT / "docs").with_suffix("") for path in (ROOT / "docs").rglob("*.md")}
    assert {path for path in sources if not (site / path).with_suffix(".html").exists()} == set()
    assert (site / "index.html").read_bytes() == (site / "README.html").read_bytes()


def test_links_lead_somewhere(site, pages):
    broken, count = [], 0
    for path, page in pages.items():
        for target in page.links + page.resources:
            url = urllib.parse.urlsplit(target)
            if url.scheme or target == "#":
                continue
            count += 1
            to = (path.parent / urllib.parse.unquote(url.path)).resolve() if url.path else path
            if not to.is_file() or url.fragment and to in pages and urllib.parse.unquote(url.fragment) not in pages[to].anchors:
                broken.append(f"{path.relative_to(site)}: {target}")
    assert broken == []
    assert count > 1000


def test_links_to_the_repository_are_to_files_in_it(pages):
    """A link to GitHub that stands for a file of this repository names one."""
    files = set(run("git", "ls-files", cwd=ROOT).split("\n"))
    ours = re.compile(r"https://github\.com/irisfix/irisfix/(?:blob|edit|tree)/main/([^#?]*)")
    wrong = {found[1] for page in pages.values() for link in page.links if (found := ours.match(link)) and found[1] not in files}
    assert {path for path in wrong if not any(name.startswith(path.rstrip("/") + "/") for name in files)} == set()


def test_pages_ask_nobody_else(site, pages):
    """No font, script, style or picture from elsewhere; and each page has a policy that a browser holds it to."""
    asked = {(path.relative_to(site), url) for path, page in pages.items() for url in page.resources if re.match(r"([a-z]+:)?//", url)}
    assert {(path, url) for path, url in asked if not url.startswith("data:")} == set()
    for path, page in pages.items():
        assert page.policy.startswith("default-src 'self'; "), path
        assert "http" not in page.policy, path
    for path in site.rglob("*.css"):
        assert re.findall(r"(?:@import\s+|url\(\s*)[\"']?((?:https?:)?//[^\"')]*)", path.read_text()) == [], path


def test_a_broken_link_fails_the_build(tmp_path):
    """The check of the builder is one that can fail."""
    (tmp_path / "README.md").write_text("# Here\n\n[gone](#gone)\n")
    command = [ROOT / ".tools/docs/bin/sphinx-build", "-q", "-W", "--keep-going", "-c", ROOT / "docs/site", tmp_path, tmp_path / "out"]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode != 0 and "'gone'" in done.stderr, done.stderr
