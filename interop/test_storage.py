"""Storage that is full or read-only: nothing is left half-done, the place is named, and it works when there is room."""

import os
import subprocess

import pytest

from conftest import Irisfix, absent, need, run

ROOM = 16 << 20


@pytest.fixture
def mount(tmp_path):
    """Mounts a file system of ROOM bytes, as root or with sudo."""
    sudo = [] if os.geteuid() == 0 else ["sudo", "-n"]
    mounted = []

    def new(name):
        directory = tmp_path / name
        directory.mkdir()
        command = [*sudo, "mount", "-t", "tmpfs", "-o", f"size={ROOM},mode=777", "tmpfs", directory]
        if subprocess.run(command, capture_output=True).returncode:
            absent("cannot mount a file system")
        mounted.append(directory)
        return directory

    new.read_only = lambda directory: run(*sudo, "mount", "-o", "remount,ro", directory)
    new.writable = lambda directory: run(*sudo, "mount", "-o", "remount,rw", directory)
    yield new
    for directory in mounted:
        run(*sudo, "umount", directory)


@pytest.fixture
def disk(mount):
    """A file system with 1 MiB left."""
    directory = mount("disk")
    (directory / "ballast").write_bytes(bytes(ROOM - (1 << 20)))
    return directory


@pytest.fixture
def database(tmp_path):
    """A table of about 5 MB that does not compress."""
    need("sqlite3")
    run("sqlite3", tmp_path / "from.db", input="""CREATE TABLE noise (id INTEGER PRIMARY KEY, data BLOB NOT NULL);
        WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5000) INSERT INTO noise SELECT i, randomblob(1000) FROM n;""")
    return tmp_path / "from.db"


@pytest.fixture
def fixture(irisfix, database, tmp_path):
    irisfix("create", "--name", "noise", "--output", tmp_path / "noise", "--from", f"sqlite:{database}")
    return tmp_path / "noise"


@pytest.fixture
def pushed(registry, irisfix, fixture):
    reference = f"{registry.host}/noise:1"
    irisfix("push", fixture, reference)
    return reference


def files(directory):
    return sorted(str(p.relative_to(directory)) for p in directory.rglob("*") if p.is_file() and p.name != "ballast")


def fails_for_space(irisfix, disk, *args):
    error = irisfix.fails(12, "local-io", *args)
    assert str(disk) in error["subject"], error
    assert any("no space left" in line or "disk is full" in line for line in error["what"]), error
    assert error["fix"]


def test_create_on_a_full_disk(disk, irisfix, database):
    create = "create", "--name", "noise", "--output", disk / "noise", "--from", f"sqlite:{database}"
    fails_for_space(irisfix, disk, *create)
    assert files(disk) == []
    (disk / "ballast").unlink()
    irisfix(*create)
    assert irisfix("validate", disk / "noise")["valid"]


def test_pull_into_a_directory_on_a_full_disk(disk, irisfix, pushed):
    pull = "pull", pushed, "-o", disk / "noise"
    fails_for_space(irisfix, disk, *pull)
    assert files(disk) == []
    (disk / "ballast").unlink()
    irisfix(*pull)
    assert irisfix("validate", disk / "noise")["valid"]


def test_pull_into_a_cache_on_a_full_disk(disk, irisfix, elsewhere, pushed):
    options = "--cache-dir", disk / "cache"
    fails_for_space(elsewhere, disk, "pull", pushed, *options)
    assert elsewhere("cache", "verify", *options)["damaged"] == []
    elsewhere.fails(13, "not-cached", "validate", pushed, "--offline", *options)
    (disk / "ballast").unlink()
    elsewhere("pull", pushed, *options)
    assert elsewhere("validate", pushed, "--offline", *options)["valid"]
    assert elsewhere("cache", "verify", *options)["damaged"] == []


def test_push_with_a_cache_on_a_full_disk(disk, registry, irisfix, fixture):
    (disk / "more").write_bytes(bytes((1 << 20) - (64 << 10)))
    digest = irisfix("push", fixture, f"{registry.host}/noise:1", "--cache-dir", disk / "cache")["digest"]
    assert irisfix("pull", f"{registry.host}/noise:1")["fixtures"][0]["digest"] == digest


def test_load_on_a_full_disk(disk, irisfix, fixture):
    load = "load", fixture, "--to", f"sqlite:{disk}/to.db"
    run("sqlite3", disk / "to.db", "CREATE TABLE other (x); INSERT INTO other VALUES (7)")
    fails_for_space(irisfix, disk, *load)
    assert files(disk) == ["to.db"]
    assert run("sqlite3", disk / "to.db", "SELECT group_concat(name) FROM sqlite_schema; SELECT x FROM other; PRAGMA integrity_check") == "other\n7\nok\n"
    (disk / "ballast").unlink()
    assert irisfix(*load)["rows"] == 5000


def test_a_cold_cache_that_is_read_only(mount, irisfix, pushed):
    cache = mount("cache")
    mount.read_only(cache)
    error = irisfix.fails(12, "local-io", "pull", pushed, "--cache-dir", cache)
    assert str(cache) in error["subject"]
    assert any("read-only file system" in line for line in error["what"]), error


def test_a_warm_cache_that_is_read_only(mount, irisfix, elsewhere, pushed, tmp_path):
    cache = mount("cache")
    digest = elsewhere("pull", pushed, "--cache-dir", cache)["fixtures"][0]["digest"]
    mount.read_only(cache)
    reference = f"{pushed}@{digest}"
    for network in ((), ("--offline",)):
        pulled = elsewhere("pull", reference, "--cache-dir", cache, *network)
        assert (pulled["requests"], pulled["fixtures"][0]["bytes_fetched"]) == (0, 0)
        elsewhere("load", reference, "--to", f"sqlite:{tmp_path}/to.db", "--cache-dir", cache, *network)
    elsewhere("pull", pushed, "--cache-dir", cache, "-o", tmp_path / "pulled")
    assert elsewhere("validate", tmp_path / "pulled", "--cache-dir", cache)["valid"]
