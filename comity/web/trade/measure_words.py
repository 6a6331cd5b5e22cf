"""The statement of reasons of a measure in sentences, for its reader: the same on the page and in the mail."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from fractions import Fraction
from typing import Any

from babel.numbers import format_percent
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy, ngettext, to_locale
from django.utils.translation import gettext as _

from comity.actions import appeals
from comity.lib import moments, zones
from comity.policy.powers import FORBIDDEN_IN
from comity.policy.sanctions.measures import CAPPED, MEASURES, OFF, MeasureStatus
from comity.policy.sanctions.outcome import SYSTEM
from comity.policy.standards.rule import StandardRule
from comity.records import refs, rulebooks
from comity.records.models import Charge, Listing, Order, Rating, Sanction
from comity.web.common import times, words
from comity.web.common.called import called
from comity.web.common.timeline import ledger_of, title_of, title_of_charge
from comity.web.common.tongue import PAGE
from comity.web.trade import health_words
from comity.web.trade.sanctions import term_of
from comity.web.trade.standing import standing_of

#: What a party may still do or not, by what the table of powers says of the action.
_DEEDS = {
    "seller": (
        ("listing.add", gettext_lazy("offer something new")),
        ("order.place", gettext_lazy("take new orders")),
        ("conversation.open", gettext_lazy("write to buyers who have no order with you")),
        ("shipment.dispatch", gettext_lazy("send what was ordered, and answer its buyers")),
        ("dispute.evidence", gettext_lazy("defend yourself in disputes, with evidence")),
        ("appeal.file", gettext_lazy("appeal")),
        ("journal.read", gettext_lazy("read your records, and take them with you")),
    ),
    "buyer": (
        ("order.place", gettext_lazy("order something")),
        ("conversation.open", gettext_lazy("write to sellers with whom you have no order")),
        ("dispute.open", gettext_lazy("open disputes about what you ordered, with evidence")),
        ("appeal.file", gettext_lazy("appeal")),
        ("journal.read", gettext_lazy("read your records, and take them with you")),
    ),
}
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Infringement:
    """A charge that counted: when, for what, about which thing, what it added, and until when it counts.

    numbers   of one that a standard brought, what was at fault of how many
    fell      whether it was taken back since
    """

    key: str
    at: datetime
    expires_at: datetime
    title: str
    thing: str
    address: str
    points: int
    weighed: int
    numbers: str = ""
    fell: bool = False


@dataclass(frozen=True, slots=True)
class WindowRow:
    """A window of a standard: its days, the numbers, the limits, whether they are kept, what would have kept them."""

    days: str
    numbers: str
    limits: list[str]
    verdict: str
    kept: bool | None
    would_keep: str


def state(row: Sanction, now: datetime) -> str:
    """Return how a measure stands, by time alone."""
    match row.status:
        case MeasureStatus.PROPOSED:
            return _("Proposed: a person decides.")
        case MeasureStatus.DECLINED:
            return overtaken(row) or _("Declined: it does not come.")
        case MeasureStatus.OVERTURNED:
            return _("Taken back: it is as if it had not been.")
    if row.is_in_force(now):
        return _("Noted.") if row.measure == "warning" else _("In force.")
    if row.effective_at is None or row.effective_at > now:
        return _("Placed; it stops nothing yet.")
    return _("Over.")


def overtaken(row: Sanction) -> str:
    """Return that a proposal closed by itself; "" for any other measure."""
    if row.status != MeasureStatus.DECLINED or row.decided_by != SYSTEM:
        return ""
    return _("Closed: a graver measure for the same points was placed.")


def planned(row: Sanction, now: datetime) -> list[str]:
    """Return what a proposed measure would be, and from when on at the earliest; nothing of one that is decided."""
    if row.status != MeasureStatus.PROPOSED:
        return []
    rung = appeals.rung(row)
    said = [_("It would be: %(measure)s.") % {"measure": PAGE.measure(rung)}]
    if rung.needs == "failed plan":
        return said  # when a plan has failed is not known
    ends = appeals.notice_ends(row)
    if ends is None:
        said.append(_("It has not been told yet; its notice runs once it is."))
    elif ends > now:
        said.append(_("It takes effect on %(at)s at the earliest, if it is approved.") % {"at": times.moment(ends)})
    else:
        values = {"at": times.moment(ends)}
        said.append(_("Its notice ran until %(at)s: it takes effect as soon as it is approved.") % values)
    return said


def from_to(row: Sanction) -> str:
    """Return from when to when a measure is in effect, in the reader's zone, with the name of the zone."""
    if (term := term_of(row)) is None:
        return ""
    begins, end = term
    values = {"from": times.moment(begins), "zone": str(timezone.get_current_timezone())}
    if end is None:
        return _("from %(from)s, without an end (%(zone)s)") % values
    return _("from %(from)s to %(to)s (%(zone)s)") % (values | {"to": times.moment(end)})


