"""Runs argv[2:] and writes exit code, seconds, peak memory in KiB and processor seconds to the file argv[1].

A program's peak counts from before its start: it is never below that of the process it was spawned by. Hence this
small one in between, which imports next to nothing.
"""

import os
import sys
import time

began = time.perf_counter()
pid = os.posix_spawnp(sys.argv[2], sys.argv[2:], os.environ)
_, status, usage = os.wait4(pid, 0)
seconds = time.perf_counter() - began
with open(sys.argv[1], "w") as f:
    f.write(f"{os.waitstatus_to_exitcode(status)} {seconds!r} {usage.ru_maxrss} {usage.ru_utime + usage.ru_stime!r}")
