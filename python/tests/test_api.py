"""The loader, the creator, the validator and their dataclasses, with SQLite."""

import contextlib
import dataclasses
import json
import shutil
import subprocess
import sys
from importlib import metadata
from pathlib import Path
from types import SimpleNamespace

import pytest

import irisfix
from conftest import SHOP, Make, irisfix as run
from irisfix import DATFixtureLoader, FixtureCreator, FixtureManifest, FixtureValidator, TableInfo


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    return Path(shutil.copytree(SHOP, tmp_path / "shop"))


def test_load_and_clean_up(tmp_path: Path, shop: Path) -> None:
    loader = DATFixtureLoader(f"sqlite:{tmp_path / 'app.db'}")
    result = loader.load_fixture(shop)
    assert result.success and result.rows == 16729 and result.namespace == "" and result.elapsed_seconds > 0
    assert result.manifest == FixtureManifest.from_file(shop / "manifest.json") == loader.validate_fixture(str(shop))
    assert sorted(result.tables_loaded) == sorted(t.name for t in result.manifest.tables)
    assert result.digest == run("digest", shop)["digest"] and result.target == f"sqlite:{tmp_path / 'app.db'}"
    assert "orders (4000 rows)" in result.summary()
    with contextlib.closing(loader.get_connection()) as c:
        assert c.execute("SELECT count(*) FROM orders").fetchone() == (4000,)
        c.execute("DELETE FROM order_line")
        c.commit()
        loader.load_fixture(str(shop), force_refresh=True)
        assert c.execute("SELECT count(*) FROM order_line").fetchone() == (12000,)
    loader.cleanup_fixture(result.manifest)
    with contextlib.closing(loader.get_connection()) as c:
        assert c.execute("SELECT name FROM sqlite_schema").fetchall() == []
    with pytest.raises(irisfix.NotFound, match="irisfix unload FIXTURE --to TARGET"):
        DATFixtureLoader(f"sqlite:{tmp_path / 'app.db'}").cleanup_fixture(result.manifest)


