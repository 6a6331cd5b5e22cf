"""Idempotency keys: done once, whatever happens between what is done and its answer."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from comity.api import idempotency
from comity.identity import repeated
from comity.records.models import IdempotentAnswer, JournalLine, Message, Webhook
from tests.api.client import Api
from tests.cast import Cast


def api_of(cast: Cast, who: Any) -> Api:
    return Api(cast.platform, who)


def test_what_is_cut_off_before_its_answer_is_kept_was_never_done(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    path, ana = f"/conversations/{cast.conversation().uuid}/messages", api_of(cast, cast.ana)
    before = JournalLine.objects.count()

    class Killed(BaseException):
        pass

    def killed(*given: object) -> None:
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(idempotency, "_keep", killed)
        with pytest.raises(Killed):
            ana.post(path, {"text": "Hello?"}, Idempotency_Key="k")
    assert (Message.objects.count(), JournalLine.objects.count()) == (0, before)
    answers = [ana.post(path, {"text": "Hello?"}, Idempotency_Key="k") for _ in range(2)]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].content == answers[1].content
    assert Message.objects.count() == 1


def test_what_is_refused_halfway_leaves_nothing_but_its_answer(cast: Cast) -> None:
    ana = api_of(cast, cast.ana)
    before = JournalLine.objects.count()
    answer = ana.post(f"/conversations/{cast.conversation().uuid}/messages", {"text": " "}, Idempotency_Key="k")
    assert answer.status_code == 422
    assert JournalLine.objects.count() == before
    assert IdempotentAnswer.objects.get().status == 422


def test_a_key_belongs_to_its_token(cast: Cast) -> None:
    path = f"/conversations/{cast.conversation().uuid}/messages"
    for number in (1, 2):  # two tokens of one party
        assert api_of(cast, cast.ana).post(path, {"text": "Hello?"}, Idempotency_Key="k").status_code == 201
        assert Message.objects.count() == number


def test_an_answer_with_a_secret_is_given_once(cast: Cast) -> None:
    li, new = api_of(cast, cast.li), {"url": "https://shop.example/hook"}
    first, again = (li.post("/webhooks", new, Idempotency_Key="k") for _ in range(2))
    assert (first.status_code, again.status_code, Webhook.objects.count()) == (201, 409, 1)
    assert "answered-once" in again.content.decode()
    secret = first.json()["secret"]  # type: ignore[attr-defined]
    kept = IdempotentAnswer.objects.get()
    assert kept.body is None
    assert secret not in repr(kept.__dict__)


def test_answers_are_forgotten_after_a_day(cast: Cast) -> None:
    ana = api_of(cast, cast.ana)
    assert ana.post(f"/conversations/{cast.conversation().uuid}/messages", {"text": "A"}, Idempotency_Key="k")
    now = datetime.now(UTC)
    assert repeated.forget(now + timedelta(hours=23)) == 0
    assert repeated.forget(now + timedelta(hours=25)) == 1
    assert not IdempotentAnswer.objects.exists()


def test_facts_are_done_once_by_their_own_ids(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    shop = api_of(cast, cast.platform)
    fact = {
        "specversion": "1.0", "id": "1", "source": "shop", "type": "review.written", "subject": "order:77",
        "time": "2026-03-02T10:00:00Z", "data": {"party": cast.seller.ref, "score": 5},
    }  # fmt: skip
    first, again = (shop.post("/facts", fact, Idempotency_Key="k") for _ in range(2))
    assert first.content == again.content
    assert first.json()["recorded"] == 1  # type: ignore[attr-defined]
    monkeypatch.setattr(idempotency, "_known", lambda *given: None)
    assert shop.post("/facts", fact, Idempotency_Key="k").json()["known"] == 1  # type: ignore[attr-defined]
