"""Access tokens: made, listed, rotated and revoked by API, command and page; refused at once when they end."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from comity.actions.enact import Refused
from comity.actions.guard import Actor, Forbidden
from comity.cli.main import run
from comity.identity import tokens
from comity.records.models import ApiToken
from tests.api.client import Api
from tests.cast import START, Cast

NOW = datetime.now(UTC)


def now() -> datetime:
    return datetime.now(UTC)


HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def made(actor: Actor, *, at: datetime = START, expires_at: datetime | None = None, label: str = "shop") -> str:
    return tokens.make(actor, party=actor.party, label=label, scopes=["party.read"], at=at, expires_at=expires_at)


def row(text: str) -> ApiToken:
    return tokens.of_text(text)


def body(response: Any) -> Any:
    return json.loads(response.content)


def test_a_token_ends_when_it_expires_or_is_revoked(cast: Cast) -> None:
    text = made(cast.li)
    actor = tokens.actor_of(text, START + tokens.LIFE - HOUR)
    assert actor is not None
    assert (actor.party, actor.scopes, actor.token) == (cast.seller, frozenset({"party.read"}), row(text).pk)
    assert tokens.actor_of(text, START + tokens.LIFE) is None
    tokens.revoke(cast.li, row(text), at=START + HOUR)
    assert tokens.actor_of(text, START + 2 * HOUR) is None
    tokens.revoke(cast.li, row(text), at=START + DAY)
    assert row(text).revoked_at == START + HOUR, "a second time changes nothing"
    for wrong in ("", "comity", "comity_x", "comity__", "comity_\x00_x", f"{text}x", text.replace("comity", "other")):
        assert tokens.actor_of(wrong, START) is None


def test_a_rotated_secret_ends_at_once_or_after_the_overlap(cast: Cast) -> None:
    first = made(cast.li)
    second = tokens.rotate(cast.li, row(first), at=START + DAY)
    assert (tokens.actor_of(first, START + DAY), row(second).pk) == (None, row(first).pk)
    assert row(second).expires_at == START + DAY + tokens.LIFE
    third = tokens.rotate(cast.li, row(second), at=START + 2 * DAY, overlap=HOUR)
    known = [tokens.actor_of(text, START + 2 * DAY + HOUR / 2) is not None for text in (first, second, third)]
    assert known == [False, True, True]
    assert tokens.actor_of(second, START + 2 * DAY + HOUR) is None
    tokens.revoke(cast.li, row(third), at=START + 2 * DAY)
    assert tokens.actor_of(second, START + 2 * DAY) is None, "an overlap does not outlive a revocation"
    with pytest.raises(Refused, match="Make a new one"):
        tokens.rotate(cast.li, row(third), at=START + 3 * DAY)
    short = made(cast.li, expires_at=START + HOUR)
    tokens.rotate(cast.li, row(short), at=START, overlap=DAY)
    assert tokens.actor_of(short, START + HOUR) is None, "nor the old end"


def test_use_is_noted_once_an_hour(cast: Cast) -> None:
    text = made(cast.li)
    for at, noted in ((START, START), (START + HOUR / 2, START), (START + HOUR, START + HOUR)):
        tokens.actor_of(text, at)
        assert row(text).last_used_at == noted


def test_a_token_makes_none_that_can_do_more_or_for_longer(cast: Cast) -> None:
    scopes = ["token.make", "token.rotate", "party.read"]
    end = START + 9 * DAY
    parent = tokens.make(cast.li, party=cast.seller, label="parent", scopes=scopes, at=START, expires_at=end)
    narrow = tokens.actor_of(parent, START)
    assert narrow is not None
    wide = tokens.make(cast.li, party=cast.seller, label="wide", scopes=["order.read"], at=START)
    refusals: tuple[Callable[[], str], ...] = (
        lambda: tokens.make(narrow, party=cast.seller, label="x", scopes=["order.read"], at=START),
        lambda: tokens.rotate(narrow, row(wide), at=START),
        lambda: made(narrow, expires_at=end + HOUR),
        lambda: made(cast.li, expires_at=START + tokens.MAX_LIFE + HOUR),
        lambda: made(cast.li, expires_at=START),
        lambda: made(cast.li, label=" "),
        lambda: tokens.rotate(cast.li, row(wide), at=START, overlap=tokens.MAX_OVERLAP + HOUR),
        lambda: tokens.rotate(cast.li, row(wide), at=START, overlap=-HOUR),
        lambda: tokens.make(cast.li, party=cast.seller, label="x", scopes=[], at=START),
    )
    for refusal in refusals:
        with pytest.raises(Refused):
            refusal()
    child = made(narrow)
    assert row(child).expires_at == end
    grandchild = ApiToken.objects.create(
        party=cast.seller, label="", prefix="abc", secret_hash=b"", scopes=[], created_at=START, expires_at=end,
        made_with=row(child),
    )  # fmt: skip
    tokens.revoke(cast.ken, row(parent), at=START)
    grandchild.refresh_from_db()
    assert tokens.actor_of(child, START) is None, "what was made with it ends with it"
    assert (grandchild.revoked_at, row(wide).revoked_at) == (START, None)


def test_who_may_see_and_end_whose(cast: Cast) -> None:
    mine = row(made(cast.li))
    for other in (cast.ana, cast.max):
        with pytest.raises(Forbidden):
            tokens.listed(other, cast.seller)
        with pytest.raises(Forbidden):
            tokens.listed(other)
        with pytest.raises(Forbidden):
            tokens.revoke(other, mine, at=NOW)
    assert list(tokens.listed(cast.ken)) == list(tokens.listed(cast.ken, cast.seller)) == [mine]
    with pytest.raises(Forbidden):
        tokens.rotate(cast.ken, mine, at=NOW)
    with pytest.raises(Forbidden):
        tokens.make(cast.ken, party=cast.seller, label="x", scopes=["party.read"], at=NOW)
    tokens.revoke(cast.ken, mine, at=NOW)


def test_a_token_that_another_process_revoked_ends_within_a_second(cast: Cast) -> None:
    text = tokens.make(cast.platform, party=cast.seller, label="x", scopes=["party.read"], at=NOW)
    assert tokens.actor_of(text, NOW) is not None
    ApiToken.objects.update(revoked_at=NOW)
    assert tokens.actor_of(text, NOW + timedelta(seconds=0.9)) is not None, "its word is taken for a second"
    assert tokens.actor_of(text, NOW + timedelta(seconds=1)) is None
    ApiToken.objects.update(revoked_at=None)
    assert tokens.actor_of(text, NOW) is not None
    tokens.revoke(cast.platform, ApiToken.objects.get(), at=NOW)
    assert tokens.actor_of(text, NOW) is None, "at once, where it is revoked"


def test_by_the_api(cast: Cast) -> None:
    li, rival = Api(cast.platform, cast.li), Api(cast.platform, cast.max)
    new = body(li.post("/tokens", {"label": "shop", "scopes": ["party.read"]}))
    assert tokens.actor_of(new["secret"], now()) is not None
    listed = li.get("/tokens")
    assert new["secret"].split("_", 2)[2] not in listed.content.decode()
    items = {each["prefix"]: each for each in body(listed)["items"]}
    known = items[new["prefix"]]
    assert known.pop("last_used_at") is not None
    assert known == {name: value for name, value in new.items() if name not in ("secret", "last_used_at")}
    assert body(rival.get("/tokens"))["items"][0]["party"] == str(cast.max.party.uuid)
    assert rival.get(f"/tokens?party={cast.seller.uuid}").status_code == 403
    assert rival.get("/tokens?everybody=1").status_code == 403
    assert len(body(Api(cast.platform, cast.ken).get("/tokens?everybody=1"))["items"]) == 4
    for act in ("rotate", "revoke"):
        assert rival.post(f"/tokens/{new['prefix']}/{act}", {}).status_code == 404
    rotated = body(li.post(f"/tokens/{new['prefix']}/rotate", {"overlap_seconds": 60}))
    both = (new["secret"], rotated["secret"])
    assert [tokens.actor_of(text, now()) is not None for text in both] == [True, True]
    assert li.post(f"/tokens/{new['prefix']}/revoke", {}).status_code == 200
    assert [tokens.actor_of(text, now()) for text in both] == [None, None]
    assert li.post("/tokens", {"label": "x", "scopes": ["everything"]}).status_code == 422


def test_by_command(cast: Cast, capsys: pytest.CaptureFixture[str]) -> None:
    def comity(*arguments: str) -> tuple[int, str, str]:
        code = run(["token", *arguments])
        said = capsys.readouterr()
        return code, said.out.strip(), said.err

    code, text, _ = comity("make", "platform", "--label", "shop", "--scope", "fact.record", "--days", "30")
    assert (code, tokens.actor_of(text, now()) is not None) == (0, True)
    listed = comity("list")[1]
    assert row(text).prefix in listed
    assert text.split("_", 2)[2] not in listed
    (told,) = json.loads(comity("list", "platform", "--json")[1])
    assert (told["state"], told["scopes"], told["label"]) == ("in_force", ["fact.record"], "shop")
    assert comity("list", str(cast.seller.uuid))[1] == ""
    _, rotated, _ = comity("rotate", row(text).prefix)
    assert [tokens.actor_of(each, now()) is not None for each in (text, rotated)] == [False, True]
    assert comity("revoke", rotated)[0] == 0
    assert tokens.actor_of(rotated, now()) is None
    assert "revoked" in comity("list")[1]
    for wrong in (("revoke", "ffffffff"), ("rotate", "comity_"), ("rotate", row(text).prefix), ("list", "nobody")):
        code, _, said = comity(*wrong)
        assert code == 2, wrong
        assert said.startswith("comity: "), wrong
