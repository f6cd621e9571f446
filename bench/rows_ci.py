"""What is measured of jobs in CI. The same form as rows.py."""

import shutil

from measure import Command, Side, StepFailed, run
from rows import Aim, Bench, Row, git, pinned, pushing_to, work_tree
from world import ROOT

NOBODY = "127.0.0.1:1"  # where no registry can be


def warm(b: Bench) -> list[Side]:
    """The steps of the action around a cache that was restored, so that all its files are new to the machine and are hashed,
    and with no registry; beside Git LFS with its objects restored."""
    filled, lock = pinned(b, b.host)
    lock.write_text(lock.read_text().replace(b.host, NOBODY))
    summary = b.world.work / "summary.md"

    def ours() -> Command:
        cache = b.fresh("restored")
        shutil.copytree(filled, cache)
        steps = " && ".join(f"bash {ROOT}/ci/action/{step}.sh" for step in ("setup", "key", "pull"))
        return Command(["bash", "-ec", steps], env={
            "PATH": f"{b.world.irisfix.parent}:/usr/bin:/bin", "VERSION": "path", "LOCK_FILE": lock, "FROZEN": "true", "SUMMARY": "true",
            "IRISFIX_CACHE_DIR": cache, "GITHUB_STEP_SUMMARY": b.fresh(summary.name), "GITHUB_OUTPUT": b.fresh("output"),
            "GITHUB_PATH": b.fresh("path"), "RUNNER_TEMP": b.world.work})

    def nothing_fetched():
        if "no registry was asked" not in summary.read_text():
            raise StepFailed("something was fetched")

    tree, bare = work_tree(b, "M"), b.new("served")
    run(pushing_to(b, tree, bare), b.world.work)

    def theirs() -> Command:
        clone = b.new("clone")
        run(git(f"GIT_LFS_SKIP_SMUDGE=1 git clone -q file://{bare} {clone}", f"cd {clone}", "git lfs install --local >/dev/null"), b.world.work)
        shutil.copytree(tree / ".git" / "lfs", clone / ".git" / "lfs", dirs_exist_ok=True)
        return git(f"cd {clone}", "git lfs pull")

    return [Side("irisfix action", ours, nothing_fetched), Side("git lfs pull", theirs)]


ROWS = [Row("ci-warm", "a job of CI, M in a restored cache", warm, Aim("s", 0.3))]
