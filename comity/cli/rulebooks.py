"""comity rulebook check | show | publish"""

import argparse
from datetime import UTC, datetime

from comity import rulebooks
from comity.cli import setup, show
from comity.cli.main import FINE, FOUND
from comity.policy import describe
from comity.policy.parse import parse
from comity.policy.reading import BadRulebook


def check(options: argparse.Namespace) -> int:
    """Report every mistake; exit 1 if there is any."""
    text = rulebooks.text_of(options.rulebook)
    try:
        book = parse(text)
    except BadRulebook as error:
        if options.json:
            mistakes = [{"line": m.line, "problem": m.problem, "hint": m.hint} for m in error.mistakes]
            show.as_json({"ok": False, "mistakes": mistakes})
        else:
            print("\n".join(f"{options.rulebook}:{mistake}" for mistake in error.mistakes))
        return FOUND
    if options.json:
        show.as_json({"ok": True, "rulebook": book.ref, "duties": len(book.duties), "mistakes": []})
    else:
        print(f"{book.ref}: {len(book.duties)} duties, {len(book.ledgers)} ledgers, no mistakes")
    return FINE


def show_(options: argparse.Namespace) -> int:
    """Say what the rulebook asks for."""
    book = rulebooks.load(options.rulebook)
    if options.json:
        show.as_json(describe.plain(book))
    else:
        print("\n".join(describe.sentences(book)))
    return FINE


def publish(options: argparse.Namespace) -> int:
    """Publish a version in the platform's name."""
    setup.django()
    from comity.actions import parties
    from comity.actions import rulebooks as actions
    from comity.actions.guard import Actor

    now = datetime.now(UTC)
    version = actions.publish(Actor(parties.platform(now)), rulebooks.text_of(options.rulebook), at=now)
    print(f"{version} is published and in force from {version.in_force_from:%Y-%m-%d %H:%M} UTC")
    return FINE
