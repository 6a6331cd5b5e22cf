"""Time-stamps of the journal's heads, by an authority of openssl's."""

import shutil
import subprocess
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from comity.actions.seal import sealing
from comity.integrations.tlog import stamping
from comity.integrations.tlog.stamping import StampTrouble
from comity.lib.casefile import verify
from comity.records.models import Checkpoint
from comity.web.trade import casefile
from tests.actions.seal.test_casefile import decided, files_in
from tests.actions.seal.test_sealing import talk
from tests.cast import START, Cast, hours
from tests.disputing import stage

pytestmark = pytest.mark.django_db
CONFIG = """
[tsa]
default_tsa = one
[one]
serial = serial
default_policy = 1.2.3.4.1
digests = sha256, sha512
ess_cert_id_alg = sha256
signer_digest = sha256
"""


class Authority:
    """Stamps what it is asked to, by openssl; or answers otherwise."""

    def __init__(self, folder: Path):
        self.folder, self.asked = folder, 0
        (folder / "tsa.cnf").write_text(CONFIG)
        (folder / "serial").write_text("01\n")
        self.run("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "k.pem", "-out", "c.pem", "-days", "30",
                 "-subj", "/CN=Authority", "-addext", "extendedKeyUsage=critical,timeStamping",
                 "-addext", "keyUsage=critical,digitalSignature")  # fmt: skip

    def run(self, *arguments: str) -> None:
        subprocess.run(["openssl", *arguments], cwd=self.folder, check=True, capture_output=True)

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked += 1
        (self.folder / "q.tsq").write_bytes(request.content)
        self.run("ts", "-reply", "-config", "tsa.cnf", "-queryfile", "q.tsq", "-signer", "c.pem", "-inkey", "k.pem",
                 "-out", "r.tsr")  # fmt: skip
        return httpx.Response(200, content=(self.folder / "r.tsr").read_bytes())


@pytest.fixture
def authority(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Authority:
    if shutil.which("openssl") is None:
        pytest.skip("no openssl here, which plays the authority")
    monkeypatch.setenv("COMITY_DATA", str(tmp_path))
    monkeypatch.setenv("COMITY_TIMESTAMP_URL", "https://tsa.example.com/tsr")
    return Authority(tmp_path)


def test_heads_are_stamped_once_an_hour_and_a_case_file_has_the_stamp(authority: Authority, tmp_path: Path) -> None:
    here = stage()
    dispute = decided(here)
    at = START + timedelta(days=3)
    sealing.seal(at)
    transport = httpx.MockTransport(authority)
    assert stamping.stamp_due(at, transport=transport) == 1
    stamped = Checkpoint.objects.exclude(stamp=None).get()
    talk(here.cast, 100)
    sealing.seal(at + timedelta(minutes=5))
    assert stamping.stamp_due(at + timedelta(minutes=5), transport=transport) == 0, "within the hour"
    files = files_in(casefile.archive(here.cast.ana, dispute, at + timedelta(minutes=6)))
    assert files["data/stamped"].decode() == stamped.note, "not the newest head, but one with a stamp"
    (tmp_path / "case.zip").write_bytes(casefile.archive(here.cast.ana, dispute, at + timedelta(minutes=6)))
    assert verify.verify(tmp_path / "case.zip")["size"] == stamped.size
    for name in ("stamped", "stamped.tsr"):
        (tmp_path / name).write_bytes(files[f"data/{name}"])
    authority.run("ts", "-verify", "-in", "stamped.tsr", "-data", "stamped", "-CAfile", "c.pem")
    assert stamping.stamp_due(at + timedelta(hours=2), transport=transport) == 1
    assert authority.asked == 2


def test_an_authority_that_is_away_or_lies_is_said_and_nothing_else_waits(authority: Authority, cast: Cast) -> None:
    talk(cast, 1)
    sealing.seal(hours(1))
    other = Path(authority.folder / "other")
    other.write_text("something else")
    authority.run("ts", "-query", "-data", "other", "-sha512", "-cert", "-out", "q.tsq")
    authority.run("ts", "-reply", "-config", "tsa.cnf", "-queryfile", "q.tsq", "-signer", "c.pem", "-inkey", "k.pem",
                  "-out", "r.tsr")  # fmt: skip
    of_other = (authority.folder / "r.tsr").read_bytes()

    def gone(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("away", request=request)

    for answer, says in (
        (gone, "does not answer"), (httpx.Response(503), "status 503"), (httpx.Response(200, content=b"hello"), "read"),
        (httpx.Response(200, content=of_other), "something else"),
    ):  # fmt: skip
        with pytest.raises(StampTrouble, match=says):
            play = answer if callable(answer) else lambda request, answer=answer: answer
            stamping.stamp_due(hours(1), transport=httpx.MockTransport(play))
    talk(cast, 2)
    assert sealing.seal(hours(2)).added > 0
    assert Checkpoint.objects.exclude(stamp=None).count() == 0


def test_where_none_is_named_none_is_asked(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    del cast
    monkeypatch.delenv("COMITY_TIMESTAMP_URL", raising=False)
    assert stamping.stamp_due(hours(1)) == 0
