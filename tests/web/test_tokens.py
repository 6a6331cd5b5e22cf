"""The pages of access tokens: the own ones, and everybody's on the desk."""

import re

from django.test import Client

from comity.identity import tokens
from comity.records.models import ApiToken
from tests.cast import Cast
from tests.web.test_pages import sign_in, text

OWN, DESK = "/settings/tokens/", "/desk/tokens/"


def shown(page: str) -> str:
    found = re.search(r'<code class="secret">(comity_[^<]+)</code>', page)
    assert found
    return found[1]


def works(secret: str) -> bool:
    return Client().get("/api/v1/me", headers={"Authorization": f"Bearer {secret}"}).status_code == 200


def test_a_token_is_made_rotated_and_revoked(cast: Cast) -> None:
    seller = sign_in(cast.li)
    assert f'href="{OWN}"' in text(seller.get("/settings/"))
    form = {"label": "ERP <b>", "scope": ["order.read", "party.read"], "days": "30"}
    made = seller.post(OWN, form)
    first = shown(text(made))
    assert "no-store" in made["Cache-Control"]
    row = ApiToken.objects.get()
    assert (row.party, row.scopes, (row.expires_at - row.created_at).days) == (
        cast.seller,
        ["order.read", "party.read"],
        30,
    )
    assert works(first)
    page = text(seller.get(OWN))
    assert first not in page, "shown once"
    assert f"comity_{row.prefix}_" in page
    assert "ERP &lt;b&gt;" in page
    second = shown(text(seller.post(f"{OWN}{row.prefix}/rotate/", {"overlap": "1"})))
    third = shown(text(seller.post(f"{OWN}{row.prefix}/rotate/", {"overlap": "0"})))
    assert [works(secret) for secret in (first, second, third)] == [False, False, True]
    ended = seller.post(f"{OWN}{row.prefix}/revoke/", follow=True)
    assert "Revoked. Programs that use it are refused from now on." in text(ended)
    assert not works(third)
    again = seller.post(f"{OWN}{row.prefix}/rotate/")
    assert (again.status_code, "Make a new one" in text(again)) == (422, True)


def test_what_is_wrong_is_said_and_the_form_kept(cast: Cast) -> None:
    seller = sign_in(cast.li)
    for form, said in (
        ({"label": "ERP"}, "at least one scope"),
        ({"label": " ", "scope": ["order.read"]}, "what the token is for"),
        ({"label": "ERP", "scope": ["everything", "order.read"]}, "unknown scopes: everything"),
    ):
        answer = seller.post(OWN, form)
        page = text(answer)
        assert (answer.status_code, said in page) == (422, True), form
        assert ('value="order.read" checked' in page) == ("scope" in form)
        assert ('value="ERP"' in page) == (form["label"] == "ERP")
    assert not ApiToken.objects.exists()
    assert 'value="fact.record"' not in text(seller.get(OWN)), "of no use to a seller"


def test_each_sees_the_own_ones_and_the_desk_ends_any(cast: Cast) -> None:
    secret = tokens.make(cast.li, party=cast.seller, label="ERP", scopes=["party.read"], at=cast.seller.joined_at)
    prefix = tokens.of_text(secret).prefix
    rival, agent = sign_in(cast.max), sign_in(cast.ken)
    assert prefix not in text(rival.get(OWN))
    assert rival.get(DESK).status_code == 403
    for act in ("rotate", "revoke"):
        assert rival.post(f"{OWN}{prefix}/{act}/").status_code == 404
    assert f'href="{DESK}"' in text(agent.get("/settings/"))
    assert prefix in text(agent.get(DESK))
    assert prefix not in text(agent.get(OWN))
    assert agent.post(f"{OWN}{prefix}/rotate/").status_code == 403
    assert works(secret)
    assert agent.post(f"{OWN}{prefix}/revoke/")["Location"] == DESK
    assert not works(secret)
