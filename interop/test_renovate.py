"""Renovate with our preset: it finds the pins, asks the registry, and what it writes is a lock file that irisfix pulls by."""

import json
import os
import re
import subprocess

import pytest

from conftest import ROOT, absent, run

HOME = ROOT / ".tools" / "renovate" / "node_modules"
RENOVATE = HOME / "renovate"


@pytest.fixture
def node():
    found = list(HOME.glob("node-linux-*/bin/node"))
    if not found or not RENOVATE.exists():
        absent("renovate is not installed and could not be")
    return found[0]


def test_the_preset_is_valid(node, tmp_path):
    (tmp_path / "default.json").write_bytes((ROOT / "default.json").read_bytes())
    run(node, RENOVATE / "dist" / "config-validator.js", "--strict", "default.json", cwd=tmp_path)


@pytest.fixture
def project(registry, irisfix, shop, databases, tmp_path):
    """Pins that have been overtaken: by a version, by a move of the tag, which may be no version; one that is up to date, and one without a tag."""
    folder = tmp_path / "project"
    folder.mkdir()
    lock = ["--lock-file", folder / "irisfix.lock"]
    at = f"{registry.host}/acme/team"
    irisfix(*lock, "push", shop, f"{at}/shop:1.0.0", "--pin", "shop")
    irisfix(*lock, "push", shop, f"{at}/moved:1", "--pin", "moved.one_1")
    irisfix(*lock, "push", shop, f"{at}/branch:main", "--pin", "branch")
    digest = irisfix(*lock, "push", shop, f"{at}/fixed:2.0.0", "--pin", "as-it-was")["digest"]
    irisfix(*lock, "pin", "untagged", f"{at}/shop@{digest}")
    irisfix("create", "--name", "shop", "--version", "1.1.0", "--output", tmp_path / "newer", "--from", f"sqlite:{databases['shop']}")
    newer = irisfix("push", tmp_path / "newer", f"{at}/shop:1.1.0")["digest"]
    irisfix("push", tmp_path / "newer", f"{at}/moved:1")
    irisfix("push", tmp_path / "newer", f"{at}/branch:main")
    return folder, at, digest, newer


def look(node, folder, host, tmp_path):
    """What Renovate finds out about a project: updates, as it hands them to what writes them."""
    run("git", "init", "-q", folder)
    run("git", "-C", folder, "add", "-A")
    config = {"hostRules": [{"matchHost": f"https://{host}", "insecureRegistry": True, "allowInternal": True}]} | json.loads((ROOT / "default.json").read_text())
    (tmp_path / "config.json").write_text(json.dumps(config))
    env = {"PATH": f"{node.parent}:{os.environ['PATH']}", "HOME": str(tmp_path), "RENOVATE_CONFIG_FILE": str(tmp_path / "config.json"), "RENOVATE_BASE_DIR": str(tmp_path / "renovate"),
           "RENOVATE_PLATFORM": "local", "LOG_LEVEL": "debug", "LOG_FORMAT": "json"}
    log = run(node, RENOVATE / "dist" / "renovate.js", cwd=folder, env=env)
    found = [json.loads(line) for line in log.splitlines() if '"packageFiles with updates"' in line]
    assert len(found) == 1, log
    [file] = found[0]["config"]["regex"]
    assert file["packageFile"] == "irisfix.lock"
    shared = {k: v for k, v in file.items() if k != "deps"} | {"manager": "regex"}
    return {dep["depName"]: [shared | dep | update | {"depIndex": i} for update in dep["updates"]] for i, dep in enumerate(file["deps"])}


def test_pins_are_found_looked_up_and_written(node, project, registry, irisfix, elsewhere, tmp_path):
    folder, at, digest, newer = project
    lock = folder / "irisfix.lock"
    found = look(node, folder, registry.host, tmp_path)
    assert {name: len(updates) for name, updates in found.items()} == {"as-it-was": 0, "branch": 1, "moved.one_1": 1, "shop": 1}

    before = lock.read_text()
    for name in ("branch", "moved.one_1", "shop"):
        done = subprocess.run([node, ROOT / "interop" / "ci" / "renovate.mjs", RENOVATE, folder], input=json.dumps(found[name][0]), capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr
        lock.write_text(done.stdout)
    assert lock.read_text() == re.sub(r'("shop": ".*/shop:)1.0.0@sha256:\w+', rf"\g<1>1.1.0@{newer}",
                                      re.sub(r'("(?:moved.one_1|branch)": ".*/(?:moved:1|branch:main)@)sha256:\w+', rf"\g<1>{newer}", before))

    (elsewhere.home / "irisfix.lock").write_bytes(lock.read_bytes())
    pulled = {f["name"]: (f["version"], f["digest"]) for f in elsewhere("pull", "--frozen")["fixtures"]}
    assert pulled == {"as-it-was": ("1.0.0", digest), "branch": ("1.1.0", newer), "moved.one_1": ("1.1.0", newer), "shop": ("1.1.0", newer), "untagged": ("1.0.0", digest)}
    assert not any(f["changed"] for f in elsewhere("pin", "--check")["fixtures"])
