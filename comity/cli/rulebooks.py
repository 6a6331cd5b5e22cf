"""comity rulebook check | show | test | schema | analyse | diff | publish"""

from dataclasses import asdict
from datetime import UTC, datetime

import click

from comity.cli import setup, show
from comity.cli.show import FINE, FOUND
from comity.rulebooks import shelf, words
from comity.rulebooks.language import parse as parsing
from comity.rulebooks.language import schema, tree
from comity.rulebooks.language.parse import parse
from comity.rulebooks.language.reading import BadRulebook
from comity.rulebooks.workbench import tries


@click.group()
def rulebook() -> None:
    """Check, show and publish rulebooks. NAME: one that comes with Comity, or a TOML file."""


@rulebook.command()
@click.argument("name", metavar="NAME")
@show.json_option
def check(name: str, in_json: bool) -> int:
    """Report every mistake in a rulebook, each with its line; exit 1 if there is any."""
    text = shelf.text_of(name)
    try:
        book = parse(text)
    except BadRulebook as error:
        if in_json:
            mistakes = [{"line": m.line, "problem": m.problem, "hint": m.hint} for m in error.mistakes]
            show.as_json({"ok": False, "mistakes": mistakes})
        else:
            print("\n".join(f"{name}:{mistake}" for mistake in error.mistakes))
        return FOUND
    if in_json:
        show.as_json({"ok": True, "rulebook": book.ref, "duties": len(book.duties), "mistakes": []})
    else:
        duties, ledgers = show.many(len(book.duties), "duty", "duties"), show.many(len(book.ledgers), "ledger")
        print(f"{book.ref}: {duties}, {ledgers}, no mistakes")
    return FINE


@rulebook.command("show")
@click.argument("name", metavar="NAME")
@click.option("--as", "form", type=click.Choice(["text", "toml", "json"]), default="text")
@click.option("--json", "in_json", is_flag=True, help="The same as --as json.")
def show_(name: str, form: str, in_json: bool) -> int:
    """Say in plain words what a rulebook asks for, or give it as machines read it."""
    form = "json" if in_json else form
    text = shelf.text_of(name)
    if form == "toml":  # as it stands, mistakes and all: whoever extends another one looks here for their lines
        print(text, end="")
        return FINE
    book = parse(text)
    if form == "json":
        show.as_json(tree.plain(text))
    else:
        print("\n".join(words.sentences(book)))
    return FINE


@rulebook.command("schema")
def schema_() -> int:
    """Print the JSON Schema of the language, for editors."""
    show.as_json(schema.schema())
    return FINE


@rulebook.command()
@click.argument("names", nargs=-1, metavar="[NAME|FILE]...")
@show.json_option
def test(names: tuple[str, ...], in_json: bool) -> int:
    """Run worked cases: given facts or counts, what must follow. Default: all cases that come with Comity."""
    outcomes = [outcome for name in names or [None] for outcome in _tries(name)]
    failed = [outcome for outcome in outcomes if not outcome.passed]
    if in_json:
        show.as_json(
            {
                "ok": not failed,
                "cases": len(outcomes),
                "failed": [
                    {
                        "case": each.case.name,
                        "rulebook": each.case.rulebook,
                        "line": each.case.line,
                        "wrong": list(each.wrong),
                    }
                    for each in failed
                ],
            }
        )
        return FOUND if failed else FINE
    for each in failed:
        print(f"{each.case.rulebook}: line {each.case.line}: {each.case.name}")
        print("\n".join(f"  {problem}" for problem in each.wrong))
    print(f"{len(outcomes) - len(failed)} of {len(outcomes)} worked cases come out as they must")
    return FOUND if failed else FINE


def _tries(name: str | None) -> list[tries.Outcome]:
    """The outcomes of a rulebook's cases, of a file's, or of all that come with Comity."""
    if name is None:
        return [outcome for each in shelf.example_names() for outcome in _tries_of(shelf.example_text(each))]
    if name in shelf.example_names():
        return _tries_of(shelf.example_text(name))
    text = shelf.text_of(name)
    # A file of cases alone: a rulebook says from when it is in force.
    if "in_force_from" not in parsing.tree_of(text, parsing.MAX_BYTES):
        return _tries_of(text)
    book = parse(text)
    return tries.attempt_all(text, shelf.Shelf(book), own=book.name)


def _tries_of(text: str) -> list[tries.Outcome]:
    return tries.attempt_all(text, shelf.Shelf())


@rulebook.command()
@click.argument("name", metavar="NAME")
@show.json_option
def analyse(name: str, in_json: bool) -> int:
    """Prove what can be proved of a rulebook; exit 1 if it has a finding that it does not accept."""
    # Here, and not above: the solver takes long to load, and the other commands do without it.
    from comity.rulebooks.workbench import analysis

    book = shelf.load(name)
    findings = analysis.analyse(book)
    open_ = [finding for finding in findings if not finding.accepted]
    if in_json:
        show.as_json({"ok": not open_, "rulebook": book.ref, "findings": [asdict(each) for each in findings]})
        return FOUND if open_ else FINE
    for finding in findings:
        print(f"{finding.name}: {finding.says}")
        if finding.accepted:
            print(f"  accepted: {finding.accepted}")
            continue
        if not finding.hinders:
            print("  worth a look; it hinders no publication")
        if finding.witness:
            print("  for example, and the judge confirms it:" if finding.confirmed else "  NOT confirmed by the judge:")
            print("\n".join(f"    {line}" for line in finding.witness.splitlines()))
        else:
            print("  proved: there is no case in which it is otherwise")
    print(f"{book.ref}: {show.many(len(findings), 'finding')}, {len(open_)} not accepted")
    return FOUND if open_ else FINE


@rulebook.command()
@click.argument("old", metavar="A")
@click.argument("new", metavar="B")
@show.json_option
def diff(old: str, new: str, in_json: bool) -> int:
    """Say what changed from one rulebook to another, with small cases that are treated differently."""
    from comity.rulebooks.workbench import difference, witnesses

    before, after = shelf.load(old), shelf.load(new)
    changes, cases = difference.changes(before, after), list(witnesses.witnesses(before, after))
    if in_json:
        show.as_json(
            {
                "old": before.ref,
                "new": after.ref,
                "changes": [{**asdict(each), "lines": each.lines} for each in changes],
                "witnesses": [asdict(each) for each in cases],
            }
        )
        return FINE
    print(f"{before.ref} -> {after.ref}")
    for change in changes:
        print(f"{change.what}: {change.kind} {change.name}")
        print("\n".join(f"  {line}" for line in change.lines))
    for case in cases:
        if not case.facts:
            print(f"For example: {case}.")
            continue
        print(f"For example, by {case.rule}:")
        print("\n".join(f"  {line}" for line in case.facts))
        print(f"  was {case.before}, and would now be {case.after}.")
    if not changes:
        print("no rule differs")
    elif not cases:
        print("No case was found that the two treat differently.")
    return FINE


@rulebook.command()
@click.argument("name", metavar="NAME")
def publish(name: str) -> int:
    """Publish a version in the platform's name, and tell every seller."""
    setup.django()
    from comity.actions import parties
    from comity.actions import rulebooks as actions
    from comity.actions.guard import Actor

    now = datetime.now(UTC)
    version = actions.publish(Actor(parties.platform(now)), shelf.text_of(name), at=now)
    print(f"{version} is published and in force from {version.in_force_from:%Y-%m-%d %H:%M} UTC")
    return FINE
