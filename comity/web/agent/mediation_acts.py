"""What agents may do in a case from its page at the desk: take, ask, propose, decide, mend, hear again."""

from collections.abc import Iterator, Mapping
from datetime import datetime

from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from comity.actions.disputes import appealing, deciding, drafts, mediation, mending, offers
from comity.actions.disputes.cases import held
from comity.actions.enact import Refused
from comity.actions.guard import Actor
from comity.actions.money import said
from comity.lib.money import Money
from comity.policy.disputes.case import CONTESTED
from comity.policy.disputes.inputs import Applied
from comity.policy.facts import COSTS, FAULTS, OUTCOMES
from comity.records.models import Dispute, Party
from comity.web.common import times, words
from comity.web.common.called import called
from comity.web.common.gate import typed
from comity.web.trade import dispute_carrying_out, dispute_evidence, dispute_offers
from comity.web.trade.dispute_forms import (
    Ask,
    DisputeAct,
    Form,
    Sight,
    amount,
    choice,
    moment_typed,
    money_typed,
    one,
    plain,
    text,
)  # fmt: skip

#: Inputs of the table have names with blanks: a form calls them by their place.
INPUT = "input-"
WEIGH = "weigh-"


def given_inputs(request: HttpRequest, names: tuple[str, ...]) -> dict[str, str]:
    """Return what was answered of the table's inputs, by name; what a rulebook does not list is left out by it."""
    source = request.POST if request.method == "POST" else request.GET
    asked = {name: source.get(f"{INPUT}{place}", "") for place, name in enumerate(names)}
    return {name: value for name, value in asked.items() if value}


def _take(request: HttpRequest, actor: Actor, dispute: Dispute, at: datetime) -> str:
    mediation.take(actor, dispute, at=at)
    return _("The case is yours; both sides are told who has it.")


def _give_back(request: HttpRequest, actor: Actor, dispute: Dispute, at: datetime) -> str:
    mediation.give_back(actor, dispute, at=at)
    return _("The case is back in the queue.")


def _handing(sight: Sight) -> Iterator[Form]:
    agents = Party.objects.filter(role="agent").exclude(pk=sight.actor.party.pk).order_by("name")[:200]
    to = [(str(each.uuid), each.name) for each in agents]
    yield Form("hand-over", _("Hand it over"), _("Hand it over"), (choice("to", _("To"), to),))


def _hand_over(request: HttpRequest, actor: Actor, dispute: Dispute, at: datetime) -> str:
    to = next((each for each in Party.objects.filter(role="agent") if str(each.uuid) == typed(request, "to")), None)
    if to is None:
        raise Refused([_("Name another agent.")])
    mediation.hand_over(actor, dispute, to=to, at=at)
    return _("%(name)s has the case now.") % {"name": to.name}


def _ask_needed(request: HttpRequest, actor: Actor, dispute: Dispute, at: datetime) -> str:
    mediation.ask_needed(actor, dispute, at=at)
    return _("Both sides are asked whether you are still needed.")


def _asking(sight: Sight) -> Iterator[Form]:
    of = [("buyer", words.code("buyer")), ("seller", words.code("seller"))]
    asks = (
        choice("of", _("Of whom"), of), text(_("What you need to know"), required=True),
        Ask("until", _("By when"), "moment"),
    )  # fmt: skip
    yield Form("ask-information", _("Ask for information"), _("Ask"), asks)


def _ask(request: HttpRequest, actor: Actor, dispute: Dispute, at: datetime) -> str:
    until = moment_typed(request, actor, "until")
    mediation.ask(actor, dispute, of=typed(request, "of"), text=typed(request, "text"), until=until, at=at)
    return _("It is asked.")


def _progress(request: HttpRequest, actor: Actor, dispute: Dispute, at: datetime) -> str:
    mediation.tell_progress(actor, dispute, text=typed(request, "text"), at=at)
    return _("Both sides are told how it stands.")


def _proposing(sight: Sight) -> Iterator[Form]:
    says = _("Both must say yes; a changed proposal voids every yes before. Whoever proposes does not decide.")
    yield Form(
        "propose", _("Propose a settlement"), _("Propose it"), dispute_offers.offer_asks(sight),
        folded=dispute_offers.parts_asks(sight), says=says,
    )  # fmt: skip


