"""What tests of the disputes' API share: the stage of tests.disputing now, and everybody's client."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from comity.actions.guard import SCOPES, Actor
from tests.api.client import Api
from tests.disputing import Stage, agent, rulebook, stage

NEVER_WAS = "0190163d-8694-739b-aea5-966c26f8ad91"
NOW = datetime.now(UTC)
#: When the story begins: what requests do is done now.
BEGAN = NOW - timedelta(days=1)


def body_of(answer: Any, status: int = 200) -> Any:
    assert answer.status_code == status, answer.content
    return json.loads(answer.content)


@dataclass
class Everybody:
    """The stage, and a client for each of the cast."""

    here: Stage
    clients: dict[str, Api]

    def __getitem__(self, who: str) -> Api:
        return self.clients[who]

    def join(self, name: str) -> Actor:
        """One more agent, with a client."""
        new = agent(self.here.cast, name, at=BEGAN)
        self.clients[name.lower()] = Api(self.here.cast.platform, new)
        return new

    def do(self, who: str, path: str, body: Any = None, status: int = 200, **headers: str) -> Any:
        return body_of(self.clients[who].post(path, body, **headers), status)

    def see(self, who: str, path: str, status: int = 200) -> Any:
        return body_of(self.clients[who].get(path), status)

    def refused(self, who: str, path: str, body: Any = None) -> str:
        """Ask for what is refused; return the code."""
        told = self.do(who, path, body, 422)
        assert told["errors"], told
        return str(told["code"])

    def open(self, reason: str = "damaged", **claim: Any) -> str:
        """Have Ana open a dispute; return its address."""
        told = self.do("ana", f"/orders/{self.here.order.uuid}/disputes", {"reason": reason, **claim}, 201)
        return f"/disputes/{told['uuid']}"

    def mediated(self, **claim: Any) -> str:
        """Have a dispute rejected, and taken by Ken."""
        case = self.open(**claim)
        self.do("li", f"{case}/reject", {"version": 1, "text": "It is fine."})
        self.do("ana", f"{case}/escalate", {"text": "It is not."})
        self.do("ken", f"{case}/take")
        return case


def everybody(text: str | None = None, *, at: datetime = BEGAN, **order: Any) -> Everybody:
    """The cast under a rulebook of disputes, and Ana's order of yesterday."""
    here = stage(text or rulebook(), at=at, **order)
    names = ("platform", "ana", "li", "ken", "bea", "max")
    return Everybody(here, {name: Api(here.cast.platform, getattr(here.cast, name)) for name in names})


def actions(seen: Any) -> dict[str, Any]:
    return {each["action"]: each for each in seen["available_actions"]}


def moment_of(text: str) -> datetime:
    return datetime.fromisoformat(text)


def scopes_but(*missing: str) -> list[str]:
    return sorted(SCOPES - set(missing))
