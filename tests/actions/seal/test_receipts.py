"""Receipts: a party's hold against the operator, checked by the script of case files and by a witness."""

import hashlib
import json
import random
import re
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from comity.actions import appeals, messages, sanctions
from comity.actions.disputes import claims, evidence
from comity.actions.files import taken
from comity.actions.measured import written
from comity.actions.seal import keys, receipts, sealing
from comity.cli.main import run
from comity.integrations.tlog import witness
from comity.integrations.tlog.witness import Seen
from comity.lib.casefile import verify
from comity.records.models import Conversation, JournalLine, SealKey
from comity.web.trade import casefile
from tests.actions.sanctions.rules import agent, staged
from tests.actions.sanctions.rules import asked as asked_for
from tests.actions.seal.test_sealing import fetch, outsider
from tests.api.client import Api
from tests.cast import START, Cast, hours
from tests.disputing import sent, stage
from tests.web.test_pages import sign_in

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("COMITY_DATA", str(tmp_path))
    return tmp_path


def key() -> str:
    return SealKey.objects.get().verifier


def of(folder: Path, made: bytes) -> dict[str, Any]:
    """Return what the script says of a receipt; raises verify.Wrong."""
    path = folder / "receipt.json"
    path.write_bytes(made)
    return verify.receipt_of(path, [key()])


def asked(cast: Cast, text: str = "Where is it? 在哪里？") -> str:
    return messages.send(cast.ana, cast.conversation(), text=text, at=hours(1)).ref


def test_a_receipt_is_had_at_once_and_says_by_when_it_is_sealed(cast: Cast, folder: Path) -> None:
    fact = asked(cast)
    made = receipts.of(cast.ana, fact, hours(1))
    said = of(folder, made)
    assert (said["receipt"], said["kind"], said["words"], said["sealed"]) == (fact, "message.sent", 1, False)
    assert said["sealed_by"] == "2026-03-02T10:15:00.000000Z"
    assert json.loads(made)["words"][0]["text"] == "Where is it? 在哪里？"
    sealing.seal(hours(1))
    later = of(folder, receipts.of(cast.ana, fact, hours(2)))
    assert (later["sealed"], later["entry"]) == (True, said["entry"]), "the same promise, and kept"


def test_who_follows_the_log_finds_a_promise_that_was_not_kept(cast: Cast) -> None:
    fact = asked(cast)
    note = json.loads(receipts.of(cast.ana, fact, hours(1)))["receipt"]
    seen = outsider()

    def looked(note: str, at: float, seen: Seen = seen) -> str:
        witness.look(fetch, seen, hours(at))
        found = witness.promised(fetch, seen, note, hours(at))
        return found.name if found else ""

    assert looked(note, 1.2) == "", "there is time"
    assert looked(note, 1.3) == "promise"
    sealing.seal(hours(1))
    assert looked(note, 1.3) == ""
    assert looked(note.replace("message.sent", "message.kept"), 1.3) == "signature"


def test_no_changed_bit_of_a_receipt_is_accepted(cast: Cast, folder: Path) -> None:
    fact = asked(cast)
    sealing.seal(hours(1))
    made = receipts.of(cast.ana, fact, hours(1))
    chance = random.Random(5)
    was = json.loads(made)
    for _ in range(100):
        place = chance.randrange(len(made))
        changed = bytearray(made)
        changed[place] ^= 1 << chance.randrange(8)
        try:
            said = of(folder, bytes(changed))
        except verify.Wrong:
            continue
        pytest.fail(f"byte {place} of {len(made)}: {said} {was}")


def test_only_who_handed_it_in_has_it(cast: Cast, folder: Path) -> None:
    fact = asked(cast)
    for other in (cast.li, cast.bea, cast.ken):
        with pytest.raises(receipts.NoReceipt):
            receipts.of(other, fact, hours(1))
        assert Api(cast.platform, other).get(f"/receipts/{fact}").status_code in (403, 404)
        assert sign_in(other).get(f"/receipts/{fact}/").status_code == 404
    for none in ("message.sent:x", "evidence:1", "evidence:00000000-0000-0000-0000-000000000000", "x\x00y", "x" * 3000):
        with pytest.raises(receipts.NoReceipt):
            receipts.of(cast.ana, none, hours(1))
    answer = Api(cast.platform, cast.ana).get(f"/receipts/{fact}")
    assert answer.status_code == 200
    assert of(folder, answer.content)["holds"]
    page = sign_in(cast.ana)
    assert f"/receipts/{fact}/" in page.get(f"/conversations/{Conversation.objects.get().uuid}/").content.decode()
    fetched = page.get(f"/receipts/{fact}/")
    assert fetched.headers["Content-Disposition"].startswith('attachment; filename="receipt-message-sent-')
    assert of(folder, fetched.content)["holds"]


