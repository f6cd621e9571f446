"""oras, the general client for OCI artifacts: what one pushes the other pulls, byte for byte."""

import json

import pytest

from conftest import need, run, same

MANIFEST = "application/vnd.irisfix.manifest.v1+json"
DAT = "application/vnd.irisfix.dat.v1"


def form(directory):
    """What oras push must be told of a fixture."""
    manifest = json.loads((directory / "manifest.json").read_text())
    files = [t["file"] for t in manifest["tables"] if "file" in t] or [manifest["dat_file"]]
    return ["--artifact-type", "application/vnd.irisfix.fixture.v1", "--config", f"manifest.json:{MANIFEST}",
            f"manifest.json:{MANIFEST}", *(f"{name}:{DAT}" for name in files)]


@pytest.fixture
def oras(tmp_path):
    need("oras")

    def call(command, *args, cwd=None):
        return run("oras", *command.split(), "--plain-http", *args, cwd=cwd or tmp_path)

    return call


@pytest.fixture(params=["shop", "types", "large"])
def fixture(request, irisfix, databases, tmp_path):
    """Many files, odd file names, and a file that is large enough for a block map."""
    source = ["--from", f"sqlite:{databases.get(request.param)}"]
    if request.param == "large":
        (tmp_path / "IRIS.DAT").write_bytes(bytes(range(256)) * (5 << 12))
        source = ["--database", tmp_path / "IRIS.DAT"]
    directory = tmp_path / "fixture"
    irisfix("create", "--name", request.param, "--output", directory, "--description", "<p> & more", *source)
    return directory


def push(oras, directory, reference, annotations=None):
    """Pushes a fixture as the format is written down, without a word of irisfix."""
    (directory.parent / "annotations.json").write_text(json.dumps({"$manifest": annotations or {}}))
    oras("push", "--annotation-file", directory.parent / "annotations.json", reference, *form(directory), cwd=directory)


def test_oras_pulls_the_directory_that_irisfix_pushed(registry, irisfix, oras, fixture, tmp_path):
    reference = f"{registry.host}/x:1"
    digest = irisfix("push", fixture, reference)["digest"]
    oras("pull", "-o", tmp_path / "pulled", reference)
    same(fixture, tmp_path / "pulled")
    assert oras("resolve", reference).strip() == digest == irisfix("digest", fixture)["digest"]


def test_irisfix_pulls_what_oras_pushed(registry, irisfix, oras, fixture, tmp_path):
    reference = f"{registry.host}/x:1"
    push(oras, fixture, reference)
    pulled = irisfix("pull", reference, "-o", tmp_path / "pulled")["fixtures"][0]
    same(fixture, tmp_path / "pulled")
    assert pulled["digest"] == oras("resolve", reference).strip()
    assert irisfix("validate", reference)["valid"]


def test_with_the_same_annotations_oras_makes_the_same_digest(distribution, irisfix, oras, shop):
    ours, theirs = (f"{distribution.host}/{name}:1" for name in ("ours", "theirs"))
    digest = irisfix("push", shop, ours)["digest"]
    push(oras, shop, theirs, json.loads(oras("manifest fetch", ours))["annotations"])
    assert oras("resolve", theirs).strip() == digest
    assert irisfix("push", shop, theirs)["bytes_sent"] == 0


def test_oras_copies_and_lists(registry, irisfix, elsewhere, oras, fixture, tmp_path):
    reference, layout = f"{registry.host}/x:1", f"{tmp_path}/layout:1"
    digest = irisfix("push", fixture, reference)["digest"]
    assert oras("repo tags", f"{registry.host}/x").split() == ["1"]
    run("oras", "cp", "--from-plain-http", "--to-oci-layout", reference, layout)
    assert elsewhere("pull", f"oci-layout:{layout}", "-o", tmp_path / "a")["fixtures"][0]["digest"] == digest
    irisfix("copy", reference, f"oci-layout:{tmp_path}/ours:1")
    run("oras", "pull", "--oci-layout", f"{tmp_path}/ours:1", "-o", tmp_path / "b")
    for copy in ("a", "b"):
        same(fixture, tmp_path / copy)