def _propose(request: HttpRequest, actor: Actor, dispute: Dispute, at: datetime) -> str:
    new = dispute_offers.offer_typed(request, actor, dispute)
    offers.propose(actor, dispute, new, at=at, shown=typed(request, "shown"))
    return _("The proposal is made; it takes the yes of both sides.")


def _saying(sight: Sight) -> Iterator[Form]:
    sees = (("all", _("Both sides")), ("buyer", _("The buyer alone")), ("seller", _("The seller alone")),
            ("agent", _("Agents alone")))  # fmt: skip
    says = _("Whoever hears what one side says in private does not decide, unless the rulebook says so.")
    yield Form(
        "say", _("Write"), _("Send"), (text(_("Your message"), required=True), choice("sees", _("To"), sees)), says=says
    )


def _joining(sight: Sight) -> Iterator[Form]:
    there = {each.pk for each in mediation.joined(sight.view.now)}
    near = [each for each in mediation.candidates(sight.dispute) if each.stage in CONTESTED and each.pk not in there]
    if near:
        named = [(each.key, f"{called(each.order)} · {each.order.buyer.name} · {each.key}") for each in near]
        asks = (choice("other", _("With"), named), Ask("because", _("Because"), most=60, required=True))
        yield Form("join", _("Decide it together with another"), _("Join them"), asks)


def _join(request: HttpRequest, actor: Actor, dispute: Dispute, at: datetime) -> str:
    other = Dispute.objects.filter(key=typed(request, "other")).first()
    if other is None:
        raise Refused([_("Name another case.")])
    mediation.join(actor, dispute, other, because=typed(request, "because"), at=at)
    return _("The two are decided together.")


def _closing(sight: Sight) -> Iterator[Form]:
    ways = [(each, words.code(each)) for each in deciding.NO_WINNER]
    asks = (
        choice("because", _("Because"), ways), Ask("again", _("The buyer may open it again"), "check"),
        text(_("In plain words, for both sides"), required=True),
    )  # fmt: skip
    says = _("It counts as lost for nobody.")
    yield Form("close-without-winner", _("End it without a winner"), _("End it"), asks, says=says)


def _close(request: HttpRequest, actor: Actor, dispute: Dispute, at: datetime) -> str:
    because, again = typed(request, "because"), "again" in request.POST
    deciding.close(actor, dispute, because=because, text=typed(request, "text"), again=again, at=at)
    return _("The case has ended without a winner.")


def decide_form(sight: Sight, found: Applied, given: Mapping[str, str]) -> Form:
    """Return the form of a decision, filled by the row that applies, with each piece of evidence to weigh."""
    now, row = sight.view.now, found.row
    sum_ = Money(deciding.by_row(now, row), sight.currency) if row is not None else None
    asks = (
        choice("outcome", _("For whom"), [(each, words.code(each)) for each in OUTCOMES],
               value=row.outcome if row else ""),
        amount(_("What goes back to the buyer"), value=plain(sum_) if sum_ and sum_.minor else "",
               hint=_("By the row: %(sum)s.") % {"sum": said(sum_)} if sum_ is not None else ""),
        choice("fault", _("Whose fault it was"), [(each, words.code(each)) for each in FAULTS],
               value=row.fault if row and row.fault else "nobody"),
        Ask("goes_back", _("Once the goods are back"), "check", value=bool(row and row.returns)),
        choice("cost", _("At the cost of"), [(each, words.code(each)) for each in COSTS], value="seller"),
        *(Ask(f"{WEIGH}{piece.uuid}", _("%(what)s of %(who)s, %(at)s: not relied on, because") % {
            "what": piece.name or words.code(piece.kind, "evidence"), "who": words.code(piece.role),
            "at": f"{piece.at:%Y-%m-%d}"}, hint=_("Empty: the decision rests on it."), most=500)
          for piece in sight.view.evidence),
        text(_("The decision in plain words, for both sides"), required=True),
        text(_("Why it differs from the row, where it does"), name="reason"),
    )  # fmt: skip
    hidden = tuple((f"{INPUT}{place}", given[name]) for place, name in enumerate(now.rules.inputs) if name in given)
    hold = now.rules.hold
    says = _("It leaves at once, and is carried out.")
    if hold is not None:
        leaves = times.moment(hold.leaves(sight.at))
        says = _("It leaves on %(at)s, and can be stopped until then.") % {"at": leaves}
    if deciding.needs_second(now, sum_.minor if sum_ is not None else 0):
        says += " " + _("About so much two agents decide: it does not leave before another stands by it.")
    return Form("decide", _("Decide"), _("Decide it so"), asks, hidden, says)


