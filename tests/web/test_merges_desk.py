"""Accounts of one person at the agents' desk: asked for, decided, looked at, undone; links that are taken back."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client

from comity.actions import sanctions
from comity.records.models import AccountMerge, Charge, MeasureFile, Party, Sanction
from tests.actions.identity.rules import link, shut_out
from tests.actions.identity.rules import staged as linked
from tests.actions.sanctions.rules import agent, staged, violation
from tests.api.client import Api
from tests.cast import Cast, hours
from tests.web.test_pages import sign_in, text

pytestmark = pytest.mark.django_db
AGO = datetime.now(UTC) - timedelta(days=3)


def told(answer: HttpResponse) -> Any:
    return json.loads(answer.content)


def asked_by_form(cast: Cast, client: Client, account: str) -> str:
    file = SimpleUploadedFile("a.txt", b"words", "text/plain")
    form = {"account": account, "because": "Same passport.", "once": "a", "files": file}
    return text(client.post(f"/desk/parties/{cast.seller.uuid}/take-over/", form, follow=True))


def test_asked_for_by_one_decided_by_another_looked_at_and_undone() -> None:
    cast = staged()
    violation(cast, AGO, 5)
    violation(cast, AGO + timedelta(hours=1), 8, of=cast.max.party)
    noor, omar = sign_in(agent(cast, "Noor")), sign_in(agent(cast, "Omar"))
    assert "Take another account over" in text(noor.get(f"/desk/parties/{cast.seller.uuid}/"))
    refused = asked_by_form(cast, noor, "nobody")
    assert "There is no account nobody" in refused
    assert "Same passport." in refused, "what was typed stays"
    assert "into itself" in asked_by_form(cast, noor, cast.seller.ref)
    for _ in range(2):  # a double click
        page = asked_by_form(cast, noor, str(cast.max.party.external_id))
    merge = AccountMerge.objects.get()
    assert "You asked for this yourself; another agent approves it." in page
    assert b"".join(omar.get(f"/measures/files/{MeasureFile.objects.get().uuid}/")) == b"words"
    assert "Max Roth into Li Wei" in text(omar.get("/desk/measures/"))
    address = f"/desk/merges/{merge.uuid}/"
    page = text(omar.post(f"{address}approve/", {"asked_at": merge.asked_at.isoformat()}, follow=True))
    assert "the two are one account now" in page
    assert "Conduct: the rung at 12" in page
    assert "nothing followed: look at it" in text(omar.get("/desk/measures/"))
    assert "took over Max Roth" in text(omar.get(f"/desk/parties/{cast.seller.uuid}/"))
    assert "taken over into Li Wei" in text(omar.get(f"/desk/parties/{cast.max.party.uuid}/"))
    assert "Say it in your own words" in text(omar.post(f"{address}look/", {}, follow=True))
    assert "Noted that you looked at it." in text(omar.post(f"{address}look/", {"because": "Fine."}, follow=True))
    assert "nothing followed: look at it" not in text(omar.get("/desk/measures/"))
    came = Charge.objects.get(party=cast.seller, taken_from=cast.max.party.ref)
    li = sign_in(cast.li)
    assert "No spam (came with another account)" in text(li.get("/sell/health/"))
    assert "another account of the same person" in text(li.get(f"/why/charge/{cast.seller.uuid}/{came.key}/"))
    assert "This account took over another one of yours, with its points · Max Roth goes on here." in text(
        li.get("/notices/")
    )
    max_ = sign_in(cast.max)
    assert "what is new begins there · Taken over into Li Wei on" in text(max_.get("/notices/"))
    today = text(max_.get("/sell/"))
    assert "Taken over into Li Wei on" in today
    assert "Here you finish what you began" in today
    assert "Taken over into" not in text(li.get("/sell/"))
    assert told(Api(cast.platform, cast.platform).get(f"/parties/{cast.max.party.uuid}/standing"))["may_sell"] is False
    assert "Asked for" in text(omar.post(f"{address}ask-undo/", {"because": "Twins."}, follow=True))
    merge.refresh_from_db()
    assert merge.undo_asked_at is not None
    form = {"asked_at": merge.undo_asked_at.isoformat()}
    assert "You asked for this yourself" in text(omar.post(f"{address}undo/", form, follow=True))
    assert "they are two accounts again" in text(noor.post(f"{address}undo/", form, follow=True))
    assert not Charge.objects.filter(party=cast.seller, taken_from__gt="", overturned_at=None).exists()


def test_by_the_api() -> None:
    cast = staged()
    noor, omar = Api(cast.platform, agent(cast, "Noor")), Api(cast.platform, agent(cast, "Omar"))
    violation(cast, AGO, 12, of=cast.max.party)
    body = {"account": str(cast.max.party.uuid), "because": "Same passport."}
    path = f"/parties/{cast.seller.uuid}/merges"
    made = noor.post(path, body)
    assert (made.status_code, told(made)["stage"]) == (201, "asked")
    again = noor.post(path, body)
    assert (again.status_code, told(again)["code"]) == (422, "asked_already")
    assert "asked for already" in told(again)["detail"]
    merge = told(made)["uuid"]
    assert [each["uuid"] for each in told(omar.get("/merges"))] == [merge]
    refused = noor.post(f"/merges/{merge}/approve", {"asked_at": told(made)["asked_at"]})
    assert (refused.status_code, told(refused)["code"]) == (422, "asked_yourself")
    assert omar.post(f"/merges/{merge}/approve", {"asked_at": told(made)["asked_at"]}).status_code == 200
    said = told(omar.get(f"/merges/{merge}"))
    assert (said["stage"], said["to_look_at"], said["passed"]) == ("merged", True, [["conduct", 12]])
    possible = {deed["deed"] for deed in told(omar.get(f"/merges/{merge}/deeds")) if deed["possible"]}
    assert possible == {"ask_undo", "look"}
    assert Api(cast.platform, cast.li).get(path).status_code == 403
    for verb, who in (("look", omar), ("ask-undo", omar)):
        assert who.post(f"/merges/{merge}/{verb}", {"because": "Twins."}).status_code == 200
    asked = told(omar.get(f"/merges/{merge}"))["undo_asked_at"]
    kept = noor.post(f"/merges/{merge}/keep", {"asked_at": asked, "because": "No twins."})
    assert (kept.status_code, told(omar.get(f"/merges/{merge}"))["stage"]) == (200, "merged")
    assert omar.get(f"/merges/{cast.seller.uuid}").status_code == 404


def resting_on_links(cast: Cast) -> tuple[Party, Sanction]:
    shut_out(cast, cast.max.party, 0)
    link(cast, cast.seller, cast.max.party, "network payout", hours(1))
    return cast.max.party, Sanction.objects.get(party=cast.seller)


def test_a_wrong_link_is_taken_back_at_the_desk() -> None:
    cast = linked()
    other, row = resting_on_links(cast)
    omar = sign_in(agent(cast, "Omar"))
    assert "Take a wrong link back" in text(omar.get(f"/desk/parties/{cast.seller.uuid}/"))
    form = {"other": other.ref, "kind": ["device"], "because": "Another Li."}
    address = f"/desk/parties/{cast.seller.uuid}/unlink/"
    assert "device does not join these accounts" in text(omar.post(address, form, follow=True))
    page = text(omar.post(address, {**form, "kind": ["payout"]}, follow=True))
    assert "Taken back. What was proposed and rests on it is closed." in page
    assert "taken back: same pay-out account" in page
    row.refresh_from_db()
    assert row.status == "overturned"
    assert "There is no such account." in text(omar.post(address, {**form, "other": "seller:none"}, follow=True))


@pytest.mark.parametrize("verb", ["take-back", "keep"])
def test_what_a_person_approved_is_looked_at_by_a_person(verb: str) -> None:
    cast = linked()
    other, row = resting_on_links(cast)
    sanctions.approve(agent(cast, "Noor"), row, at=hours(2))
    omar = agent(cast, "Omar")
    api, desk = Api(cast.platform, omar), sign_in(omar)
    assert told(api.get("/unfounded-measures")) == []
    body = {"other": str(other.uuid), "kinds": ["payout"], "because": "Another Li."}
    assert api.post(f"/parties/{cast.seller.uuid}/links/take-back", body).status_code == 200
    assert [each["key"] for each in told(api.get("/unfounded-measures"))] == [row.key]
    assert "Resting on links that were taken back" in text(desk.get("/desk/measures/"))
    page = f"/desk/measures/{cast.seller.uuid}/{row.key}/"
    assert "Its links were taken back" in text(desk.get(page))
    desk.post(f"{page}{verb}/", {"because": "As I see it."}, follow=True)
    row.refresh_from_db()
    assert row.status == {"take-back": "overturned", "keep": "lifted"}[verb], (
        "one that is over stands in the record, too"
    )
    assert told(api.get("/unfounded-measures")) == []
    refused = api.post(f"/parties/{cast.seller.uuid}/sanctions/{row.key}/{verb}", {"because": "Again."})
    assert (refused.status_code, told(refused)["code"]) == (422, "rests_still")
