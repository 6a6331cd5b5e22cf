"""Webhooks over real HTTP on loopback: signed, in order, at least once; what fails waits, what is inside is not called."""

import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
from standardwebhooks import Webhook as Verifier
from standardwebhooks.webhooks import WebhookVerificationError

from comity.actions import clock, messages, reviews, sanctions, webhooks
from comity.actions.enact import Refused, sit
from comity.actions.guard import Actor, Forbidden
from comity.integrations.webhooks import WAITS, tell_due
from comity.lib.moments import to_text
from comity.policy.facts import Fact
from comity.records.models import JournalLine, Notice, Sanction, Webhook
from tests.actions.sanctions.rules import staged, violation
from tests.api.client import Api
from tests.cast import Cast, hours
from tests.web.test_pages import sign_in, text


@dataclass
class Listener:
    port: int
    heard: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    answers: list[int] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hook?x=1"

    @property
    def kinds(self) -> list[str]:
        return [json.loads(body)["type"] for _, body in self.heard]


@pytest.fixture
def listener(monkeypatch: pytest.MonkeyPatch) -> Iterator[Listener]:
    found: list[Listener] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            listener = found[0]
            status = listener.answers.pop(0) if listener.answers else 200
            if status == 200:
                listener.heard.append(({name.lower(): value for name, value in self.headers.items()}, body))
            self.send_response(status)
            self.send_header("location", "http://127.0.0.1:1/elsewhere")
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *args: Any) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        found.append(Listener(server.server_address[1]))
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        monkeypatch.setenv("COMITY_WEBHOOKS_PRIVATE", "1")
        yield found[0]
        server.shutdown()


def hook(actor: Actor, url: str, kinds: list[str] | None = None) -> Webhook:
    return webhooks.add(actor, owner=actor.party, url=url, kinds=kinds or [], at=hours(0.5))


def breach(cast: Cast) -> None:
    messages.send(cast.ana, cast.conversation(), text="Where is my lamp?", at=hours(1))
    clock.turn(hours(73) + timedelta(seconds=1))


def test_the_clocks_events_go_out_signed_in_order_and_once(cast: Cast, listener: Listener) -> None:
    cast.order(at=0)  # before there was a webhook
    made = hook(cast.li, listener.url)
    breach(cast)
    assert tell_due(hours(74)) == len(listener.heard) > 0
    assert tell_due(hours(75)) == 0
    since = JournalLine.objects.filter(party=cast.seller, noted_at__gte=hours(0.5)).order_by("seq")
    assert listener.kinds == list(since.values_list("kind", flat=True))
    assert {"message.sent", "duty.opened", "duty.warned", "duty.breached", "ledger.charged"} <= set(listener.kinds)
    headers, body = listener.heard[0]
    data = json.loads(body)["data"]
    assert headers["webhook-id"] == f"{cast.seller.uuid}.{data['seq']}"
    assert headers["host"] == f"127.0.0.1:{listener.port}"
    signed = Verifier(made.secret)
    with pytest.raises(WebhookVerificationError, match="old"):  # signed at the story's time, not now
        signed.verify(body, headers)
    assert signed.sign(headers["webhook-id"], hours(74), body.decode()) == headers["webhook-signature"]
    assert b"Where is my lamp?" not in body


def test_only_the_kinds_that_were_asked_for(cast: Cast, listener: Listener) -> None:
    hook(cast.li, listener.url, ["duty.breached", "ledger."])
    breach(cast)
    tell_due(hours(74))
    assert set(listener.kinds) == {"duty.breached", "ledger.charged"}


@pytest.mark.parametrize(("who", "hears"), [("platform", True), ("ken", True), ("max", False)])
def test_whose_lines_are_told(cast: Cast, listener: Listener, who: str, hears: bool) -> None:
    hook(getattr(cast, who), listener.url)
    breach(cast)
    tell_due(hours(74))
    assert bool(listener.heard) is hears


