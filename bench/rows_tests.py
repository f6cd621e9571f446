"""What a test costs: databases of 10 MB, each with a fixture in it, made and removed one after the other."""

import sys
from pathlib import Path

import fixtures
from measure import Command, Side, run
from rows import Aim, Bench, Row

TESTS = 20
DRIVER = Path(__file__).with_name("sandboxes.py")


def sandboxes(b: Bench) -> list[Side]:
    source = fixtures.ten_mb_db(b.world.data)
    folder = fixtures.created(b.world.data, "ten", source, b.create_now, fixtures.checksum(b.world.irisfix))
    cache, out, plain = b.fresh("cache-tests"), b.fresh("tests"), b.fresh("plain.db")
    ours = lambda n: Command([sys.executable, "-S", DRIVER, n, out, folder, b.world.irisfix, "--cache-dir", cache])
    run(ours(1), b.world.work)  # makes the template
    run(b.irisfix("load", folder, "--to", f"sqlite:{plain}"), b.world.work)
    each = lambda line: Command(["bash", "-ec", f"for i in {{1..{TESTS}}}; do {line}; rm {plain}.test; done"])
    load = f"{b.world.irisfix} --cache-dir {cache} -q load {folder} --to sqlite:{plain}.test >/dev/null"
    return [Side(f"irisfix sandbox, {TESTS} tests", lambda: ours(TESTS)),
            Side(f"cp, {TESTS} times", lambda: each(f"cp {plain} {plain}.test")),
            Side(f"irisfix load, {TESTS} times", lambda: each(load))]


ROWS = [Row("tests-sqlite", f"{TESTS} tests, each with a database of 10 MB", sandboxes, Aim("s", TESTS * 0.010))]
