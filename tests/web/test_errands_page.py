"""The desk's page of errands: what failed and why, and trying it again."""

from datetime import timedelta

import pytest
from django.utils import timezone

from comity.actions import errands, webhooks
from comity.cli import errands as cli
from comity.integrations.mail import incoming
from comity.integrations.tracking.news import read_all
from comity.records.models import ErrandLane, IncomingMail, TrackingBody, Webhook
from comity.web.agent import errands as page
from tests.cast import Cast, hours
from tests.web.test_pages import sign_in


def test_what_was_given_up_is_shown_and_tried_again(cast: Cast) -> None:
    made = [
        webhooks.add(cast.li, owner=cast.li.party, url=f"https://a.example/{n}?key=s3cret", kinds=[], at=hours(1))
        for n in range(3)
    ]
    Webhook.objects.update(due_at=None, attempts=10, failed_why="it answered 500")
    ErrandLane.objects.create(name="webhooks", at=timezone.now() - timedelta(hours=1), failures=4, failed_why="away")
    desk = sign_in(cast.ken)
    text = desk.get("/desk/errands/?kind=webhook").content.decode()
    assert text.count("it answered 500") == 3
    assert "does not run" in text
    assert "s3cret" not in text, "an address may hold a secret"
    assert desk.post("/desk/errands/webhook/again/", {"key": made[0].pk}).status_code == 302
    assert Webhook.objects.exclude(due_at=None).get() == made[0]
    for key in ("x", "²", "9" * 40):  # no row's: it does not mean all of them
        desk.post("/desk/errands/webhook/again/", {"key": key})
    assert Webhook.objects.filter(due_at=None).count() == 2
    desk.post("/desk/errands/webhook/again/")
    assert Webhook.objects.filter(due_at=None).count() == 0
    twice = desk.post("/desk/errands/webhook/again/", {"key": made[0].pk}, follow=True)
    assert "done, or gone" in twice.content.decode()
    assert desk.get("/desk/errands/?kind=nothing").status_code == 404


def test_each_lane_that_runs_has_its_word() -> None:
    assert set(page.LANES) == set(cli.LANES)


def test_a_mail_that_failed_is_taken_anew(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    raw = b"From: li@people.example\r\nTo: nobody@example.org\r\nMessage-ID: <1@a>\r\n\r\nHello"
    with monkeypatch.context() as broken:
        broken.setattr(incoming, "_judge", lambda *given: 1 / 0)
        assert incoming.take(raw, received_at=hours(1), now=hours(2)).outcome == "failed"
    desk = sign_in(cast.ken)
    assert "ZeroDivisionError" in desk.get("/desk/errands/?kind=incoming").content.decode()
    desk.post("/desk/errands/incoming/again/", {"key": IncomingMail.objects.get().pk})
    assert incoming.take_again(hours(3)) == 1
    row = IncomingMail.objects.get()
    assert (row.outcome, row.received_at, row.noted_at) == ("no_token", hours(1), hours(3))
    for kind in errands.KINDS:
        assert desk.get(f"/desk/errands/?kind={kind}").status_code == 200
        assert (
            "it is done, or gone" in desk.post(f"/desk/errands/{kind}/again/", {"key": 7}, follow=True).content.decode()
        )


def test_a_body_that_failed_is_read_anew(cast: Cast) -> None:
    body = TrackingBody.objects.create(
        provider="shippo", digest="1", body=b"{}", received_at=hours(1), outcome="failed", why="a mistake of ours"
    )
    sign_in(cast.ken).post("/desk/errands/tracking/again/", {"key": body.pk})
    read_all(hours(2))
    body.refresh_from_db()
    assert body.outcome == "nothing"