def test_what_fails_is_tried_again_from_where_it_stopped(cast: Cast, listener: Listener) -> None:
    made = hook(cast.li, listener.url)
    breach(cast)
    listener.answers += [200, 503]
    assert tell_due(hours(74)) == 1
    made.refresh_from_db()
    assert (made.attempts, made.failed_why, made.due_at) == (1, "it answered 503", hours(74) + WAITS[0])
    assert tell_due(hours(74)) == 0, "not before its time"
    tell_due(hours(75))
    numbers = [json.loads(body)["data"]["seq"] for _, body in listener.heard]
    assert numbers == sorted(set(numbers))
    made.refresh_from_db()
    assert made.attempts == 0


@pytest.mark.parametrize("status", [302, 500])
def test_it_is_given_up_after_some_days_and_can_be_tried_again(cast: Cast, listener: Listener, status: int) -> None:
    made = hook(cast.li, listener.url)
    breach(cast)
    listener.answers += [status] * (len(WAITS) + 1)
    now = hours(74)
    for _ in range(len(WAITS) + 3):
        tell_due(now)
        made.refresh_from_db()
        now = made.due_at or now
    assert (made.due_at, made.attempts, listener.heard) == (None, len(WAITS) + 1, [])
    webhooks.again(cast.li, made, at=now)
    assert tell_due(now) > 0


def test_who_is_gone_is_not_asked_again(cast: Cast, listener: Listener) -> None:
    made = hook(cast.li, listener.url)
    breach(cast)
    listener.answers += [410]
    tell_due(hours(74))
    made.refresh_from_db()
    assert made.due_at is None


def test_an_address_that_cannot_be_keeps_no_other_waiting(cast: Cast, listener: Listener) -> None:
    bad = [hook(cast.li, url) for url in (f"https://{'a' * 64}.example/", "https://a..example/")]
    hook(cast.li, listener.url)
    breach(cast)
    assert tell_due(hours(74)) > 0
    assert listener.heard
    for each in bad:
        each.refresh_from_db()
        assert "cannot be found" in each.failed_why


