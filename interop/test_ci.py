"""The action, and the examples for CI, as their users run them: act for workflows of GitHub, a shell for those of GitLab."""

import hashlib
import http.server
import os
import shutil
import subprocess
import tarfile
import threading

import pytest
import yaml

from conftest import IRISFIX, ROOT, need, run
from runner import Runner, action, commit, tree  # noqa: F401, two fixtures
import servers
from test_registry import certificates

EXAMPLES = ROOT / "examples" / "ci"


class Releases:
    """A web server in place of GitHub's releases: version 1.0.0, for this machine. It counts what it is asked."""

    def __init__(self, folder, archive):
        version = folder / "download" / "v1.0.0"
        version.mkdir(parents=True)
        (folder / "latest").mkdir()
        (folder / "latest" / "download").symlink_to(version)
        self.archive = shutil.copy(archive, version / archive.name)
        self.sha256 = hashlib.sha256(archive.read_bytes()).hexdigest()
        self.checksums = version / "checksums.txt"
        self.checksums.write_text(f"{'0' * 64}  irisfix_1.0.0_plan9_amd64.tar.gz\n{self.sha256}  {archive.name}\n")
        self.requests = []
        seen = self.requests

        class Handler(http.server.SimpleHTTPRequestHandler):
            def __init__(self, *args):
                super().__init__(*args, directory=str(folder))

            def log_message(self, format, *args):
                seen.append(self.path)

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture(scope="session")
def archive(tmp_path_factory):
    """What make release makes of bin/irisfix."""
    machine = {"aarch64": "arm64"}.get(os.uname().machine, "amd64")
    path = tmp_path_factory.mktemp("archive") / f"irisfix_1.0.0_linux_{machine}.tar.gz"
    with tarfile.open(path, "w:gz", compresslevel=1) as t:
        t.add(ROOT / "README.md", "README.md")
        t.add(IRISFIX, "irisfix")
    return path


@pytest.fixture
def releases(archive, tmp_path):
    served = Releases(tmp_path / "releases", archive)
    yield served
    served.close()


@pytest.fixture
def runners(action, releases, tmp_path):
    """Makes runners that share one cache service."""
    need("act", "node")
    store = tmp_path / "store"
    store.mkdir()

    def make(name):
        runner = Runner(tmp_path / name, action, store)
        runner.env["IRISFIX_RELEASES"] = releases.url
        return runner

    return make


@pytest.fixture
def project(tmp_path):
    """The examples, as somebody's project."""
    folder = tmp_path / "project"
    shutil.copytree(EXAMPLES, folder)
    commit(folder)
    return folder


@pytest.fixture
def served(irisfix, project, shop, tmp_path):
    """A registry with the fixture, which the project pins."""
    with servers.embedded(IRISFIX, tmp_path / "served") as server:
        irisfix("--lock-file", project / "irisfix.lock", "push", shop, f"{server.host}/acme/shop:1.0.0", "--pin", "shop")
        yield server


WARM = "Everything was in the cache: no registry was asked."


def test_the_workflow_fetches_once_and_then_needs_no_network(runners, project, served, releases):
    """First from the release and the registry; then on a runner that is kept, with a cache that was restored, and both gone."""
    runner = runners("first")
    said = runner.passes(project, "-W", ".github/workflows/test.yml")
    assert "| `shop` | `1.0.0` | `sha256:" in said and "| 23.4 kB | 0 B |" in said and WARM not in said
    assert "16,729 rows in 7 tables" in said
    assert releases.requests == ["/download/v1.0.0/checksums.txt", f"/download/v1.0.0/{releases.archive.name}"]

    served.process.terminate()
    served.process.wait()
    releases.close()
    shutil.rmtree(runner.env["IRISFIX_CACHE_DIR"])
    said = runner.passes(project, "-W", ".github/workflows/test.yml")
    assert WARM in said and "| 0 B | 23.4 kB |" in said and "16,729 rows in 7 tables" in said


def workflow(project, text):
    path = project / ".github" / "workflows" / "other.yml"
    path.write_text(f"on: push\njobs:\n  job:\n    runs-on: ubuntu-latest\n    steps:\n      - uses: actions/checkout@v4\n{text}")
    return "-W", path


