"""Every verb that may be done in a dispute, found in the modules of the nouns."""

from importlib import import_module
from pkgutil import iter_modules

from comity.actions import disputes
from comity.actions.disputes.cases import Verb


def _found() -> tuple[Verb, ...]:
    by_slug: dict[str, Verb] = {}
    for module in iter_modules(disputes.__path__):
        if module.name in ("verbs", "view"):
            continue
        for value in vars(import_module(f"{disputes.__name__}.{module.name}")).values():
            if isinstance(value, Verb):
                by_slug.setdefault(value.slug, value)
    return tuple(by_slug[slug] for slug in sorted(by_slug))


VERBS = _found()
