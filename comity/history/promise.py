"""The promise adviser: the earliest day by which a parcel arrives with probability p, under today's conditions.

A parcel's score is r = T / m(x): how long it took over how long such a parcel typically takes (a gradient-boosted model
of log T by lane, distance, weight, weekday; fitted on parcels old enough to be known). The promise is m(x) q, with q
the p-quantile of r: split conformal prediction with a multiplicative score (Vovk et al. 2005; Lei et al. 2018), which
covers with probability at least p if the scores are exchangeable.

Two things break that on a real road, and both are met by how q is estimated. Parcels still on their way have no score
yet, so that those which do are the quick ones; and roads change within weeks. So q comes from a *period life table*,
as a country's life expectancy does: of all parcels on their way within the last days (the window), each is at risk from
the age at which the window found it to the age at which it arrived or today, and the product of 1 - 1/(at risk) over
the arrivals within the window is the share not yet there at that age (Kaplan and Meier 1958, with delayed entry:
Lynden-Bell 1971). Sketch of why: if the chance to arrive at age r, given not before, depends on r and on current
conditions alone, each factor estimates one such chance from parcels of all starting days; the product is then the
survival curve of a parcel that would live its whole life under the conditions of the window. A strike is seen in the
first days in which nothing arrives, weeks before the promises it breaks come due.

Beside it the promises themselves are watched: of those that ended in the last weeks, how many were kept? Where that is
too few by more than chance, the next ones aim higher until it is over (`Watch`).

Nothing here looks ahead: what is said on a day follows from what was known at its beginning.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from comity.policy.standards.rates import interval

Floats: TypeAlias = NDArray[np.float64]

#: How many days back a life table looks, and after how many a parcel counts as lost and leaves it.
WINDOW, LOST_AFTER = 14.0, 60.0
#: A model is fitted anew every so many days, on parcels placed between so many days ago.
REFIT, KNOWN_AFTER, LOOKS_BACK = 14, 45.0, 400.0
#: Fewer arrivals in the window than this are no ground for a promise.
LEAST_ARRIVALS = 100
_SHORTEST_DAYS = 0.5
#: Promises that ended within so many days are watched; fewer of them than LEAST_ARRIVALS say nothing.
WATCHED = 14.0
#: A share so far below what is wanted (with its interval) is a fall. Half of what is missing is made up for: the life
#: table mends most of it by itself, and making up for all of it would promise a quarter longer in the month after.
FALL, GAIN = 0.02, 0.5
HIGHEST_LEVEL = 0.999


class TooFewParcels(ValueError):
    """There are not enough parcels to learn from."""


@dataclass(frozen=True, slots=True)
class Parcels:
    """Parcels in columns, ordered by `placed`. All moments are days since 1970-01-01, in the marketplace's own zone.

    placed      (n,) when the order was placed
    delivered   (n,) when it arrived; nan for a parcel that never did, though a carrier had it
    promised    (n,) what was promised at the time; nan for none
    features    (n, k) what is known of a parcel when it is ordered; nan for unknown
    categories  which of the k are codes, not quantities
    """

    placed: Floats
    delivered: Floats
    promised: Floats
    features: Floats
    categories: tuple[int, ...] = ()

    def __len__(self) -> int:
        return len(self.placed)


class Adviser:
    """What to promise, day by day. Days must not go back: fitted models are kept only for today."""

    def __init__(self, parcels: Parcels):
        self.parcels = parcels
        self._arrived = np.where(np.isnan(parcels.delivered), np.inf, parcels.delivered)
        self._typical: Floats | None = None
        self._fitted_on = -np.inf

    def promise(self, day: float, rows: NDArray[np.intp], levels: Sequence[float]) -> Floats:
        """Return what to promise on `day` for the parcels `rows`, kept with each probability of `levels`.

        In days from `placed` to the end of the promised day, (len(levels), len(rows)). Raises TooFewParcels.
        """
        ends = self.parcels.placed[rows] + self._lengths(day, rows, levels)
        return np.asarray(np.ceil(ends) - self.parcels.placed[rows])

    def lengths(self, day: float, rows: NDArray[np.intp], levels: Sequence[float]) -> Floats:
        """Return what to promise for parcels like `rows`, ordered on `day`: whole days. Raises TooFewParcels."""
        return np.asarray(np.ceil(self._lengths(day, rows, levels)))

    def _lengths(self, day: float, rows: NDArray[np.intp], levels: Sequence[float]) -> Floats:
        typical = self._typical_lengths(day)
        scores = np.array(quantiles(*self._under_way(day, typical), levels))
        return np.asarray(scores[:, None] * typical[rows])

    def _typical_lengths(self, day: float) -> Floats:
        """Return how long each parcel typically takes, in days, by the model that was fitted last."""
        if self._typical is None or day >= self._fitted_on + REFIT:
            from sklearn.ensemble import HistGradientBoostingRegressor

            placed, age = self.parcels.placed, day - self.parcels.placed
            known = (age > KNOWN_AFTER) & (age < LOOKS_BACK)
            if known.sum() < LEAST_ARRIVALS:
                raise TooFewParcels(
                    f"{known.sum()} parcels were placed {KNOWN_AFTER:.0f} to {LOOKS_BACK:.0f} days before; "
                    f"at least {LEAST_ARRIVALS} are needed"
                )
            # One that has not arrived took as long as it is under way, at least; left out, the slow ones would be
            # missing.
            took = np.minimum(self._arrived[known], day) - placed[known]
            model = HistGradientBoostingRegressor(
                max_iter=150,
                learning_rate=0.08,
                min_samples_leaf=40,
                random_state=0,
                categorical_features=list(self.parcels.categories) or None,
            )
            model.fit(self.parcels.features[known], np.log(np.clip(took, _SHORTEST_DAYS, LOST_AFTER)))
            self._typical = np.exp(model.predict(self.parcels.features))
            self._fitted_on = day
        return self._typical

    def _under_way(self, day: float, typical: Floats) -> tuple[Floats, Floats, NDArray[np.bool_]]:
        """Return from which age to which each parcel of the window was seen, in scores, and whether it arrived."""
        placed = self.parcels.placed
        seen = (placed < day) & (self._arrived > day - WINDOW) & (placed > day - LOST_AFTER)
        begins = np.maximum(0, day - WINDOW - placed[seen]) / typical[seen]
        ends = (np.minimum(self._arrived[seen], day) - placed[seen]) / typical[seen]
        return begins, ends, self._arrived[seen] <= day


def quantiles(begins: Floats, ends: Floats, arrived: NDArray[np.bool_], levels: Sequence[float]) -> list[float]:
    """Return the ages by which each share of `levels` has arrived, by the life table of what was seen.

    begins, ends   (n,) the ages between which each parcel was seen
    arrived        (n,) whether it arrived at `ends`; else it is still on its way

    The level is raised by one part in the number of arrivals, as a conformal quantile is. Raises TooFewParcels.
    """
    ages = np.sort(ends[arrived])
    if len(ages) < LEAST_ARRIVALS:
        raise TooFewParcels(
            f"{len(ages)} parcels arrived within {WINDOW:.0f} days; at least {LEAST_ARRIVALS} are needed"
        )
    at_risk = np.searchsorted(np.sort(begins), ages, side="left") - np.searchsorted(np.sort(ends), ages, side="left")
    # With a single parcel at risk the curve would fall to nothing at once, and say nothing further on.
    under_way = np.cumsum(np.log1p(-1 / np.maximum(at_risk, 2)))
    raised = np.minimum(np.asarray(levels) * (1 + 1 / len(ages)), 1 - 1e-9)
    places = np.searchsorted(-under_way, -np.log1p(-raised))
    return [float(age) for age in ages[np.minimum(places, len(ages) - 1)]]


@dataclass(slots=True)
class Watch:
    """How promises at the level `wanted` do: it remembers each, and says at which level to make the next ones."""

    wanted: float
    _ends: list[Floats] = field(default_factory=list)
    _arrived: list[Floats] = field(default_factory=list)

    def note(self, ends: Floats, arrived: Floats) -> None:
        """Remember promises by when they end and when their parcels arrived (infinity: not yet), in days."""
        self._ends.append(ends)
        self._arrived.append(arrived)

    def over(self, day: float, within: float) -> tuple[int, int]:
        """Return how many promises ended within so many days before `day`, and how many of them were kept."""
        if not self._ends:
            return 0, 0
        ends, arrived = np.concatenate(self._ends), np.concatenate(self._arrived)
        over = (ends < day) & (ends >= day - within)
        return int(over.sum()), int((arrived[over] <= ends[over]).sum())

    def level(self, day: float) -> float:
        """Return the level for `day`, by the promises that ended before it: the one wanted, or a higher one."""
        judged, kept = self.over(day, WATCHED)
        if judged < LEAST_ARRIVALS or interval(kept, judged)[1] >= self.wanted - FALL:
            return self.wanted
        missed, allowed = 1 - kept / judged, 1 - self.wanted
        return min(1 - allowed * (1 - GAIN * (1 - allowed / missed)), HIGHEST_LEVEL)


@dataclass(frozen=True, slots=True)
class Kept:
    """How promises went: how many were judged, the share kept, the mean of the days that were promised."""

    parcels: int
    coverage: float
    mean_days: float

    @classmethod
    def of(cls, took: Floats, days: Floats) -> "Kept":
        """Judge promises of `days` by how long the parcels `took`."""
        if not len(took):
            return cls(0, float("nan"), float("nan"))
        return cls(len(took), float((took <= days).mean()), float(days.mean()))


@dataclass(frozen=True, slots=True)
class Backtest:
    """Promises for each parcel from a day on, made as it was ordered, and what became of them.

    rows    which parcels; `days`: (levels, rows) what would have been promised
    levels  the probabilities
    watch   of the promises at the level that was wanted, where one was; `watched`: (rows,) what was promised with it
    """

    parcels: Parcels
    rows: NDArray[np.intp]
    days: Floats
    levels: tuple[float, ...]
    watch: Watch | None = None
    watched: Floats | None = None

    def kept(self, level: float, rows: NDArray[np.bool_] | None = None) -> Kept:
        """How promises at a level went, for those parcels that arrived."""
        here = self._judged() if rows is None else self._judged() & rows
        return Kept.of(self._took()[here], self.days[self.levels.index(level)][here])

    def kept_watched(self, level: float, rows: NDArray[np.bool_] | None = None) -> Kept:
        """How promises at a level went, made higher where too few had been kept before."""
        if self.watched is None or self.watch is None or self.watch.wanted != level:
            return self.kept(level, rows)
        here = self._judged() if rows is None else self._judged() & rows
        return Kept.of(self._took()[here], self.watched[here])

    def shop(self, rows: NDArray[np.bool_] | None = None) -> Kept:
        """How the promises went that were really made."""
        promised = self.parcels.promised[self.rows] - self.parcels.placed[self.rows]
        here = self._judged() & ~np.isnan(promised) & (True if rows is None else rows)
        return Kept.of(self._took()[here], promised[here])

    def never_arrived(self) -> int:
        """How many parcels a carrier had that never arrived: no promise for them is judged."""
        return int((~self._judged()).sum())

    def level_like_the_shop(self) -> float:
        """Return the lowest level at which as large a share was kept as of the promises really made."""
        wanted = self.shop().coverage
        good = [level for level in self.levels if self.kept(level).coverage >= wanted]
        return min(good, default=max(self.levels))

    def months(self) -> dict[str, NDArray[np.bool_]]:
        """Return the parcels of each month in which they were ordered, such as 2018-02."""
        month = self.parcels.placed[self.rows].astype("datetime64[D]").astype("datetime64[M]").astype(str)
        return {str(name): month == name for name in np.unique(month)}

    def _took(self) -> Floats:
        return self.parcels.delivered[self.rows] - self.parcels.placed[self.rows]

    def _judged(self) -> NDArray[np.bool_]:
        return ~np.isnan(self.parcels.delivered[self.rows])


def backtest(
    parcels: Parcels, *, since: float, until: float, levels: Sequence[float], wanted: float | None = None
) -> Backtest:
    """Make a promise for each parcel placed from `since` to `until`, on the day it was placed, never looking ahead.

    With `wanted`, one of `levels`, promises at that level are watched, and made higher where too few were kept.
    """
    adviser, rows, days = Adviser(parcels), [], []
    watch = Watch(wanted) if wanted is not None else None
    arrived = np.where(np.isnan(parcels.delivered), np.inf, parcels.delivered)
    for day in np.arange(np.floor(since), np.ceil(until)):
        today = np.flatnonzero((parcels.placed >= day) & (parcels.placed < day + 1))
        if not len(today):
            continue
        # Asked before today's promises are noted: the watch knows only what was known at the day's beginning.
        asked = [*levels, watch.level(float(day))] if watch else list(levels)
        made = adviser.promise(float(day), today, asked)
        rows.append(today)
        days.append(made)
        if watch is not None and wanted is not None:
            # What the level itself would have promised: else the watch would see its own correction, and let go too
            # soon.
            nominal = made[list(levels).index(wanted)]
            watch.note(parcels.placed[today] + nominal, arrived[today])
    if not rows:
        raise TooFewParcels("no parcel was ordered in that time")
    whole = np.concatenate(days, axis=1)
    return Backtest(
        parcels, np.concatenate(rows), whole[: len(levels)], tuple(levels), watch, whole[-1] if watch else None
    )
