"""What make release builds: the same bytes wherever it is built, and files that other people's programs accept."""

import email
import json
import os
import re
import struct
import subprocess
import tarfile
import zipfile

from conftest import ROOT, need, run

PLATFORMS = ("linux/amd64", "darwin/arm64")
PYTHON = ROOT / ".tools" / "release" / "bin" / "python"
CHECKED = ROOT / ".tools" / "checked" / "bin"


def test_an_archive_of_the_sources_gives_the_same_bytes(released, tmp_path):
    """In other surroundings, but with the build cache of the first; release.yml compares two machines."""
    sources = tmp_path / "some where" / "else"
    sources.mkdir(parents=True)
    run("git", "archive", "-o", tmp_path / "sources.tar", "HEAD", cwd=ROOT)
    run("tar", "-xf", tmp_path / "sources.tar", "-C", sources)
    surroundings = os.environ | {"TZ": "Asia/Tokyo", "LC_ALL": "C", "GOFLAGS": "-trimpath=false", "GOARM64": "v9.0"}
    command = ["go", "run", "./internal/release", "-version", "v1.0.0", "-python", PYTHON, *PLATFORMS]
    run(*command, cwd=sources, env=surroundings, umask=0o077)
    assert (sources / "dist" / "checksums.txt").read_text() == (released / "checksums.txt").read_text()


def test_checksums_are_of_all_files(released):
    run("sha256sum", "--check", "--strict", "checksums.txt", cwd=released)
    listed = {line.split("  ")[1] for line in (released / "checksums.txt").read_text().splitlines()}
    assert listed == {p.name for p in released.iterdir()} - {"checksums.txt"}
    assert len(listed) == 2 * 3 + 1


def test_archives_hold_all_that_belongs_to_a_program(released):
    for name in ("irisfix_1.0.0_linux_amd64.tar.gz", "irisfix_1.0.0_darwin_arm64.tar.gz"):
        with tarfile.open(released / name) as archive:
            members = {m.name: m for m in archive}
        commit = int(run("git", "log", "-1", "--format=%ct", cwd=ROOT))
        assert {(m.uid, m.gid, m.mtime) for m in members.values()} == {(0, 0, commit)}
        assert [m.mode for m in members.values() if m.mode != 0o644] == [members["irisfix"].mode] == [0o755]
        assert {"LICENSE", "README.md", "CHANGELOG.md", "THIRD_PARTY.txt", "man/man1/irisfix.1", "man/man1/irisfix-cache-list.1"} < members.keys()
        assert {"irisfix.bash", "_irisfix", "irisfix.fish", "irisfix.ps1"} == {n[12:] for n in members if n.startswith("completions/")}


def test_program_is_static_and_knows_what_it_is(unpacked):
    assert "statically linked" in run("file", unpacked / "irisfix")
    told = json.loads(run(unpacked / "irisfix", "version", "--json"))
    assert (told["version"], told["commit"]) == ("v1.0.0", run("git", "rev-parse", "HEAD", cwd=ROOT).strip())


def test_licences_and_sbom_are_of_what_is_linked(released, unpacked):
    linked = set(re.findall(r"^\tdep\t(\S+)\t(\S+)", run("go", "version", "-m", unpacked / "irisfix"), re.M))
    assert len(linked) > 15
    notices = set(re.findall(r"^={80}\n(\S+) (\S+): ", (unpacked / "THIRD_PARTY.txt").read_text(), re.M))
    assert {n for n in notices if n[0] != "std"} == linked
    path = released / "irisfix_1.0.0_linux_amd64.cdx.json"
    listed = {(c["name"], c["version"]) for c in json.loads(path.read_text())["components"]}
    assert listed == notices
    check = "import sys; from cyclonedx.validation.json import JsonStrictValidator as V; from cyclonedx.schema import SchemaVersion as S;"
    run(CHECKED / "python", "-c", check + "print(e := V(S.V1_6).validate_str(open(sys.argv[1]).read())); sys.exit(e is not None)", path)


def test_man_pages_are_sound(unpacked):
    need("mandoc", "man")
    pages = sorted((unpacked / "man" / "man1").iterdir())
    assert len(pages) > 30
    run("mandoc", "-T", "lint", "-W", "warning", *pages)
    shown = run("man", "irisfix-load", env=os.environ | {"MANPATH": str(unpacked / "man"), "MANWIDTH": "80"})
    assert "irisfix load FIXTURE [flags]" in shown and "--schema-map string" in shown


def test_completions_complete(unpacked):
    need("bash", "zsh", "fish")
    path = os.environ | {"PATH": f"{unpacked}:{os.environ['PATH']}"}
    here = unpacked / "completions"
    bash = 'source "$0"; COMP_WORDS=(irisfix unl); COMP_CWORD=1; COMP_LINE="irisfix unl"; COMP_POINT=11; COMP_TYPE=9; __start_irisfix; echo "${COMPREPLY[@]}"'
    loaded = "source /usr/share/bash-completion/bash_completion; "
    assert run("bash", "--norc", "-c", loaded + bash, here / "irisfix.bash", env=path).split() == ["unload"]
    assert "unload" in run("fish", "--no-config", "-c", f"source '{here}/irisfix.fish'; complete -C 'irisfix unl'", env=path)
    run("zsh", "-f", "-n", here / "_irisfix")


def test_wheels_are_sound(released):
    wheels = sorted(released.glob("*.whl"))
    run(CHECKED / "twine", "check", "--strict", *wheels)
    assert [w.name.split("-", 2)[2] for w in wheels] == [
        "py3-none-any.whl", "py3-none-macosx_12_0_arm64.whl", "py3-none-manylinux_2_17_x86_64.manylinux2014_x86_64.musllinux_1_1_x86_64.whl"]
    for wheel in wheels:
        with zipfile.ZipFile(wheel) as z:
            about = email.message_from_bytes(z.read("pytest_irisfix-1.0.0.dist-info/WHEEL"))
            tags = wheel.stem.split("-")[-1].split(".")
            assert about.get_all("Tag") == [f"py3-none-{tag}" for tag in tags]
            assert email.message_from_bytes(z.read("pytest_irisfix-1.0.0.dist-info/METADATA"))["Version"] == "1.0.0"


def test_the_tag_for_macos_is_what_the_program_wants(released):
    with zipfile.ZipFile(released / "pytest_irisfix-1.0.0-py3-none-macosx_12_0_arm64.whl") as z:
        program = z.read("irisfix/_bin/irisfix")
    at, commands = 32, struct.unpack_from("<I", program, 16)[0]
    for _ in range(commands):
        command, size, platform, oldest = struct.unpack_from("<4I", program, at)
        if command == 0x32:  # LC_BUILD_VERSION
            assert (platform, oldest >> 16, oldest >> 8 & 0xFF) == (1, 12, 0)
            return
        at += size
    raise AssertionError("the program does not say which macOS it wants")
