"""Case files: what a court can verify offline, what is not in them, and that nothing in them can be changed."""

import hashlib
import io
import json
import random
import re
import subprocess
import sys
import zipfile
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import bagit
import pytest
from django.utils.translation import override

from comity.actions import appeals, measured, messages, sanctions
from comity.actions.disputes import claims, deciding, disclosing, evidence, mediation, offers
from comity.actions.doing import NotNow
from comity.actions.excuses import verbs
from comity.actions.excuses.asked import Asked
from comity.actions.files import taken
from comity.actions.guard import Forbidden
from comity.actions.seal import keys, proving, receipts, sealing
from comity.cli.main import run
from comity.history import again
from comity.lib.casefile import verify
from comity.lib.money import Money
from comity.lib.tlog import notes
from comity.records import rebuild
from comity.records.models import Checkpoint, Cosignature, Dispute, JournalLine, Notice, SealKey
from comity.web.trade import casefile, measures
from tests.actions.sanctions.rules import agent as rules_agent
from tests.actions.sanctions.rules import asked, staged
from tests.cast import START, hours
from tests.disputing import Stage as Scene
from tests.disputing import agent, stage
from tests.profiles import examples
from tests.web.test_pages import sign_in

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
SECRET = "The buyer told the mediator alone."


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("COMITY_DATA", str(tmp_path / "data"))
    return tmp_path


def decided(here: Scene) -> Dispute:
    """A claim with evidence on both sides, an offer that was declined, a decision."""
    ada = agent(here.cast, "ada")
    dispute = here.open(START, amount=6000)
    evidence.give(here.cast.ana, dispute, evidence.Given(text="The glass is cracked. 玻璃碎了。"), at=START)
    claims.reject(here.cast.li, dispute, text="It left whole.", version=1, at=START)
    evidence.give(
        here.cast.li, dispute, evidence.Given(text=SECRET, sees="mediator", why="It names my supplier."), at=START
    )
    mediation.escalate(here.cast.ana, dispute, at=START + DAY)
    mediation.take(ada, dispute, at=START + DAY)
    judged = deciding.Judgement("buyer", Money(6000, "EUR"), inputs={"proof": "clear"}, text="The photo shows it.")
    deciding.decide(ada, dispute, judged, at=START + 2 * DAY)
    dispute.refresh_from_db()
    return dispute


def files_in(made: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(made)) as archive:
        return {name.split("/", 1)[1]: archive.read(name) for name in archive.namelist()}


def written(folder: Path, made: bytes) -> Path:
    path = folder / "case.zip"
    path.write_bytes(made)
    return path


def holds(path: Path, *keys_: str) -> dict[str, object]:
    return verify.verify(path, keys_)


def test_a_case_file_verifies_with_nothing_but_python(folder: Path) -> None:
    here = stage()
    dispute = decided(here)
    path = written(folder, casefile.archive(here.cast.ana, dispute, START + 3 * DAY))
    away = folder / "somewhere"
    with zipfile.ZipFile(path) as archive:
        archive.extractall(away)
    bag = away / f"case-{dispute.key}"
    plain = {"PATH": "/usr/bin:/bin"}
    alone = [sys.executable, "-I", "-S", "verify.py"]
    said = subprocess.run([*alone, "--json"], cwd=bag, env=plain, capture_output=True, text=True, check=True)
    found = json.loads(said.stdout)
    assert found == holds(path)
    lines = (
        JournalLine.objects.filter(party=here.cast.seller, matter=here.order.ref).exclude(kind="deadline.fell").count()
    )
    assert (found["holds"], found["lines"], found["records"], found["words"]) == (True, lines, 1, 3)
    key = SealKey.objects.get().verifier
    assert holds(path, key)["keys_known"]
    for_people = subprocess.run([*alone, "--key", key], cwd=bag, env=plain, capture_output=True, text=True, check=True)
    assert f"holds: case {dispute.key}" in for_people.stdout
    bagit.Bag(str(bag)).validate()
    (bag / "data" / "case.json").write_bytes(b"{}")
    broken = subprocess.run(alone, cwd=bag, env=plain, capture_output=True, text=True, check=False)
    assert (broken.returncode, broken.stdout) == (1, "DOES NOT HOLD: data/case.json: not as it was\n")


