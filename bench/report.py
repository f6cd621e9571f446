"""Figures as a Markdown table. Every aim is said to be met or missed."""

from measure import cpu, peak, seconds

HEAD = ["what", "irisfix", "peer", "ratio", "aim", "met?", "spread"]


def figures(row, samples: dict) -> dict:
    """What came out of a row: medians, ratio, and whether the aim was met."""
    (ours, mine), (peer, theirs), *others = samples.items()
    medians = {name: seconds(s) for name, s in samples.items()}
    ratio = medians[ours] / medians[peer]
    value = {"ratio": ratio, "s": medians[ours], "s more": medians[ours] - medians[peer], "memory": peak(mine) / peak(theirs)}
    return {"key": row.key, "what": row.what, "medians": medians, "ratio": ratio,
            "aim": str(row.aim) if row.aim else None,
            "met": value[row.aim.of] <= row.aim.at_most if row.aim else None,
            "seconds": {name: [s.seconds for s in list_] for name, list_ in samples.items()},
            "cpu": {name: cpu(list_) for name, list_ in samples.items()},
            "peak_bytes": {name: peak(list_) for name, list_ in samples.items()}}


def spread(values: list[float]) -> str:
    """How far apart the runs of both sides lie: fastest to slowest."""
    return f"{min(values):.3g}–{max(values):.3g}"


def met(value: bool | None) -> str:
    return {None: "–", True: "yes", False: "**missed**"}[value]


def cells(f: dict) -> list[str]:
    ours, peer, *others = f["medians"]
    theirs = f"{f['medians'][peer]:.3f} ({peer})" + "".join(f", {f['medians'][o]:.3f} ({o})" for o in others)
    return [f["what"], f"{f['medians'][ours]:.3f}", theirs, f"{f['ratio']:.2f}", f["aim"] or "–", met(f["met"]),
            f"{spread(f['seconds'][ours])}; {spread(f['seconds'][peer])}"]


def judged(what: str, ours: float, theirs: str, aim, digits: int = 0) -> list[str]:
    """A row of something else than seconds."""
    return [what, f"{ours:,.{digits}f}", theirs, str(aim) if aim else "–", met(ours <= aim.at_most if aim else None)]


def table(head: list[str], rows: list[list[str]]) -> str:
    line = lambda row: "| " + " | ".join(row) + " |"
    return "\n".join([line(head), "|" + "---|" * len(head), *map(line, rows)])
