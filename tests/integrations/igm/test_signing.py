"""The network's signatures: against vectors that its own client made, against the client where it is, and wrong ones."""

import base64
import json
import os
import shutil
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.integrations.igm import signing
from comity.integrations.igm.signing import HOLDS, SKEW, BadSignature, Signer

VECTORS: list[dict[str, Any]] = json.loads(Path(__file__).with_name("vectors.json").read_text())["vectors"]
NOW = datetime(2026, 3, 2, 10, tzinfo=UTC)
SIGNER = Signer("buyer.example.com", "b1", bytes(range(32)))
KEYS = {("buyer.example.com", "b1"): SIGNER.public}
BODY = '{"text": "टूटा हुआ"}'.encode()


def signer(vector: dict[str, Any]) -> Signer:
    subscriber, key_id = vector["header"].split('"')[1].split("|")[:2]
    return Signer(subscriber, key_id, bytes([vector["seed_byte"]] * 32))


def created(vector: dict[str, Any]) -> datetime:
    return datetime.fromtimestamp(int(vector["header"].split('created="')[1].split('"')[0]), UTC)


# As the network's own client does it


@pytest.mark.parametrize("vector", VECTORS, ids=range(len(VECTORS)))
def test_what_the_client_signed_is_what_is_signed_here_to_the_last_byte(vector: dict[str, Any]) -> None:
    own, at, body = signer(vector), created(vector), vector["body"].encode()
    assert base64.b64encode(own.public).decode() == vector["public_key"]
    seconds = int(at.timestamp())
    assert signing.signing_string(body, seconds, seconds + 300).decode() == vector["signing_string"]
    assert signing.header(own, body, at) == vector["header"], "Ed25519 has one signature for each key and message"
    keys = {(own.subscriber, own.key_id): base64.b64decode(vector["public_key"])}
    assert signing.signed_by(vector["header"], body, keys, at) == own.subscriber


def test_the_client_itself_checks_ours_and_is_checked() -> None:
    folder, node = os.environ.get("COMITY_ONDC_CLIENT"), shutil.which("node")
    if not folder or not node:
        pytest.skip("COMITY_ONDC_CLIENT names no folder with ondc-crypto-sdk-nodejs in its node_modules, or no node")
    secret = base64.b64encode(SIGNER.secret + SIGNER.public).decode()
    at = int(NOW.timestamp())
    header = signing.header(SIGNER, BODY, NOW)
    said = {
        "ours": {"header": header, "body": BODY.decode(), "publicKey": base64.b64encode(SIGNER.public).decode()},
        "wrong": {"header": header, "body": "{}", "publicKey": base64.b64encode(SIGNER.public).decode()},
        "sign": {
            "body": BODY.decode(), "privateKey": secret, "subscriberId": SIGNER.subscriber,
            "subscriberUniqueKeyId": SIGNER.key_id, "created": str(at), "expires": str(at + 3_600),
        },
    }  # fmt: skip
    script = """
        const client = require("ondc-crypto-sdk-nodejs"), said = JSON.parse(require("fs").readFileSync(0, "utf8"));
        (async () => console.log(JSON.stringify([await client.isHeaderValid(said.ours),
            await client.isHeaderValid(said.wrong), await client.createAuthorizationHeader(said.sign)])))();
    """
    done = subprocess.run(
        [node, "-e", script], cwd=folder, input=json.dumps(said), capture_output=True, text=True, check=True, timeout=60
    )
    ours, wrong, theirs = json.loads(done.stdout)
    assert (ours, wrong) == (True, False)
    assert signing.signed_by(theirs, BODY, KEYS, NOW + timedelta(minutes=59)) == SIGNER.subscriber
    with pytest.raises(BadSignature, match="not right"):
        signing.signed_by(theirs, BODY + b" ", KEYS, NOW)


# What is not signed as it must be


@given(body=st.binary(max_size=200), seconds=st.integers(0, 4_000_000_000), seed=st.binary(min_size=32, max_size=32))
def test_what_is_signed_is_known_again_and_no_other_byte_is(body: bytes, seconds: int, seed: bytes) -> None:
    own, at = Signer("a.example", "k", seed), datetime.fromtimestamp(seconds, UTC)
    keys = {("a.example", "k"): own.public}
    header = signing.header(own, body, at)
    assert signing.signed_by(header, body, keys, at) == "a.example"
    with pytest.raises(BadSignature):
        signing.signed_by(header, body + b"\n", keys, at)


@pytest.mark.parametrize(
    ("before", "after", "why"),
    [
        ("Signature ", "Bearer ", "no signature"),
        ('algorithm="ed25519"', 'algorithm="hs2019"', "algorithm"),
        ("|ed25519", "|rsa", "algorithm"),
        ("|b1|", "|b2|", "no key"),
        ("buyer.", "seller.", "no key"),
        ("|b1|ed25519", "|b1", "algorithm"),
        ("(created) (expires) digest", "(expires) (created) digest", "in this order"),
        ('headers="(created) (expires) digest",', "", "in this order"),
        ('created="1', 'created="-1', "seconds"),
        ('created="1', 'created="1e1', "seconds"),
        ('created="1', 'created="١', "seconds"),
        ('expires="1', 'expires="3', "not right"),
        ('signature="', 'signature="A', "not right"),
        ('signature="', 'signature="é', "not right"),
        ('algorithm="', 'created="1",algorithm="', "twice"),
    ],
)
def test_a_wrong_header_says_what_is_wrong(before: str, after: str, why: str) -> None:
    header = signing.header(SIGNER, BODY, NOW)
    assert before in header
    with pytest.raises(BadSignature, match=why):
        signing.signed_by(header.replace(before, after), BODY, KEYS, NOW)


def test_a_signature_holds_from_when_it_was_made_until_it_expires() -> None:
    header, second = signing.header(SIGNER, BODY, NOW), timedelta(seconds=1)
    for now in (NOW - SKEW, NOW, NOW + HOLDS):
        assert signing.signed_by(header, BODY, KEYS, now) == SIGNER.subscriber
    with pytest.raises(BadSignature, match="future"):
        signing.signed_by(header, BODY, KEYS, NOW - SKEW - second)
    with pytest.raises(BadSignature, match="expired"):
        signing.signed_by(header, BODY, KEYS, NOW + HOLDS + second)


def test_a_header_is_read_with_spaces_between_its_parts_and_numbers_without_quotes() -> None:
    header = signing.header(SIGNER, BODY, NOW)
    at = int(NOW.timestamp())
    written = header.replace('",', '", ').replace(f'created="{at}"', f"created={at}")
    assert signing.signed_by(written, BODY, KEYS, NOW) == SIGNER.subscriber


@given(st.text(max_size=300) | st.text(alphabet='Signature keyId="|,ed25519()', max_size=300).map("Signature ".__add__))
def test_no_header_breaks_it(header: str) -> None:
    with pytest.raises(BadSignature):
        signing.signed_by(header, BODY, KEYS, NOW)


def test_a_secret_is_never_shown() -> None:
    assert SIGNER.secret.hex() not in repr(SIGNER)
    assert repr(SIGNER.secret) not in repr(SIGNER)
