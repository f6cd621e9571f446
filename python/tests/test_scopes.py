"""How long a database lives, and who shares it."""

from pathlib import Path

import pytest

LOG = '''
import pytest, pathlib
mark = pytest.mark.dat_fixture
log = pathlib.Path("log")

def note(fixture):
    """Which database a test has, and that it is as the fixture says but for what the same test and its sharers did."""
    with log.open("a") as f:
        print(fixture.name, file=f)

'''


def databases(suite: pytest.Pytester, source: str, passed: int) -> "list[int]":
    """Runs tests and numbers the databases that they noted, in the order of the tests."""
    suite.makepyfile(LOG + source)
    suite.runpytest().assert_outcomes(passed=passed)
    names = Path("log").read_text().split()
    return [list(dict.fromkeys(names)).index(name) for name in names]


@pytest.mark.parametrize("scope, want", [
    ("", [0, 1, 2, 3, 4]),
    ("scope='function'", [0, 1, 2, 3, 4]),
    ("scope='class'", [0, 0, 1, 2, 3]),  # outside of a class that of the function, as in pytest
    ("scope='module'", [0, 0, 0, 0, 0]),
    ("scope='session'", [0, 0, 0, 0, 0]),
])
def test_a_database_lives_as_long_as_its_scope_says(suite: pytest.Pytester, scope: str, want: "list[int]") -> None:
    source = f'''
pytestmark = mark("./fixtures/one", {scope})
class TestA:
    def test_1(self, dat_fixture): note(dat_fixture)
    def test_2(self, dat_fixture): note(dat_fixture)
class TestB:
    def test_1(self, dat_fixture): note(dat_fixture)
def test_1(dat_fixture): note(dat_fixture)
def test_2(dat_fixture): note(dat_fixture)
'''
    assert databases(suite, source, 5) == want


def test_only_the_scope_session_is_shared_by_modules(suite: pytest.Pytester) -> None:
    suite.makepyfile(**{f"test_{n}": LOG + '''
@mark("fixtures/one", scope="session")
def test_s(dat_fixture): note(dat_fixture)
@mark("fixtures/one", scope="module")
def test_m(dat_fixture): note(dat_fixture)
''' for n in "ab"})
    suite.runpytest().assert_outcomes(passed=4)
    s1, m1, s2, m2 = Path("log").read_text().split()
    assert s1 == s2 and m1 != m2


def test_rows_of_a_test_are_there_for_its_sharers_alone(suite: pytest.Pytester) -> None:
    suite.makepyfile('''
import pytest
def count(c): return c.execute("SELECT count(*) FROM one").fetchone()[0]
@pytest.mark.dat_fixture("fixtures/one", scope="class")
class TestShared:
    def test_writes(self, dat_fixture_connection):
        dat_fixture_connection.execute("INSERT INTO one VALUES (100)")
        dat_fixture_connection.commit()
    def test_sees(self, dat_fixture_connection): assert count(dat_fixture_connection) == 4
@pytest.mark.dat_fixture("fixtures/one", scope="class")
class TestOther:
    def test_sees_nothing(self, dat_fixture_connection): assert count(dat_fixture_connection) == 3
''')
    suite.runpytest().assert_outcomes(passed=3)


def test_a_database_goes_when_its_scope_ends(suite: pytest.Pytester) -> None:
    suite.makepyfile('''
import pytest
seen = []
@pytest.mark.dat_fixture("fixtures/one", scope="class")
class TestA:
    def test_1(self, dat_fixture): seen.append(dat_fixture.database)
    def test_2(self, dat_fixture): assert dat_fixture.database.exists()
@pytest.mark.dat_fixture("fixtures/one")
def test_3(dat_fixture):
    assert not seen[0].exists()
    seen.append(dat_fixture.database)
def test_4():
    assert not seen[1].exists()
    assert [f for f in seen[0].parent.iterdir()] == []
''')
    suite.runpytest().assert_outcomes(passed=4)


