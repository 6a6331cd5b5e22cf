"""Each journey ends with a case file for either side that verifies, and whose rulings follow from what is in it."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from comity.actions.guard import Actor
from comity.history import again
from comity.lib.casefile import verify
from comity.records.models import Dispute, JournalLine
from comity.web.trade import casefile


@pytest.fixture(autouse=True)
def leaves_the_house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> Iterator[None]:
    """After the journey: two archives of each dispute, without the PDF, which says what the page says."""
    if request.node.get_closest_marker("django_db") is None:
        yield
        return
    request.getfixturevalue("db")
    monkeypatch.setenv("COMITY_DATA", str(tmp_path))
    monkeypatch.setattr(casefile, "_printed", lambda pdf, page, html: {f"{page}.html": html.encode()})
    yield
    for dispute in Dispute.objects.select_related("order__buyer", "order__seller"):
        now = JournalLine.objects.filter(party=dispute.order.seller).latest("noted_at").noted_at
        for side in (dispute.order.buyer, dispute.order.seller):
            path = tmp_path / f"{side.role}.zip"
            path.write_bytes(casefile.archive(Actor(side), dispute, now + timedelta(seconds=1)))
            found = verify.verify(path)
            assert found["holds"]
            try:
                said = again.judged(verify.files_of(path))
            except again.NotJudged as why:
                assert "withheld" in str(why)
                assert found["withheld"]
            else:
                assert said.differs == [], "\n".join(said.differs)
