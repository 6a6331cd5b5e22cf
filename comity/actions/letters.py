"""What a mail tells a party: what happened in its dispute, about a measure or to its plan, and how that stands."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Q

from comity.actions import appeals
from comity.actions.disputes import view as looking
from comity.actions.disputes.cases import Gone
from comity.actions.disputes.view import View
from comity.actions.guard import Actor, Forbidden
from comity.actions.sanctions import ANSWER
from comity.policy.disputes.telling import is_quiet, is_told
from comity.policy.facts import reference, subject_kind
from comity.policy.sanctions.measures import MeasureStatus
from comity.records.models import Dispute, Duty, ImprovementPlan, Notice, NoticeMail, Order, Party, Refund, Sanction
from comity.records.refs import uuid_of


@dataclass(frozen=True, slots=True)
class Letter:
    """What one mail tells.

    notices  what happened, in the order of time: codes and values, of which sentences are made for the reader
    view     the case as the reader may see it at `at`: whose turn it is, until when, and what follows if nobody acts
    is_over  whether the case has ended: then only that is told
    """

    reader: Party
    at: datetime
    notices: tuple[Notice, ...]
    view: View
    is_over: bool


@dataclass(frozen=True, slots=True)
class MeasureLetter:
    """What one mail tells of a measure.

    answer_until  until when the reader may answer it; None where it is too late, or not known
    appeal_until  the last moment of an appeal; of a proposed one, what it would be if it were placed now
    """

    reader: Party
    at: datetime
    notices: tuple[Notice, ...]
    measure: Sanction
    answer_until: datetime | None
    appeal_until: datetime | None


@dataclass(frozen=True, slots=True)
class PlanLetter:
    """What one mail tells of an improvement plan."""

    reader: Party
    at: datetime
    notices: tuple[Notice, ...]
    plan: ImprovementPlan


def of(mail: NoticeMail, *, at: datetime) -> Letter | MeasureLetter | PlanLetter | None:
    """Return what a mail tells at `at`; None where there is nothing left to tell, or nothing that the reader may see.

    `mail` has its party and what it is about with it: a measure, a plan, or a dispute with its order and their two
    sides.
    """
    if mail.plan is not None:
        return PlanLetter(mail.party, at, tuple(mail.notices.order_by("at", "pk")), mail.plan)
    if mail.measure is not None:
        return _of_measure(mail, mail.measure, at)
    assert mail.dispute is not None
    try:
        view = looking.of(Actor(mail.party), mail.dispute, at=at)
    except (Forbidden, Gone):
        return None
    case = view.now.case
    told = tuple(each for each in mail.notices.order_by("at", "pk") if is_told(each.kind, case))
    return Letter(mail.party, at, told, view, is_quiet(case)) if told else None


def _of_measure(mail: NoticeMail, row: Sanction, at: datetime) -> MeasureLetter:
    starts = appeals.notice_ends(row) if row.status == MeasureStatus.PROPOSED else row.effective_at
    answerable = ANSWER.why_not(Actor(mail.party), row, at=at) is None
    window = appeals.window_of(row)
    return MeasureLetter(
        reader=mail.party,
        at=at,
        notices=tuple(mail.notices.order_by("at", "pk")),
        measure=row,
        answer_until=starts if answerable and starts is not None and starts > at else None,
        appeal_until=window.end if window is not None and window.end > at else None,
    )


def measures_of(notices: Sequence[Notice]) -> dict[int, Sanction]:
    """Return the measures that notices are about, by the notices' keys. One statement at the most."""
    named = {
        each.pk: (each.party_id, reference(each.matter)[1])
        for each in notices
        if subject_kind(each.matter) in ("sanction", "appeal")
    }
    if not named:
        return {}
    keys = {key for _, key in named.values()}
    rows = {(row.party_id, row.key): row for row in Sanction.objects.filter(key__in=keys)}
    return {notice: rows[name] for notice, name in named.items() if name in rows}


def plans_of(notices: Sequence[Notice]) -> dict[int, ImprovementPlan]:
    """Return the improvement plans that notices are about, by the notices' keys. One statement at the most."""
    named = {each.pk: reference(each.matter)[1] for each in notices if subject_kind(each.matter) == "plan"}
    if not named:
        return {}
    rows = {row.key: row for row in ImprovementPlan.objects.filter(key__in=set(named.values()))}
    return {notice: rows[key] for notice, key in named.items() if key in rows}


def disputes_of(notices: Sequence[Notice]) -> dict[int, Dispute]:
    """Return the disputes that notices are about, by the notices' keys; of other things they tell nothing here.

    Two statements for what facts name, one more each for warnings and for refunds.
    """
    named = _named(notices)
    uuids: set[UUID] = set()
    ids: set[str] = set()
    for kind, identity in (reference(name) for name in named.values()):
        if kind == "dispute":
            ids.add(identity)
            uuids |= {uuid} if (uuid := uuid_of(identity)) is not None else set()
    if not ids:
        return {}
    rows = list(Dispute.objects.filter(Q(uuid__in=uuids) | Q(external_id__in=ids)).select_related("order"))
    found = {}
    for notice in notices:
        name = named.get(notice.pk, "")
        # The shop's ids are one seller's: the reader is a side of the right one.
        mine = (row for row in rows if name in row.names)
        sides = (row for row in mine if notice.party_id in (row.order.buyer_id, row.order.seller_id))
        if (row := next(sides, None)) is not None:
            found[notice.pk] = row
    return found


def _named(notices: Sequence[Notice]) -> dict[int, str]:
    """Return what each notice is about, as facts call it: by itself, by its refund, or by the duty it warns of."""
    duties = _duties([each for each in notices if each.kind == "duty.warned"])
    refunds = {str(each.values.get("refund", "")) for each in notices} - {""}
    uuids = [uuid for each in refunds if (uuid := uuid_of(reference(each)[1])) is not None]
    by_refund = (
        {f"refund:{row.uuid}": row.dispute_ref for row in Refund.objects.filter(uuid__in=uuids)} if uuids else {}
    )
    named = {}
    for notice in notices:
        subject, values = str(notice.values.get("subject", "")), notice.values
        if notice.kind == "duty.warned":
            name = duties.get(str(values["key"]), "")
        elif subject_kind(subject) == "dispute":
            name = subject
        else:
            name = str(values.get("dispute", "")) or by_refund.get(str(values.get("refund", "")), "")
        named[notice.pk] = name
    return {key: name for key, name in named.items() if name}


def _duties(warnings: Sequence[Notice]) -> dict[str, str]:
    """Return what the duties are about that somebody is warned of, by their keys: of sellers, whoever is warned."""
    if not warnings:
        return {}
    warned = {each.party_id for each in warnings}
    keys = {str(each.values["key"]) for each in warnings}
    sellers = Order.objects.filter(buyer__in=warned).values("seller")
    rows = Duty.objects.filter(Q(party__in=warned) | Q(party__in=sellers), key__in=keys)
    return dict(rows.values_list("key", "subject"))