def test_each_side_has_its_own_and_a_stranger_none(folder: Path) -> None:
    here = stage()
    dispute = decided(here)
    at = START + 3 * DAY
    buyers, sellers = (files_in(casefile.archive(who, dispute, at)) for who in (here.cast.ana, here.cast.li))
    everything = b"".join(buyers.values()).decode(errors="replace")
    assert SECRET not in everything
    assert "It names my supplier." in buyers["data/index.html"].decode()
    assert SECRET in sellers["data/words.json"].decode()
    page = buyers["data/index.html"].decode()
    assert "玻璃碎了" in page
    assert "<dt>Wants</dt><dd>refund, €60.00" in page
    assert "The platform decides" in page, "what followed by the rules is there, too"
    assert buyers["data/case.pdf"].startswith(b"%PDF")
    assert [name for name in buyers if name.startswith("data/rulebooks/")], "the rules by which it was judged"
    for stranger in (here.cast.bea, here.cast.max):
        with pytest.raises(Forbidden):
            casefile.archive(stranger, dispute, at)


def test_a_message_that_was_changed_is_told_as_it_was_and_as_it_is(folder: Path) -> None:
    here = stage()
    made_of = here.cast.conversation(here.order)
    message = messages.send(here.cast.ana, made_of, text="It is whole.", at=START + timedelta(hours=1))
    messages.edit(here.cast.ana, message, text="It is broken.", at=START + timedelta(hours=2))
    dispute = here.open(START + DAY, amount=6000)
    made = casefile.archive(here.cast.li, dispute, START + 2 * DAY)
    files, found = files_in(made), holds(written(folder, made))
    kept = {each["text"]: each for each in json.loads(files["data/words.json"])}
    assert ({"It is whole.", "It is broken."} <= set(kept), found["unproved"]) == (True, 0)
    page = " ".join(files["data/index.html"].decode().split())
    assert re.search("It is whole.</blockquote><p class=.muted.>until Mon, Mar 2, 2026, 11:00</p>.*It is broken.", page)
    receipt = json.loads(receipts.of(here.cast.ana, kept["It is broken."]["fact"], START + 2 * DAY))
    assert [each["text"] for each in receipt["words"]] == ["It is broken."]


def test_why_an_offer_was_declined_is_withheld_with_it(folder: Path) -> None:
    here = stage()
    dispute = here.open(START, amount=6000)
    offers.offer(here.cast.li, dispute, offers.NewOffer("partial refund", Money(1234, "EUR")), at=START)
    offers.decline(here.cast.ana, dispute, number=1, text="I would take twenty.", at=START + DAY)
    for reader in (here.cast.li, here.cast.ana):
        made = casefile.archive(reader, dispute, START + DAY)
        assert holds(written(folder, made))["withheld"] == 2
        assert not [name for name, data in files_in(made).items() if b"twenty" in data]
    disclosing.disclose(here.cast.ana, dispute, at=START + DAY)
    disclosing.disclose(here.cast.li, dispute, at=START + DAY)
    made = casefile.archive(here.cast.li, dispute, START + DAY)
    assert (holds(written(folder, made))["withheld"], b"twenty" in files_in(made)["data/words.json"]) == (0, True)


