"""The rules page: every rule in plain words with its anchor, in both languages, and as machines read it."""

import json
import re
import tomllib

import pytest
from django.test import Client

from comity.rulebooks.shelf import load, text_of
from tests.cast import Cast, assemble
from tests.web.test_pages import sign_in, text

pytestmark = pytest.mark.django_db


def test_everyone_may_read_the_rules(cast: Cast) -> None:
    page = text(Client().get("/help/rules/"))
    book = load("aliexpress")
    for name in book.rules:
        assert f'id="{name.replace(" ", "-")}"' in page
    assert "Reply to a buyer&#x27;s message within 72 hours" in page
    assert "72 hours" in page
    assert "1 point on the ledger service" in page
    assert "https://en.xiaoniucw.com/article/33394" in page, "where the number comes from"
    assert "what begins on Fri, Mar 6, 16:30 is due on Mon, Mar 9, 16:30" in page, "a worked example: 72 hours"
    assert "is due on Mon, Mar 16, 16:30" in page, "ten days are not a weekend"
    assert "Closure without end, after a notice of 30 days" in page
    assert "only on evidence that would mislead in at most 5% of cases" in page


def test_in_chinese_too(cast: Cast) -> None:
    client = Client(headers={"accept-language": "zh-hans"})
    page = text(client.get("/help/rules/"))
    assert "应办事项" in page
    assert "72 小时" in page


@pytest.mark.parametrize("name", ["ebay", "amazon", "etsy", "mercadolibre", "shopee", "lazada", "tiktok", "walmart"])
def test_the_page_of_every_marketplace(db: None, name: str) -> None:
    assemble(name)
    page = text(Client().get("/help/rules/"))
    assert load(name).title in page
    assert "…" not in page.replace("+12…", ""), "a sentence without its values"


def test_machines_read_the_same(cast: Cast) -> None:
    client = Client()
    assert tomllib.loads(client.get("/help/rules.toml").content.decode()) == tomllib.loads(text_of("aliexpress"))
    told = json.loads(client.get("/help/rules.json").content)
    assert told["duty"][0]["within"] == "72 hours"
    assert json.loads(client.get("/help/rules.schema.json").content)["title"] == "A rulebook of Comity"
    assert client.get("/help/rules.xml").status_code == 404


def test_without_rules_the_page_says_what_to_do(db: None) -> None:
    assert "comity rulebook publish" in text(Client().get("/help/rules/"))
    assert Client().get("/help/rules.toml").status_code == 404


def test_a_seller_sees_the_standards(cast: Cast) -> None:
    page = text(sign_in(cast.li).get("/sell/health/"))
    assert "Few orders end in a dispute" in page
    assert "not enough data" in page
    assert "faulty at most 2.5%" in page


def test_every_anchor_is_there_once(cast: Cast) -> None:
    anchors = re.findall(r' id="([^"]+)"', text(Client().get("/help/rules/")))
    assert len(anchors) == len(set(anchors))
