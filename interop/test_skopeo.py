"""skopeo, the client of Podman: copies between registries and layouts keep the digest."""

import hashlib
import shutil

import pytest

from conftest import need, run, same


@pytest.fixture
def skopeo():
    need("skopeo")
    return lambda source, target: run("skopeo", "copy", "--src-tls-verify=false", "--dest-tls-verify=false", source, target)


def test_through_a_layout_of_skopeo_and_back(registry, irisfix, elsewhere, shop, skopeo, tmp_path):
    digest = irisfix("push", shop, f"{registry.host}/there:1")["digest"]
    skopeo(f"docker://{registry.host}/there:1", f"oci:{tmp_path}/layout:1")
    skopeo(f"oci:{tmp_path}/layout:1", f"docker://{registry.host}/back:1")
    for number, reference in enumerate([f"oci-layout:{tmp_path}/layout:1", f"{registry.host}/back:1"]):
        shutil.rmtree(elsewhere.cache, ignore_errors=True)
        assert elsewhere("pull", reference, "-o", tmp_path / f"{number}")["fixtures"][0]["digest"] == digest
        same(shop, tmp_path / f"{number}")


def test_a_layout_of_skopeo_is_copied_by_irisfix_and_the_other_way_round(registry, irisfix, shop, skopeo, tmp_path):
    digest = irisfix("push", shop, f"{registry.host}/a:1")["digest"]
    skopeo(f"docker://{registry.host}/a:1", f"oci:{tmp_path}/theirs:1")
    assert irisfix("copy", f"oci-layout:{tmp_path}/theirs:1", f"{registry.host}/b:1")["digest"] == digest
    irisfix("copy", f"{registry.host}/b:1", f"oci-layout:{tmp_path}/ours:1")
    skopeo(f"oci:{tmp_path}/ours:1", f"docker://{registry.host}/c:1")
    raw = run("skopeo", "inspect", "--raw", "--tls-verify=false", f"docker://{registry.host}/c:1")
    assert "sha256:" + hashlib.sha256(raw.encode()).hexdigest() == digest


def test_a_login_of_skopeo_is_found_where_it_was_told_to_keep_it(registry, irisfix, skopeo):
    config = irisfix.home / "config.json"  # in DOCKER_CONFIG
    run("skopeo", "login", "--authfile", config, "--tls-verify=false", "-u", "ada", "-p", "secret", registry.host)
    checks = irisfix("doctor", registry.host)["checks"]
    assert f"ada, from {config}" in [c["detail"] for c in checks]