STACKED = '''
pytestmark = mark("fixtures/one", scope="module")
@mark("fixtures/two", scope="class")
class TestA:
    def test_1(self, dat_fixture): check(dat_fixture, "one two", 0)
    def test_2(self, dat_fixture): check(dat_fixture, "one two", 0)
    @mark("fixtures/one")
    def test_3(self, dat_fixture): check(dat_fixture, "one two", 1, "one")
    @mark("fixtures/two", "fixtures/one")
    def test_4(self, dat_fixture): check(dat_fixture, "one two", 2)
class TestB:
    def test_1(self, dat_fixture): check(dat_fixture, "one", 3, "one")
def test_1(dat_fixture): check(dat_fixture, "one", 3, "one")
@mark("fixtures/two")
@mark("fixtures/one")
def test_2(dat_fixture): check(dat_fixture, "one two", 4, "one")

names = []
def check(fixture, holds, number, closest="two"):
    note(fixture)
    assert [f.fixture_id for f in fixture.fixtures] == holds.split()
    assert fixture.manifest.fixture_id == fixture.path.name == closest
    if fixture.name not in names:
        names.append(fixture.name)
    assert names.index(fixture.name) == number
    c = fixture.connect()
    for f in fixture.fixtures:
        assert c.execute(f"SELECT count(*) FROM {f.name}").fetchone()[0] == f.manifest.tables[0].row_count
'''


def test_marks_together_make_one_database_of_the_narrowest_scope(suite: pytest.Pytester) -> None:
    assert databases(suite, STACKED, 7) == [0, 0, 1, 2, 3, 3, 4]


def test_the_same_content_by_another_name_is_the_same_database(suite: pytest.Pytester, one: Path) -> None:
    source = f'''
@mark("fixtures/one", scope="module")
def test_1(dat_fixture): note(dat_fixture)
@mark({str(one)!r}, scope="module")
def test_2(dat_fixture): note(dat_fixture)
@mark("fixtures/two", scope="module")
def test_3(dat_fixture): note(dat_fixture)
'''
    assert databases(suite, source, 3) == [0, 0, 1]


def test_the_mark_alone_loads(suite: pytest.Pytester) -> None:
    suite.makepyfile('''
import pytest, unittest
@pytest.fixture
def files(tmp_path_factory): return lambda: [f.name[:3] for f in tmp_path_factory.getbasetemp().glob("irisfix0/*.db")]
@pytest.mark.dat_fixture("fixtures/one")
def test_function(files): assert files() == ["one"]
def test_without(files): assert files() == []
@pytest.mark.parametrize("x", [pytest.param(1, marks=pytest.mark.dat_fixture("fixtures/two")), 2])
def test_parameter(x, files): assert files() == ["two"][:2 - x]
@pytest.mark.dat_fixture("fixtures/one")
class TestUnit(unittest.TestCase):
    @pytest.fixture(autouse=True)
    def _files(self, dat_fixture, files): self.fixture, self.files = dat_fixture, files
    def test_unit(self):
        self.assertEqual(self.files(), ["one"])
        self.assertEqual(self.fixture.digest, self.fixture.fixtures[0].digest)
class Base:
    def test_inherited(self, dat_fixture): assert dat_fixture.manifest.fixture_id == self.name
@pytest.mark.dat_fixture("fixtures/one")
class TestOne(Base): name = "one"
@pytest.mark.dat_fixture("fixtures/two")
class TestTwo(Base): name = "two"
''')
    suite.runpytest("-v").assert_outcomes(passed=7)


def test_a_factory_for_fixtures_of_any_scope(suite: pytest.Pytester) -> None:
    suite.makepyfile('''
import pytest, irisfix
@pytest.fixture(scope="module")
def db(dat_fixture_factory):
    with dat_fixture_factory("./fixtures/one", "./fixtures/two") as fixture:
        yield fixture
    assert not fixture.database.exists()
seen = []
def test_1(db): seen.append(db.connect())
def test_2(db): assert seen[0].execute("SELECT count(*) FROM two").fetchone() == (5,) and db.manifest.fixture_id == "one"
def test_caught(dat_fixture_factory):
    with pytest.raises(irisfix.NotFound, match="nope"), dat_fixture_factory("nope"): pass
''')
    suite.runpytest().assert_outcomes(passed=3)


def test_connections_are_closed_after_each_test(suite: pytest.Pytester) -> None:
    suite.makepyfile('''
import pytest, sqlite3
seen = []
@pytest.mark.dat_fixture("fixtures/one", scope="module")
def test_1(dat_fixture, dat_fixture_connection):
    assert dat_fixture_connection.execute("PRAGMA foreign_keys").fetchone() == (1,)
    seen.extend([dat_fixture_connection, dat_fixture.connect(timeout=1)])
@pytest.mark.dat_fixture("fixtures/one", scope="module")
def test_2(dat_fixture):
    for c in seen:
        with pytest.raises(sqlite3.ProgrammingError, match="closed"): c.execute("SELECT 1")
''')
    suite.runpytest().assert_outcomes(passed=2)
