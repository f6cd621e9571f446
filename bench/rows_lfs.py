"""What leaving Git LFS takes. The same form as rows.py."""

import fixtures
from measure import Command, Side
from rows import Aim, Bench, Row, pushing_to, work_tree


def leaving(name: str):
    """A set in Git LFS goes to a registry that has nothing of it, as fixture and archive; beside pushes of the same bytes,
    and reading and hashing them once."""
    def sides(b: Bench) -> list[Side]:
        tree, last = work_tree(b, name), []
        files = sorted(p.name for p in b.blobs(name).glob("*.dat"))

        def imports() -> Command:
            last[:] = [b.repository().removesuffix(":1")]
            return b.irisfix("lfs", "import", last[0], tree)

        def pulled():
            b.pulls_same(name, f"{last[0]}/bench-{name.lower()}:1.0.0")

        return [Side("irisfix lfs import", imports, pulled),
                Side("oras push", lambda: b.push_oras(name, b.repository())),
                Side("git push, Git LFS", lambda: pushing_to(b, tree, b.new("bare"))),
                Side("sha256sum", lambda: Command(["sha256sum", *files], cwd=b.blobs(name)))]

    return sides


ROWS = [
    Row("lfs-import-L", "lfs import L", leaving("L"), Aim("ratio", 1.25), memory=True),
    Row("lfs-import-T", "lfs import T", leaving("T")),
]
