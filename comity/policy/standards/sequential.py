r"""Is the true rate above the limit? A test that stays valid however often one looks.

**The test.** Subjects come one by one, each faulty with the seller's true rate p. For a limit q and a rate r above it,
the likelihood ratio after n subjects of which k were faulty is

    L_r(n, k) = (r/q)^k ((1-r)/(1-q))^(n-k).

The evidence is its average over the rates above the limit, E(n, k) = sum over r of w(r) L_r(n, k), with weights that
sum to 1. A seller is flagged at the first moment at which E >= 1/error.

**Why looking often does no harm.** Given the past, the next subject multiplies L_r by r/q with probability p and by
(1-r)/(1-q) with probability 1-p. The expected factor is

    p r/q + (1-p)(1-r)/(1-q) = 1 + (p-q)(r-q)/(q(1-q)),

at most 1 whenever p <= q < r. So for a seller who keeps the limit each L_r is a nonnegative supermartingale that
starts at 1, and so is E; this needs only that the rate, given the past, never exceeds q, not that it stays the same.
Ville's inequality: the chance that such a process *ever* reaches 1/error is at most `error`. (J. Ville, 1939; the
mixture over alternatives is H. Robbins, 1970.) Nothing is assumed about how many looks there are, or when.

**The weights.** The odds of r run over a geometric grid from those of the limit upward, GRID steps each RATIO times
the last, so that whatever the true rate is, some r is near it; weights fall by the same ratio, because rates far
above the limit need little help to be found.
"""

from fractions import Fraction
from functools import lru_cache
from math import exp, inf, log

GRID = 8
RATIO = 1.25


@lru_cache(maxsize=256)
def _mixture(limit: Fraction) -> tuple[tuple[float, float, float], ...]:
    """Return for each rate above `limit`: the logarithms of its weight, r/q and (1-r)/(1-q)."""
    q = float(limit)
    odds = q / (1 - q)
    rates = [odds * RATIO**step / (1 + odds * RATIO**step) for step in range(1, GRID + 1)]
    weights = [RATIO**-step for step in range(1, GRID + 1)]
    total = sum(weights)
    return tuple(
        (log(weight / total), log(r / q), log((1 - r) / (1 - q))) for weight, r in zip(weights, rates, strict=True)
    )


def log_evidence(counted: int, faulty: int, limit: Fraction) -> float:
    """Return log E after `counted` subjects of which `faulty` were faulty; the limit is a rate from 0 to below 1."""
    if not 0 <= faulty <= counted:
        raise ValueError(f"{faulty} faulty of {counted} is no count")
    if limit >= 1:
        return 0.0
    if limit == 0:
        return inf if faulty else 0.0
    good = counted - faulty
    terms = [weight + faulty * up + good * down for weight, up, down in _mixture(limit)]
    most = max(terms)
    return most + log(sum(exp(term - most) for term in terms))


def is_certain(counted: int, faulty: int, limit: Fraction, error: Fraction) -> bool:
    """Whether the evidence that the true rate is above `limit` reaches 1/`error`."""
    return log_evidence(counted, faulty, limit) >= -log(error)
