"""A participant of the network that plays: it signs and sends, and acknowledges and keeps what it is sent."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import httpx

from comity.integrations.igm import signing
from comity.integrations.igm.signing import Signer
from comity.lib import moments


@dataclass
class FakeParticipant:
    """A buyer's app: raises an issue about an order and appends to it.

    post     takes the call, the body and its headers to the other side, and returns the answer's status and JSON
    heard    what it was sent: call and body; only what was signed by a key of `keys`
    """

    signer: Signer
    other: str
    keys: dict[tuple[str, str], bytes]
    post: Callable[[str, bytes, dict[str, str]], tuple[int, dict[str, Any]]]
    heard: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    issues: dict[str, dict[str, Any]] = field(default_factory=dict)
    sent: int = 0

    def open(
        self,
        order: str,
        at: datetime,
        *,
        number: str = "ISSUE-1",
        items: tuple[str, ...] = (),
        category: str = "ITM004",
        text: str = "It came broken.",
        **more: Any,
    ) -> dict[str, Any]:
        """Raise an issue; return the answer."""
        refs = [{"ref_id": order, "ref_type": "ORDER"}, *({"ref_id": each, "ref_type": "ITEM"} for each in items)]
        self.issues[number] = {
            "id": number, "status": "OPEN", "level": "ISSUE", "created_at": moments.to_text(at),
            "expected_response_time": {"duration": "PT2H"}, "expected_resolution_time": {"duration": "P1D"},
            "refs": refs, "actors": [{"id": "NP1", "type": "INTERFACING_NP"}], "complainant_id": "NP1",
            "descriptor": {"code": category, "short_desc": text}, "actions": [], **more,
        }  # fmt: skip
        return self.append(number, "OPEN", at)

    def append(
        self, number: str, code: str, at: datetime, *, level: str = "", ref: str = "", text: str = ""
    ) -> dict[str, Any]:
        """Append an action to an issue, as it was heard of last, and send it; return the answer."""
        issue = self.issues[number]
        action = {
            "id": f"A{len(issue['actions']) + 1}", "descriptor": {"code": code, "short_desc": text},
            "updated_at": moments.to_text(at), "action_by": "NP1",
        } | ({"ref_id": ref, "ref_type": "RESOLUTIONS"} if ref else {})  # fmt: skip
        issue = {**issue, "actions": [*issue["actions"], action], "level": level or issue["level"]}
        issue |= {"last_action_id": action["id"], "updated_at": moments.to_text(at)}
        if code == "CLOSED":
            issue["status"] = "CLOSED"
        answer = self.send("issue", {"issue": issue}, at)
        if answer["message"]["ack"]["status"] == "ACK":
            self.issues[number] = issue
        return answer

    def send(self, api: str, message: dict[str, Any], at: datetime, *, message_id: str = "") -> dict[str, Any]:
        """Send a message; return the answer."""
        self.sent += 1
        context = {
            "domain": "ONDC:RET10", "action": api, "core_version": "2.0.0", "bap_id": self.signer.subscriber,
            "bap_uri": f"https://{self.signer.subscriber}/ondc", "bpp_id": self.other,
            "bpp_uri": f"https://{self.other}/ondc", "transaction_id": "T1",
            "message_id": message_id or f"M{self.sent}", "timestamp": moments.to_text(at), "ttl": "PT30S",
        }  # fmt: skip
        body = json.dumps({"context": context, "message": message}, ensure_ascii=False).encode()
        return self.post(api, body, {"Authorization": signing.header(self.signer, body, at)})[1]

    def transport(self, now: datetime) -> httpx.MockTransport:
        """Return where the other side's calls go: here they are checked and kept."""

        def answer(request: httpx.Request) -> httpx.Response:
            body, api = request.content, request.url.path.rpartition("/")[2]
            try:
                signing.signed_by(request.headers["Authorization"], body, self.keys, now)
            except signing.BadSignature as wrong:
                error = {"type": "CONTEXT-ERROR", "code": "20001", "message": str(wrong)}
                return httpx.Response(401, json={"message": {"ack": {"status": "NACK"}}, "error": error})
            said = json.loads(body)
            self.heard.append((api, said))
            issue = said.get("message", {}).get("issue")
            if issue and ("error" not in said or "actions" in issue):  # what was refused is as it stood
                self.issues[issue["id"]] = issue
            elif issue:
                self.issues.pop(issue["id"], None)
            return httpx.Response(200, json={"message": {"ack": {"status": "ACK"}}})

        return httpx.MockTransport(answer)
