"""Disputes by the API once the platform is asked: mediation, evidence, decisions, appeals; told by the shop; webhooks."""

import json
from base64 import b64encode
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from comity.actions import clock, webhooks
from comity.actions.disputes import evidence
from comity.actions.doing import NotNow
from comity.actions.orders import Line
from comity.integrations import webhooks as told_by
from comity.lib.money import Money
from comity.records import journal
from comity.records.models import Charge, Dispute, Evidence, Interest, JournalLine, Refund
from tests.api.client import Api
from tests.api.disputing import BEGAN, NEVER_WAS, NOW, Everybody, actions, body_of, everybody, moment_of, scopes_but
from tests.api.test_on_behalf import SPOKEN
from tests.disputing import RULES, rulebook

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
DECISION = {
    "outcome": "buyer",
    "amount": 6000,
    "currency": "EUR",
    "inputs": {"proof": "clear"},
    "text": "It is broken.",
}
HELD = RULES.replace('set_aside = "14 days"', 'set_aside = "14 days"\nhold = "2 days"')


@pytest.fixture
def all_() -> Everybody:
    return everybody()


def attach(api: Api, path: str, *files: SimpleUploadedFile, **form: Any) -> Any:
    headers = {"Authorization": f"Bearer {api.token}", **form.pop("headers", {})}
    return api.client.post(f"/api/v1{path}", {"files": list(files), **form}, headers=headers)


def file_of(answer: Any) -> tuple[bytes, Any]:
    assert answer.status_code == 200
    content = b"".join(answer.streaming_content)
    for close in answer._resource_closers:  # not `answer.close()`: that ends the connection, too
        close()
    return content, answer.headers


def test_files_are_taken_one_by_one(all_: Everybody) -> None:
    case = all_.open()
    there = f"{case}/evidence/files"
    files = [
        SimpleUploadedFile("account.txt", "Zerbrochen, 碎了".encode(), "text/plain"),
        SimpleUploadedFile("empty.txt", b"", "text/plain"),
        SimpleUploadedFile("run.exe", b"MZ\x00\x01", "application/octet-stream"),
    ]
    told = body_of(attach(all_["ana"], there, *files, item="photo of the damage"), 201)
    assert (len(told["kept"]), len(told["wrong"])) == (1, 2)
    assert "empty.txt is empty." in told["wrong"]
    assert any("run.exe" in each for each in told["wrong"])
    piece = told["dispute"]["evidence"][0]
    assert (piece["name"], piece["kind"], piece["sees"], piece["late"]) == ("account.txt", "file", "all", False)
    expected = {each["name"]: each["state"] for each in told["dispute"]["expected"]}
    assert expected == {"photo of the damage": "given"}
    for who in ("li", "ken"):
        content, headers = file_of(all_[who].get(f"{case}/evidence/{piece['uuid']}"))
        assert content.decode() == "Zerbrochen, 碎了"
        assert headers["Content-Security-Policy"].startswith("sandbox")
    for who in ("bea", "max"):
        assert all_[who].get(f"{case}/evidence/{piece['uuid']}").status_code == 404
    assert all_["li"].get(f"{case}/evidence/{NEVER_WAS}").status_code == 404
    assert attach(all_["ana"], there, SimpleUploadedFile("empty.txt", b"")).status_code == 422
    assert all_["ana"].post(there, b"no form", kind="multipart/form-data; boundary=x").status_code in (400, 422)
    assert all_["ana"].post(there, b"no form", kind="multipart/form-data").status_code == 400
    assert Evidence.objects.count() == 1