def scope(row: Sanction) -> list[str]:
    """Return the titles of the listings that a measure is about; none where it is about all of the party's trade."""
    keys = [refs.uuid_of(ref.partition(":")[2]) for ref in row.of]
    found = Listing.objects.filter(seller=row.party, uuid__in=[key for key in keys if key is not None])
    return [listing.title for listing in found] or list(row.of)


def infringements(row: Sanction, statement: Mapping[str, Any]) -> list[Infringement]:
    """Return every charge that counted, in the order of time."""
    charges = statement.get("charges", [])
    things = refs.things((row.party_id, each["matter"]) for each in charges)
    rated = [each["because"] for each in charges if each["of"] == "standard"]
    ratings = {each.key: each for each in Rating.objects.filter(party=row.party_id, key__in=rated)} if rated else {}
    fallen = set(
        Charge.objects.filter(party=row.party, key__in=[each["key"] for each in charges], overturned_at__isnull=False)
        .values_list("key", flat=True)
    )  # fmt: skip
    found = []
    for each in charges:
        thing = things.get((row.party_id, each["matter"]))
        name = "order" if isinstance(thing, Order) else "conversation"
        found.append(
            Infringement(
                key=each["key"],
                at=moments.parse(each["at"]),
                expires_at=moments.parse(each["expires_at"]),
                title=title_of_charge(each["rulebook"], each["rule"], taken_over=each.get("taken_over", False)),
                thing=called(thing) if thing is not None else "",
                address=reverse(name, args=[thing.uuid]) if thing is not None else "",
                points=each["points"],
                weighed=each["weighed"],
                numbers=_rated(ratings.get(each["because"])),
                fell=each["key"] in fallen,
            )
        )
    return found


def _rated(rating: Rating | None) -> str:
    """Return what an evaluation read: "6 of 60 · 10%"; nothing where there was none."""
    if rating is None or not rating.counted:
        return ""
    numbers = _("%(faulty)s of %(counted)s") % {"faulty": rating.faulty, "counted": rating.counted}
    return f"{numbers} · {_share(Fraction(rating.faulty, rating.counted))}"


def reasons(statement: Mapping[str, Any]) -> Iterator[str]:
    """Yield why this measure, and not the one below or above, in sentences; numbers are those of the statement."""
    if "sum" in statement:
        yield from _of_sum(statement)
    elif "standard" in statement:
        title = title_of(statement["ground"]["rulebook"], statement["standard"]["rule"])
        yield _("It follows from the standard “%(standard)s”.") % {"standard": title}
        if statement["standard"]["certain"]:
            yield _("It asks for evidence that the true share is above the limit; few orders are no evidence.")
    elif "duty" in statement:
        said = statement["duty"]
        title = title_of(statement["ground"]["rulebook"], said["rule"])
        due = times.moment(moments.parse(said.get("due") or said["broken_at"]))
        yield _("“%(duty)s” was due on %(due)s, and was not done by then.") % {"duty": title, "due": due}
    elif "evasion" in statement:
        yield _of_links(statement["ground"]["rulebook"], statement["evasion"])
    elif "agent" in statement:
        title = title_of(statement["ground"]["rulebook"], statement["agent"]["rule"])
        yield _("An agent asked for it, for: %(rule)s") % {"rule": title}


