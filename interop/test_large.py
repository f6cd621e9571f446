"""Files of 1 GiB: the embedded registry takes them from every client in little memory, and gives back what it took."""

import shutil

import pytest

from conftest import IRISFIX, Irisfix, need, run, sha256
from test_oras import form
import servers

SIZE = 1 << 30
MOST_MIB = 150


@pytest.fixture(scope="module")
def fixture(tmp_path_factory):
    """A database fixture of 1 GiB that does not compress."""
    need("openssl", "oras")
    directory = tmp_path_factory.mktemp("large")
    keystream = ["openssl", "enc", "-aes-128-ctr", "-K", "00" * 16, "-iv", "00" * 16, "-in", "/dev/zero"]
    run("bash", "-c", f'"$@" 2>/dev/null | head -c {SIZE} >IRIS.DAT', "-", *keystream, cwd=directory)
    Irisfix(directory)("create", "--name", "large", "--output", directory / "fixture", "--database", "IRIS.DAT")
    (directory / "IRIS.DAT").unlink()
    yield directory / "fixture"
    shutil.rmtree(directory)


def upload(client, irisfix, fixture, reference):
    if client == "irisfix":
        irisfix("push", fixture, reference)
    elif client == "oras":
        run("oras", "push", "--plain-http", reference, *form(fixture), cwd=fixture)
    else:
        need("skopeo")
        layout = fixture.parent / "layout"
        run("oras", "push", "--oci-layout", f"{layout}:1", *form(fixture), cwd=fixture)
        run("skopeo", "copy", "--dest-tls-verify=false", f"oci:{layout}:1", f"docker://{reference}")


def download(client, irisfix, reference, directory):
    if client == "oras":
        irisfix("pull", reference, "-o", directory)
    else:
        run("oras", "pull", "--plain-http", "-o", directory, reference)


@pytest.mark.parametrize("client", ["irisfix", "oras", "skopeo"])
def test_a_gigabyte_in_and_out_in_little_memory(client, fixture, irisfix, tmp_path, say):
    with servers.embedded(IRISFIX, tmp_path / "registry") as server:
        reference = f"{server.host}/large:1"
        upload(client, irisfix, fixture, reference)
        download(client, irisfix, reference, tmp_path / "pulled")
        peak = server.peak_memory()
    say(f"the registry used {peak:.0f} MiB at most")
    assert peak <= MOST_MIB
    assert sha256(tmp_path / "pulled" / "IRIS.DAT") == sha256(fixture / "IRIS.DAT")