def test_a_form_that_is_sent_twice_is_taken_once(all_: Everybody) -> None:
    """Although the line that parts its fields is another one each time."""
    there = f"{all_.open()}/evidence/files"

    def send(content: bytes, boundary: str) -> Any:
        body = (
            f'--{boundary}\r\nContent-Disposition: form-data; name="files"; filename="a.txt"\r\n\r\n'.encode()
            + content + f"\r\n--{boundary}--\r\n".encode()
        )  # fmt: skip
        kind = f"multipart/form-data; boundary={boundary}"
        return all_["ana"].post(there, body, kind=kind, idempotency_key="k")

    first, again, other = send(b"words", "aaa"), send(b"words", "bbb"), send(b"other words", "ccc")
    assert (first.status_code, again.content, again.headers["Idempotent-Replay"]) == (201, first.content, "true")
    assert other.status_code == 422
    assert Evidence.objects.count() == 1
    assert all_["ana"].post(there, b"x", kind="multipart/form-data", idempotency_key="n").status_code in (400, 422)


def test_a_file_that_is_too_large_is_named(all_: Everybody, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COMITY_FILE_MB", "1")
    case = all_.open()
    files = [SimpleUploadedFile("film.txt", b"x" * 1_500_000), SimpleUploadedFile("small.txt", b"words")]
    told = body_of(attach(all_["ana"], f"{case}/evidence/files", *files), 201)
    assert (told["wrong"], len(told["kept"])) == (["film.txt is larger than 1 MB."], 1)


def test_evidence_after_the_deadline_is_refused() -> None:
    rules = RULES.replace('set_aside = "14 days"', 'set_aside = "14 days"\nevidence_until = "give information"')
    all_ = everybody(rulebook(rules=rules))
    case = all_.mediated()
    question = {"of": "seller", "text": "The film?", "until": (NOW + timedelta(hours=1)).isoformat()}
    all_.do("ken", f"{case}/ask-information", question)
    seen = all_.see("li", case)
    assert moment_of(seen["evidence_until"]) - NOW > timedelta(minutes=59)
    assert actions(seen)["give-evidence"]["until"] == seen["evidence_until"]
    dispute = Dispute.objects.get()
    late = evidence.Given(text="Here it is.")
    with pytest.raises(NotNow) as refused:
        evidence.give(all_.here.cast.li, dispute, late, at=NOW + timedelta(hours=2))
    assert refused.value.code == "evidence_over"
    assert all_.do("li", f"{case}/evidence", {"text": "Here it is."}, 201)["kept"]


def test_evidence_in_json_and_for_the_mediator_only(all_: Everybody) -> None:
    case = all_.open()
    secret = {"text": "My doctor's letter.", "sees": "mediator", "why": "It is about my health."}
    assert "reason" in all_.do("ana", f"{case}/evidence", {**secret, "why": ""}, 422)["errors"][0]
    told = all_.do("ana", f"{case}/evidence", secret, 201)
    whole = told["dispute"]["evidence"][0]
    assert (whole["hidden"], whole["text"]) == (False, "My doctor's letter.")
    seen = all_.see("li", case)["evidence"][0]
    assert (seen["hidden"], seen["why"], seen["digest"]) == (True, "It is about my health.", whole["digest"])
    assert (seen["text"], seen["kind"], seen["item"], seen["sha256"]) == ("", "", "", "")
    assert all_.see("ken", case)["evidence"][0]["text"] == "My doctor's letter."
    more = {"listing": True, "files": [{"name": "a.txt", "content": b64encode(b"words").decode()}]}
    told = all_.do("li", f"{case}/evidence", more, 201, idempotency_key="e")
    assert all_.do("li", f"{case}/evidence", more, 201, idempotency_key="e") == told
    assert {each["kind"] for each in told["dispute"]["evidence"] if each["by"] == "seller"} == {"file", "listing"}
    bad = {"files": [{"name": "a.txt", "content": "not base64!"}]}
    assert all_.do("li", f"{case}/evidence", bad, 422)["errors"] == ["files: the content of a file is given in base64"]
    assert all_.do("li", f"{case}/evidence", {}, 422)["errors"]
    hidden = {**secret, "text": "", "files": more["files"]}
    piece = all_.do("ana", f"{case}/evidence", hidden, 201)["kept"][0]
    assert all_["li"].get(f"{case}/evidence/{piece}").status_code == 403
    told = all_.do("ana", f"{case}/promise-evidence", {"item": "photo of the damage", "until": (NOW + DAY).isoformat()})
    assert {each["name"]: each["state"] for each in told["expected"]} == {"photo of the damage": "later"}
    assert all_.do("ana", f"{case}/promise-evidence", {"item": "a song"}, 422)["errors"]


def test_a_carrier_s_event_is_found_and_given(all_: Everybody) -> None:
    case = all_.open(reason="not received")
    order, at = f"/orders/{all_.here.order.uuid}", NOW.isoformat()
    parcel = {"carrier": "post", "tracking_number": "RR123456785DE", "sure": True}
    shipment = all_.do("li", f"{order}/shipments", parcel, 201)["uuid"]
    all_.do("ken", f"/shipments/{shipment}/scans", {"status": "in_transit", "at": at, "place": "Köln"})
    there = all_.see("ana", f"{case}/evidence")
    assert [(each["status"], each["place"], each["returns"]) for each in there["scans"]] == [
        ("in_transit", "Köln", False)
    ]
    assert [(each["name"], each["side"], each["state"]) for each in there["expected"]] == [
        ("proof of delivery", "seller", "missing")
    ]
    given = {"scans": [there["scans"][0]["id"]], "item": "proof of delivery"}
    told = all_.do("li", f"{case}/evidence", given, 201)
    assert json.loads(told["dispute"]["evidence"][0]["text"])["place"] == "Köln"
    assert all_.see("li", f"{case}/evidence")["expected"][0]["state"] == "given"
    assert all_["bea"].get(f"{case}/evidence").status_code == 404
    assert all_.do("li", f"{case}/evidence", {"scans": [10**9]}, 422)["errors"], "of no parcel of this order"


def test_mediation(all_: Everybody) -> None:
    ada, ben = all_.join("Ada"), all_.join("Ben")
    Interest.objects.create(agent=ben.party, party=all_.here.cast.seller)
    case = all_.open()
    assert all_.refused("ken", f"{case}/take") == "not_with_the_platform"
    last = all_.do("li", f"{case}/reject", {"version": 1, "text": "It is fine.", "says": ["says_as_described"]})["last"]
    told = all_.do("ana", f"{case}/escalate", {"text": "It is not.", "shown": last})
    assert (told["stage"], told["turn"], told["otherwise"]["code"]) == ("mediation", "mediator", "hand_over")
    assert "take" in actions(all_.see("ada", case))
    assert "take" not in actions(all_.see("ben", case))
    assert all_.refused("ben", f"{case}/take") == "conflict"
    assert all_.refused("ada", f"{case}/tell-progress", {"text": "Soon."}) == "not_taken"
    told = all_.do("ada", f"{case}/take")
    assert told["mediator"] == "Ada"
    assert all_.see("li", case)["mediator"] == "Ada"
    assert all_.refused("ken", f"{case}/take") == "another_has_it"
    all_.do("ada", f"{case}/hand-over", {"to": NEVER_WAS}, 422)
    all_.do("ada", f"{case}/hand-over", {"to": str(all_.here.cast.seller.uuid)}, 422)
    all_.do("ada", f"{case}/hand-over", {"to": str(ben.party.uuid)}, 422)
    told = all_.do("ada", f"{case}/hand-over", {"to": str(all_.here.cast.ken.party.uuid)})
    assert told["mediator"] == "Ken Adams"
    all_.do("ken", f"{case}/give-back")
    all_.do("ken", f"{case}/take")
    told = all_.do("ken", f"{case}/ask-needed")
    assert told["needed_asked_at"] is not None
    assert all_.do("li", f"{case}/needed", {"needed": False})["needed"] == {"seller": False}
    question = {"of": "seller", "text": "Where is the film?", "until": (NOW + 2 * DAY).isoformat()}
    asked = all_.do("ken", f"{case}/ask-information", question)
    assert (asked["dispute"]["turn"], asked["dispute"]["requests"][0]["id"]) == ("seller", asked["request"])
    assert all_.refused("li", f"{case}/information/{NEVER_WAS}", {"text": "Here."}) == "nothing_asked"
    told = all_.do("li", f"{case}/information/{asked['request']}", {"available": False})
    assert told["requests"][0]["answer"] == "unavailable"
    told = all_.do("ken", f"{case}/tell-progress", {"text": "I look at it on Friday."})
    assert told["texts"][-1]["kind"] == "progress"
    assert ada.party.ref not in json.dumps(all_.see("ana", case)["joined"])


def test_private_words_stay_private_and_who_heard_them_does_not_decide(all_: Everybody) -> None:
    case = all_.mediated()
    all_.do("ana", f"{case}/say", {"text": "I would take half.", "sees": "buyer"})
    assert "I would take half." not in str(all_.see("ken", case)["texts"]), "nobody is made to hear it"
    all_.do("ken", f"{case}/say", {"text": "What would you take?", "sees": "buyer"})
    all_.do("ken", f"{case}/say", {"text": "She would take half.", "sees": "agent"})
    all_.do("li", f"{case}/say", {"text": "Look at the film.", "sees": "all"})
    assert all_.do("li", f"{case}/say", {"text": "x", "sees": "buyer"}, 422)["errors"]
    assert all_.do("li", f"{case}/say", {"text": "x", "sees": "nobody"}, 422)["errors"]
    talk = {
        who: [each["text"] for each in all_.see(who, case)["texts"] if each["kind"] == "talk"]
        for who in ("ana", "li", "ken")
    }
    assert talk == {
        "ana": ["I would take half.", "What would you take?", "Look at the film."],
        "li": ["Look at the film."],
        "ken": ["I would take half.", "What would you take?", "She would take half.", "Look at the film."],
    }
    assert all_.refused("ken", f"{case}/decide", DECISION) == "heard_private_talk"


def test_a_proposal_takes_the_yes_of_both(all_: Everybody) -> None:
    case = all_.mediated()
    told = all_.do("ken", f"{case}/propose", {"kind": "partial refund", "amount": 3000, "currency": "EUR"}, 201)
    number = told["number"]
    told = all_.do("ana", f"{case}/offers/{number}/accept")
    assert (told["stage"], told["offers"][-1]["agreed"], told["offers"][-1]["by"]) == ("mediation", ["buyer"], "agent")
    told = all_.do("li", f"{case}/offers/{number}/accept")
    assert (told["stage"], told["agreement"]["amount"]) == ("carrying out", 3000)


def test_cases_that_belong_together() -> None:
    all_ = everybody_with_two()
    first = all_.mediated(pieces=[{"line": line_of(all_), "quantity": 1}])
    second = all_.open(pieces=[{"line": line_of(all_), "quantity": 1}])
    found = all_.see("ken", f"{first}/candidates")
    assert [f"/disputes/{each['uuid']}" for each in found] == [second]
    assert found[0]["buyer"] == str(all_.here.cast.buyer.uuid)
    other = second.rpartition("/")[2]
    assert all_["ken"].post(f"{first}/join", {"other": NEVER_WAS, "because": "repeat"}).status_code == 404
    told = all_.do("ken", f"{first}/join", {"other": other, "because": "repeat"})
    assert told["joined"] == [f"dispute:{other}"]
    assert all_.see("ana", first)["joined"] == []


def everybody_with_two() -> Everybody:
    return everybody(lines=[Line("Glass", 2, Money(3000, "EUR"))])


def line_of(all_: Everybody) -> int:
    return all_.here.order.lines.get().pk


def test_a_second_dispute_on_the_same_piece(all_: Everybody) -> None:
    all_.open()
    assert all_.refused("ana", f"/orders/{all_.here.order.uuid}/disputes", {"reason": "damaged"}) == "no_pieces_left"


def test_a_decision_and_its_appeal(all_: Everybody) -> None:
    all_.join("Ada")
    case = all_.mediated()
    table = all_.see("ken", f"{case}/table")
    assert (table["asks"], table["values"], table["row"]) == (["proof"], {"proof": ["clear", "unclear"]}, "")
    assert {each["name"]: each["value"] for each in table["known"]}["reason"] == "damaged"
    for change, why in (
        ({"inputs": {}}, "what the table asks: proof"),
        ({"amount": 6001}, "write why"),
        ({"amount": None, "currency": None}, "how much the buyer gets"),
        ({"text": "[name] gets it"}, "A blank is not filled in"),
        ({"amount": 6000, "currency": "USD"}, "paid in EUR"),
        ({"weighed": {NEVER_WAS: "no"}}, "No such evidence"),
        ({"outcome": "everybody"}, "outcome"),
    ):
        told = all_.do("ken", f"{case}/decide", {**DECISION, **change}, 422)
        assert any(why in each for each in told["errors"]), (change, told)
    assert all_.refused("ken", f"{case}/decide", {**DECISION, "shown": "dispute.opened:x"}) == "changed"
    assert all_.refused("ada", f"{case}/decide", DECISION) == "another_has_it"
    last = all_.see("ken", case)["last"]
    told = all_.do("ken", f"{case}/decide", {**DECISION, "shown": last}, idempotency_key="d")
    assert all_.do("ken", f"{case}/decide", {**DECISION, "shown": last}, idempotency_key="d") == told
    decision = told["decision"]
    assert (decision["outcome"], decision["row"], decision["fault"], decision["amount"]) == (
        "buyer", "shown", "seller", 6000
    )  # fmt: skip
    assert (decision["because"], decision["cost"], len(decision["record"])) == ("mediator", "seller", 64)
    assert {each["name"] for each in decision["inputs"]} >= {"reason"}
    assert [refund.amount for refund in Refund.objects.all()] == [6000]
    seen = all_.see("ana", case)
    assert (seen["decision"]["cost"], seen["texts"][-1]["text"]) == ("", "It is broken.")
    assert (seen["draft"], seen["decision"]["appeal_until"]) == (None, actions(seen)["appeal"]["until"])
    told = all_.do("ken", f"{case}/clarify", {"text": "Broken means in pieces."})
    assert told["texts"][-1]["kind"] == "clarification"
    assert all_.refused("ada", f"{case}/correct", {"text": "A slip."}) == "another_decided"
    told = all_.do("ken", f"{case}/correct", {"text": "It was 60.00."})
    assert told["decision"]["amount"] == 6000
    assert all_.do("li", f"{case}/appeal", {"text": ""}, 422)["errors"]
    told = all_.do("li", f"{case}/appeal", {"text": "There is a film."})
    assert told["appeals"][0]["by"] == "seller"
    assert all_.refused("li", f"{case}/answer-appeal", {"text": "Yes."}) == "your_own_appeal"
    all_.do("ana", f"{case}/answer-appeal", {"text": "It shows nothing."})
    assert all_.refused("ken", f"{case}/take-appeal") == "decided_it"
    told = all_.do("ada", f"{case}/take-appeal")
    assert told["appeals"][0]["taken"] is True
    heard = {"result": "changed", "outcome": "seller", "text": "The film shows it whole.", "shown": told["last"]}
    told = all_.do("ada", f"{case}/decide-appeal", heard)
    assert (told["appeals"][0]["result"], told["decision"]["outcome"]) == ("changed", "seller")
    assert told["decision"]["because"] == "appeal"
    assert all_.refused("ana", f"{case}/appeal", {"text": "Again."}) == "no_appeal_left"


def test_a_decision_that_is_held_back_is_stopped_or_seconded() -> None:
    all_ = everybody(rulebook(rules=HELD.replace("offers = [", "two_mediators_above = { EUR = 100 }\noffers = [")))
    all_.join("Ada")
    case = all_.mediated()
    told = all_.do("ken", f"{case}/decide", DECISION)
    assert (told["decision"], told["draft"]["agent"], told["draft"]["text"]) == (None, "Ken Adams", "It is broken.")
    for who in ("ana", "li"):
        assert all_.see(who, case)["draft"] is None
        assert "It is broken." not in json.dumps(all_.see(who, case))
    assert all_.refused("ken", f"{case}/second") == "your_own_draft"
    assert all_.refused("ken", f"{case}/decide", DECISION) == "already_drafted"
    assert all_.do("ken", f"{case}/stop-draft")["draft"] is None
    all_.do("ken", f"{case}/decide", DECISION)
    assert all_.do("ada", f"{case}/second")["draft"]["seconded_by"] == "Ada"
    assert Refund.objects.count() == 0


def test_a_case_ends_without_a_winner(all_: Everybody) -> None:
    case = all_.mediated()
    ending = {"because": "cannot_judge", "text": "Neither side can show it.", "again": True}
    assert all_.do("ken", f"{case}/close-without-winner", {**ending, "because": "tired"}, 422)["errors"]
    told = all_.do("ken", f"{case}/close-without-winner", ending)
    assert (told["stage"], told["ended_how"], told["again"]) == ("closed", "cannot_judge", True)
    assert not Charge.objects.exists()


def test_a_decision_by_silence_is_set_aside() -> None:
    at = BEGAN - 5 * DAY
    all_ = everybody(at=at)
    all_.here.open(at, amount=2500)
    assert all_.here.dispute is not None
    case = f"/disputes/{all_.here.dispute.uuid}"
    clock.turn(NOW)
    seen = all_.see("li", case)
    assert (seen["decision"]["because"], seen["decision"]["silent"]) == ("silence", "seller")
    assert "ask-set-aside" in actions(seen)
    assert "ask-set-aside" not in actions(all_.see("ana", case))
    told = all_.do("li", f"{case}/ask-set-aside", {"reason": "Flooded.", "answer": "It was whole."})
    assert told["set_aside_asked_at"] is not None
    assert all_.refused("li", f"{case}/ask-set-aside", {"reason": "Flooded.", "answer": "So."}) == "asked_already"
    told = all_.do("ken", f"{case}/set-aside", {"granted": True, "text": "The river rose."})
    assert told["decision"] is None
    assert told["stage"] in ("mediation", "negotiation")


def test_the_shop_speaks_for_both_and_for_no_agent(all_: Everybody) -> None:
    """Every verb that a side has may be told by the shop's token, in its name; nobody speaks for agents."""
    buyer, seller = all_.here.cast.buyer.ref, all_.here.cast.seller.ref
    order = f"/orders/{all_.here.order.uuid}"
    told = all_.do("platform", f"{order}/disputes", {"reason": "damaged", "on_behalf_of": buyer}, 201)
    case = f"/disputes/{told['uuid']}"
    offer = {"kind": "partial refund", "amount": 3000, "currency": "EUR"}
    told = all_.do("platform", f"{case}/offers", {**offer, "on_behalf_of": seller}, 201)["dispute"]
    assert (told["offers"][0]["by"], told["turn"]) == ("seller", "buyer")
    assert "appeal" not in actions(told)
    assert "withdraw-offer" in actions(told), "what the seller may do, for whom it speaks"
    narrow = Api(all_.here.cast.platform, all_.here.cast.platform, scopes_but("party.speak_for"))
    assert narrow.post(f"{case}/offers/1/accept", {"on_behalf_of": buyer}).status_code == 403
    all_.do("li", f"{case}/offers/1/accept", {"on_behalf_of": buyer}, 403)
    stranger = all_.here.cast.bea.party.ref
    assert all_["platform"].post(f"{case}/offers/1/accept", {"on_behalf_of": stranger}).status_code == 404
    all_.do("platform", f"{case}/offers/1/accept", {"on_behalf_of": buyer})
    lines = JournalLine.objects.filter(kind__in=("dispute.opened", "dispute.offered", "dispute.settled"))
    assert [json.loads(line.body)["spoken_by"] for line in lines] == ["platform"] * 3
    assert list(journal.verify(all_.here.cast.seller)) == []
    for verb in ("take", "give-back"):
        for agent in (all_.here.cast.ken.party.ref, all_.here.cast.platform.party.ref):
            assert all_["platform"].post(f"{case}/{verb}", {"on_behalf_of": agent}).status_code == 422
    silent = {path for _method, path in SPOKEN if path.startswith("/disputes")}
    assert len(silent) > 35


def test_what_happens_in_a_dispute_reaches_the_shop_and_the_seller(
    all_: Everybody, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Facts of the case, of the return, of the money and of the carrier, and its windows, opened and breached."""
    posted: list[tuple[str, str]] = []
    monkeypatch.setattr(told_by, "_post", lambda hook, line, caller, now: posted.append((hook.owner.role, line.kind)))
    kinds = ["dispute.", "return.", "refund.", "carrier.", "duty.", "order.refunded", "breach.followed"]
    for actor in (all_.here.cast.platform, all_.here.cast.li):
        webhooks.add(actor, owner=actor.party, url="https://shop.example/hook", kinds=kinds, at=BEGAN)
    case = all_.open()
    all_.do("li", f"{case}/offers", {"kind": "return and refund", "amount": 6000, "currency": "EUR"}, 201)
    all_.do("ana", f"{case}/offers/1/accept")
    all_.do("li", f"{case}/label", {})
    all_.do("li", f"{case}/carrier-claims", {"carrier": "post"}, 201)
    all_.do("ana", f"{case}/send-back", {"carrier": "post", "tracking_number": "RR123456785DE", "sure": True})
    all_.do("li", f"{case}/confirm-return")
    all_.do("platform", "/money/reports", {"kind": "refunded", "key": str(Refund.objects.get().uuid), "reference": "r"})
    told_by.tell_due(NOW + timedelta(minutes=5))
    heard = {role: {kind for who, kind in posted if who == role} for role in ("platform", "seller")}
    wanted = {
        "dispute.opened", "dispute.offered", "dispute.settled", "return.labelled", "return.sent", "return.confirmed",
        "carrier.claimed", "refund.instructed", "order.refunded", "duty.opened", "duty.met", "duty.voided",
    }  # fmt: skip
    assert wanted - heard["platform"] == set()
    assert wanted - heard["seller"] == set()


def test_a_window_that_ends_in_silence_reaches_them_too(all_: Everybody, monkeypatch: pytest.MonkeyPatch) -> None:
    posted: list[tuple[str, str]] = []
    monkeypatch.setattr(told_by, "_post", lambda hook, line, caller, now: posted.append((hook.owner.role, line.kind)))
    for actor in (all_.here.cast.platform, all_.here.cast.li):
        webhooks.add(actor, owner=actor.party, url="https://shop.example/hook", kinds=[], at=BEGAN)
    all_.open()
    clock.turn(NOW + 6 * DAY)
    told_by.tell_due(NOW + 6 * DAY)
    for role in ("platform", "seller"):
        heard = [kind for who, kind in posted if who == role]
        assert {"duty.breached", "breach.followed", "dispute.decided", "refund.instructed"} <= set(heard), role
        assert heard.count("dispute.decided") == 1
    assert Dispute.objects.get().outcome == "buyer"


def test_what_is_none_of_the_orders_is_named_and_not_kept() -> None:
    all_ = everybody_with_two()
    case = all_.open(pieces=[{"line": line_of(all_), "quantity": 1}])
    told = all_.do("ana", f"{case}/evidence", {"text": "Look.", "messages": [NEVER_WAS], "scans": [7]}, 201)
    assert len(told["kept"]) == 1
    assert [NEVER_WAS in told["wrong"][0], "event 7" in told["wrong"][1]] == [True, True]
    assert all_["ana"].post(f"{case}/evidence", {"scans": [10**30]}).status_code == 422
