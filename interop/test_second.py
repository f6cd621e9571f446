"""A program that was written from docs/format.md alone: it must come to the same digests, bytes and values."""

import sys

from conftest import IRISFIX, ROOT, run


def second(*directories):
    return run(sys.executable, ROOT / "interop" / "second_implementation.py", IRISFIX, *directories)


def test_the_golden_fixtures():
    said = second(ROOT / "testdata" / "fixtures" / "shop", ROOT / "testdata" / "fixtures" / "types")
    assert said.count("all read to the last value") == 2, "zstandard is missing, so not every value was read"


def test_a_file_that_is_large_enough_for_a_block_map(irisfix, tmp_path):
    (tmp_path / "IRIS.DAT").write_bytes(bytes(range(256)) * (5 << 12) + bytes(100_000))
    directory = tmp_path / "fixture"
    irisfix("create", "--name", "large", "--output", directory, "--database", tmp_path / "IRIS.DAT")
    second(directory)
