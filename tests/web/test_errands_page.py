"""The desk's page of errands: what failed and why, and trying it again."""

from datetime import timedelta

from django.utils import timezone

from comity.actions import webhooks
from comity.records.models import ErrandLane, Webhook
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
    page = desk.get("/desk/errands/?kind=webhook").content.decode()
    assert page.count("it answered 500") == 3
    assert "does not run" in page
    assert "s3cret" not in page, "an address may hold a secret"
    assert desk.post("/desk/errands/webhook/again/", {"key": made[0].pk}).status_code == 302
    assert Webhook.objects.exclude(due_at=None).get() == made[0]
    desk.post("/desk/errands/webhook/again/")
    assert Webhook.objects.filter(due_at=None).count() == 0
    twice = desk.post("/desk/errands/webhook/again/", {"key": made[0].pk}, follow=True)
    assert "done, or gone" in twice.content.decode()
    assert desk.get("/desk/errands/?kind=nothing").status_code == 404