def uses(**inputs):
    """A step that uses the action, and one that says what came out."""
    lines = "".join(f"          {k}: {yaml.safe_dump(v, default_style=chr(34)).strip()}\n" for k, v in inputs.items())
    return ("      - uses: irisfix/irisfix@v1.0.0\n        id: fixtures\n        with:\n" + lines +
            "      - run: echo \"hit=$HIT key=$KEY dir=$DIR\"\n        env:\n"
            "          HIT: ${{ steps.fixtures.outputs.cache-hit }}\n"
            "          KEY: ${{ steps.fixtures.outputs.key }}\n          DIR: ${{ steps.fixtures.outputs.cache-dir }}\n")


def test_the_outputs_tell_of_the_cache(runners, irisfix, project, served):
    runner = runners("runner")
    key = irisfix("--lock-file", project / "irisfix.lock", "cache", "key")["key"]
    file = workflow(project, uses(version="path", summary="false"))
    told = f"key={key} dir={runner.env['IRISFIX_CACHE_DIR']}"
    said = runner.passes(project, *file)
    assert f"hit=false {told}" in said and "### Test fixtures" not in said
    assert f"hit=true {told}" in runner.passes(project, *file)


def test_a_new_pin_begins_with_the_cache_of_the_old_one(runners, irisfix, project, served, databases, tmp_path):
    runners("first").passes(project, *workflow(project, uses(version="path")))
    changed = tmp_path / "changed.db"
    shutil.copy(databases["shop"], changed)
    run("sqlite3", changed, "UPDATE product SET price = price + 1 WHERE sku = 'P00007'")
    irisfix("create", "--name", "shop", "--version", "1.1.0", "--output", tmp_path / "changed", "--from", f"sqlite:{changed}")
    irisfix("--lock-file", project / "irisfix.lock", "push", tmp_path / "changed", f"{served.host}/acme/shop:1.1.0", "--pin", "shop")
    said = runners("second").passes(project, *workflow(project, uses(version="path")))
    assert "hit=false" in said and "| `shop` | `1.1.0` |" in said
    assert "| 3.0 kB | 20.5 kB |" in said, said  # the one table that has changed


def test_a_part_of_the_fixtures_has_a_cache_of_its_own(runners, irisfix, project, served, shop):
    lock = project / "irisfix.lock"
    irisfix("--lock-file", lock, "push", shop, f"{served.host}/acme/other:1.0.0", "--pin", "other")
    key = irisfix("--lock-file", lock, "cache", "key")["key"]
    said = runners("runner").passes(project, *workflow(project, uses(version="path", fixtures="shop\n  other\n", **{"lock-file": "irisfix.lock"})))
    assert f"key={key}-" in said and "2 fixtures" in said
    said = runners("another").passes(project, *workflow(project, uses(version="path", fixtures="shop", cache="false")))
    assert f"key={key}-" in said and "2 fixtures" not in said


def test_references_with_a_digest_need_no_lock_file(runners, irisfix, project, served, shop):
    pinned = f"{served.host}/acme/shop@{irisfix('digest', shop)['digest']}"
    (project / "irisfix.lock").unlink()
    runner = runners("runner")
    assert "hit=false key=irisfix-v1-" in runner.passes(project, *workflow(project, uses(version="path", fixtures=pinned)))
    assert WARM in runner.passes(project, *workflow(project, uses(version="path", fixtures=pinned)))
    assert "irisfix: not found: irisfix.lock" in runner.fails(project, *workflow(project, uses(version="path")))


def test_no_input_reaches_a_shell(runners, project, served, tmp_path):
    mark = tmp_path / "pwned"
    hostile = f"$(touch {mark}) `touch {mark}`;touch {mark}\n&& touch {mark} | '\"; touch {mark} #\"' ${{IFS}}touch${{IFS}}{mark} *"
    inputs = yaml.safe_load((ROOT / "action.yml").read_text())["inputs"]
    steps = "".join(uses(**({"version": "path"} | {name: hostile})).replace("id: fixtures", f"continue-on-error: true\n        name: hostile {name}") for name in inputs)
    _, said = runners("runner").act(project, *workflow(project, steps))
    assert all(f"Main hostile {name}" in said for name in inputs) and not mark.exists()


def test_no_input_becomes_a_flag(runners, project, served, tmp_path):
    said = runners("runner").fails(project, *workflow(project, uses(version="path", fixtures=f"shop --output={tmp_path}/out")))
    assert "not a fixture: --output=" in said and not (tmp_path / "out").exists()