def test_what_is_written_in_a_case_is_in_its_file_with_a_receipt_and_private_words_are_not(folder: Path) -> None:
    here = stage()
    ada, dispute = agent(here.cast, "ada"), here.open(START, amount=6000)
    mediation.escalate(here.cast.ana, dispute, at=START)
    mediation.take(ada, dispute, at=START)
    for actor, text, sees in (
        (here.cast.ana, "I sent a photo.", "all"), (here.cast.li, "My limit is 10.", "seller"),
        (ada, "Both are heard.", "all"), (ada, "Between agents.", "agent"),
    ):  # fmt: skip
        mediation.say(actor, dispute, text=text, sees=sees, at=START + DAY)
    made = casefile.archive(here.cast.ana, dispute, START + 2 * DAY)
    files, found = files_in(made), holds(written(folder, made))
    kept = {each["text"]: each for each in json.loads(files["data/words.json"])}
    assert ({"I sent a photo.", "Both are heard."} <= set(kept), found["unproved"]) == (True, 0)
    everything = b"".join(files.values()).decode(errors="replace")
    assert not [text for text in ("My limit is 10.", "Between agents.") if text in everything]
    assert "Buyer wrote" in files["data/index.html"].decode()
    fact = kept["I sent a photo."]["fact"]
    (folder / "receipt.json").write_bytes(receipts.of(here.cast.ana, fact, START + 2 * DAY))
    asked = ["casefile", "verify", str(folder / "case.zip"), "--receipt", str(folder / "receipt.json")]
    assert run(asked) == 0
    page = sign_in(here.cast.ana).get(f"/disputes/{dispute.key}/").content.decode()
    assert (page.count("I sent a photo."), f"/receipts/{fact}/" in page) == (1, True)
    with pytest.raises(receipts.NoReceipt):
        receipts.of(here.cast.li, fact, START + 2 * DAY)
    assert rebuild.at_odds(here.cast.seller) == []


def test_the_page_of_a_case_is_read_by_who_knows_no_codes(folder: Path) -> None:
    here = stage()
    with override("zh-hans"):
        dispute = decided(here)
        evidence.give(here.cast.li, dispute, evidence.Given(listing=True), at=START + 2 * DAY)
        page = files_in(casefile.archive(here.cast.li, dispute, START + 3 * DAY))["data/index.html"].decode()
    assert ("下单时的商品内容 · 卖家" in page, "&quot;" in page, "listing" in page) == (True, False, False)
    page = files_in(casefile.archive(here.cast.li, dispute, START + 3 * DAY))["data/index.html"].decode()
    assert "a statement · Seller · <strong>for the platform alone</strong>: It names my supplier." in page
    assert "a statement · Buyer</p>" in page
    assert "for: Seller · Times in UTC" in " ".join(page.split())
    assert "The photo shows it." in page.partition("What was written down")[0], "the decision, before what led to it"
    days = re.findall(r"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), [A-Z][a-z]{2} [0-9]+, [^<]{5}", page)
    assert days, "moments"
    assert all(re.search(", 20[0-9]{2}", each) for each in days), "what is printed is read in other years"
    # Nothing leads to a page of the installation, which is not there.
    assert not re.findall('(?:href|src|hx-get)="/[^"]*"', page)


def test_settlement_talk_is_in_no_case_file(folder: Path) -> None:
    here = stage()
    dispute = here.open(START, amount=6000)
    new = offers.NewOffer("partial refund", Money(1234, "EUR"), text="Keep it and let us forget it.")
    offers.offer(here.cast.li, dispute, new, at=START)
    for who in (here.cast.ana, here.cast.li, here.cast.platform):
        made = casefile.archive(who, dispute, START + DAY)
        files = files_in(made)
        everything = b"".join(files.values()).decode(errors="replace")
        assert "Keep it and let us forget it." not in everything
        assert "1234" not in files["data/journal.jsonl"].decode() + files["data/index.html"].decode()
        rows = [json.loads(line) for line in files["data/journal.jsonl"].splitlines()]
        withheld = [(row["withheld"], row["kind"]) for row in rows if "withheld" in row]
        assert withheld == [("settlement talk", "dispute.offered")]
        assert holds(written(folder, made))["withheld"] == 1, "that it is there is proved"


def changed(files: dict[str, bytes], name: str, was: str, is_: str) -> dict[str, bytes]:
    assert was.encode() in files[name]
    return {**files, name: files[name].replace(was.encode(), is_.encode(), 1)}


def changed_json(data: bytes, **changes: object) -> bytes:
    return json.dumps({**json.loads(data), **changes}).encode()


