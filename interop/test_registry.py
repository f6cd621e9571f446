"""The distribution registry: plain, with passwords, with TLS. The whole way of a fixture leads through each."""

import json

import pytest

from conftest import IRISFIX, need, run, same
import servers

USER, PASSWORD = "ada", "correct horse battery staple"


@pytest.fixture
def guarded(tmp_path):
    need("docker-registry", "htpasswd")
    passwords = tmp_path / "htpasswd"
    passwords.write_text(run("htpasswd", "-Bbn", USER, PASSWORD))
    with servers.distribution(tmp_path / "guarded", auth=passwords) as server:
        yield server


def round_trip(here, there, shop, repository, tmp_path):
    """From a directory through a registry into a database on another machine, and back to a directory."""
    digest = here("digest", shop)["digest"]
    assert here("validate", shop)["valid"]

    first = here("push", shop, f"{repository}:1.0.0", "--pin", "shop")
    assert (first["digest"], first["previous_digest"]) == (digest, "")
    again = here("push", shop, f"{repository}:1.0.0")
    assert (again["digest"], again["bytes_sent"]) == (digest, 0)
    assert again["requests"] < first["requests"]
    here("push", shop, f"{repository}:1.0.1")
    assert [e["reference"] for e in here("list", repository)["entries"]] == [f"{repository}:1.0.0", f"{repository}:1.0.1"]

    (there.home / "irisfix.lock").write_bytes((here.home / "irisfix.lock").read_bytes())
    pulled = there("pull", "shop", "--frozen", "-o", tmp_path / "pulled")
    assert pulled["fixtures"][0]["digest"] == digest
    same(shop, tmp_path / "pulled")
    assert there("pull", "--frozen", "--offline")["requests"] == 0
    assert there("validate", "shop", "--offline")["valid"]

    loaded = there("load", "shop", "--to", f"sqlite:{tmp_path}/to.db", "--offline", "--frozen")
    assert (loaded["digest"], loaded["rows"]) == (digest, 16729)
    there("create", "--name", "shop", "--output", tmp_path / "back", "--from", f"sqlite:{tmp_path}/to.db")
    assert there("diff", "shop", tmp_path / "back", "--offline")["equal"]
    same(shop, tmp_path / "back")


def test_a_plain_registry(distribution, irisfix, elsewhere, shop, tmp_path):
    round_trip(irisfix, elsewhere, shop, f"{distribution.host}/team/shop", tmp_path)


def test_a_registry_with_passwords(guarded, irisfix, elsewhere, shop, tmp_path):
    for machine in (irisfix, elsewhere):
        machine("login", guarded.host, "--username", USER, "--password-stdin", input=PASSWORD + "\n")
    round_trip(irisfix, elsewhere, shop, f"{guarded.host}/team/shop", tmp_path)


def test_a_wrong_password_or_none_is_unauthorized(guarded, irisfix, shop):
    reference = f"{guarded.host}/team/shop:1.0.0"
    error = irisfix.fails(7, "unauthorized", "login", guarded.host, "--username", USER, "--password-stdin", input="not-this-one")
    assert guarded.host in error["subject"] and "not-this-one" not in json.dumps(error)
    assert not (irisfix.home / "config.json").exists()
    irisfix.fails(7, "unauthorized", "push", shop, reference)
    irisfix.fails(7, "unauthorized", "pull", reference)
    irisfix.fails(7, "unauthorized", "list", f"{guarded.host}/team/shop")


def test_other_clients_use_the_login(guarded, irisfix, shop, tmp_path):
    need("oras", "skopeo")
    irisfix("login", guarded.host, "--username", USER, "--password-stdin", input=PASSWORD)
    reference = f"{guarded.host}/team/shop:1.0.0"
    irisfix("push", shop, reference)
    config = irisfix.home / "config.json"
    run("oras", "pull", "--plain-http", "--registry-config", config, "-o", tmp_path / "oras", reference)
    same(shop, tmp_path / "oras")
    run("skopeo", "copy", "--src-tls-verify=false", "--src-authfile", config, f"docker://{reference}", f"oci:{tmp_path}/layout:1.0.0")


def certificates(directory, host):
    """An authority and a certificate of it."""
    directory.mkdir()
    new = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "1"]
    ca, key, leaf, leaf_key = (directory / name for name in ("ca.pem", "ca.key", "leaf.pem", "leaf.key"))
    run(*new, "-subj", "/CN=authority", "-keyout", key, "-out", ca)
    run(*new, "-subj", f"/CN={host}", "-addext", f"subjectAltName=DNS:{host}", "-addext", "basicConstraints=critical,CA:FALSE",
        "-CA", ca, "-CAkey", key, "-keyout", leaf_key, "-out", leaf)
    return ca, leaf, leaf_key


def test_a_registry_with_an_authority_of_its_own(irisfix, elsewhere, shop, tmp_path):
    need("docker-registry", "openssl")
    ca, leaf, key = certificates(tmp_path / "certificates", "registry.test")
    repository = "registry.test/team/shop"
    tls = {"certificate": str(leaf), "key": str(key)}
    with servers.distribution(tmp_path / "tls", tls=tls) as server, servers.proxy(server.host) as proxy:
        for machine in (irisfix, elsewhere):
            machine.env["HTTPS_PROXY"] = proxy
        error = irisfix.fails(6, "registry-unavailable", "push", shop, f"{repository}:1.0.0")
        assert any("certificate" in line for line in error["what"])
        for machine in (irisfix, elsewhere):
            machine.options = ("--ca-file", ca)
        round_trip(irisfix, elsewhere, shop, repository, tmp_path)


def test_copies_between_registries_and_layouts(distribution, irisfix, elsewhere, shop, tmp_path):
    digest = irisfix("push", shop, f"{distribution.host}/one/shop:1")["digest"]
    with servers.embedded(IRISFIX, tmp_path / "second") as second:
        stations = [f"{distribution.host}/one/shop:1", f"{second.host}/two/shop:1", f"oci-layout:{tmp_path}/layout:1", f"{distribution.host}/three/shop:1"]
        for source, target in zip(stations, stations[1:]):
            assert irisfix("copy", source, target)["digest"] == digest
    assert elsewhere("pull", stations[-1], "-o", tmp_path / "pulled")["fixtures"][0]["digest"] == digest
    same(shop, tmp_path / "pulled")