def _decide(request: HttpRequest, actor: Actor, dispute: Dispute, at: datetime) -> str:
    rules = deciding_rules(dispute)
    weighed = {name.removeprefix(WEIGH): value for name, value in request.POST.items() if name.startswith(WEIGH)}
    judged = deciding.Judgement(
        outcome=typed(request, "outcome"), amount=money_typed(request, dispute.order.currency),
        fault=typed(request, "fault"), goes_back="goes_back" in request.POST,
        inputs=given_inputs(request, rules), text=typed(request, "text"), reason=typed(request, "reason"),
        weighed={key: str(value) for key, value in weighed.items()}, cost=_cost(request),
    )  # fmt: skip
    leaves_at = deciding.decide(actor, dispute, judged, at=at, shown=typed(request, "shown"))
    if leaves_at is None:
        return _("Decided. Both sides are told, and it is carried out.")
    if drafts.is_without_second(dispute):
        return _("The decision is written. It does not leave before another agent stands by it.")
    return _("The decision is written, and leaves on %(at)s.") % {"at": times.moment(leaves_at)}


def _cost(request: HttpRequest) -> str:
    cost = typed(request, "cost") or "seller"
    if cost not in COSTS:
        raise Refused([_("Say at whose cost it is.")])
    return cost


def deciding_rules(dispute: Dispute) -> tuple[str, ...]:
    """Return the names of the table's inputs under the rules of a case."""
    return tuple(held(dispute).rules.inputs)


def _second(request: HttpRequest, actor: Actor, dispute: Dispute, at: datetime) -> str:
    drafts.second(actor, dispute, at=at)
    return _("You stand by the decision: both names are on it.")


def _stop(request: HttpRequest, actor: Actor, dispute: Dispute, at: datetime) -> str:
    drafts.stop(actor, dispute, at=at)
    return _("The decision is stopped; the case can be decided anew.")


def _correct(request: HttpRequest, actor: Actor, dispute: Dispute, at: datetime) -> str:
    sum_ = money_typed(request, dispute.order.currency)
    mending.correct(actor, dispute, text=typed(request, "text"), amount=sum_, at=at)
    return _("The slip is corrected; both sides are told.")


def _clarify(request: HttpRequest, actor: Actor, dispute: Dispute, at: datetime) -> str:
    mending.clarify(actor, dispute, text=typed(request, "text"), at=at)
    return _("The words are explained; nothing of the decision changed.")


def _take_appeal(request: HttpRequest, actor: Actor, dispute: Dispute, at: datetime) -> str:
    appealing.take(actor, dispute, at=at)
    return _("You hear the appeal.")


def _hearing(sight: Sight) -> Iterator[Form]:
    asks = (
        choice("result", _("What becomes of it"), [(each, words.code(each)) for each in appealing.RESULTS]),
        choice(
            "outcome", _("If it is changed: for whom"), [("", "—"), *((each, words.code(each)) for each in OUTCOMES)]
        ),
        amount(_("What goes back in all")),
        choice("fault", _("Whose fault it was"), [("", "—"), *((each, words.code(each)) for each in FAULTS)]),
        text(_("In plain words, for both sides"), required=True),
    )
    says = _("What follows from the decision is brought into line at once: money, points, rates, measures.")
    yield Form("decide-appeal", _("Decide the appeal"), _("Decide it so"), asks, says=says)


def _decide_appeal(request: HttpRequest, actor: Actor, dispute: Dispute, at: datetime) -> str:
    heard = appealing.Heard(
        result=typed(request, "result"), text=typed(request, "text"), outcome=typed(request, "outcome"),
        amount=money_typed(request, dispute.order.currency), fault=typed(request, "fault"),
    )  # fmt: skip
    appealing.decide(actor, dispute, heard, at=at, shown=typed(request, "shown"))
    return _("The appeal is decided; both sides are told.")


