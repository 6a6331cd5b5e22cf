"""Pages of times that count against nobody: a seller's holidays, the desk's pauses, and moments that stepped aside."""

from datetime import UTC, datetime, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from comity.actions import rulebooks, shipments
from comity.actions.excuses import holidays, preview, spreading, verbs
from comity.actions.excuses.asked import Asked
from comity.lib.ids import digest
from comity.policy.facts import read_fact
from comity.records.models import Duty, Excuse, JournalLine, MeasureFile, Notice
from comity.web.common import noticed
from comity.web.common.called import called
from comity.web.templatetags.comity import days
from tests.actions.test_pauses import HOLIDAYS
from tests.cast import START, Cast, assemble
from tests.web.test_pages import sign_in, text

pytestmark = pytest.mark.django_db
LONG = (
    HOLIDAYS.replace('["holiday"]', '["holiday", "platform_outage"]')
    .replace('within = "24 hours"', 'within = "400 hours"')
    .replace("2026-03-03", "2026-01-01")
)


@pytest.fixture
def cast() -> Cast:
    cast = assemble(publish=False)
    rulebooks.publish(cast.platform, LONG, at=START)
    return cast


def typed(now: datetime, begins: float, ends: float) -> dict[str, str]:
    return {
        name: f"{now + timedelta(days=after):%Y-%m-%dT%H:%MZ}" for name, after in (("begins", begins), ("ends", ends))
    }


def test_a_holiday_is_looked_at_then_taken_then_ended(cast: Cast) -> None:
    now, seller = datetime.now(UTC), sign_in(cast.li)
    assert "left: 3 days" in seller.get("/sell/holidays/").content.decode()
    over = seller.get("/sell/holidays/", typed(now, 1, 9))
    assert over.status_code == 422
    assert "The rules give 3 days a year" in over.content.decode()
    fits = typed(now, 1, 3) | {"evidence": "A wedding"}
    looked_at = seller.get("/sell/holidays/", fits).content.decode()
    assert "Take this holiday" in looked_at
    assert 'type="hidden" name="evidence" value="A wedding"' in looked_at
    assert not Excuse.objects.exists(), "only looked at"
    once = {"once": "0190f000-0000-7000-8000-000000000001"}
    for _twice in range(2):
        assert seller.post("/sell/holidays/", fits | once).status_code == 302
    row = Excuse.objects.get()
    assert row.evidence == "A wedding"
    given = holidays.allowance(cast.seller, now)
    assert given is not None
    left = given.left(now.year)
    assert left is not None
    # Two of three days; fewer where the year ends meanwhile.
    assert left < timedelta(days=3) or now.month == 12
    assert f"left: {days(left / timedelta(days=1))}" in seller.get("/sell/holidays/").content.decode()
    place = f"/sell/holidays/{row.uuid}"
    assert "Say why" in seller.post(f"{place}/take-back/", {}, follow=True).content.decode()
    assert sign_in(cast.max).post(f"{place}/end/").status_code == 404, "somebody else's"
    assert seller.post(f"{place}/nothing/").status_code == 404
    seller.post(f"{place}/take-back/", {"because": "wrong week"})
    row.refresh_from_db()
    assert row.ended_as == Excuse.MISTAKEN
    assert "left: 3 days" in seller.get("/sell/holidays/").content.decode()
    assert "taken back already" in seller.post(f"{place}/end/", follow=True).content.decode()


