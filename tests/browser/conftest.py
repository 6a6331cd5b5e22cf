"""A real Chromium on the real server, with a small sample marketplace."""

import fcntl
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests.server import free_port

ROOT = Path(__file__).resolve().parents[2]
CHROMIUM = "/usr/bin/chromium"
SIZES = {"desktop": {"width": 1280, "height": 860}, "phone": {"width": 390, "height": 844}}
PASSWORD = "only for this test"

BUILD = f"""
import django; django.setup()
from datetime import datetime, timedelta, UTC
from django.core.management import call_command
from comity.actions import lanes, orders, parties, promises, scans, shipments
from comity.actions.disputes import claims, mediation, offers, opening
from comity.actions.disputes.cases import held
from comity.actions.guard import Actor
from comity.lib.money import Money
from comity.demo import simulation
from comity.demo.people import Scale, someone_waiting
call_command("migrate", verbosity=0)
people = simulation.build(seed=3, end=datetime.now(UTC).replace(microsecond=0), scale=Scale(sellers=10, buyers=30, orders=450, days=60))
buyer = someone_waiting(people)
at = datetime.now(UTC)
order = orders.place(
    people.platform,
    orders.NewOrder(
        buyer=buyer, seller=people.sellers[0], lines=(orders.Line("Brass desk lamp", 1, Money(3990, "EUR")),),
        handling_hours=72, deliver_by=at + timedelta(days=20), lane=orders.Lane("CN", "DE", "standard"),
    ),
    at=at,
)
orders.pay(people.platform, order, at=at)
seller = people.sellers[0]


def disputed(title, number):
    # It came three days ago, and is not as described.
    placed = at - timedelta(days=15)
    new = orders.NewOrder(
        buyer=buyer, seller=seller, lines=(orders.Line(title, 2, Money(2450, "EUR")),), handling_hours=72,
        deliver_by=placed + timedelta(days=20),
    )
    row = orders.place(people.platform, new, at=placed, noted_at=at)
    orders.pay(people.platform, row, at=placed, noted_at=at)
    parcel = shipments.Parcel("post", number, sure=True)
    sent = shipments.dispatch(Actor(seller), row, parcel, at=placed + timedelta(days=1), noted_at=at)
    for status, days in (("in_transit", 13), ("delivered", 3)):
        scans.scan(people.platform, sent, scans.Event(status, at - timedelta(days=days), place="Bonn"), noted_at=at)
    claim = opening.Claim(reason="not as described", wants="partial refund", amount=Money(1000, "EUR"), text="It is blue.")
    return opening.open_(Actor(buyer), row, claim, at=at - timedelta(hours=3))


talked, judged = disputed("Green scarf", "RR473124829GB"), disputed("Red hat", "RR473124829DE")
offers.offer(Actor(seller), talked, offers.NewOffer("partial refund", Money(600, "EUR"), text="Would that do?"), at=at - timedelta(hours=2))
claims.reject(Actor(seller), judged, text="It is as shown.", version=1, at=at - timedelta(hours=2))
# Under these rules no buyer asks the platform: it steps in by itself, here some days early.
mediation.escalated(held(judged), people.platform, by="platform", because="silence", at=at - timedelta(hours=1))
lanes.refresh(at)
promises.warn_buyers(at)
for role, party in (("buyer", buyer), ("seller", people.sellers[0]), ("frozen", people.worst), ("agent", people.agent)):
    parties.give_login(party, email=role + "@demo.example", password={PASSWORD!r})
"""


@dataclass(frozen=True)
class Site:
    """The running server, and a browser to look at it with."""

    address: str
    browser: Browser
    errors: list[str] = field(default_factory=list)
    #: Where each began who has signed in once, and with which cookies: who signs in too often is asked to wait.
    known: dict[str, tuple[str, Any]] = field(default_factory=dict)

    def page(self, who: str = "", size: str = "desktop", *, scheme: str = "light") -> Page:
        """A page on which `who` is signed in."""
        start, cookies = self.known.get(who, ("", None))
        context = self.browser.new_context(
            viewport=SIZES[size],  # type: ignore[arg-type]
            color_scheme=scheme,  # type: ignore[arg-type]
            reduced_motion="reduce",
            storage_state=cookies,
        )
        page = context.new_page()
        page.on("pageerror", lambda error: self.errors.append(f"{page.url}: {error}"))
        page.on(
            "console", lambda said: self.errors.append(f"{page.url}: {said.text}") if said.type == "error" else None
        )
        if start:
            page.goto(start)
        if who and (not start or "/account/" in page.url):
            page.goto(f"{self.address}/account/login/")
            page.fill("[name=login]", f"{who}@demo.example")
            page.fill("[name=password]", PASSWORD)
            page.click("main .button.primary")
            page.wait_for_url(lambda url: "/account/" not in url)
            self.known[who] = (page.url, context.storage_state())
        return page


@pytest.fixture(autouse=True)
def no_errors(site: Site) -> Iterator[None]:
    """A page whose script fails, or that says an error in the console, fails its test."""
    site.errors.clear()
    yield
    assert site.errors == []


@contextmanager
def served(build: str, data: Path) -> Iterator[tuple[str, str]]:
    """Build a marketplace in a folder and serve it; give its address, and what the building said."""
    said = built(build, data)
    with serving(data) as address:
        yield address, said


def built(build: str, data: Path) -> str:
    """Build a marketplace in a folder; return what the building said."""
    done = subprocess.run(
        [sys.executable, "-c", build], env=_environment(data), cwd=ROOT, check=True, timeout=180, stdout=subprocess.PIPE, text=True
    )  # fmt: skip
    return done.stdout


def _environment(data: Path) -> dict[str, str]:
    others = {k: v for k, v in os.environ.items() if k != "COMITY_TEST_DATABASE"}
    return others | {
        "COMITY_DATA": str(data), "DJANGO_SETTINGS_MODULE": "comity.config.settings", "PYTHONPATH": str(ROOT),
    }  # fmt: skip


@contextmanager
def serving(data: Path) -> Iterator[str]:
    """Serve the marketplace in a folder; give its address."""
    port = free_port()
    with (data / "log").open("w") as log:
        server = subprocess.Popen(
            [sys.executable, "-m", "comity", "serve", "--port", str(port)],
            env=_environment(data), cwd=ROOT, stdout=log, stderr=log,
        )  # fmt: skip
        try:
            address = f"http://127.0.0.1:{port}"
            _wait_for(address, server)
            yield address
        finally:
            server.terminate()
            server.wait(timeout=20)
    assert "Traceback" not in (data / "log").read_text(), (data / "log").read_text()


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    data = tmp_path_factory.mktemp("site")
    # The processes of one run have one folder above theirs: the first builds, the others copy.
    first = tmp_path_factory.getbasetemp().parent if "PYTEST_XDIST_WORKER" in os.environ else data.parent
    with (first / "site.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (first / "built" / "done").exists():
            (first / "built").mkdir()
            built(BUILD, first / "built")
            (first / "built" / "done").touch()
    shutil.copytree(first / "built", data, dirs_exist_ok=True)
    with serving(data) as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM)
        yield Site(address, browser)
        browser.close()


def _wait_for(address: str, server: "subprocess.Popen[bytes]") -> None:
    """Ask until the server answers, for at most a minute and a half: two may start at once."""
    deadline = time.monotonic() + 90
    while time.monotonic() < deadline:
        assert server.poll() is None, "the server stopped"
        try:
            urlopen(address, timeout=2).close()
            return
        except OSError:  # refused, reset, or not yet answered
            time.sleep(0.2)
    raise AssertionError("the server does not answer")
