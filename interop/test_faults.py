"""Processes killed and connections cut at random over transfers, with a registry that is not ours."""

import os
import re
import subprocess

from conftest import ROOT, need

TESTS = "^(TestKilledAtAnyInstantTransfersEndWithTheRightBytes|TestManyProcessesPullOnce|TestManyProcessesTagAndPull)$"
MOST_TAKEN = 1.02


def test_transfers_survive_every_end(distribution, say):
    need("go")
    env = os.environ | {"IRISFIX_TEST_LONG": "1", "IRISFIX_TEST_REGISTRY": distribution.host}
    command = ["go", "test", "-count=1", "-v", "-timeout=20m", "-run", TESTS, "./registry"]
    done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    kills, cuts, ratio = re.search(r"pulls: (\d+) kills, (\d+) cuts; ([\d.]+) of the bytes", done.stdout).groups()
    say(f"pulls: {kills} kills, {cuts} cuts, {ratio} of the bytes")
    assert int(kills) + int(cuts) > 100 and float(ratio) <= MOST_TAKEN


def test_loads_into_iris_survive_a_cut_at_every_message(say):
    need("go")
    tests = "^(TestCutAtAnyMessageItIsAllOrNothing|TestKilledAtAnyMessageTheNextCleansUp)$"
    command = ["go", "test", "-count=1", "-v", "-timeout=20m", "-run", tests, "./loader/iris"]
    done = subprocess.run(command, cwd=ROOT, env=os.environ | {"IRISFIX_TEST_LONG": "1"}, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count("    --- PASS") == 10, done.stdout


def test_sandboxes_are_taken_away_after_a_kill_at_every_request():
    need("go")
    command = ["go", "test", "-count=1", "-v", "-timeout=20m", "-run", "^TestKilledAtAnyRequest$", "./sandbox"]
    done = subprocess.run(command, cwd=ROOT, env=os.environ | {"IRISFIX_TEST_LONG": "1"}, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count("    --- PASS") == 2, done.stdout