def test_the_desk_sees_whom_a_pause_excuses_before_it_records_it(cast: Cast) -> None:
    now, desk = datetime.now(UTC), sign_in(cast.ken)
    order = cast.order(at=(now - timedelta(hours=2) - START) / timedelta(hours=1))
    asked = typed(now, -1, 1) | {"cause": "platform_outage", "evidence": "status page"}
    lines = JournalLine.objects.count()
    page = desk.get("/desk/pauses/new/", asked).content.decode()
    assert "Record this pause" in page
    assert "1 open duty is excused" in page
    assert order.title in page, "an example names the order"
    assert order.ref not in page
    assert (Excuse.objects.count(), JournalLine.objects.count()) == (0, lines)
    for wrong, said in (
        ({"begins": "soon"}, "is not a time"),
        ({"about": "order:nothing"}, "There is no order:nothing"),
        ({"cause": "force_majeure", "places": "Atlantis"}, "no country or region"),
        ({"cause": "waiting_for_buyer"}, "name it"),
        ({"cause": "tea"}, "must be one of"),
        ({"ends": asked["begins"]}, "must end after it begins"),
    ):
        for answer in (desk.get("/desk/pauses/new/", asked | wrong), desk.post("/desk/pauses/new/", asked | wrong)):
            assert answer.status_code == 422
            assert said in answer.content.decode()
    spoiled = asked | {"files": SimpleUploadedFile("page.exe", b"MZ\x90")}
    assert "is of a kind that is not accepted" in desk.post("/desk/pauses/new/", spoiled).content.decode()
    shows = asked | {"files": SimpleUploadedFile("page.txt", b"Down from noon")}
    assert desk.post("/desk/pauses/new/", shows).status_code == 302
    row, file = Excuse.objects.get(), MeasureFile.objects.get()
    listed = desk.get("/desk/pauses/").content.decode()
    assert "status page" in listed
    place = f"/measures/files/{file.uuid}/"
    assert place in listed
    assert b"".join(desk.get(place)) == b"Down from noon"
    assert sign_in(cast.li).get(place).status_code == 404, "the desk's own"
    assert spreading.spread(now) > 0
    noted = read_fact(JournalLine.objects.filter(party=cast.seller, kind="pause.recorded").get().body)
    assert noted.data["files"] == digest(bytes(file.text.salt), file.sha256)
    end = f"/desk/pauses/{row.uuid}/end/"
    assert "Say why" in desk.post(end, {"how": "mistaken"}, follow=True).content.decode()
    assert "Ended" in desk.post(end, {"how": "over"}, follow=True).content.decode()
    assert "over already" in desk.post(end, follow=True).content.decode()


def test_a_stuck_moment_is_tried_again_from_its_page(cast: Cast) -> None:
    cast.order(at=0)
    Duty.objects.update(stuck_at=START, stuck_why="a mistake of ours")
    key, desk = Duty.objects.get().key, sign_in(cast.ken)
    assert "a mistake of ours" in desk.get("/desk/clock/").content.decode()
    assert "1 moment is ruled on" in desk.post("/desk/clock/", {"key": key}, follow=True).content.decode()
    assert not Duty.objects.filter(stuck_at__isnull=False).exists()
    assert "or gone" in desk.post("/desk/clock/", {"key": key}, follow=True).content.decode()
    assert "0 moments are ruled on" in desk.post("/desk/clock/", follow=True).content.decode()


def test_who_asks_why_a_time_moved_reads_which_pause_moved_it(cast: Cast) -> None:
    now = datetime.now(UTC)
    order = cast.order(at=(now - timedelta(hours=2) - START) / timedelta(hours=1))
    verbs.record(cast.li, Asked("holiday", now, now + timedelta(days=1), about=cast.seller), at=now)
    duty = Duty.objects.get(matter=order.ref)
    assert duty.due > now + timedelta(hours=400)
    said = "counts against nobody: holiday"
    addresses = (f"/why/duty/{cast.seller.uuid}/{duty.key}/", f"/orders/{order.uuid}/")
    seller, buyer = sign_in(cast.li), sign_in(cast.ana)
    for reader in (seller, buyer):
        for address in addresses:
            assert reader.get(address).content.decode().count(said) == 1, address
    after = cast.order(at=(now - START) / timedelta(hours=1) + 1)
    assert said in seller.get(f"/orders/{after.uuid}/").content.decode(), "noted before, and goes on"
    other = cast.order(at=(now - START) / timedelta(hours=1) + 30)
    assert said not in seller.get(f"/orders/{other.uuid}/").content.decode(), "over when it began"