def packed(files: dict[str, bytes], *, again: bool = True, name: str = "case-x") -> bytes:
    """Pack files anew; `again`: with manifests that are right, as who falsifies would."""
    if again:
        for manifest, payload in (("manifest-sha256.txt", True), ("tagmanifest-sha256.txt", False)):
            names = sorted(n for n in files if n.startswith("data/") == payload and not n.startswith("tagmanifest"))
            files[manifest] = "".join(f"{hashlib.sha256(files[n]).hexdigest()}  {n}\n" for n in names).encode()
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for each, content in files.items():
            archive.writestr(f"{name}/{each}", content)
    return made.getvalue()


def of_another_key(files: dict[str, bytes]) -> dict[str, bytes]:
    """A head of the same tree, signed by a key of the falsifier's own, who publishes it in the file."""
    text = files["data/checkpoint"].decode().rpartition("\n\n")[0] + "\n"
    signer = notes.new_signer(text.split("\n")[0], bytes(32))
    note = notes.sign(text, [signer]).encode()
    proofs = {n: d.partition(b"\n\n")[0] + b"\n\n" + note for n, d in files.items() if n.startswith("data/proofs/")}
    return {**files, **proofs, "data/checkpoint": note, "data/keys": signer.verifier.text.encode() + b"\n"}


@pytest.mark.parametrize(
    ("falsify", "says"),
    [
        (lambda f: changed(f, "data/journal.jsonl", "dispute.escalated", "dispute.withdrawn"), "not what was written down"),
        (lambda f: changed(f, "data/words.json", "cracked", "polished"), "other words or another file"),
        (lambda f: changed(f, "data/records.json", "dispute.opened", "dispute.joined"), "another record"),
        (lambda f: {n: d for n, d in f.items() if n != "data/checkpoint"}, "not a case file"),
        (lambda f: {**f, "data/journal.jsonl": f["data/journal.jsonl"] + f["data/journal.jsonl"].splitlines()[0] + b"\n"}, "a line twice"),
        (lambda f: {**f, "data/checkpoint": b"x"}, "not a case file"),
        (lambda f: {**f, "data/journal.jsonl": b"null\n"}, "not a case file"),
        (lambda f: {**f, "data/words.json": b"[" * 100_000}, "not a case file"),
        (lambda f: changed(f, "data/keys", "localhost", "otherhost"), "not a key of this log"),
    ],
)  # fmt: skip
def test_what_is_falsified_is_found_though_the_manifests_are_made_anew(
    folder: Path, falsify: Callable[[dict[str, bytes]], dict[str, bytes]], says: str
) -> None:
    here = stage()
    files = files_in(casefile.archive(here.cast.ana, decided(here), START + 3 * DAY))
    holds(written(folder, packed(dict(files))))
    with pytest.raises(verify.Wrong, match=says):
        holds(written(folder, packed(falsify(files))))


def test_a_seal_of_another_is_found_by_who_knows_the_key(folder: Path) -> None:
    here = stage()
    files = files_in(casefile.archive(here.cast.ana, decided(here), START + 3 * DAY))
    other = written(folder, packed(of_another_key(files)))
    assert holds(other)["keys_known"] is False, "a file alone cannot know whose key it should be: it says so"
    with pytest.raises(verify.Wrong, match="none of the keys"):
        holds(other, SealKey.objects.get().verifier)


