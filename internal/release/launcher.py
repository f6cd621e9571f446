"""The program irisfix that came with this package, as the command irisfix."""

import os
import subprocess
import sys


def main() -> None:
    program = os.path.join(os.path.dirname(__file__), "irisfix.exe" if sys.platform == "win32" else "irisfix")
    if sys.platform == "win32":
        # There exec would return to the shell at once.
        try:
            sys.exit(subprocess.call([program, *sys.argv[1:]]))
        except KeyboardInterrupt:
            sys.exit(130)
    os.execv(program, [program, *sys.argv[1:]])
