"""What a reason asks each side to show, and what of it is there."""

import pytest

from comity.policy.disputes.proof import proof
from comity.policy.disputes.rule import Reason
from comity.policy.facts import Fact
from tests.policy.disputes.told import CASE, arrived, day, fact, paid, scan, sent

REASON = Reason("damaged", "It is damaged", ("photo", "video"), ("photo before shipping", "proof of delivery"))


def evidence(kind: str, at: float, by: str, item: str, subject: str = CASE, **data: object) -> Fact:
    made = fact("dispute.escalated", at, subject)
    return Fact(
        id=f"{kind}:{by}:{item}", kind=f"dispute.{kind}", at=made.at, noted_at=made.at, subject=subject,
        matter=made.matter, party=made.party, data={"by": by, "item": item, **data},  # type: ignore[dict-item]
    )  # fmt: skip


def states(*told: Fact) -> dict[str, str]:
    return {piece.name: piece.state for piece in proof(REASON, [*paid(), *told], dispute=CASE).pieces}


def test_what_is_given_promised_and_missing() -> None:
    assert set(states().values()) == {"missing"}
    told = [
        evidence("evidence_given", 3, "buyer", "photo"),
        evidence("evidence_promised", 3, "buyer", "video", until="2026-03-09T00:00:00.000000Z"),
        evidence("evidence_promised", 4, "seller", "photo before shipping"),
        sent(), arrived(2),
    ]  # fmt: skip
    assert states(*told) == {
        "photo": "given", "video": "later", "photo before shipping": "not_available", "proof of delivery": "given",
    }  # fmt: skip
    found = proof(REASON, [*paid(), *told], dispute=CASE, prove="buyer")
    assert found.prove == "buyer"
    assert found.is_answered
    assert found.pieces[1].until == day(7)
    assert found.pieces[3].because == (arrived(2).id,), "what facts show, nobody need give"


def test_of_the_other_side_or_another_case_it_is_not_given() -> None:
    other = evidence("evidence_given", 3, "buyer", "photo", subject="dispute:b")
    assert states(other, evidence("evidence_given", 3, "seller", "photo"))["photo"] == "missing"
    assert proof(REASON, [other], dispute=CASE).missing("buyer") == ("photo", "video")


def test_a_promise_that_was_kept_is_given() -> None:
    promise = evidence("evidence_promised", 3, "buyer", "photo")
    assert states(promise, evidence("evidence_given", 5, "buyer", "photo"))["photo"] == "given"


def test_weights_are_shares_of_a_side() -> None:
    told = [evidence("evidence_given", 3, "buyer", "photo")]
    equal = proof(REASON, told, dispute=CASE)
    assert [piece.weight for piece in equal.pieces] == [0.5, 0.5, 0.5, 0.5]
    assert (equal.shown("buyer"), equal.shown("seller")) == (0.5, 0.0)
    weighed = proof(REASON, told, dispute=CASE, weights={"photo": 3})
    assert weighed.shown("buyer") == pytest.approx(0.75)
    assert proof(REASON, told, dispute=CASE, weights={"photo": 0, "video": 0}).shown("buyer") == 0.5
    assert proof(Reason("x", "x"), []).shown("buyer") == 1.0


def test_what_tracking_shows() -> None:
    names = ("tracking number", "tracking that shows delivery in time", "signature", "proof of shipment")
    reason = Reason("not received", "It did not arrive", (), names)
    told = [*paid(), sent(), scan("accepted", 2), arrived(22)]
    given = {piece.name for piece in proof(reason, told).pieces if piece.state == "given"}
    assert given == {"tracking number", "proof of shipment"}, "it came late, and nobody signed"
    elsewhere = [*paid(), sent(), scan("delivered_elsewhere", 4)]
    shows = Reason("not received", "It did not arrive", (), ("proof of delivery",))
    assert proof(shows, elsewhere).missing("seller") == ("proof of delivery",)
