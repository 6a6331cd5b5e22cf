r"""Risk against coverage: how often would we answer, and how often wrongly, if we answered above a certainty?

Everything counts: an example that is no routine question and would be answered is a wrong answer.

**What is chosen and what is proven.** `threshold` chooses a certainty on the very examples on which it counts the wrong
answers: good enough for suggestions, which a person looks at, and no promise. `proven` is one. It takes questions that
the model did not learn from, one by one, and says from which certainty on at most MOST_WRONG of the answers are wrong,
with an error of at most ERROR.

**The test of one certainty.** Of the questions at least so certain, each would be answered wrongly with a chance p,
given those before it. For the limit q and a rate r below it, after n questions and k wrong ones, the likelihood ratio
is

    L_r(n, k) = (r/q)^k ((1-r)/(1-q))^(n-k).

If p is q or more, the next question multiplies it by a factor of mean 1 + (p-q)(r-q)/(q(1-q)) <= 1, so L_r and any
average of them over rates below the limit is a nonnegative supermartingale that starts at 1: the chance that it ever
reaches 1/ERROR is at most ERROR (Ville's inequality; see also `policy.standards.sequential`, its mirror image). So one
may look after every question and stop when one likes; a bound for a fixed number, such as Clopper and Pearson's, would
not bear that.

**Several certainties.** They are tested in the fixed order of LADDER, the next only where all before it are proven. The
first that does not hold is proven with a chance of at most ERROR, and without it none after it is: the error is ERROR
for all together, and nothing need be divided.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from math import exp, log
from typing import Any, NamedTuple

import numpy as np

from comity.classify.model import NOTHING, Tried

#: The share of wrong answers among those sent automatically that a threshold is chosen for.
MOST_WRONG = 0.02
#: Suggestions may be wrong one time in five: a person looks.
MOST_WRONG_SUGGESTED = 0.2
#: The chance that more are wrong than that, though it was said to be proven.
ERROR = 0.05
#: The certainties from which on answers may be sent, in the order in which they are proven.
LADDER = (0.995, 0.98, 0.95, 0.9, 0.8)
#: Rates of wrong answers that the proof looks for, as shares of the limit, with weights that sum to 1.
_RATES = ((0.0, 0.5), (0.25, 0.25), (0.5, 0.25))
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
    """Choose the lowest certainty above which at most `most_wrong` of these answers are wrong, or None.

    Chosen on the examples on which it is counted: it promises nothing of others.

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


class Count(NamedTuple):
    """Questions at least so certain as one step of the ladder, and how many would have been answered wrongly."""

    asked: int = 0
    wrong: int = 0


def log_evidence(count: Count, limit: float = MOST_WRONG) -> float:
    """Return the logarithm of the evidence that fewer than `limit` of the answers are wrong."""
    right = count.asked - count.wrong
    terms = []
    for share, weight in _RATES:
        if share or not count.wrong:
            up = count.wrong * log(share) if share else 0.0
            terms.append(log(weight) + up + right * log((1 - share * limit) / (1 - limit)))
    most = max(terms)
    return most + log(sum(exp(term - most) for term in terms))


def is_proven(count: Count) -> bool:
    """Whether at most MOST_WRONG are wrong, with an error of at most ERROR."""
    return log_evidence(count) >= -log(ERROR)


def missing(count: Count) -> int:
    """Return how many more questions it takes to prove it, if none of them is answered wrongly."""
    low, high = 0, 1
    while not is_proven(Count(count.asked + high, count.wrong)):
        low, high = high, high * 2
    while low < high:
        middle = (low + high) // 2
        enough = is_proven(Count(count.asked + middle, count.wrong))
        low, high = (low, middle) if enough else (middle + 1, high)
    return low


def step_to_prove(counts: Sequence[Count]) -> int:
    """Return the first step of the ladder that is not proven; `counts` has one for each. Past the end: all are."""
    return next((step for step, count in enumerate(counts) if not is_proven(count)), len(LADDER))


def sure_from(counts: Sequence[Count]) -> float | None:
    """Return the least certainty that is proven; None where not even the first is."""
    step = step_to_prove(counts)
    return LADDER[step - 1] if step else None


def counted(tried: Tried) -> list[Count]:
    """Count the tried examples for each step of the ladder."""
    wrong = tried.truth != tried.guessed
    above = [tried.certainty >= least for least in LADDER]
    return [Count(int(sure.sum()), int((sure & wrong).sum())) for sure in above]


def proven(tried: Tried) -> float | None:
    """Return from which certainty on at most MOST_WRONG of the answers are wrong; None where that is not shown.

    `tried` must be questions that the model was not learnt from, nor chosen by, each asked by itself: ways of saying
    one question, or questions that somebody thought up, prove nothing of those that come.
    """
    return sure_from(counted(tried))


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
