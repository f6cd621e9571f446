"""The same bytes on other processors. Other operating systems are left to the tests that run on them."""

import os

import pytest

from conftest import ROOT, need, run


@pytest.mark.parametrize("architecture, emulator", [("arm64", ["qemu-aarch64-static"]), ("386", [])])
def test_the_golden_bytes_come_out(architecture, emulator, tmp_path):
    need("go", *emulator)
    binary = tmp_path / "dat.test"
    run("go", "test", "-c", "-o", binary, "./bundle/dat", cwd=ROOT, env=os.environ | {"GOARCH": architecture, "CGO_ENABLED": "0"})
    output = run(*emulator, binary, "-test.v", "-test.run", "Golden", cwd=ROOT / "bundle" / "dat")
    assert output.count("--- PASS") >= 2 and "--- SKIP" not in output
