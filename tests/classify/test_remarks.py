"""Remarks before sending: what they find, and what they leave alone."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.classify import tone
from comity.classify.model import NOTHING, train
from comity.classify.remarks import MAX_REMARKS, remarks

CHINA, GERMANY = "Asia/Shanghai", "Europe/Berlin"


@pytest.mark.parametrize(
    ("text", "code", "words"),
    [
        ("Write to li.wei@shop.example please", "email", "li.wei@shop.example"),
        ("See www.my-shop.example/lamp.", "link", "www.my-shop.example/lamp."),
        ("Add me on WhatsApp", "messenger", "WhatsApp"),
        ("加我微信聊", "messenger", "微信"),
        ("Call +49 30 901820", "phone", "+49 30 901820"),
        ("Ruf an: 030 901820", "phone", "030 901820"),
        ("电话 13812345678", "phone", "13812345678"),
        ("Pay me by PayPal and save the fee", "payment", "PayPal"),
        ("DE89 3704 0044 0532 0130 00", "payment", "DE89 3704 0044 0532 0130 00"),
        ("You are an idiot", "tone", "idiot"),
        ("骗子！", "tone", "骗子"),
        ("READ THE DESCRIPTION FIRST", "shouting", "READ THE DESCRIPTION FIRST"),
        ("What????", "shouting", "????"),
        ("Could you give me the order number?", "said", "order number"),
        ("请提供订单号", "said", "订单号"),
        ("Please send a photo", "said", "photo"),
    ],
)
def test_what_is_found(text: str, code: str, words: str) -> None:
    found = remarks(text, zones=(CHINA, GERMANY), said=frozenset({"order_number", "picture"}))
    assert (code, words) in [(remark.code, remark.words) for remark in found]


@pytest.mark.parametrize(
    "text",
    [
        "Your order O-7KQ2M9PXA4 arrives by March 22, 2026.",
        "The parcel RR123456785CN left on 2026-03-02 at 10:15.",
        "It costs 19.99 EUR, 12 x 30 x 45 cm, and weighs 1,250 g.",
        "Thank you! OK.",
        "We signal the carrier to skip the customs line.",
        "DE89 3704 0044 0532 0130 01",
        "您好，已经寄出，请稍等。",
        "Thank you for the photo.",
        "",
    ],
)  # fmt: skip
def test_what_is_left_alone(text: str) -> None:
    assert remarks(text, zones=(CHINA, GERMANY), said=frozenset({"picture"})) == []


def test_what_was_not_said_may_be_asked() -> None:
    assert remarks("Which order number?", said=frozenset()) == []


@given(st.text(max_size=500))
def test_any_text_has_few_remarks(text: str) -> None:
    assert len(remarks(text, zones=("Nowhere/At_all", CHINA))) <= MAX_REMARKS


def test_a_model_of_tone_looks_at_each_sentence(tmp_path: Path) -> None:
    fine = [f"{start} {rest}" for start in ("Thank you for", "I am sorry about", "We will look at", "Here is", "Please keep") for rest in ("your order", "the parcel", "the lamp", "the delay", "your message")]  # fmt: skip
    hard = [f"{start} {rest}" for start in ("You never", "Nobody like you", "Learn to", "Only a fool", "How dare you") for rest in ("reads anything", "deserves help", "think first", "writes such things", "waste our time")]  # fmt: skip
    model, _ = train(fine + hard, [NOTHING] * len(fine) + ["hard"] * len(hard))
    path = tmp_path / "tone.npz"
    path.write_bytes(model.to_bytes())
    found = tone.remarks("Thank you for the delay. How dare you waste our time!", path, sure=0.5)
    assert [(each.code, each.words) for each in found] == [("tone", "How dare you waste our time!")]
    assert tone.remarks("", path, sure=0.5) == []


def test_a_model_that_cannot_be_used_says_nothing(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    broken = tmp_path / "broken.npz"
    broken.write_bytes(b"no model")
    assert (
        tone.remarks("How dare you!", broken, sure=0.5)
        == tone.remarks("How dare you!", tmp_path / "none", sure=0.5)
        == []
    )
    assert caplog.text.count("cannot be used") == 2
