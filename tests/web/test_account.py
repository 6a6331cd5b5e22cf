"""Signing in and passwords: nothing of the sign-in library beyond ours, and no link to a password in any log."""

import logging
import re
import socket
import threading
from contextlib import closing, suppress
from io import StringIO
from typing import Any

import pytest
from allauth.account import urls as library
from allauth.account.models import EmailAddress
from django.contrib.auth import get_user_model
from django.core import mail
from django.core.cache import cache
from django.test import Client
from django.urls import Resolver404, resolve

from comity.actions import parties
from comity.cli.main import run
from comity.integrations.mail import connection
from comity.lib.logs import NoLinks
from comity.web import account
from tests.cast import Cast
from tests.web.test_pages import sign_in, text

OLD, NEW = "a long enough one", "quite another one"


@pytest.fixture
def login(cast: Cast) -> Cast:
    cache.clear()  # the sign-in library counts tries there
    parties.give_login(cast.seller, email="li@example.org", password=OLD)
    return cast


def posted() -> None:
    """Wait until what is to be mailed is mailed: one after the other."""
    account.postman.submit(lambda: None).result(20)


def link_in(body: str) -> str:
    found = re.search(r"https?://[^/]+(/account/password/reset/\S+)", body)
    assert found
    return found[1]


def test_nothing_of_the_sign_in_library_is_reached_that_is_not_ours(cast: Cast) -> None:
    clients = [Client(), sign_in(cast.ana), sign_in(cast.ken)]
    theirs = 0
    for pattern in library.urlpatterns:
        address = "/account/" + re.sub(r"\(\?P<(\w+)>[^)]*\)", "x", str(pattern.pattern).lstrip("^").rstrip("$"))
        try:
            view = resolve(address).func
        except Resolver404:
            theirs += 1
            for client in clients:
                for answer in (client.get(address), client.post(address, {"email": "ken@example.org"})):
                    assert answer.status_code == 404, address
        else:
            view = getattr(view, "view_class", view)
            own = view.__module__.startswith("comity.")
            assert own or view.__name__ in ("LoginView", "LogoutView"), f"{address} leads to {view}"
    assert theirs >= 7
    assert not EmailAddress.objects.exists()
    assert all(client.get("/account/").status_code == 404 for client in clients)


def test_where_no_mail_is_sent_the_page_says_whom_to_ask_and_nothing_is_logged(
    login: Cast, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str], settings: Any
) -> None:
    settings.EMAIL_BACKEND = "comity.integrations.mail.connection.Connection"  # the tests' own keeps what is sent
    for answer in (
        Client().get("/account/password/reset/"),
        Client().post("/account/password/reset/", {"email": "li@example.org"}),
    ):
        assert answer.status_code == 200
        assert "No mail is sent from here" in text(answer)
        assert "Ask the shop that gave you your account" in text(answer)
        assert '<form method="post" action="/account/password/reset/"' not in text(answer)
    assert (caplog.text, *capfd.readouterr()) == ("", "", "")