def _of_links(rulebook: str, said: Mapping[str, Any]) -> str:
    """Return what joins the account to another one, and since when that one is under a measure; not which it is."""
    values = {
        "rule": title_of(rulebook, said["rule"]),
        "links": ", ".join(words.code(kind, "link") for kind in said["kinds"]),
        "day": times.day(timezone.localtime(moments.parse(said["since"])).date(), "yMMMMd"),
    }
    if said["measure"] == "closure":
        return _("“%(rule)s”: linked to an account that was closed on %(day)s: %(links)s.") % values
    return _("“%(rule)s”: linked to an account that was frozen on %(day)s: %(links)s.") % values


def _of_sum(statement: Mapping[str, Any]) -> Iterator[str]:
    said, ground = statement["sum"], statement["ground"]
    values = {
        "ledger": ledger_of(ground["rulebook"], ground["ledger"]), "points": said["points"],
        "threshold": said["threshold"], "measure": words.code(statement["measure"]),
    }  # fmt: skip
    if said["start"] is not None:
        yield _("“%(ledger)s” stood at %(points)s; at %(threshold)s or below: %(measure)s.") % values
    else:
        yield _("“%(ledger)s” came to %(points)s; from %(threshold)s on: %(measure)s.") % values
    for name, said_of in (
        ("below", _("The rung before, %(measure)s at %(at)s, was passed already.")),
        ("above", _("The next rung, %(measure)s at %(at)s, was not reached.")),
    ):
        if (rung := statement[name]) is not None:
            yield said_of % {"measure": words.code(rung["measure"]), "at": rung["at"]}


def changes(statement: Mapping[str, Any], counted: list[Infringement]) -> Iterator[str]:
    """Yield what would have changed the measure: what was found by judging again."""
    changed = statement.get("changed_by") or {}
    by_key = {each.key: each for each in counted}
    then = _then(statement, changed)
    alone = [by_key[key] for key in changed.get("alone", ()) if key in by_key]
    together = [by_key[key] for key in changed.get("together", ()) if key in by_key]
    if len(alone) == len(counted) > 1:
        yield _("Without any one of these charges it would not have come to this.")
    elif alone:
        yield _("Without one of these it would not have come to this: %(charges)s.") % {"charges": _named(alone)}
    if together:
        yield _("Without these together neither: %(charges)s.") % {"charges": _named(together)}
    if then and alone:
        yield then


def _then(statement: Mapping[str, Any], changed: Mapping[str, Any]) -> str:
    if changed.get("points") is None:
        return ""
    first = changed["together"] or changed["alone"][:1]
    values = {"points": changed["points"], "threshold": statement["sum"]["threshold"], "n": len(first)}
    said = ngettext(
        "Without that one it would have stood at %(points)s, where %(threshold)s were needed.",
        "Without these %(n)s it would have stood at %(points)s, where %(threshold)s were needed.",
        len(first),
    )
    text = said % values
    if changed["measure"]:
        text += " " + _("That would have been: %(measure)s.") % {"measure": words.code(changed["measure"])}
    return text


def _named(charges: list[Infringement]) -> str:
    """Return charges by their moments: the table beside names each, and a sentence with all titles is not read."""
    if len(charges) == 1:
        return f"{charges[0].title}, {times.quiet(charges[0].at)}"
    return "; ".join(times.quiet(each.at) for each in charges)


def windows(statement: Mapping[str, Any]) -> list[WindowRow]:
    """Return each window of a standard: which were broken, and which were kept."""
    if "windows" not in statement:
        return []
    rule = rulebooks.current().version(statement["ground"]["rulebook"]).standards[statement["standard"]["rule"]]
    level = rule.levels[statement["ground"]["rung"]]
    return [_window(rule, [PAGE.limit(each) for each in level.limits], said) for said in statement["windows"]]


