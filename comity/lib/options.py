"""Every option of an installation: an environment variable, its meaning, its default. docs/settings.md lists them."""

import os
import secrets
from dataclasses import dataclass
from pathlib import Path


class BadOption(ValueError):
    """An option has a value that cannot be used; the message says which and what to write."""


@dataclass(frozen=True, slots=True)
class Option:
    """One option: the name of its environment variable, its default as text, what it does."""

    name: str
    default: str
    doc: str


OPTIONS = (
    Option("COMITY_DATA", "comity-data", "Folder for the embedded database, imported histories and the secret key."),
    Option("COMITY_DATABASE_URL", "", "postgresql://user:password@host:port/name, libpq's options behind it, such as "
           "?sslmode=require or ?host=/run/postgresql for a socket. Empty: SQLite in the data folder."),
    Option("COMITY_SECRET_KEY", "", "Signs sessions. Empty: made once and kept in the data folder."),
    Option("COMITY_HOSTS", "127.0.0.1,localhost", "Host names under which the pages are served, separated by commas."),
    Option("COMITY_HTTPS", "0", "1 where the pages are served by HTTPS: cookies are then sent over HTTPS only."),
    Option("COMITY_DEBUG", "0", "1 shows errors in full. Never on a server that others reach."),
    Option("COMITY_LANGUAGE", "en", "Language where a reader asks for none: en or zh-hans."),
    Option("COMITY_FILE_MB", "10", "How large a file that comes with a message may be, in megabytes."),
    Option("COMITY_SITE", "", "Address of the pages, for links in mail, such as https://service.example.com."),
    Option("COMITY_MAIL_ADDRESS", "", "Address from which mail is sent; answers come to it with +TOKEN before the @."),
    Option("COMITY_SMTP_URL", "", "smtp://, smtp+starttls:// or smtps://user:password@host:port. Empty: none is sent."),
    Option("COMITY_IMAP_URL", "", "imaps:// or imap://user:password@host:port/FOLDER, read by Comity alone."),
    Option("COMITY_WEBHOOKS_PRIVATE", "0", "1 lets webhooks call hosts inside your network, and http:// addresses."),
    Option("COMITY_LIVE_URL", "", "Where pages reach `comity live`, such as /live. Empty: pages ask by themselves."),
    Option("COMITY_EASYPOST_SECRET", "", "Webhook secret agreed with EasyPost; empty: no tracking news from there."),
    Option("COMITY_AFTERSHIP_SECRET", "", "Webhook secret of AfterShip."),
    Option("COMITY_17TRACK_SECRET", "", "Security key of 17TRACK."),
    Option("COMITY_SHIPPO_SECRET", "", "Token in the address that Shippo calls: ?token=."),
    Option("COMITY_EASYPOST_KEY", "", "API key of EasyPost: parcels are asked about there. Empty: they are not."),
    Option("COMITY_AFTERSHIP_KEY", "", "API key of AfterShip."),
    Option("COMITY_17TRACK_KEY", "", "API key of 17TRACK."),
    Option("COMITY_SHIPPO_KEY", "", "API key of Shippo."),
    Option("COMITY_TRACKING_URL", "", "Where parcels are asked about instead of the aggregator's own address."),
    Option("COMITY_PAYMENTS", "", "What gives buyers their money back: shop, stripe, or fake, which only plays. Empty: "
           "the shop reads instructions from webhooks or the API. See docs/money.md."),
    Option("COMITY_PAYMENTS_URL", "", "Where the shop's payment system takes refunds (COMITY_PAYMENTS=shop)."),
    Option("COMITY_PAYMENTS_SECRET", "", "Signs what is sent there, as webhooks are signed: whsec_ and base64."),
    Option("COMITY_STRIPE_KEY", "", "Key of Stripe, secret or restricted, that may write refunds."),
    Option("COMITY_STRIPE_SECRET", "", "Signing secret of Stripe's webhook to /hooks/payments/stripe/. Empty: none is "
           "taken."),
    Option("COMITY_PAYPAL_WEBHOOK", "", "Id of PayPal's webhook to /hooks/paypal/, with which its events are signed. "
           "Empty: none is taken. See docs/paypal.md."),
    Option("COMITY_PAYPAL_CERTIFICATE", "", "A file with the certificates, as PEM, of which one signs them."),
    Option("COMITY_TRANSPARENCY_URL", "", "Where statements of reasons go in the EU Transparency Database, such as "
           "https://transparency.dsa.ec.europa.eu/api/v1/statements. Empty: none is sent."),
    Option("COMITY_TRANSPARENCY_TOKEN", "", "Token of the platform there."),
    Option("COMITY_TONE_MODEL", "", "A model of tone, from comity classify train, for the look before sending."),
    Option("COMITY_TONE_SURE", "80", "How sure it must be to say something, in percent."),
    Option("COMITY_DRAFT_URL", "", "OpenAI-compatible endpoint that drafts replies when asked. Empty: off."),
    Option("COMITY_DRAFT_KEY", "", "Its key."),
    Option("COMITY_DRAFT_MODEL", "default", "Its model."),
    Option("COMITY_WITNESSES", "", "Keys of witnesses, NAME+ID+KEY, whose signatures of the journal's checkpoints are "
           "kept and published beside them, separated by commas."),
    Option("COMITY_KEEP_DAYS", "1095", "How long the evidence of a dispute stays at least after its end, in days; "
           "and what is personal in complaints of a network."),
    Option("COMITY_TIMESTAMP_URL", "", "A time-stamp authority (RFC 3161) that stamps the newest head once an "
           "hour, such as https://tsa.example.com/tsr. Empty: none is asked."),
    Option("COMITY_IGM", "", "A file that says how this installation takes part in ONDC's network of complaints "
           "(docs/igm.md). Empty: it does not."),
    Option("COMITY_CLOCK_SECONDS", "2", "How long the clock sleeps when nothing is due, in seconds."),
    Option("COMITY_ERRANDS_SECONDS", "5", "How long errands (mail, training) rest after each round, in seconds."),
)  # fmt: skip
_DEFAULTS = {option.name: option.default for option in OPTIONS}


