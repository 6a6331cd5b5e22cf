"""Risk against coverage: how often would we answer, and how often wrongly, if we answered above a certainty?

Everything counts: an example that is no routine question and would be answered is a wrong answer.
"""

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from comity.classify.model import NOTHING, Tried

#: The share of wrong answers among those sent automatically that a threshold is chosen for.
MOST_WRONG = 0.02
#: Suggestions may be wrong one time in five: a person looks.
MOST_WRONG_SUGGESTED = 0.2
#: Fewer tried examples above a threshold than this prove nothing; then nothing is sent automatically.
LEAST_TRIED = 20
#: What is less likely than not is never sent, however few mistakes the trial showed.
LEAST_CERTAIN = 0.5


@dataclass(frozen=True, slots=True)
class Point:
    """One threshold: the share of examples answered, and of these the wrong; and, as papers count,

    `accuracy` in scope (an answer held back is a miss) and `recall` of what is out of scope (held back is right).
    """

    threshold: float
    coverage: float
    wrong: float
    accuracy: float
    recall: float


def curve(tried: Tried) -> list[Point]:
    """Return a point for every certainty at which something changes, from answering all to answering nothing."""
    order = np.argsort(-tried.certainty, kind="stable")
    certainty, truth, guessed = tried.certainty[order], tried.truth[order], tried.guessed[order]
    inside = truth != NOTHING
    right = np.cumsum((truth == guessed) & inside)
    outside = np.cumsum(~inside)
    total, within, without = len(order), max(int(inside.sum()), 1), int((~inside).sum())
    points = [Point(1.0, 0.0, 0.0, 0.0, 1.0)]
    last = np.flatnonzero(np.append(np.diff(certainty) != 0, True))  # answers of one certainty go or stay together
    for place in last:
        answered = place + 1
        points.append(
            Point(
                float(certainty[place]),
                answered / total,
                (answered - right[place]) / answered,
                right[place] / within,
                1 - outside[place] / without if without else 1.0,
            )
        )
    return points


def threshold(
    tried: Tried, *, most_wrong: float = MOST_WRONG, least: int = LEAST_TRIED, lowest: float = LEAST_CERTAIN
) -> float | None:
    """Return the lowest certainty above which at most `most_wrong` of the answers are wrong, or None.

    Half-way to the next certainty below, which was tried and is wrong too often. At least `least` tried examples must
    lie above it; it is never below `lowest`.
    """
    total, points = len(tried.truth), curve(tried)
    fit = [point for point in points if point.wrong <= most_wrong and point.coverage * total >= least]
    first = min((point.threshold for point in fit if point.threshold >= lowest), default=None)
    if first is None:
        return None
    below = max((point.threshold for point in points if point.threshold < first), default=0.0)
    return max(lowest, (first + below) / 2)


def at(tried: Tried, least: float) -> Point:
    """Return the point of the curve for answering from the certainty `least` on."""
    return min((point for point in curve(tried) if point.threshold >= least), key=lambda p: (-p.coverage, p.threshold))


def accuracy_at(tried: Tried, *, recall: float) -> Point:
    """Return the point of the best accuracy in scope that holds back at least `recall` of what is out of scope."""
    return max((p for p in curve(tried) if p.recall >= recall), key=lambda p: (p.accuracy, p.recall))


def as_json(points: list[Point], *, most: int = 200) -> list[dict[str, float]]:
    """Return up to about `most` points of the curve, evenly spaced, as plain values."""
    step = max(1, len(points) // most)
    kept = points[::step]
    return [{name: round(value, 4) for name, value in asdict(p).items()} for p in kept]


def as_svg(points: list[Point], *, marked: float | None = None) -> str:
    """Return the curve as a picture: share answered against share wrong of these, with a marked threshold."""
    width, height, left, bottom = 560, 300, 56, 40
    top = max(0.1, *(point.wrong for point in points))

    def place(point: Point) -> str:
        x = left + (width - left - 16) * point.coverage
        return f"{x:.1f},{height - bottom - (height - bottom - 16) * point.wrong / top:.1f}"

    line = " ".join(place(point) for point in points)
    limit = height - bottom - (height - bottom - 16) * MOST_WRONG / top
    here = min(
        (p for p in points if marked is not None and p.threshold >= marked),
        key=lambda p: (-p.coverage, p.threshold),
        default=None,
    )
    dot = "" if here is None else '<circle cx="{}" cy="{}" r="5" fill="#0b6b60"/>'.format(*place(here).split(","))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img" font-family="sans-serif" '
        f'font-size="12"><title>Share of wrong answers against share answered</title>'
        f'<rect width="{width}" height="{height}" fill="#ffffff"/>'
        f'<path d="M{left} 16V{height - bottom}H{width - 16}" fill="none" stroke="#82908c"/>'
        f'<path d="M{left} {limit:.1f}H{width - 16}" stroke="#a92a22" stroke-dasharray="4 4"/>'
        f'<text x="{width - 16}" y="{limit - 6:.1f}" text-anchor="end" fill="#a92a22">{MOST_WRONG:.0%} wrong</text>'
        f'<polyline points="{line}" fill="none" stroke="#0b6b60" stroke-width="2"/>{dot}'
        f'<text x="{left}" y="{height - 12}">0</text>'
        f'<text x="{width - 16}" y="{height - 12}" text-anchor="end">all answered</text>'
        f'<text x="{left - 8}" y="24" text-anchor="end">{top:.0%}</text>'
        f'<text x="{left - 8}" y="{height - bottom}" text-anchor="end">0</text></svg>'
    )


def summary(tried: Tried, auto_at: float | None) -> dict[str, Any]:
    """Return what a seller or an engineer wants to know of a model, as plain values."""
    point = at(tried, auto_at) if auto_at is not None else None
    right = (tried.truth == tried.guessed).sum()
    return {
        "tried": len(tried.truth),
        "right_without_threshold": round(float(right / max(1, (tried.truth != NOTHING).sum())), 4),
        "auto_at": round(auto_at, 4) if auto_at is not None else None,
        "answered": round(float(point.coverage), 4) if point else 0.0,
        "wrong_of_answered": round(float(point.wrong), 4) if point else 0.0,
    }