def _window(rule: StandardRule, limits: list[str], said: Mapping[str, Any]) -> WindowRow:
    begin, end = (moments.parse(said[name]).astimezone(zones.zone(rule.zone)).date() for name in ("begin", "end"))
    numbers = _("%(faulty)s of %(counted)s") % {"faulty": said["faulty"], "counted": said["counted"]}
    if said.get("buyers") is not None:
        numbers += ", " + health_words.of_buyers(said["buyers"])
    if said["rate"] is not None:
        numbers += f" · {_share(Fraction(said['rate']))}"
    verdict = {None: _("weighed with the others"), True: _("kept"), False: _("broken")}[said["kept"]]
    would_keep = ""
    if said["would_keep"] is not None:
        share = _share(Fraction(said["would_keep"], said["counted"]))
        would_keep = ngettext(
            "With at most %(faulty)s of %(counted)s it would have been kept (%(share)s).",
            "With at most %(faulty)s of %(counted)s it would have been kept (%(share)s).",
            said["would_keep"],
        ) % {"faulty": said["would_keep"], "counted": said["counted"], "share": share}
    days = _("%(first)s to %(last)s") % {"first": times.day(begin), "last": times.day(end - _DAY)}
    return WindowRow(days, numbers, limits, verdict, said["kept"], would_keep)


def _share(value: Fraction) -> str:
    return str(format_percent(float(value), "#,##0.#%", locale=to_locale(get_language() or "en")))


def automatic(statement: Mapping[str, Any]) -> str:
    """Return what a machine did (EU 2022/2065 art. 17(3)(c))."""
    who = str(statement.get("automated_decision"))
    if statement.get("placed_at") is not None and who != "fully":
        who += " placed"
    found = _("Clocks and counts found it.") if statement.get("automated_detection") else _("People found it.")
    decided = {
        "fully": decided_by(True),
        "partially": _("The rule proposed it; a person decides."),
        "not": _("People decide."),
        "partially placed": _("The rule proposed it; a person decided."),
        "not placed": decided_by(False),
    }.get(who, "")
    return f"{found} {decided}".strip()


def decided_by(rule: bool) -> str:
    """Return whether a rule decided alone, or people did."""
    return _("The rule alone decided, without a person.") if rule else _("People decided.")


def may(row: Sanction) -> tuple[list[str], list[str]]:
    """Return what its party may still do under a measure, and what not, by the table of powers."""
    forbids = MEASURES[row.measure].forbids
    # These two forbid but some orders: of the listings named, or beyond so many a day.
    whole = forbids - {OFF, CAPPED}
    still: list[str] = []
    no_more: list[str] = []
    for action, said in _DEEDS.get(row.party.role, ()):
        (no_more if whole & set(FORBIDDEN_IN.get(action, ())) else still).append(str(said))
    if OFF in forbids:
        no_more.append(_("sell what these listings offer"))
    if CAPPED in forbids:
        no_more.append(_("take more orders a day than the measure leaves"))
    return still, no_more


def came_back(row: Sanction, counted: list[Infringement], now: datetime) -> list[str]:
    """Return what came back with a measure that was taken back, and what else its party is under, or may come under."""
    if row.status != MeasureStatus.OVERTURNED:
        return []
    said = [_("What it stopped is possible again, unless something below stops it.")]
    for each in counted:
        if each.fell:
            values = {"points": each.points, "rule": each.title, "at": times.quiet(each.at)}
            said.append(
                ngettext(
                    "Taken back: %(points)s point, %(rule)s, %(at)s", "Taken back: %(points)s points, %(rule)s, %(at)s",
                    each.points,
                ) % values
            )  # fmt: skip
    standing = standing_of(row.party, now)
    for other in standing.in_effect:
        values = {"measure": words.code(other.measure)}
        if other.until is None:
            said.append(_("It stays: %(measure)s") % values)
        else:
            said.append(_("It stays: %(measure)s, until %(at)s") % (values | {"at": times.moment(other.until)}))
    said += [_("It is proposed: %(measure)s") % {"measure": words.code(other.measure)} for other in standing.proposed]
    return said