def test_a_password_is_set_by_a_mailed_link_once(login: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COMITY_SMTP_URL", "smtp://127.0.0.1:1")
    monkeypatch.setenv("COMITY_SITE", "https://service.example")
    known, unknown = (
        Client().post("/account/password/reset/", {"email": address}) for address in ("LI@example.org", "x@example.org")
    )
    said = [re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", text(answer)) for answer in (known, unknown)]
    assert said[0] == said[1], "nobody learns who has a login"
    posted()
    (sent,) = mail.outbox
    assert (sent.to, sent.subject) == (["li@example.org"], "Set a new password")
    assert "https://service.example/account/password/reset/" in sent.body
    client, link = Client(), link_in(str(sent.body))
    form = client.get(link, follow=True)
    assert link not in form.request["PATH_INFO"], "the secret is out of the address"
    to = form.request["PATH_INFO"]
    assert "At least 10 characters" in text(client.post(to, {"new_password1": "short", "new_password2": "short"}))
    done = client.post(to, {"new_password1": NEW, "new_password2": NEW}, follow=True)
    assert "Your password is changed. Sign in with it." in text(done)
    user = get_user_model().objects.get()
    assert (user.check_password(NEW), user.check_password(OLD)) == (True, False)
    assert "This link was used already" in text(Client().get(link))
    answers = [Client().post("/account/password/reset/", {"email": "li@example.org"}).status_code for _ in range(6)]
    assert answers[-1] == 429
    posted()
    assert len(mail.outbox) < 7


def test_a_server_that_refuses_tells_no_log_the_link(
    login: Cast, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, settings: Any
) -> None:
    monkeypatch.setenv("COMITY_SMTP_URL", "smtp://127.0.0.1:1")
    monkeypatch.setenv("COMITY_MAIL_ADDRESS", "service@market.example")
    settings.EMAIL_BACKEND = "comity.integrations.mail.connection.Connection"
    answer = Client().post("/account/password/reset/", {"email": "li@example.org"})
    assert "Look into your mail" in text(answer)
    posted()
    assert [record.getMessage() for record in caplog.records] == [
        "a mail to set a password could not be sent: ConnectionRefusedError"
    ]
    assert "/account/" not in caplog.text


def test_an_address_in_a_log_has_no_secret(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    (log,) = (each for each in logging.getLogger().handlers if any(isinstance(its, NoLinks) for its in each.filters))
    said = StringIO()
    monkeypatch.setattr(log, "stream", said)
    Client().get("/account/password/reset/MQ/secret-of-li/and-more")
    assert "Not Found: /account/password/reset/…" in said.getvalue()
    assert "secret-of-li" not in said.getvalue()
    record = logging.LogRecord("x", logging.INFO, "", 0, "%s: %s", ("Not Found", "/account/password/reset/done/"), None)
    assert NoLinks().filter(record)
    assert record.getMessage() == "Not Found: /account/password/reset/done/"


def test_the_own_password_is_changed_with_the_one_before(login: Cast) -> None:
    assert Client().get("/account/password/change/")["Location"].startswith("/account/login/")
    client = Client()
    client.post("/account/login/", {"login": "li@example.org", "password": OLD})
    new = {"new_password1": NEW, "new_password2": NEW}
    client.post("/account/password/change/", {"old_password": "wrong", **new})
    assert get_user_model().objects.get().check_password(OLD)
    done = client.post("/account/password/change/", {"old_password": OLD, **new}, follow=True)
    assert "Your password is changed." in text(done)
    assert client.get("/sell/").status_code == 200, "and stays signed in"
    assert get_user_model().objects.get().check_password(NEW)
    guesses = [client.post("/account/password/change/", {"old_password": "x", **new}).status_code for _ in range(5)]
    assert guesses[-1] == 429, "nobody guesses at it"


def test_the_operator_sets_a_password(
    login: Cast, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    client = Client()
    client.post("/account/login/", {"login": "li@example.org", "password": OLD})
    for email, typed, code in (
        ("x@example.org", NEW, 2),
        ("li@example.org", "\udcff" * 12, 2),
        ("li@example.org", "short", 2),
        ("LI@example.org", NEW, 0),
    ):
        monkeypatch.setattr("sys.stdin", StringIO(f"{typed}\n"))
        assert run(["party", "password", email]) == code
    assert get_user_model().objects.get().check_password(NEW)
    assert client.get("/sell/").status_code == 302, "who was signed in is asked again"
    assert "Traceback" not in capsys.readouterr().err


def test_nobody_waits_for_a_mail_server(
    login: Cast, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, settings: Any
) -> None:
    """One that says a byte now and then keeps no request waiting, and is hung up on."""
    over = threading.Event()
    with closing(socket.create_server(("127.0.0.1", 0))) as server:

        def dribble() -> None:
            with closing(server.accept()[0]) as client, suppress(OSError):
                while not over.wait(0.05):
                    client.sendall(b"2")

        threading.Thread(target=dribble, daemon=True).start()
        monkeypatch.setenv("COMITY_SMTP_URL", f"smtp://127.0.0.1:{server.getsockname()[1]}")
        monkeypatch.setenv("COMITY_MAIL_ADDRESS", "service@market.example")
        monkeypatch.setattr(connection, "MAIL_SECONDS", 0.5)
        monkeypatch.setattr(account, "waiting", threading.BoundedSemaphore(1))
        settings.EMAIL_BACKEND = "comity.integrations.mail.connection.Connection"
        for _ in range(2):
            answer = Client().post("/account/password/reset/", {"email": "li@example.org"})
            assert "Look into your mail" in text(answer)
        posted()
        over.set()
    assert [record.getMessage() for record in caplog.records] == [
        "a mail to set a password is not sent: 100 wait already",
        "a mail to set a password could not be sent: SMTPConnectError",
    ]
