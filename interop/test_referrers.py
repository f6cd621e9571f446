"""What refers to a fixture goes along with a recursive copy, and others find it: oras, crane, skopeo."""

import json

import pytest

from conftest import need, run, same


@pytest.fixture
def oras(tmp_path):
    need("oras")
    return lambda command, *args: run("oras", *command.split(), *args, cwd=tmp_path)


@pytest.fixture
def signed(registry, irisfix, oras, shop, tmp_path):
    """A fixture with a signature, an SBOM, and a signature of the SBOM."""
    reference = f"{registry.host}/signed:1"
    digest = irisfix("push", shop, reference)["digest"]
    (tmp_path / "evidence.txt").write_text("evidence")
    attach(oras, reference, "application/x.signature")
    sbom = attach(oras, reference, "application/x.sbom")
    attach(oras, f"{registry.host}/signed@{sbom}", "application/x.signature")
    return reference, digest


def attach(oras, reference, kind):
    out = oras("attach --plain-http --format json --artifact-type", kind, reference, "evidence.txt:text/plain")
    return json.loads(out)["digest"]


def tree(oras, reference, *options):
    """What oras finds, as nested types."""
    def kinds(node):
        return sorted((r["artifactType"], kinds(r)) for r in node.get("referrers") or [])

    return kinds(json.loads(oras("discover --format json", *options, reference)))


WHOLE = [("application/x.sbom", [("application/x.signature", [])]), ("application/x.signature", [])]


def test_oras_finds_what_irisfix_copied_into_a_layout_and_takes_it_on(registry, irisfix, oras, signed, tmp_path):
    reference, digest = signed
    assert tree(oras, reference, "--plain-http") == WHOLE
    copied = irisfix("copy", reference, f"oci-layout:{tmp_path}/ours:1", "--recursive")
    assert (copied["referrers"], copied["referrers_missing"]) == (3, 0)
    assert tree(oras, f"{tmp_path}/ours:1", "--oci-layout") == WHOLE
    back = f"{registry.host}/back:1"
    oras("copy -r --from-oci-layout --to-plain-http", f"{tmp_path}/ours:1", back)
    assert tree(oras, back, "--plain-http") == WHOLE
    assert oras("resolve --plain-http", back).strip() == digest


def test_irisfix_takes_on_what_oras_copied_into_a_layout(registry, distribution, irisfix, oras, signed, tmp_path):
    reference, digest = signed
    oras("copy -r --from-plain-http --to-oci-layout", reference, f"{tmp_path}/theirs:1")
    for source in (f"oci-layout:{tmp_path}/theirs:1", f"oci-layout:{tmp_path}/theirs"):
        for host in (registry.host, distribution.host):
            back = f"{host}/back:1"
            copied = irisfix("copy", source, back, "--recursive")
            assert (copied["digest"], copied["referrers"]) == (digest, 3)
            assert tree(oras, back, "--plain-http") == WHOLE
    assert irisfix("copy", reference, f"{distribution.host}/direct:1", "--recursive")["referrers"] == 3
    assert tree(oras, f"{distribution.host}/direct:1", "--plain-http") == WHOLE


def test_both_can_write_into_one_layout(irisfix, oras, signed, tmp_path):
    reference, digest = signed
    layout = f"{tmp_path}/both"
    oras("copy -r --from-plain-http --to-oci-layout", reference, f"{layout}:theirs")
    irisfix("copy", reference, f"oci-layout:{layout}:ours", "--recursive")
    oras("tag --oci-layout", f"{layout}:ours", "again")
    for tag in ("theirs", "ours", "again"):
        assert oras("resolve --oci-layout", f"{layout}:{tag}").strip() == digest
        assert tree(oras, f"{layout}:{tag}", "--oci-layout") == WHOLE


def test_crane_reads_the_layout_that_irisfix_wrote(registry, irisfix, elsewhere, shop, tmp_path):
    need("crane")
    digest = irisfix("push", shop, f"{registry.host}/a:1")["digest"]
    irisfix("copy", f"{registry.host}/a:1", f"oci-layout:{tmp_path}/ours:1")
    run("crane", "push", "--insecure", tmp_path / "ours", f"{registry.host}/b:1")
    assert run("crane", "digest", "--insecure", f"{registry.host}/b:1").strip() == digest
    assert elsewhere("pull", f"{registry.host}/b:1", "-o", tmp_path / "pulled")["fixtures"][0]["digest"] == digest
    same(shop, tmp_path / "pulled")


def test_crane_and_skopeo_read_a_layout_with_referrers(registry, irisfix, signed, tmp_path):
    need("crane", "skopeo")
    reference, digest = signed
    irisfix("copy", reference, f"oci-layout:{tmp_path}/ours:1", "--recursive")
    run("crane", "push", "--insecure", "--index", tmp_path / "ours", f"{registry.host}/all:1")
    listed = json.loads(run("crane", "manifest", "--insecure", f"{registry.host}/all:1"))["manifests"]
    assert len(listed) == 4 and digest in [d["digest"] for d in listed]
    run("crane", "copy", "--insecure", f"{registry.host}/all@{digest}", f"{registry.host}/one:1")
    assert run("crane", "digest", "--insecure", f"{registry.host}/one:1").strip() == digest
    run("skopeo", "copy", "--dest-tls-verify=false", f"oci:{tmp_path}/ours:1", f"docker://{registry.host}/skopeo:1")
    assert run("crane", "digest", "--insecure", f"{registry.host}/skopeo:1").strip() == digest