def test_a_slow_address_goes_on_in_the_next_round(
    cast: Cast, listener: Listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    hook(cast.li, listener.url)
    breach(cast)
    monkeypatch.setattr("comity.integrations.webhooks.SECONDS_EACH", -1.0)
    assert [tell_due(hours(74)), tell_due(hours(74))] == [1, 1]
    monkeypatch.setattr("comity.integrations.webhooks.SECONDS_EACH", 20.0)
    tell_due(hours(74))
    numbers = [json.loads(body)["data"]["seq"] for _, body in listener.heard]
    assert numbers == list(range(numbers[0], numbers[0] + len(numbers))), "each once, none left out"


@pytest.mark.parametrize("url", ["https://127.0.0.1/x", "https://localhost/x", "https://10.1.2.3/x", "https://[::1]/x"])
def test_nobody_reaches_into_the_operators_network(
    cast: Cast, listener: Listener, monkeypatch: pytest.MonkeyPatch, url: str
) -> None:
    monkeypatch.setenv("COMITY_WEBHOOKS_PRIVATE", "0")
    made = hook(cast.li, url)
    breach(cast)
    assert tell_due(hours(74)) == 0
    made.refresh_from_db()
    assert made.failed_why.endswith("is not an address of the internet")


@pytest.mark.parametrize(
    ("url", "kinds"),
    [("http://shop.example/x", []), ("ftp://x", []), ("https://", []), ("https://u:p@x.example/", []), ("https://x.example:99999/", []),
     ("https://x.example/" + "y" * 600, []), ("https://x.example/", ["nonsense"]), ("", []), ("https://[x/", [])],
)  # fmt: skip
def test_bad_webhooks_are_refused(cast: Cast, url: str, kinds: list[str]) -> None:
    with pytest.raises(Refused):
        hook(cast.li, url, kinds)


def test_buyers_have_none_and_nobody_anothers(cast: Cast) -> None:
    with pytest.raises(Forbidden):
        hook(cast.ana, "https://x.example/")
    made = hook(cast.li, "https://x.example/")
    with pytest.raises(Forbidden):
        webhooks.remove(cast.max, made, at=hours(1))
    webhooks.remove(cast.li, made, at=hours(1))
    assert not Webhook.objects.exists()


def test_a_past_that_is_imported_is_no_news(cast: Cast, listener: Listener) -> None:
    hook(cast.li, listener.url)
    past = [
        Fact(
            id=f"paid{number}", kind="order.paid", at=hours(number), noted_at=hours(500), subject=f"order:{number}",
            matter=f"order:{number}", party=cast.seller.ref, data={"dispatch_by": f"2026-03-0{number + 4}T00:00:00Z"},
        )
        for number in range(3)
    ]  # fmt: skip
    cast.order(at=1)
    tell_due(hours(2))
    before = len(listener.heard)
    clock.turn(hours(500))
    late = JournalLine.objects.filter(party=cast.seller).count() - before
    notices = Notice.objects.count()
    sit(cast.seller, past, imported=True)
    assert Notice.objects.count() == notices
    cast.order(at=501)
    tell_due(hours(502))
    news = listener.kinds[before + late :]
    assert news[:2] == ["order.placed", "order.paid"]
    assert "history.imported" not in listener.kinds
    assert JournalLine.objects.filter(kind="duty.breached", matter__in=["order:0", "order:1", "order:2"]).exists()


def test_what_a_hidden_review_says_is_not_told_to_the_other_side(cast: Cast, listener: Listener) -> None:
    order = cast.order(days=1)
    for who in (cast.li, cast.platform):
        hook(who, listener.url, ["review."])
    reviews.write(cast.ana, order, score=1, text="Never came", at=hours(25))
    tell_due(hours(26))
    told = [json.loads(body)["data"]["line"]["data"] for _, body in listener.heard]
    assert [each.get("score") for each in told] == [None, 1]
    assert ["digest" in each for each in told] == [False, True]
    reviews.write(cast.li, order, score=4, at=hours(27))
    tell_due(hours(28))
    assert json.loads(listener.heard[2][1])["data"]["line"]["data"]["score"] == 4


@pytest.mark.django_db
def test_of_a_measure_it_is_shown_whether_the_shop_has_it(listener: Listener) -> None:
    cast = staged()
    violation(cast, hours(1), 12)
    row = Sanction.objects.get()
    ken, address = sign_in(cast.ken), f"/desk/measures/{row.party.uuid}/{row.key}/"
    api = Api(cast.platform, cast.ken)
    assert json.loads(api.get(f"/parties/{row.party.uuid}/sanctions/{row.key}").content)["shop_has_it"] is None
    hook(cast.platform, listener.url, ["sanction."])
    assert "is being told" in text(ken.get(address))
    listener.answers = [503]
    tell_due(hours(3))
    assert "has not taken it yet; tried once:" in text(ken.get(address))
    assert json.loads(api.get(f"/parties/{row.party.uuid}/sanctions/{row.key}").content)["shop_has_it"] is False
    tell_due(hours(4))
    assert listener.kinds == ["sanction.proposed"]
    assert "has taken the newest news of it" in text(ken.get(address))
    sanctions.approve(cast.ken, row, at=hours(5))
    assert "is being told" in text(ken.get(address))
    tell_due(hours(6))
    assert listener.kinds[1:] == ["sanction.approved", "sanction.placed"]
    body = json.loads(listener.heard[-1][1])["data"]["line"]
    row.refresh_from_db()
    assert row.effective_at
    assert row.until
    assert (body["effective_at"], body["until"]) == (to_text(row.effective_at), to_text(row.until))
    assert json.loads(api.get(f"/parties/{row.party.uuid}/sanctions/{row.key}").content)["shop_has_it"] is True
