"""The drafting helper: off by default, asked by errands, told no names, and marked in the journal when it was used."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest

from comity.actions import drafts, messages
from comity.actions.enact import Refused
from comity.actions.guard import Forbidden
from comity.integrations import drafting
from comity.records.models import Conversation, Draft, JournalLine, Message
from tests.cast import Cast, hours

ANSWER = {"choices": [{"message": {"role": "assistant", "content": " It arrives by March 22. "}}]}


@pytest.fixture
def helper(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, Any]]:
    """A helper on loopback; `answer` is what it says, `asked` what it was told."""
    state: dict[str, Any] = {"answer": json.dumps(ANSWER).encode(), "status": 200, "asked": []}

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["content-length"])))
            state["asked"].append((self.path, self.headers.get("authorization"), body))
            self.send_response(state["status"])
            self.send_header("content-length", str(len(state["answer"])))
            self.end_headers()
            self.wfile.write(state["answer"])

        def log_message(self, *args: Any) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        monkeypatch.setenv("COMITY_DRAFT_URL", f"http://127.0.0.1:{server.server_address[1]}/v1")
        monkeypatch.setenv("COMITY_DRAFT_KEY", "secret")
        yield state
        server.shutdown()


@pytest.fixture
def talk(cast: Cast) -> Conversation:
    found = cast.conversation(cast.order())
    messages.send(cast.ana, found, text="Where is my lamp?", at=hours(1))
    return found


def test_it_is_off_by_default(cast: Cast, talk: Conversation) -> None:
    with pytest.raises(Refused, match="no drafting helper"):
        drafts.ask(cast.li, talk, at=hours(2))
    assert drafting.write_all(hours(2)) == 0


def test_a_draft_is_written_and_sends_nothing(cast: Cast, talk: Conversation, helper: dict[str, Any]) -> None:
    first = drafts.ask(cast.li, talk, at=hours(2))
    assert drafts.ask(cast.li, talk, at=hours(2.01)).pk == first.pk
    assert drafting.write_all(hours(2.01)) == 1
    found = drafts.latest(cast.li, talk, at=hours(2.1))
    assert found is not None
    assert found.text == "It arrives by March 22."
    path, key, told = helper["asked"][0]
    assert (path, key) == ("/v1/chat/completions", "Bearer secret")
    assert "Where is my lamp?" in json.dumps(told)
    assert "Desk lamp" in json.dumps(told)
    assert not {"Ana", "Souza", "Li Wei"} & set(json.dumps(told).replace(",", " ").split())
    assert Message.objects.count() == 1
    assert Conversation.objects.get(pk=talk.pk).turn == "seller"


@pytest.mark.parametrize(
    ("status", "answer"),
    [(500, b"{}"), (200, b"no json"), (200, b"{}"), (200, b'{"choices": [{"message": {"content": 7}}]}')],
)
def test_a_helper_that_fails_says_why(
    cast: Cast, talk: Conversation, helper: dict[str, Any], status: int, answer: bytes
) -> None:
    helper.update(status=status, answer=answer)
    drafts.ask(cast.li, talk, at=hours(2))
    assert drafting.write_all(hours(2.01)) == 0
    draft = Draft.objects.get()
    assert (draft.text, bool(draft.failed_why)) == ("", True)
    assert drafts.ask(cast.li, talk, at=hours(2.01)).pk != draft.pk, "it may be asked again at once"


def test_what_began_as_a_draft_is_marked(cast: Cast, talk: Conversation) -> None:
    sent = messages.send(cast.li, talk, text="By March 22.", at=hours(3), extras=messages.Extras(drafted=True))
    assert json.loads(JournalLine.objects.get(fact_id=sent.ref).body)["data"]["drafted"] is True
    assert drafts.latest(cast.li, talk, at=hours(3)) is None


def test_only_who_may_answer_asks(cast: Cast, talk: Conversation, helper: dict[str, Any]) -> None:
    for actor in (cast.ana, cast.bea, cast.max):
        with pytest.raises(Forbidden):
            drafts.ask(actor, talk, at=hours(2))
