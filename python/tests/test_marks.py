"""What marks may say, and where the fixtures that they name are looked for."""

from pathlib import Path

import pytest

from conftest import Make, irisfix

WRONG = [
    ('dat_fixture("a", scope="package")', "there is no scope 'package'; there are function, class, module, session"),
    ('dat_fixture', "it names no fixture"),
    ('dat_fixture("a", scopes="class")', "it has no argument scopes"),
    ('dat_fixture("a", 3)', "3 is no name of a fixture"),
    ('dat_fixture("")', "'' is no name of a fixture"),
]


@pytest.mark.parametrize("mark, what", WRONG)
def test_a_wrong_mark_is_an_error_before_any_test_runs(pytester: pytest.Pytester, mark: str, what: str) -> None:
    pytester.makepyfile(test_it=f"import pytest\ndef test_before(): pass\n@pytest.mark.{mark}\ndef test_it(): pass\n")
    result = pytester.runpytest()
    result.assert_outcomes(errors=1)
    assert result.ret == pytest.ExitCode.INTERRUPTED
    result.stdout.fnmatch_lines([
        "*ERROR collecting test_it.py*",
        "irisfix: usage: test_it.py::test_it",
        "",
        "What went wrong:",
        "  the mark dat_fixture is wrong: " + what.replace("[", "[[]"),
        "",
        "How to fix it:",
        '  1. Name fixtures, and how long their database lives: @pytest.mark.dat_fixture("orders", scope="class")',
    ], consecutive=True)
    result.stdout.no_fnmatch_line("*Traceback*")


def test_a_wrong_mark_of_one_parameter_is_an_error_of_that_test(suite: pytest.Pytester) -> None:
    suite.makepyfile('''
import pytest
@pytest.mark.parametrize("x", [pytest.param(1, marks=pytest.mark.dat_fixture("fixtures/one", scope="long")), 2])
def test_it(x): pass
''')
    result = suite.runpytest()
    result.assert_outcomes(passed=1, errors=1)
    result.stdout.fnmatch_lines(["  the mark dat_fixture is wrong: there is no scope 'long'; *"])


def test_the_fixture_without_a_mark_is_an_error_with_advice(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(test_it="def test_it(dat_fixture): pass\ndef test_too(dat_fixture_connection): pass")
    result = pytester.runpytest()
    result.assert_outcomes(errors=2)
    result.stdout.fnmatch_lines([
        "  the test takes dat_fixture or dat_fixture_connection, and no mark says which fixture",
        '  1. Name it in a mark: @pytest.mark.dat_fixture("orders")',
    ])


def test_what_is_too_long_for_a_request(suite: pytest.Pytester) -> None:
    suite.makepyfile("""
import pytest
@pytest.mark.dat_fixture("fixtures/one")
@pytest.mark.parametrize("n", [pytest.param(1, id="short"), pytest.param(1, id="n" * (1 << 20))])
def test_name(n): pass
@pytest.mark.dat_fixture(*[f"fixtures/{i}" for i in range(1 << 17)])
def test_fixtures(): pass
""")
    result = suite.runpytest("-q")
    result.assert_outcomes(passed=2, errors=1)
    result.stdout.fnmatch_lines(["*ERROR at setup of test_fixtures*", "  a request is longer than 1 MiB"])


def test_the_mark_is_registered(pytester: pytest.Pytester) -> None:
    pytester.makepyfile("import pytest\n@pytest.mark.dat_fixture('a')\ndef test_it(): pass")
    assert pytester.runpytest("--strict-markers", "--collect-only", "-W", "error").ret == 0
    pytester.runpytest("--markers").stdout.fnmatch_lines(["@pytest.mark.dat_fixture(*"])


def test_relative_directories_are_looked_for_from_the_test_upwards(suite: pytest.Pytester, make: Make) -> None:
    deep = suite.mkdir("tests") / "unit"
    deep.mkdir()
    for number, folder in enumerate((deep, suite.path / "tests", suite.path)):
        (folder / "data").mkdir()
        for name in ("all", "upper", "top")[number:]:
            (folder / "data" / name).symlink_to(make(f"{name}{number}"))
    (deep / "test_it.py").write_text('''
import pytest
@pytest.mark.dat_fixture("../../fixtures/two")
@pytest.mark.dat_fixture("data/all", "./data/upper", "data/top", "./data/../data/all")
def test_it(dat_fixture, db):
    assert [f.fixture_id for f in dat_fixture.fixtures] == ["two", "all0", "upper0", "top0"]
    assert all(f.path.is_absolute() for f in dat_fixture.fixtures)
    assert db.manifest.fixture_id == "all0"
@pytest.mark.dat_fixture("fixtures/one")
def test_root(dat_fixture): assert dat_fixture.manifest.fixture_id == "one"
''')
    (deep / "conftest.py").write_text(FACTORY)
    (suite.path / "tests" / "test_it2.py").write_text('''
import pytest
@pytest.mark.dat_fixture("data/upper", "data/top")
def test_it(dat_fixture): assert [f.fixture_id for f in dat_fixture.fixtures] == ["upper1", "top1"]
''')
    suite.runpytest().assert_outcomes(passed=3)


FACTORY = '''
import pytest
@pytest.fixture
def db(dat_fixture_factory):
    with dat_fixture_factory("data/all") as fixture: yield fixture
'''


def test_a_directory_that_is_nowhere_is_told_beside_the_test(suite: pytest.Pytester) -> None:
    suite.mkdir("sub").joinpath("test_it.py").write_text("import pytest\n@pytest.mark.dat_fixture('./data/far')\ndef test_it(): pass")
    result = suite.runpytest()
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines([f"irisfix: not found: {suite.path}/sub/data/far"])


def test_names_come_from_the_lock_file_and_bundles_are_placed_when_asked_for(suite: pytest.Pytester, one: Path, registry: str) -> None:
    irisfix("push", one, f"{registry}/marks/one:1", "--pin", "pinned", "--lock-file", suite.path / "irisfix.lock")
    suite.mkdir("sub").joinpath("test_it.py").write_text('''
import pytest
@pytest.mark.dat_fixture("pinned", scope="module")
class TestPinned:
    def test_it(self, dat_fixture):
        assert dat_fixture.fixtures[0].name == "pinned" and dat_fixture.manifest.fixture_id == "one"
        assert not list(dat_fixture.database.parent.glob("fixtures/*"))
        assert sorted(f.name for f in dat_fixture.path.iterdir()) == ["manifest.json", "one.dat"]
        assert dat_fixture.fixtures[0].reference.endswith(dat_fixture.digest)
    def test_again(self, dat_fixture): assert (dat_fixture.path / "one.dat").exists()
''')
    suite.runpytest("sub").assert_outcomes(passed=2)


def test_a_fixture_in_an_oci_layout(suite: pytest.Pytester, one: Path, registry: str) -> None:
    irisfix("push", one, f"{registry}/marks/layout:1")
    irisfix("copy", f"{registry}/marks/layout:1", f"oci-layout:{suite.path}/layout:1")
    suite.makepyfile("""
import pytest
@pytest.mark.dat_fixture("oci-layout:layout:1")
def test_it(dat_fixture): assert (dat_fixture.path / "one.dat").exists() and dat_fixture.fixtures[0].reference == ""
""")
    suite.runpytest().assert_outcomes(passed=1)