def test_no_changed_bit_is_accepted(folder: Path) -> None:
    here = stage()
    files = files_in(casefile.archive(here.cast.ana, decided(here), START + 3 * DAY))
    mixed, accepted = random.Random(7), []
    names = [name for name in files if name not in ("VERIFY.md", "verify.py", "bagit.txt", "bag-info.txt")]
    inside = [
        name
        for name in names
        if name in ("data/journal.jsonl", "data/checkpoint", "data/words.json", "data/records.json")
        or name.startswith("data/proofs/")
    ]
    for number in range(examples(400)):
        again = number % 2 == 1  # whoever changes it makes the manifests anew
        name = mixed.choice(inside if again else names)
        data = bytearray(files[name])
        place = mixed.randrange(8 * len(data))
        data[place // 8] ^= 1 << place % 8
        try:
            holds(written(folder, packed({**files, name: bytes(data)}, again=again)))
        except verify.Wrong:
            continue
        accepted.append((name, place, again))
    assert not [each for each in accepted if not each[2]]
    # Who makes the manifests anew may change what is said beside: when, by whom, of what kind a text is.
    assert all(name == "data/words.json" or name == "data/journal.jsonl" for name, _, _ in accepted), accepted


@pytest.mark.parametrize(
    ("made", "says"),
    [
        (b"", "not an archive"), (b"PK\x03\x04 cut", "not an archive"),
    ],
)  # fmt: skip
def test_what_is_no_archive_says_so(folder: Path, made: bytes, says: str) -> None:
    path = written(folder, made)
    with pytest.raises(verify.Wrong, match=says):
        holds(path)
    assert run(["casefile", "verify", str(path)]) == 2


def test_archives_that_mean_harm_are_refused(folder: Path) -> None:
    here = stage()
    made = casefile.archive(here.cast.ana, decided(here), START + 3 * DAY)
    files = files_in(made)

    def archive(*more: tuple[str, bytes], compressed: bool = False) -> Path:
        packed_ = io.BytesIO(packed(dict(files)))
        kind = zipfile.ZIP_DEFLATED if compressed else zipfile.ZIP_STORED
        with zipfile.ZipFile(packed_, "a", kind) as more_:
            for name, data in more:
                more_.writestr(name, data)
        return written(folder, packed_.getvalue())

    with pytest.warns(UserWarning, match="Duplicate"), pytest.raises(verify.Wrong, match="two files"):
        holds(archive(("case-x/data/case.json", b"{}")))
    for name in ("../outside", "/etc/passwd", "case-x/../../x", "case-x\\..\\x"):
        with pytest.raises(verify.Wrong, match="outside"):
            holds(archive((name, b"x")))
    with pytest.raises(verify.Wrong, match="not in the manifest"):
        holds(archive(("case-x/data/more", b"x")))
    with pytest.raises(verify.Wrong, match="not an archive"):
        holds(written(folder, made[: len(made) // 2]))
    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as many:
        for number in range(verify.MAX_FILES + 1):
            many.writestr(f"case-x/data/{number}", b"")
    with pytest.raises(verify.Wrong, match="too large"):
        holds(written(folder, bomb.getvalue()))


def test_the_command_writes_and_verifies(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    here = stage()
    dispute = decided(here)
    out = folder / "out.zip"
    assert run(["casefile", dispute.key, "-o", str(out), "--as", "seller"]) == 0
    assert capsys.readouterr().out == f"{out}\n"
    assert run(["casefile", "verify", str(out), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["holds"] is True
    assert run(["casefile", "D-NOWHERE"]) != 0
    assert "no dispute" in capsys.readouterr().err


def test_a_witness_may_sign_while_it_is_made(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    here = stage()
    dispute, shown = decided(here), proving.show
    line = notes.new_signer("witness.example", bytes(32), kind=notes.COSIGNATURE).line("x", at=START)

    def signed_meanwhile(*given: object, **named: object) -> list[proving.Shown]:
        made = shown(*given, **named)  # type: ignore[arg-type]
        Cosignature.objects.create(
            checkpoint=Checkpoint.objects.latest("size"), name="witness.example", line=line, at=START
        )
        return made

    monkeypatch.setattr(proving, "show", signed_meanwhile)
    holds(written(folder, casefile.archive(here.cast.ana, dispute, START + 3 * DAY)))


def test_a_party_fetches_it_from_its_page() -> None:
    here = stage()
    dispute = decided(here)
    client = sign_in(here.cast.ana)
    page = client.get(f"/disputes/{dispute.key}/").content.decode()
    assert f"/disputes/{dispute.key}/case.zip" in page
    answer = client.get(f"/disputes/{dispute.key}/case.zip")
    assert (answer["Content-Type"], answer["Cache-Control"]) == ("application/zip", "no-store, private")
    assert b"data/journal.jsonl" in answer.content
    assert sign_in(here.cast.bea).get(f"/disputes/{dispute.key}/case.zip").status_code == 404


def test_what_made_a_time_longer_is_in_the_case_file(folder: Path) -> None:
    here = stage()
    dispute = here.open(START, amount=6000)
    down = Asked("platform_outage", START + DAY, START + 2 * DAY, about=here.cast.seller)
    verbs.record(here.cast.ken, down, at=START + DAY)
    evidence.give(here.cast.ana, dispute, evidence.Given(text="The glass is cracked."), at=START + 2 * DAY)
    later = Asked("platform_outage", START + 3 * DAY, START + 4 * DAY, about=here.cast.max.party)
    verbs.record(here.cast.ken, later, at=START + 3 * DAY)
    made = casefile.archive(here.cast.ana, dispute, START + 3 * DAY)
    lines = [json.loads(line) for line in files_in(made)["data/journal.jsonl"].splitlines()]
    bodies = [json.loads(line["body"]) for line in lines if "body" in line]
    assert "Move" in {each.get("ruling") for each in bodies}, "the seller's time to answer"
    (pause,) = [each for each in bodies if each.get("kind") == "pause.recorded"]
    assert pause["data"]["cause"] == "platform_outage"
    assert holds(written(folder, made))["lines"] == len(lines)
    page = files_in(made)["data/index.html"].decode()
    assert "counts against nobody: the platform was down" in page
    assert "Times in " in page, "two sides in two zones read two days for one moment"


def test_where_the_key_is_lost_the_last_seal_still_serves(folder: Path) -> None:
    here = stage()
    dispute = decided(here)
    sealing.seal(START + 3 * DAY)
    keys.path().unlink()
    holds(written(folder, casefile.archive(here.cast.ana, dispute, START + 3 * DAY)))


def test_it_is_judged_again_by_the_rules_in_it(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    here = stage()
    dispute = decided(here)
    made = casefile.archive(here.cast.li, dispute, START + 3 * DAY)
    found = again.judged(files_in(made))
    assert (found.follows, found.rulings > 3) == (True, True)
    answered = json.loads(JournalLine.objects.get(kind="dispute.answered").body)["at"]
    # The seller answered a week later; the operator says that nothing came of it.
    late = {
        name: data.replace(answered.encode(), b"2026-03-10T09:00:00.000000Z") for name, data in files_in(made).items()
    }
    said = again.judged(late)
    assert not said.follows
    assert any(line.startswith("does not follow") and '"Meet"' in line for line in said.differs)
    # The operator leaves out what the rules gave, and says that the file is older than that; or is of another order.
    files = files_in(made)
    quiet = {**files, "data/case.json": changed_json(files["data/case.json"], made_at="1970-01-01T00:00:00.000000Z")}
    rows = files["data/journal.jsonl"].splitlines(keepends=True)
    quiet["data/journal.jsonl"] = b"".join(row for row in rows if b"ruling" not in row)
    assert not again.judged(quiet).follows
    for says in ({"order": "order:another"}, {"seller": "seller:another"}, {"dispute": "dispute:another"}):
        with pytest.raises(again.NotJudged, match="names another matter"):
            again.judged({**files, "data/case.json": changed_json(files["data/case.json"], **says)})
    assert again.judged({**files, "data/journal.jsonl": b"".join(reversed(rows))}).follows, "the chain has the order"
    path = written(folder, made)
    assert run(["casefile", "verify", str(path), "--judge"]) == 0
    assert f"{found.rulings} rulings judged again: each follows" in capsys.readouterr().out
    assert run(["casefile", "verify", str(path), "--judge", "--json"]) == 0
    assert json.loads(capsys.readouterr().out.splitlines()[1])["follows"] is True


def test_what_they_wrote_before_is_in_it_and_who_was_told_when(folder: Path) -> None:
    here = stage()
    talk = messages.open_conversation(
        here.cast.ana,
        messages.NewConversation(buyer=here.cast.buyer, seller=here.cast.seller, topic="Lamp", order=here.order),
        at=START - DAY,
    )
    photo = messages.Extras(files=tuple(taken([("a.txt", "The glass 玻璃".encode())])))
    messages.send(here.cast.ana, talk, text="It arrived broken.", at=START - DAY, extras=photo)
    dispute = here.open(START, amount=6000)
    Notice.objects.filter(party=here.cast.seller).update(read_at=START + timedelta(hours=2))
    made = casefile.archive(here.cast.ana, dispute, START + DAY)
    files = files_in(made)
    assert "It arrived broken." in files["data/index.html"].decode()
    assert [name for name in files if name.startswith("data/evidence/")]
    found = holds(written(folder, made))
    assert (found["unproved"], found["words"]) == (0, 2), "the message and its file"
    told = json.loads(files["data/notices.json"])
    assert {"to": here.cast.seller.ref, "what": "dispute.opened", "at": "2026-03-02T09:00:00.000000Z",
            "read_at": "2026-03-02T11:00:00.000000Z", "mail": None} in told  # fmt: skip
    assert re.search(r"Opened [^<]*11:00", files["data/index.html"].decode()), "in words, too"
    evidence_ = next(name for name in files if name.startswith("data/evidence/"))
    other = packed(changed(files, evidence_, "The glass", "The class"))
    with_another = holds(written(folder, other))
    assert with_another["unproved"] == 1, "another file than came with the message is no proof"


def test_a_measure_has_its_case_file_with_what_led_to_it(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    cast = staged()
    noor, omar = rules_agent(cast, "Noor"), rules_agent(cast, "Omar")
    row = asked(cast, noor, "freeze", hours(0), timedelta(days=7))
    sanctions.approve(omar, row, at=hours(1), because="It was.")
    given = measured.written("It was not me.", tuple(taken([("a.txt", b"Sent on Monday.")])))
    appeals.file(cast.li, row, words=given, at=hours(2))
    row.refresh_from_db()
    made = casefile.of_measure_archived(cast.li, row, hours(3))
    files, found = files_in(made), holds(written(folder, made))
    said = [each.get("text") for each in json.loads(files["data/words.json"])]
    assert (found["case"], found["words"], found["unproved"]) == (row.key, len(said), 0)
    assert {"It was.", "It was not me."} <= set(said)
    kinds = {json.loads(json.loads(line)["body"]).get("kind") for line in files["data/journal.jsonl"].splitlines()}
    assert {"sanction.asked", "appeal.filed"} <= kinds
    assert json.loads(files["data/statement.json"])["measure"] == "freeze"
    page = files["data/index.html"].decode()
    for each in (
        "It was not me.",
        "a.txt</a> <code>evidence/",
        "An appeal against the measure was filed",
        "Who was told",
        "python3 verify.py",
    ):
        assert each in page, each
    assert "Who was told" not in measures.printed(row, cast.li, hours(3)), "the statement alone"
    assert not re.findall('(?:href|src|hx-get)="/[^"]*"', page), "a page of the installation, which is not there"
    letter = casefile.of_measure_archived(cast.li, row, hours(3), letter=casefile.Letter("Schlichtung e. V."))
    assert "Mon, Mar 2, 2026, 10:00: Freeze." in files_in(letter)["data/letter.html"].decode()
    with pytest.raises(again.NotJudged, match="names each charge"):
        again.judged(files)
    with pytest.raises(Forbidden):
        casefile.of_measure_archived(cast.max, row, hours(3))
    address = f"/measures/{cast.seller.uuid}/{row.key}/"
    client = sign_in(cast.li)
    assert f"{address}case.zip" in client.get(address).content.decode()
    assert client.get(f"{address}case.zip").headers["Content-Type"] == "application/zip"
    assert sign_in(cast.max).get(f"{address}case.zip").status_code == 403
    assert run(["casefile", row.key, "-o", str(folder / "m.zip")]) == 0
    assert run(["casefile", "verify", str(folder / "m.zip")]) == 0
    assert run(["casefile", "nothing"]) == 2
    assert "there is no dispute and no measure" in capsys.readouterr().err


def test_once_both_agreed_offers_are_in_it_and_what_was_private_never(folder: Path) -> None:
    here = stage()
    dispute = here.open(START, amount=6000)
    with pytest.raises(NotNow, match="nothing to disclose"):
        disclosing.disclose(here.cast.ana, dispute, at=START)
    new = offers.NewOffer("partial refund", Money(1234, "EUR"), text="Keep it and let us forget it.")
    offers.offer(here.cast.li, dispute, new, at=START)
    mediation.escalate(here.cast.ana, dispute, at=START + DAY)
    mediation.take(agent(here.cast, "ada"), dispute, at=START + DAY)
    mediation.say(here.cast.ana, dispute, text=SECRET, sees="buyer", at=START + DAY)
    at = START + 2 * DAY

    def says() -> tuple[bool, bool, int]:
        made = casefile.archive(here.cast.ana, dispute, at)
        text = b"".join(files_in(made).values()).decode(errors="replace")
        assert SECRET not in text
        assert (again.judged(files_in(made)).follows, holds(written(folder, made))["holds"]) == (True, True)
        return (
            "Keep it and let us forget it." in text,
            "€12.34" in text,
            int(str(holds(folder / "case.zip")["withheld"])),
        )

    client = sign_in(here.cast.ana)
    client.post(f"/disputes/{dispute.key}/disclose/")
    assert says() == (False, False, 1)
    assert "Once the other side agrees" in client.get(f"/disputes/{dispute.key}/").content.decode()
    with pytest.raises(NotNow, match="already"):
        disclosing.disclose(here.cast.ana, dispute, at=at)
    disclosing.disclose(here.cast.li, dispute, at=at)
    assert says() == (True, True, 0)
    page = files_in(casefile.archive(here.cast.li, dispute, at))["data/index.html"].decode()
    assert "Both sides agreed that offers stand here" in page
    assert rebuild.at_odds(here.cast.seller) == []


def test_for_an_out_of_court_body_a_letter_is_with_it(folder: Path) -> None:
    here = stage()
    dispute, at = decided(here), START + 3 * DAY
    made = casefile.archive(here.cast.li, dispute, at, letter=casefile.Letter("Schlichtung e. V.", "All\nof it."))
    letter = files_in(made)["data/letter.html"].decode()
    assert holds(written(folder, made))["holds"]
    for said in (
        "Schlichtung e. V.", dispute.key, here.cast.seller.name, "2022/2065", "No appeal was made", "duel@1",
        f"The other side: {here.cast.buyer.name} (Buyer).", "What the buyer had asked for: €60.00.", "People decided.",
        "All<br>of it.", "2026, 09:00: The platform decided", "(UTC)", "To check this paper: number",
    ):  # fmt: skip
        assert said in letter, said
    assert "I had asked" not in letter, "the seller asked for nothing"
    assert files_in(made)["data/letter.pdf"].startswith(b"%PDF")
    client, there = sign_in(here.cast.ana), f"/disputes/{dispute.key}/"
    assert "Archive for a body" in client.get(there).content.decode()
    fetched = client.post(f"{there}case.zip", {"body": "<b>&\u202e" + "x" * 900, "asks": "<i>\x00"})
    asked = files_in(fetched.content)["data/letter.html"].decode()
    assert ("<b>&" in asked, "&lt;b&gt;" in asked, "&lt;i&gt;" in asked) == (False, True, True)
    assert "What I had asked for: €60.00." in asked
    assert "data/letter.html" not in files_in(client.get(f"{there}case.zip").content)


def test_a_letter_is_a_partys(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    here = stage()
    dispute, eve = decided(here), agent(here.cast, "eve")
    made = casefile.archive(eve, dispute, START + 3 * DAY, letter=casefile.Letter("Schlichtung e. V."))
    assert "data/letter.html" not in files_in(made)
    assert "Archive for a body" not in sign_in(eve).get(f"/disputes/{dispute.key}/").content.decode()
    assert run(["casefile", dispute.key, "--body", "Schlichtung e. V."]) == 2
    assert "--as buyer or --as seller" in capsys.readouterr().err
    assert run(["casefile", dispute.key, "--language", "klingon"]) == 2
    assert "no pages in the language 'klingon': en, zh-hans" in capsys.readouterr().err
    where = folder / "letter.zip"
    assert run(["casefile", dispute.key, "--as", "seller", "--body", "B", "--asks", "All.", "-o", str(where)]) == 0
    assert b"All." in files_in(where.read_bytes())["data/letter.html"]
