"""Write the generated pages of docs/, or with --check say which are out of date (exit 1). Run by `make docs`."""

import os
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from comity.lib.options import OPTIONS
from comity.policy.facts import ANYTHING, KINDS
from comity.policy.lives import RULINGS
from comity.policy.powers import ACTIONS
from comity.rulebooks.language.keys import FIELDS, INSIDE, LISTS
from comity.rulebooks.shelf import names, text_of
from comity.rulebooks.workbench.cases import EXPECTED, KEYS

DOCS = Path(__file__).resolve().parents[2] / "docs"
_MADE = "<!-- Made by `make docs`; change the source named below instead. -->\n\n"


def facts() -> str:
    """docs/facts.md"""
    lines = [
        _MADE + "# Facts\n",
        "Something happened. Source: `comity/policy/facts/`. Every fact has `id`, `kind`,",
        "`at` (when it happened), `noted_at` (when we learned of it), `subject`, `matter`, `party` and `data`.",
        "The party is a seller where nothing else is said. Where the shop's token spoke for a party (`on_behalf_of`), the",
        "fact is that party's act, and `spoken_by` says `platform`; nobody can say so from outside.\n",
    ]
    for kind in KINDS.values():
        lines.append(
            f"## `{kind.name}`\n\n{kind.doc} About: {'anything' if kind.subjects == ANYTHING else ', '.join(kind.subjects)}."
        )
        if kind.matters not in (kind.subjects, ANYTHING):
            lines[-1] += f" Judged under: {', '.join(kind.matters)}."
        if kind.parties != ("seller",):
            lines[-1] += f" A matter of: {', '.join(kind.parties)}."
        lines.append("" if kind.from_outside else "\nWritten by Comity itself; never accepted from outside.\n")
        if kind.fields:
            lines.append("| field | type | | meaning |\n| --- | --- | --- | --- |")
            for name, field in kind.fields.items():
                choices = f" One of {', '.join(field.choices)}." if field.choices else ""
                choices += f" At least {field.least}." if field.least is not None else ""
                choices += f" At most {field.most}." if field.most is not None else ""
                choices += f" At most {field.several} of them." if field.several else ""
                choices += " Never before the fact itself." if field.not_before else ""
                need = "required" if field.required else ""
                lines.append(f"| `{name.rstrip('_')}` | {field.type.__name__} | {need} | {field.doc}.{choices} |")
        lines.append("")
    return "\n".join(lines)


def rulings() -> str:
    """docs/rulings.md"""
    lines = [
        _MADE + "# Rulings\n",
        "Every consequence there is. Source: `comity/policy/lives.py`. Each has `at`, `matter`,",
        "`rule` and `rulebook` (name@version), and:\n",
    ]
    shared = {"at", "matter", "rule", "rulebook"}
    for ruling in RULINGS.values():
        doc = " ".join((ruling.__doc__ or "").split())
        fields = ", ".join(f"`{name}`" for name in ruling.__struct_fields__ if name not in shared)
        lines.append(f"## `{ruling.__name__}`\n\nIn the journal: `{ruling.kind}`. {doc}\n\nFields: {fields}.\n")
    return "\n".join(lines)


def rulebook() -> str:
    """docs/rulebook.md"""
    lines = [
        _MADE + "# The rulebook language\n",
        "Policy as data: one TOML file. What it does not mention has no consequence. Source:",
        "`comity/rulebooks/language/keys.py`. Check a file with `comity rulebook check FILE`: it reports every mistake at once,",
        "each with its line, and the checks execute every example below.\n",
        'Lengths of time are written "72 hours", "15 days" or "30 minutes". Days are days of the calendar in `zone`, to the same',
        "time of the day, and hours are hours: where clocks change between, 3 days and 72 hours differ. On a clock that closes,",
        'one day is 24 open hours, so "5 days" on a clock open Monday to Friday are five working days.\n',
    ]
    lines += [
        "## Extending another\n",
        'A rulebook whose head says `extends = "shop@2026-01"` takes over what that one says: a rule of its own stands in the',
        "place of the other's rule of that kind and name, further ones come last, and keys of the head that it leaves out are",
        "the other's. Never taken over are worked cases, dates, `markets` and `left_out`; powers of its own stand for all. The",
        "other one comes with Comity, or is published. What is published is the whole text; mistakes name its lines, and",
        "`comity rulebook show FILE --as toml` shows it.\n",
    ]
    for table, fields in FIELDS.items():
        lines.append(f"## {_heading(table)}\n\n| key | says | example |\n| --- | --- | --- |")
        lines += [f"| `{name}` | {key.doc} | {_cell(key.example)} |" for name, key in fields.items()]
        lines.append("")
    lines.append(
        "## A whole rulebook\n\nParsed by the docs check, as all examples are.\n\n```toml\n" + EXAMPLE + "```\n"
    )
    lines.append("## Rulebooks that come with Comity\n")
    for name in names():
        title = (
            next(line for line in text_of(name).splitlines() if line.startswith("title")).partition("=")[2].strip(' "')
        )
        lines.append(f"- `{name}`: {title}")
    return "\n".join(lines) + "\n"