def value(name: str) -> str:
    """Return the value of an option from the environment, or its default. Raises KeyError for an unknown name."""
    return os.environ.get(name) or _DEFAULTS[name]


def flag(name: str) -> bool:
    """Return whether an option is switched on; raise BadOption if it is neither 0 nor 1."""
    text = value(name)
    if text not in ("0", "1"):
        raise BadOption(f"{name} must be 0 or 1, not {text!r}")
    return text == "1"


def number(name: str) -> int:
    """Return an option that is a whole number of at least 1; raise BadOption if it is none."""
    text = value(name)
    if not text.isdecimal() or int(text) < 1:
        raise BadOption(f"{name} must be a whole number of at least 1, not {text!r}")
    return int(text)


def data_folder() -> Path:
    """Return the data folder, as an absolute path. It may not exist yet."""
    return Path(value("COMITY_DATA")).expanduser().absolute()


def secret_key() -> str:
    """Return the secret key; make one and keep it in the data folder where none is given."""
    given = value("COMITY_SECRET_KEY")
    if given:
        return given
    path = data_folder() / "secret_key"
    try:
        return path.read_text().strip()
    except FileNotFoundError:
        pass
    except OSError as error:
        raise BadOption(f"cannot read {path}: {error.strerror}; set COMITY_DATA or COMITY_SECRET_KEY") from None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        # Made by one process alone, should two begin at once, and never readable by others, not even for a moment.
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(secrets.token_urlsafe(48))
        return path.read_text().strip()
    except FileExistsError:
        return path.read_text().strip()
    except OSError as error:
        raise BadOption(
            f"cannot keep a secret key in {path}: {error.strerror}; set COMITY_DATA or COMITY_SECRET_KEY"
        ) from None