def test_a_fixture_that_is_not_pinned_ends_the_job(runners, project, served):
    file = workflow(project, uses(version="path", fixtures=f"{served.host}/acme/shop:1.0.0"))
    assert "irisfix: pin violation" in runners("runner").fails(project, *file)
    file = workflow(project, uses(version="path", fixtures=f"{served.host}/acme/shop:1.0.0", frozen="false"))
    runners("another").passes(project, *file)


def test_a_release_with_other_bytes_is_not_run(runners, project, served, releases):
    runner = runners("runner")
    wanted = hashlib.sha256(releases.checksums.read_bytes()).hexdigest()
    for version in ("1.0.0", "latest"):
        runner.passes(project, *workflow(project, uses(version=version, checksums=f"sha256:{wanted}", pull="false")))
    with open(releases.archive, "ab") as f:
        f.write(b"x")
    runner = runners("another")
    said = runner.fails(project, *workflow(project, uses(version="1.0.0")))
    assert f"not {releases.sha256} as checksums.txt says" in said
    releases.checksums.write_text(f"{hashlib.sha256(releases.archive.read_bytes()).hexdigest()}  {releases.archive.name}\n")
    said = runner.fails(project, *workflow(project, uses(version="1.0.0", checksums=wanted)))
    assert f"not {wanted}" in said
    said = runner.fails(project, *workflow(project, uses(version="1.2.3")))
    assert "/download/v1.2.3/checksums.txt cannot be fetched" in said
    said = runner.fails(project, *workflow(project, uses(version="../../x")))
    assert "not a version" in said


def test_our_own_workflow_builds_and_uses_the_action(runners, tree, tmp_path):
    """The job for the action in ci.yml: built from source, a fixture pushed, pinned, pulled and loaded."""
    folder = tmp_path / "checkout"
    shutil.copytree(tree, folder)
    commit(folder)
    runner = runners("runner")
    for name in ("GOCACHE", "GOMODCACHE", "GOPROXY", "GOSUMDB", "GOTOOLCHAIN", "GOFLAGS"):
        if value := run("go", "env", name).strip():
            runner.env[name] = value
    said = runner.passes(folder, "-W", ".github/workflows/ci.yml", "-j", "action", "--matrix", "os:ubuntu-latest")
    assert "### Test fixtures" in said and "16,729 rows in 7 tables" in said


@pytest.fixture
def ghcr(tmp_path):
    """A registry that is called ghcr.io and knows octocat by the token of a job. Gives what programs must be told."""
    need("docker-registry", "htpasswd", "openssl")
    passwords = tmp_path / "htpasswd"
    passwords.write_text(run("htpasswd", "-Bbn", "octocat", "ghs_token"))
    ca, leaf, key = certificates(tmp_path / "tls", "ghcr.io")
    with servers.distribution(tmp_path / "ghcr", auth=passwords, tls={"certificate": str(leaf), "key": str(key)}) as server, servers.proxy(server.host) as proxy:
        yield {"HTTPS_PROXY": proxy, "SSL_CERT_FILE": str(ca)}


def test_a_workflow_pushes_with_its_own_token(runners, ghcr, irisfix, project, shop):
    shutil.copytree(shop, project / "fixtures" / "shop")
    commit(project)
    runner = runners("runner")
    runner.env |= ghcr
    said = runner.fails(project, "-W", ".github/workflows/fixtures.yml", "-s", "GITHUB_TOKEN=ghs_wrong")
    assert "irisfix: unauthorized: ghcr.io/acme/shop/shop:1.0.0" in said and "packages: write" in said and "Manage Actions access" in said
    assert "ghs_wrong" not in said
    said = runner.passes(project, "-W", ".github/workflows/fixtures.yml", "-s", "GITHUB_TOKEN=ghs_token")
    assert f"pushed ghcr.io/acme/shop/shop:1.0.0@{irisfix('digest', shop)['digest']}" in said

    irisfix.env |= ghcr | {"GITHUB_TOKEN": "ghs_token", "GITHUB_ACTOR": "octocat"}
    assert irisfix("pull", "ghcr.io/acme/shop/shop:1.0.0")["fixtures"][0]["version"] == "1.0.0"