def test_load_by_name_and_reference(tmp_path: Path, one: Path, registry: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    run("push", one, f"{registry}/api/one:1", "--pin", "one")
    monkeypatch.setenv("IRISFIX_TARGET", "sqlite:by-environment.db")
    for name in ("one", f"{registry}/api/one:1"):
        assert DATFixtureLoader().load_fixture(name).tables_loaded == ["one"]
    assert DATFixtureLoader().get_connection().execute("SELECT max(n) FROM one").fetchone() == (3,)


def test_failures_of_a_load(tmp_path: Path, shop: Path) -> None:
    loader = DATFixtureLoader(f"sqlite:{tmp_path / 'app.db'}")
    with pytest.raises(irisfix.FixtureLoadError, match="irisfix validate .* --recalc"):
        loader.load_fixture(shop, validate_checksum=False)
    with pytest.raises(irisfix.Usage):
        loader.load_fixture(shop, target_namespace="TEST")
    with pytest.raises(irisfix.FixtureLoadError, match="no manifest.json"):
        loader.load_fixture(tmp_path)
    with pytest.raises(irisfix.NotFound, match="not found: ./--help"):
        loader.load_fixture("--help")
    (shop / "orders.dat").write_bytes((shop / "orders.dat").read_bytes()[:-1] + b"!")
    with pytest.raises(irisfix.ChecksumMismatchError):
        loader.load_fixture(shop)
    with pytest.raises(irisfix.FixtureValidationError):
        loader.validate_fixture(shop)
    with pytest.raises(ValueError):
        loader.cleanup_fixture("")
    with pytest.raises(irisfix.Usage, match="int has no host, port, namespace, username, password"):
        DATFixtureLoader(5).load_fixture(shop)
    assert not (tmp_path / "app.db").exists()


def test_exports_of_globals_are_refused_with_advice(tmp_path: Path) -> None:
    """What iris-devtester 1.x writes: IRIS.DAT holds a mark, the data is in globals.gof."""
    folder = tmp_path / "gof"
    folder.mkdir()
    (folder / "IRIS.DAT").write_text("GOF_FIXTURE")
    (folder / "globals.gof").write_text("~Format=7")
    manifest = FixtureManifest("gof", "1.0.0", "1.0", "", "2026-01-01T00:00:00Z", "2024.1", "USER", "IRIS.DAT",
                               FixtureValidator().calculate_sha256(folder / "IRIS.DAT"), [TableInfo("RAG.Entities", 3)])
    manifest.to_file(folder / "manifest.json")
    with pytest.raises(irisfix.FixtureInvalid, match="an export of globals") as caught:
        DATFixtureLoader(f"sqlite:{tmp_path / 'app.db'}").load_fixture(folder)
    assert "create_fixture" in str(caught.value)


def test_create(tmp_path: Path, shop: Path) -> None:
    loader = DATFixtureLoader(f"sqlite:{tmp_path / 'app.db'}")
    loader.load_fixture(shop)
    creator = FixtureCreator(connection_config=f"sqlite:{tmp_path / 'app.db'}")
    features = {"rows": 7, "nested": {"list": [1, 2.5, None, True, "ä"]}}
    made = creator.create_fixture("again", "", str(tmp_path / "again"), "A description", "2.1.0", features)
    assert (made.fixture_id, made.version, made.description, made.features) == ("again", "2.1.0", "A description", features)
    assert {t.name: t.checksum for t in made.tables} == {t.name: t.checksum for t in FixtureManifest.from_file(shop / "manifest.json").tables}
    assert FixtureValidator().validate_fixture(tmp_path / "again").valid
    assert creator.calculate_checksum(tmp_path / "again" / "orders.dat") == next(t.checksum for t in made.tables if t.name == "orders")
    for wrong in (object(), float("nan")):
        with pytest.raises((TypeError, ValueError)):
            creator.create_fixture("wrong", "", tmp_path / "wrong", features={"wrong": wrong})
        assert not (tmp_path / "wrong").exists()
    with pytest.raises(FileExistsError):
        creator.create_fixture("again", "", tmp_path / "again")
    with pytest.raises(irisfix.FixtureCreateError):
        FixtureCreator(f"sqlite:{tmp_path / 'absent.db'}").create_fixture("x", "", tmp_path / "x")
    with pytest.raises(irisfix.FixtureCreateError, match="irisfix create --name NAME --output DIR --database"):
        creator.export_namespace_to_dat("USER", "IRIS.DAT")


def test_validate(tmp_path: Path, shop: Path) -> None:
    v = FixtureValidator()
    result = v.validate_fixture(str(shop))
    assert result.valid and not result.errors and result.manifest and str(result) == "Validation passed"
    (shop / "notes.txt").touch()
    assert v.validate_fixture(shop).warnings == ["notes.txt: not listed in the manifest, and not packed"]
    (shop / "orders.dat").unlink()
    absent = v.validate_fixture(shop, validate_checksum=False)
    assert absent.errors == ["orders.dat: the manifest lists the file, and it is not there"]
    with pytest.raises(irisfix.FixtureValidationError, match="orders.dat"):
        absent.raise_if_invalid()
    (shop / "orders.dat").write_bytes(b"x")
    with pytest.raises(irisfix.ChecksumMismatchError, match="orders.dat"):
        v.validate_fixture(shop)
    with pytest.raises(FileNotFoundError):
        v.validate_fixture(tmp_path / "nowhere")
    assert not v.validate_fixture(tmp_path).valid
    later = json.loads((shop / "manifest.json").read_text())
    (shop / "manifest.json").write_text(json.dumps({**later, "schema_version": "2.0"}))
    assert v.validate_fixture(shop).errors == ["schema_version: it has the format 2.0, which this irisfix does not know: upgrade irisfix"]
    (shop / "manifest.json").write_text("{}")
    broken = v.validate_fixture(shop)
    assert not broken.valid and broken.manifest is None and any("fixture_id" in e for e in broken.errors)


def test_checksums(tmp_path: Path, make: Make) -> None:
    v = FixtureValidator()
    first, second = (Path(shutil.copytree(make("sums", n), tmp_path / str(n))) for n in (3, 4))
    (first / "sums.dat").write_bytes((second / "sums.dat").read_bytes())
    before = (first / "manifest.json").read_text()
    changed = v.recalculate_checksums(first)
    assert (changed.tables[0].row_count, v.validate_checksum(first / "sums.dat", changed.tables[0].checksum or "")) == (4, True)
    assert (first / "manifest.json.backup").read_text() == before
    with pytest.raises(irisfix.ChecksumMismatchError, match="expected sha256:00"):
        v.validate_checksum(str(first / "sums.dat"), "sha256:" + 64 * "0")
    with pytest.raises(ValueError, match="Must start with 'sha256:'"):
        v.validate_checksum(first / "sums.dat", "md5:1")
    for call in (v.calculate_sha256, v.recalculate_checksums, v.get_fixture_size):
        with pytest.raises(FileNotFoundError):
            call(tmp_path / "nowhere")
    size = v.get_fixture_size(second)
    assert size["dat_bytes"] == (second / "sums.dat").stat().st_size and size["total_bytes"] == size["dat_bytes"] + size["manifest_bytes"]


def test_manifests_come_back_as_they_were(shop: Path) -> None:
    text = (shop / "manifest.json").read_text()
    assert FixtureManifest.from_json(text).to_json() + "\n" == text
    data = json.loads(text)
    data.update(features={"a": 1}, later={"b": [2]})
    data["tables"][0]["later"] = 3
    m = FixtureManifest.from_dict(data)
    assert m.to_dict() == data and m.extra == {"later": {"b": [2]}} and m.tables[0].extra == {"later": 3}
    assert m.validate().valid and FixtureValidator().validate_manifest(m).valid
    m.to_file(shop / "manifest.json")
    assert FixtureManifest.from_file(str(shop / "manifest.json")) == m
    assert FixtureValidator().validate_fixture(shop).valid


@pytest.mark.parametrize("text", ["", "[]", "3", "{}", '{"fixture_id":"a","version":"1","schema_version":"1.0","created_at":"x","tables":[3]}',
                                  '{"fixture_id":"a","version":"1","schema_version":"1.0","created_at":"x","tables":[{"name":"a"}]}',
                                  '{"fixture_id":"a","version":"1","schema_version":"1.0","created_at":"x","tables":[{"name":"a","row_count":-1}]}',
                                  '{"fixture_id":"a","version":"1","schema_version":"1.0","created_at":"x","tables":7}'])
def test_what_is_no_manifest_is_a_value_error(text: str) -> None:
    with pytest.raises(ValueError):
        FixtureManifest.from_json(text)


def test_what_a_manifest_alone_shows(one: Path) -> None:
    good = FixtureManifest.from_file(one / "manifest.json")
    table = good.tables[0]
    for wrong, says in [
        ({"fixture_id": ""}, "fixture_id is empty"), ({"tables": []}, "tables list is empty"), ({"tables": [table, table]}, "Duplicate table names found"),
        ({"dat_file": "IRIS.DAT"}, "checksum is empty"), ({"dat_file": "IRIS.DAT", "checksum": "sha256:1"}, "only one of the two"),
        ({"tables": [TableInfo("a", 1)]}, "table a: file is empty"), ({"tables": [TableInfo("a", 1, "a.dat", "md5:1")]}, "must start with 'sha256:'"),
    ]:
        result = dataclasses.replace(good, **wrong).validate()  # type: ignore[arg-type]
        assert not result.valid and any(says in e for e in result.errors), (wrong, result.errors)
    assert dataclasses.replace(good, schema_version="2.0").validate().warnings


def test_configurations() -> None:
    from irisfix.target import given, server_of

    config = SimpleNamespace(host="h", port=1, namespace="%SYS", username="a@b", password="p/w?")
    container = SimpleNamespace(get_config=lambda: config)
    for g in (given(config), given(None, container), DATFixtureLoader(container)._given()):
        assert g.environment == {"IRISFIX_TARGET": "iris://a%40b:p%2Fw%3F@h:1/%25SYS"} and g.password == "p/w?"
        assert "p/w" not in repr(g)
    assert server_of(given(config).environment["IRISFIX_TARGET"]).namespace == "%SYS"
    config.host = "::1"
    assert server_of(given(config).environment["IRISFIX_TARGET"])[:2] == ("::1", 1)


@pytest.mark.parametrize("target", ["app.db", "mysql://root:secret@localhost/db", "dir:x", "iris://u:secret@h:port/USER"])
def test_what_is_no_database_is_not_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, target: str) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "app.db").touch()
    with pytest.raises(irisfix.Usage) as caught:
        DATFixtureLoader(target).get_connection()
    assert "secret" not in str(caught.value)


def test_the_package_is_light() -> None:
    """What every run of pytest loads, also one without a fixture of ours."""
    code = "import sys, pytest; before = set(sys.modules); import irisfix.plugin; print(*sorted(set(sys.modules) - before))"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, encoding="utf-8", check=True).stdout.split()
    assert [m for m in loaded if not m.startswith(("urllib", "ipaddress"))] == ["irisfix", "irisfix.errors", "irisfix.marks", "irisfix.plugin", "irisfix.settings", "irisfix.target"]


def test_everything_is_there_by_name() -> None:
    for name in irisfix.__all__:
        assert getattr(irisfix, name).__name__ in (name, "FixtureLoader")
    assert set(irisfix.__all__) <= set(dir(irisfix))
    assert irisfix.__version__ == metadata.version("pytest-irisfix")
    with pytest.raises(AttributeError):
        irisfix.absent  # type: ignore[attr-defined]

