#!/usr/bin/env python3
"""Opens and closes test databases one after the other, as a test framework does: sandboxes.py COUNT FOLDER FIXTURE irisfix …"""

import json
import subprocess
import sys

count, folder, fixture, command = int(sys.argv[1]), sys.argv[2], sys.argv[3], sys.argv[4:]
process = subprocess.Popen([*command, "sandbox", "--to", "sqlite"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)


def ask(request: dict) -> dict:
    process.stdin.write(json.dumps({"id": 1, **request}).encode() + b"\n")
    process.stdin.flush()
    answer = json.loads(process.stdout.readline())
    if "error" in answer:
        sys.exit(str(answer["error"]))
    return answer


process.stdout.readline()  # that it is ready
for i in range(count):
    opened = ask({"open": {"fixtures": [fixture], "dir": folder}})["sandbox"]
    with open(opened["path"], "rb") as file:
        if file.read(6) != b"SQLite":
            sys.exit("not a database")
    ask({"close": {"sandbox": opened["name"]}})
process.stdin.close()
sys.exit(process.wait())