def _heading(table: str) -> str:
    if table == "":
        return "The head"
    if table in LISTS:
        return f"`[[{table}]]`"
    where = f", in `{INSIDE[table][0]}`" if table in INSIDE else ""
    return f"`{table}`{where}"


def _cell(example: str) -> str:
    return "<br>".join(f"`{line}`" for line in example.splitlines()).replace("|", "\\|")


def worked_cases() -> str:
    """docs/worked-cases.md: written by hand, but for the two lists of keys at its end."""
    text = (DOCS / "worked-cases.md").read_text("utf-8").partition(_KEYS)[0]
    lines = [text + _KEYS + "\n| key | says |\n| --- | --- |"]
    lines += [f"| `{name}` | {says} |" for name, says in KEYS.items()]
    lines.append("\n## What may be expected\n\n| key | says |\n| --- | --- |")
    lines += [f"| `{name}` | {says} |" for name, says in EXPECTED.items()]
    return "\n".join(lines) + "\n"


_KEYS = "## Keys of a case\n"


def settings() -> str:
    """docs/settings.md"""
    lines = [
        _MADE + "# Settings\n",
        "Environment variables. Source: `comity/lib/options.py`.\n",
        "| variable | default | meaning |\n| --- | --- | --- |",
    ]
    lines += [f"| `{option.name}` | `{option.default or '(empty)'}` | {option.doc} |" for option in OPTIONS]
    return "\n".join(lines) + "\n"


def api() -> str:
    """docs/api.md"""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "comity.config.settings")
    os.environ.setdefault("COMITY_SECRET_KEY", "only to describe the API")
    import django

    django.setup()
    from comity.api import api as described

    lines = [_MADE + "# The API\n", API_INTRODUCTION]
    paths: dict[str, dict[str, dict[str, Any]]] = described.get_openapi_schema()["paths"]
    for path, methods in paths.items():
        for method, operation in methods.items():
            scopes = ", ".join(f"`{scope}`" for scope in operation["x-scopes"]) or "none; any token will do"
            lines.append(
                f"## `{method.upper()} {path}`\n\n{operation['summary']}. {operation.get('description', '')}\n\n"
                f"Scopes: {scopes}.\n"
            )
    needed: dict[str, list[str]] = {name: [] for name in ACTIONS}
    for path, methods in paths.items():
        for method, operation in methods.items():
            for scope in operation["x-scopes"]:
                needed[scope].append(f"`{method.upper()} {path.removeprefix('/api/v1')}`")
    lines.append(SCOPES_INTRODUCTION)
    lines += [f"| `{name}` | {doc} | {', '.join(needed[name])} |" for name, doc in ACTIONS.items()]
    return "\n".join(lines) + "\n"


