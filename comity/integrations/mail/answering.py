"""What comes in about a mail that told of a dispute or a measure: it came back, was delivered, or its reader answered.

Such an answer is not read: what is said in a dispute is said on its page, where it is shown what follows. It shows that
the mail was read, all the same.
"""

from django.utils import translation
from django.utils.translation import gettext as _

from comity.actions import reached
from comity.actions.disputes import reaching
from comity.integrations.mail import addresses, machines, parsing
from comity.integrations.mail.not_taken import About, tell
from comity.records.models import Contact, IncomingMail, NoticeMail


def found(mail: parsing.Mail) -> NoticeMail | None:
    """Return the mail about a dispute that a mail answers or reports about; None where it is about none of them."""
    named = addresses.read_told(mail.to) or addresses.read_told(f"<{each}>" for each in mail.answers)
    if named is None:
        return None
    rows = NoticeMail.objects.filter(pk=named[0], party=named[1])
    return rows.select_related("party", "dispute__order", "measure__party", "plan__party").first()


def judge(row: IncomingMail, mail: parsing.Mail, told: NoticeMail) -> None:
    """Decide what becomes of a mail that is about `told`, and carry it out."""
    row.party = told.party
    contact = Contact.objects.filter(party=told.party).first()
    is_known = contact is not None and mail.sender == contact.email.lower()
    match mail.kind:
        case machines.OURS:
            row.outcome = "loop"
        # Mail servers write as themselves; a note of absence comes from the reader, be its return path empty or not.
        case machines.BOUNCE if not is_known:
            row.outcome = "bounce"
            back = reached if told.dispute is None else reaching
            back.came_back(told, at=row.received_at, noted_at=row.noted_at)
        case machines.PERSON | machines.LIST if is_known:
            row.outcome = "refused"
            reaching.answered(told, at=row.received_at)
            with translation.override(told.party.language):
                row.why = _("answers to mails about a dispute, a measure or a plan are not read")
                tell(told.party, row, _about(told, row.why), once=True)
        case machines.PERSON:
            row.outcome = "stranger"
        case _:
            row.outcome = "automatic"
            if mail.delivered:
                reaching.arrived(told, at=row.received_at)


def _about(told: NoticeMail, why: str) -> About:
    if told.dispute is not None:
        return About(told.dispute.order.ref, told.dispute.key, why)
    return About(told.about.ref, told.about.key, why)
