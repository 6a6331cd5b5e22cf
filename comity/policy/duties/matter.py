"""The duties of one matter, as they stand."""

from collections.abc import Iterable

from comity.policy.dossier import DutyState, DutyStatus


class Matter:
    """The duties of one matter: by key all of them, and the newest for each rule and subject.

    `older` holds keys of duties that are still to be ruled on though a newer one took their place.
    """

    __slots__ = ("by_key", "current", "older")

    def __init__(self, duties: Iterable[DutyState] = ()):
        self.by_key: dict[str, DutyState] = {}
        self.current: dict[tuple[str, str], DutyState] = {}
        self.older: set[str] = set()
        for duty in sorted(duties, key=lambda duty: duty.place):
            self.put(duty)

    def put(self, duty: DutyState) -> None:
        """Hold `duty` in its newest state."""
        self.by_key[duty.key] = duty
        if duty.key in self.older:
            return
        place = (duty.rule, duty.subject)
        newest = self.current.get(place)
        if duty.status is DutyStatus.OVERTURNED:
            if newest is not None and newest.key == duty.key:
                self._step_back(place)
        elif newest is None or newest.key == duty.key or newest.place <= duty.place:
            self.current[place] = duty

    def _step_back(self, place: tuple[str, str]) -> None:
        rest = [
            duty
            for duty in self.by_key.values()
            if (duty.rule, duty.subject) == place and duty.status is not DutyStatus.OVERTURNED
        ]
        if rest:
            self.current[place] = max(rest, key=lambda duty: duty.place)
        else:
            del self.current[place]

    def live(self) -> list[DutyState]:
        """The duties on which somebody is still expected to act."""
        return [duty for duty in self.current.values() if duty.live]