def test_a_duty_with_less_holiday_than_another_says_so(cast: Cast) -> None:
    more = """
[[duty]]
name = "reply"
title = "Reply to a buyer's message within 72 hours"
who = "seller"
each = "conversation"
opened_by = { fact = "message.sent", where = { by = "buyer" } }
met_by = { fact = "message.sent", where = { by = "seller" } }
within = "72 hours"
[[duty]]
name = "decide"
title = "Decided within a week"
who = "agent"
each = "order"
opened_by = { fact = "order.paid" }
met_by = { fact = "order.cancelled" }
within = "7 days"
"""
    now = datetime.now(UTC)
    book = LONG.replace('version = "2"', 'version = "3"').replace("2026-01-01", f"{now - timedelta(days=2):%Y-%m-%d}")
    rulebooks.publish(cast.platform, book.replace("[[standard]]", more + "[[standard]]", 1), at=now - timedelta(days=3))
    page = text(sign_in(cast.li).get("/sell/holidays/"))
    assert "no limit to your holidays" not in page, "sending is stopped for three days alone"
    assert "Sent within a day <strong>(3 days a year at most)</strong>" in page
    assert "Decided within a week" in page, "it stops the platform's time too"
    chinese = sign_in(cast.max)
    chinese.cookies["django_language"] = "zh-hans"
    page = text(chinese.get("/sell/holidays/"))
    assert "Reply to a buyer" not in page, "a title of ours is translated"
    assert "来自" not in page, "a beginning is no sender"


def test_what_was_done_in_time_is_no_example_of_what_a_pause_excuses(cast: Cast) -> None:
    now = datetime.now(UTC)
    order = cast.order(at=(now - timedelta(hours=2) - START) / timedelta(hours=1))
    shipments.dispatch(cast.li, order, shipments.Parcel("post", "RR473124829GB", sure=True), at=now)
    seen = preview.of(cast.li, Asked("holiday", now, now + timedelta(days=1), about=cast.seller), at=now)
    assert (seen.open, list(seen.examples)) == (0, [])


def test_an_order_is_named_by_the_key_that_its_page_shows(cast: Cast) -> None:
    now, desk = datetime.now(UTC), sign_in(cast.ken)
    order = cast.order(at=(now - timedelta(hours=2) - START) / timedelta(hours=1))
    assert f"/desk/pauses/new/?about={order.key}" in text(desk.get(f"/orders/{order.uuid}/"))
    assert "/desk/pauses/new/" not in text(sign_in(cast.li).get(f"/orders/{order.uuid}/"))
    assert f'name="about" value="{order.key}"' in text(desk.get("/desk/pauses/new/", {"about": order.key}))
    asked = typed(now, -1, 1) | {"cause": "waiting_for_buyer"}
    for name in (order.key, f"order:{order.key}", f" {order.key.lower()} ", order.ref):
        page = desk.get("/desk/pauses/new/", asked | {"about": name})
        assert page.status_code == 200, name
    assert desk.get("/desk/pauses/new/", asked | {"about": "O-NOWHERE"}).status_code == 422
    verbs.record(cast.ken, Asked("waiting_for_buyer", now, now + timedelta(days=1), about=order), at=now)
    assert f'<a href="/orders/{order.uuid}/">{called(order)}</a> <code>{order.key}</code>' in text(
        desk.get("/desk/pauses/")
    )


def test_what_is_judged_again_is_named_in_the_notice(cast: Cast) -> None:
    now = datetime.now(UTC)
    order = cast.order(at=(now - timedelta(hours=2) - START) / timedelta(hours=1))
    shipments.dispatch(cast.li, order, shipments.Parcel("post", "RR473124829GB", sure=True), at=now)
    verbs.record(cast.li, Asked("holiday", now, now + timedelta(days=1), about=cast.seller), at=now)
    (row,) = Notice.objects.filter(party=cast.seller, kind="ruling.overturned")
    (line,) = noticed.lines(cast.seller, [row])
    assert line.sentences == ["Sent within a day: judged again, because something became known late"]
    assert (line.title, line.address) == (called(order), f"/orders/{order.uuid}/")