API_INTRODUCTION = """\
JSON over HTTP under `/api/v1/`; the description for programs is `/api/v1/openapi.json`. Source: `comity/api/`.

- **Who asks**: `Authorization: Bearer comity_…`, a token from `comity token make`; or the session of a signed-in person.
- **Errors** are problem details (RFC 9457): `title`, `detail`, and in `errors` one sentence for each thing that is wrong; where the state of a thing is against it, its `code`, as `GET …/deeds` tells it beforehand.
- **For another**: the shop's token may speak for a buyer or a seller: `on_behalf_of` in the body, named as facts name parties, `buyer:77` or `seller:UUID`. It needs the scope `party.speak_for` beside the operation's own; what is done is that party's act, with that party's powers, and the journal notes that the platform told it (`spoken_by`). A party's own token cannot do so, nobody speaks for agents or the platform, and nobody can decide a measure so.
- **Once**: with an `Idempotency-Key`, a POST is done once; its first answer is kept for 24 hours and given again.
- **A yes is to what was shown**: who answers a later date, another address or a proposed measure says with `asked_at` when that was asked, as `GET …/deeds` tells it. What was asked anew, answered or withdrawn since is refused with the code `changed`, and nothing happens. A wish to cancel is made once; there, `asked_at` may be left out. In a dispute a yes names the claim's `version` or the offer's number, and every act may name with `shown` the `last` fact that was read ([disputes.md](disputes.md)).
- **Pages**: `limit` and `after`; `next` is the cursor of the following page, empty on the last.
- **Times** have a zone; one up to five minutes ahead of ours means now, one further ahead is refused.

A fact in bulk is a CloudEvent: `specversion` "1.0", `id`, `source`, `type` (a kind of [facts.md](facts.md)), `subject`,
`time`, and `data` with `party` (role:uuid or role:external id), `matter` where it is not the subject, and the kind's fields.

```json
{"specversion": "1.0", "id": "77-paid", "source": "shop", "type": "order.paid", "subject": "order:77",
 "time": "2026-03-02T10:00:00Z", "data": {"party": "seller:123", "dispatch_by": "2026-03-05T10:00:00Z"}}
```
"""

SCOPES_INTRODUCTION = """\
## Scopes

A token is limited to the scopes it was made with, each an action of the powers table, and to what its party may do. An
operation is refused (403, `out-of-scope`) before anything is looked up where one of its scopes is missing; its
description names them as `x-scopes`. A scope without an operation is of use to pages and commands, or to a body: who
speaks for another with `on_behalf_of` needs `party.speak_for`.

| scope | allows to | operations |
| --- | --- | --- |\
"""

EXAMPLE = """\
name = "my shop"
version = "2027-01"
title = "How we treat each other"
language = 1
announced_on = 2026-12-01
in_force_from = 2027-01-01
notice = "15 days"
zone = "Europe/Berlin"

[[clock]]
name = "office"
days = ["mon", "tue", "wed", "thu", "fri"]
hours = ["09:00-12:00", "13:00-18:00"]
holidays = "DE-BE"
closed = [2027-12-24]

[[duty]]
name = "reply"
title = "Answer a buyer within 8 office hours"
who = "seller"
each = "conversation"
opened_by = { fact = "message.sent", where = { by = "buyer" } }
met_by = { fact = "message.sent", where = { by = "seller", automatic = false } }
waived_by = { fact = "conversation.no_reply_needed" }
within = "8 hours"
clock = "office"
repeats = true
warn_before = ["2 hours"]
breach = { charge = { ledger = "service", points = 1 } }
source = "our own promise"

[[ledger]]
name = "service"
expires_after = "365 days"

[[ledger.rung]]
at = 3
measure = "warning"
length = "30 days"
decided_by = "automatic"

[[ledger.rung]]
at = 12
measure = "freeze"
length = "7 days"
notice = "48 hours"
decided_by = "reviewer"
"""

PAGES: Mapping[str, Callable[[], str]] = {
    "facts.md": facts, "rulings.md": rulings, "rulebook.md": rulebook, "settings.md": settings,
    "worked-cases.md": worked_cases,
    "api.md": api,
}  # fmt: skip


def main() -> int:
    """Write the pages, or check them."""
    stale = []
    for name, make in PAGES.items():
        path, text = DOCS / name, make()
        if path.is_file() and path.read_text("utf-8") == text:
            continue
        stale.append(name)
        if "--check" not in sys.argv:
            path.write_text(text, "utf-8")
    if stale and "--check" in sys.argv:
        print(f"docs/{', docs/'.join(stale)} out of date; run: make docs", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
