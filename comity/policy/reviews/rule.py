"""What a rulebook says about reviews: for how long, when they are shown, when they may be changed."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from comity.policy.time.calendars import Days, later
from comity.policy.time.clocks import Interval

WINDOW, AFTER_DISPUTE = Days(60), Days(14)
#: When a review is shown: once both sides have rated or nobody can any more; or at once.
HIDDEN = ("until both", "never")


@dataclass(frozen=True, slots=True)
class ReviewRules:
    """The rules of reviews. Days are those of `zone`.

    window         how long both sides may rate, from the delivery on; where nothing came, from when it was promised
    hidden         one of HIDDEN
    revise         how long after writing it the writer may change or remove a review; None: until the window ends
    after_dispute  how long after a dispute about the order ended the writer may change it once more
    """

    window: timedelta = WINDOW
    hidden: str = "until both"
    revise: timedelta | None = None
    after_dispute: timedelta = AFTER_DISPUTE
    zone: str = "UTC"
    source: str = ""

    def open(self, delivered_at: datetime | None, deliver_by: datetime | None) -> Interval | None:
        """Return from when until when an order may be rated; None where nothing came and nothing was promised."""
        begins = delivered_at or deliver_by
        return None if begins is None else (begins, later(begins, self.window, self.zone))

    def shown_by(self, window_ends: datetime) -> datetime | None:
        """Return when a review is shown at the latest; None for at once."""
        return window_ends if self.hidden == "until both" else None

    def changeable_until(self, written_at: datetime, window_ends: datetime) -> datetime:
        """Return until when the writer may change a review."""
        return window_ends if self.revise is None else later(written_at, self.revise, self.zone)

    def once_more_until(self, dispute_ended_at: datetime) -> datetime:
        """Return until when it may be changed once more after a dispute."""
        return later(dispute_ended_at, self.after_dispute, self.zone)