def here(script, releases):
    """A script that fetches from GitHub a program for the processor of most, for these releases and this machine."""
    script = script.replace("https://github.com/irisfix/irisfix/releases", releases.url)
    return script.replace("irisfix_${IRISFIX_VERSION}_linux_amd64.tar.gz", releases.archive.name).replace("irisfix_${version}_linux_amd64.tar.gz", releases.archive.name)


def test_the_job_of_gitlab(releases, irisfix, project, shop, tmp_path):
    need("docker-registry", "htpasswd", "curl")
    passwords = tmp_path / "htpasswd"
    passwords.write_text(run("htpasswd", "-Bbn", "gitlab-ci-token", "a job's token"))
    with servers.distribution(tmp_path / "gitlab", auth=passwords) as server:
        irisfix("login", server.host, "--username", "gitlab-ci-token", "--password-stdin", input="a job's token")
        irisfix("--lock-file", project / "irisfix.lock", "push", shop, f"{server.host}/acme/shop:1.0.0", "--pin", "shop")
        job = yaml.safe_load((EXAMPLES / ".gitlab-ci.yml").read_text())["test"]
        script = here("\n".join(job["before_script"] + job["script"]), releases)
        variables = {"CI_PROJECT_DIR": str(project), "CI_REGISTRY": server.host, "CI_REGISTRY_USER": "gitlab-ci-token",
                     "CI_REGISTRY_PASSWORD": "a job's token", "HOME": str(tmp_path / "job"), "PATH": os.environ["PATH"]}
        for name, value in job["variables"].items():
            variables[name] = value.replace("$CI_PROJECT_DIR", str(project))
        variables["IRISFIX_SHA256"] = releases.sha256
        (tmp_path / "job").mkdir()
        for said in ("23.4 kB fetched, 0 B here already", "0 B fetched, 23.4 kB here already"):
            out = run("sh", "-ec", script, cwd=project, env=variables)
            assert said in out and "16,729 rows in 7 tables" in out
            (project / "test.db").unlink()
            assert (project / job["cache"]["paths"][0] / "blobs").exists() and job["cache"]["key"]["files"] == ["irisfix.lock"]
        variables["IRISFIX_SHA256"] = "0" * 64
        done = subprocess.run(["sh", "-ec", script], cwd=project, env=variables, capture_output=True, text=True)
        assert done.returncode != 0 and "loaded" not in done.stdout


def test_the_script_for_any_shell(releases, project, served, tmp_path):
    need("curl")
    script = project / "ci.sh"
    script.write_text(here(script.read_text(), releases))
    env = {"HOME": str(tmp_path), "PATH": os.environ["PATH"], "IRISFIX_SHA256": releases.sha256}
    assert "23.4 kB fetched, 0 B here already" in run("sh", script, cwd=project, env=env)
    served.process.terminate()
    served.process.wait()
    releases.close()
    assert "0 B fetched, 23.4 kB here already\n1 fixture, 0 requests" in run("sh", script, cwd=project, env=env)


def test_others_find_no_fault_in_what_we_wrote(tree):
    """actionlint, shellcheck, and the schemas of GitHub, GitLab and Renovate."""
    tools = ROOT / ".tools" / "ci" / "bin"
    workflows = [*(tree / ".github" / "workflows").glob("*.yml"), *(EXAMPLES / ".github" / "workflows").glob("*.yml")]
    run("actionlint", "-shellcheck", tools / "shellcheck", "-pyflakes", "", *workflows)
    run(tools / "shellcheck", tree / "ci" / "install.sh", *(tree / "ci" / "action").glob("*.sh"), EXAMPLES / "ci.sh")
    for schema, files in {
        "github-actions": [tree / "action.yml"], "github-workflows": workflows, "gitlab-ci": [EXAMPLES / ".gitlab-ci.yml"],
        "renovate": [tree / "default.json", EXAMPLES / "renovate.json"],
    }.items():
        options = ["--data-transform", "gitlab-ci"] if schema == "gitlab-ci" else []
        run(tools / "check-jsonschema", "--builtin-schema", f"vendor.{schema}", *options, *files)
    for hooks, kind in ((tree / ".pre-commit-hooks.yaml", "validate-manifest"), (EXAMPLES / ".pre-commit-config.yaml", "validate-config")):
        run(tools / "pre-commit", kind, hooks)