def test_what_was_said_in_a_dispute_has_its_receipt_and_is_in_the_case_file(folder: Path) -> None:
    here = stage()
    dispute = here.open(START, amount=6000)
    given = evidence.give(here.cast.ana, dispute, evidence.Given(text="It is cracked.", sees="mediator", why="My home."),
                          at=START)  # fmt: skip
    claims.reject(here.cast.li, dispute, text="It left whole.", version=1, at=START)
    later = START + timedelta(hours=1)
    of_evidence = receipts.of(here.cast.ana, f"evidence:{given.pieces[0].uuid}", later)
    assert json.loads(of_evidence)["words"][0]["text"] == "It is cracked."
    with pytest.raises(receipts.NoReceipt):
        receipts.of(here.cast.li, f"evidence:{given.pieces[0].uuid}", later)
    rejected = JournalLine.objects.get(kind="dispute.answered")
    of_answer = receipts.of(here.cast.li, str(rejected.fact_id), later)
    assert json.loads(of_answer)["words"][0]["text"] == "It left whole."
    page = sign_in(here.cast.li).get(f"/disputes/{dispute.key}/").content.decode()
    assert page.count("/receipts/") == 1, "of one's own acts alone"
    case = folder / "case.zip"
    for reader in (here.cast.ana, here.cast.li):
        case.write_bytes(casefile.archive(reader, dispute, later))
        for made in (of_evidence, of_answer):
            (folder / "r.json").write_bytes(made)
            assert verify.main([str(case), "--receipt", str(folder / "r.json"), "--key", key()]) == 0
    of_another = receipts.of(here.cast.ana, asked(here.cast), later)
    (folder / "r.json").write_bytes(of_another)
    assert verify.main([str(case), "--receipt", str(folder / "r.json")]) == 1


def test_each_act_beside_which_a_receipt_is_offered_has_one(folder: Path) -> None:
    here = stage()
    sent(here, START)
    dispute = here.open(START, amount=6000)
    for who in (here.cast.ana, here.cast.li):
        client = sign_in(who)
        page = client.get(f"/disputes/{dispute.key}/").content.decode()
        offered = re.findall(r'href="(/receipts/[^"]+)"', page)
        assert offered
        for address in offered:
            assert of(folder, client.get(address).content)["holds"]


def test_an_appeal_has_its_receipt_with_its_files(folder: Path) -> None:
    cast = staged()
    noor, omar = agent(cast, "Noor"), agent(cast, "Omar")
    row = asked_for(cast, noor, "freeze", hours(0), timedelta(days=7))
    sanctions.approve(omar, row, at=hours(1))
    appeals.file(cast.li, row, words=written("It was not me.", taken([("a.txt", b"Sent on Monday.")])), at=hours(2))
    fact = JournalLine.objects.get(kind="appeal.filed").fact_id
    made = receipts.of(cast.li, str(fact), hours(2))
    said = json.loads(made)["words"]
    assert ([piece.get("text") for piece in said], of(folder, made)["words"]) == (["It was not me.", None], 2)
    assert said[1]["sha256"] == hashlib.sha256(b"Sent on Monday.").hexdigest()
    with pytest.raises(receipts.NoReceipt):
        receipts.of(cast.max, str(fact), hours(2))
    sanction = f"/measures/{cast.seller.uuid}/{row.key}/"
    assert f"/receipts/{fact}/" in sign_in(cast.li).get(sanction).content.decode()


def test_without_the_key_it_is_said_and_nothing_else_fails(cast: Cast, capsys: pytest.CaptureFixture[str]) -> None:
    fact = asked(cast)
    receipts.of(cast.ana, fact, hours(1))
    keys.path().unlink()
    page = f"/conversations/{Conversation.objects.get().uuid}/"
    come_from = {"Referer": f"http://testserver{page}"}
    answer = sign_in(cast.ana).get(f"/receipts/{fact}/", follow=True, headers=come_from)
    assert answer.redirect_chain == [(page, 302)], "back where it was asked for"
    said = answer.content.decode()
    assert "No receipt can be signed now" in said
    api = Api(cast.platform, cast.ana).get(f"/receipts/{fact}")
    assert (api.status_code, "is not there: put the key back" in api.content.decode()) == (422, True)
    assert run(["casefile", "receipt", fact]) == 2
    assert "put the key back" in capsys.readouterr().err
    assert asked(cast, "Still there?")


def test_the_commands(cast: Cast, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    fact = asked(cast)
    assert run(["casefile", "receipt", fact, "-o", str(folder / "r.json")]) == 0
    assert run(["casefile", "verify", str(folder / "r.json"), "--key", key()]) == 0
    assert "It promises that it is in the log by" in capsys.readouterr().out
    assert run(["casefile", "verify", str(folder / "r.json")]) == 2, "without a key nothing is shown either way"
    assert "--key" in capsys.readouterr().out
    (folder / "r.json").write_text("[]")
    assert run(["casefile", "verify", str(folder / "r.json"), "--key", key()]) == 2
    assert run(["casefile", "receipt", "nothing"]) == 2
    script = Path(verify.__file__)
    alone = subprocess.run([sys.executable, "-I", "-S", str(script), str(folder / "r.json"), "--key", key()],
                           capture_output=True, text=True, check=False)  # fmt: skip
    assert (alone.returncode, alone.stderr) == (2, "")


def test_the_keys_are_shown_to_be_printed(cast: Cast, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["journal", "keys"]) == 0
    assert "nothing was sealed yet" in capsys.readouterr().out
    first = sealing.rotate(hours(1)).text
    keys.path().unlink()
    second = sealing.rotate(hours(2), lost=True).text
    assert run(["journal", "keys"]) == 0
    said = capsys.readouterr().out.splitlines()
    assert [line.split(" ")[0] for line in said] == [SealKey.objects.earliest("pk").verifier, first, second]
    assert ("replaced 2026-03-02T10" in said[0], "lost 2026-03-02T11" in said[1], "signs" in said[2]) == (True,) * 3
    assert run(["journal", "keys", "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)["keys"]
    assert [(row["key"], row["lost"]) for row in rows[1:]] == [(first, True), (second, False)]
