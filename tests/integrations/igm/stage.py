"""An installation in the network, and a participant that plays a buyer's app."""

import base64
import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from comity.integrations.igm import acting, receiving, sending
from comity.integrations.igm.fake import FakeParticipant
from comity.integrations.igm.signing import Signer
from comity.lib.moments import parse

AT = parse("2026-03-02T10:00:00+05:30")
SELLER = Signer("sellerapp.com", "s1", bytes(range(1, 33)))
BUYER = Signer("buyerapp.com", "b1", bytes(range(2, 34)))
OTHERS = {
    name: Signer(name, "k1", bytes([number]) * 32) for number, name in enumerate(["buyerNP.com", "logisticsapp.com"], 3)
}


def joined(
    folder: Path, patch: pytest.MonkeyPatch, *participants: Signer, own: Signer = SELLER, untold: str = "accept"
) -> None:
    """Let the installation take part."""
    (folder / "igm_key").write_text(base64.b64encode(own.secret).decode())
    lines = [f'subscriber_id = "{own.subscriber}"', f'key_id = "{own.key_id}"', 'key_file = "igm_key"']
    lines += [f'untold_orders = "{untold}"'] if untold else []
    lines += ["[reasons]", 'ITM = "damaged"', 'FLM = "not received"']
    for each in participants:
        key = base64.b64encode(each.public).decode()
        lines += ["[[participant]]", f'subscriber_id = "{each.subscriber}"', f'key_id = "{each.key_id}"']
        lines += [f'public_key = "{key}"', f'url = "https://{each.subscriber}/ondc"']
    (folder / "igm.toml").write_text("\n".join(lines))
    patch.setenv("COMITY_IGM", str(folder / "igm.toml"))


class World:
    """The participant, the door with a clock of its own, and the errands that answer."""

    def __init__(self, patch: pytest.MonkeyPatch, at: datetime):
        self.now = at
        world = self

        class Clock(datetime):
            @classmethod
            def now(cls, tz: Any = None) -> datetime:  # type: ignore[override]
                del tz
                return world.now

        patch.setattr(receiving, "datetime", Clock)
        self.app = FakeParticipant(BUYER, SELLER.subscriber, {("sellerapp.com", "s1"): SELLER.public}, self.post)

    def post(self, api: str, body: bytes, headers: dict[str, str]) -> tuple[int, dict[str, Any]]:
        """Send to the door."""
        answer = Client().post(f"/hooks/igm/{api}", body, content_type="application/json", headers=headers)
        return answer.status_code, json.loads(answer.content)

    def goes_by(self, **time: float) -> None:
        """Let time go by."""
        self.now += timedelta(**time)

    def answered(self) -> list[tuple[str, dict[str, Any]]]:
        """Run the errands, and return what the participant was sent."""
        before = len(self.app.heard)
        acting.tell(self.now)
        sending.send_due(self.now, transport=self.app.transport(self.now))
        return self.app.heard[before:]

    def opened(self, order: str, **more: Any) -> dict[str, Any]:
        """Raise an issue about an order."""
        return self.app.open(order, self.now, **more)

    def does(self, code: str, **more: Any) -> dict[str, Any]:
        """Append to the first issue."""
        return self.app.append("ISSUE-1", code, self.now, **more)