def _setting_aside(sight: Sight) -> Iterator[Form]:
    answers = (("", "—"), ("yes", _("Set it aside: the case is heard")), ("no", _("It stands")))
    asks = (choice("granted", _("The decision by silence"), answers), text(_("Why"), required=True))
    yield Form("set-aside", _("Answer the request to set it aside"), _("Answer it"), asks)


def _set_aside(request: HttpRequest, actor: Actor, dispute: Dispute, at: datetime) -> str:
    granted = typed(request, "granted")
    if granted not in ("yes", "no"):
        raise Refused([_("Say whether the decision is set aside or stands.")])
    appealing.set_aside(actor, dispute, granted=granted == "yes", text=typed(request, "text"), at=at)
    if granted == "yes":
        return _("The decision is set aside; the case waits for an agent.")
    return _("The decision stands; both sides are told.")


def _seconding(sight: Sight) -> Iterator[Form]:
    now = sight.view.now
    draft = drafts.draft_of(now)
    is_needed = draft is not None and drafts.lacks_second(now, draft)
    says = _("Both names are on the decision.")
    if is_needed:
        says = _("About so much two agents decide: without a second name it does not leave. Both names are on it.")
    yield Form("second", _("Stand by it as the second"), _("I stand by it"), says=says)


_EVIDENCE = next(act for act in dispute_evidence.ACTS if act.slug == "give-evidence")
_CARRIER = next(act for act in dispute_carrying_out.ACTS if act.slug == "carrier-answers")
_LABEL = next(act for act in dispute_carrying_out.ACTS if act.slug == "label")
_TAKE_BACK = next(act for act in dispute_offers.ACTS if act.slug == "withdraw-offer")

ACTS: tuple[DisputeAct, ...] = (
    DisputeAct("take", one("take", gettext_lazy("Take the case"), gettext_lazy("Take it"),
               says=gettext_lazy("Both sides are told who has it.")), _take),
    DisputeAct("take-appeal", one("take-appeal", gettext_lazy("Take the appeal"), gettext_lazy("Take it")),
               _take_appeal),
    DisputeAct("decide-appeal", _hearing, _decide_appeal),
    DisputeAct("set-aside", _setting_aside, _set_aside),
    DisputeAct("second", _seconding, _second),
    DisputeAct("stop-draft", one("stop-draft", gettext_lazy("Stop the decision"), gettext_lazy("Stop it"),
               says=gettext_lazy("The case can then be decided anew.")), _stop),
    DisputeAct("say", _saying, dispute_evidence.say),
    DisputeAct("ask-information", _asking, _ask),
    DisputeAct("tell-progress", one("tell-progress", gettext_lazy("Tell both sides how it stands"),
               gettext_lazy("Tell them"), text(gettext_lazy("How the case stands"), required=True)), _progress),
    DisputeAct("propose", _proposing, _propose),
    _TAKE_BACK,
    DisputeAct("ask-needed", one("ask-needed", gettext_lazy("Ask whether you are still needed"),
               gettext_lazy("Ask both")), _ask_needed),
    _EVIDENCE,
    _LABEL,
    _CARRIER,
    DisputeAct("join", _joining, _join),
    DisputeAct("close-without-winner", _closing, _close),
    DisputeAct("correct", one("correct", gettext_lazy("Correct a slip"), gettext_lazy("Correct it"),
               text(gettext_lazy("What is corrected"), required=True), amount(gettext_lazy("The right sum"))),
               _correct),
    DisputeAct("clarify", one("clarify", gettext_lazy("Explain words of the decision"), gettext_lazy("Explain"),
               text(gettext_lazy("What you explain"), required=True)), _clarify),
    DisputeAct("hand-over", _handing, _hand_over),
    DisputeAct("give-back", one("give-back", gettext_lazy("Give it back to the queue"), gettext_lazy("Give it back")),
               _give_back),
)  # fmt: skip
#: The decision has a place of its own on the page.
DECIDE = DisputeAct("decide", lambda sight: iter(()), _decide)
