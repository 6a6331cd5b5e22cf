"""Why something cannot be done in a dispute now: a sentence for each code."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

_SENTENCES = {
    "changed": gettext_noop("The case has changed meanwhile, and nothing was done. Look at what is new, then decide."),
    "not_yours_to_do": gettext_noop("That is not for your side to do."),
    "not_in_this_phase": gettext_noop("The rules do not provide for that at this stage of the dispute."),
    "only_an_inquiry": gettext_noop("So far this is a question. Open a dispute first."),
    "not_with_the_platform": gettext_noop("The platform has not been asked to decide yet."),
    "with_the_platform": gettext_noop("The case is with the platform now."),
    "withdrawn": gettext_noop("The dispute was withdrawn; nothing is left to do."),
    "closed": gettext_noop("The dispute is closed."),
    "closed_for_good": gettext_noop("The dispute is closed and cannot be opened again."),
    "paid_as_agreed": gettext_noop(
        "You agreed on money for this, and it was paid. For another reason, or other pieces, you can still claim."
    ),
    "decided": gettext_noop("It has already been decided."),
    "agreed": gettext_noop("You have already agreed; what was agreed is being carried out."),
    "paid_outside": gettext_noop("The shop has refunded what was asked for: there is nothing left to decide."),
    "refunded_in_full": gettext_noop("Everything that was paid has gone back: there is nothing left to decide."),
    "charged_back": gettext_noop("The buyer has got the money by the bank: there is nothing left to decide."),
    "ended_elsewhere": gettext_noop("It was asked at the payment system, and has ended there."),
    "arrived": gettext_noop("The buyer said that it arrived: there is nothing left to decide."),
    "not_taken": gettext_noop("Take the case first."),
    "another_has_it": gettext_noop("Another agent has the case."),
    "yours_already": gettext_noop("You have the case already."),
    "lost_it": gettext_noop("You had the case and did not act in time; it is for another agent now."),
    "conflict": gettext_noop("You have traded with one of the two under an account of your own: take another case."),
    "heard_private_talk": gettext_noop(
        "You heard what one side said in private, or what they offered each other: somebody else decides."
    ),
    "already_drafted": gettext_noop("A decision is written and leaves soon; stop it first."),
    "money_went_back": gettext_noop(
        "Money went back by a decision that stands no more. Agree with the seller about it, or wait for the platform."
    ),
    "decision_written": gettext_noop(
        "A decision is written and leaves soon: the claim stays as it is. You can still agree, or withdraw it."
    ),
    "under_appeal": gettext_noop("An appeal is waiting to be decided."),
    "no_offer": gettext_noop("There is no offer that waits: it was taken back, replaced, or its time is over."),
    "offer_changed": gettext_noop("That offer was withdrawn or replaced a moment ago, and nothing was accepted."),
    "claim_changed": gettext_noop("The buyer has changed the claim meanwhile. Your yes was not counted."),
    "asks_no_money": gettext_noop("The buyer asks for no money: make an offer instead."),
    "answered_already": gettext_noop("That has already been answered."),
    "nothing_asked": gettext_noop("Nobody is waiting for information from you."),
    "record_closed": gettext_noop("Evidence can no longer be given: the case is closed."),
    "evidence_over": gettext_noop("The time to give this ended; it can no longer be given."),
    "no_draft": gettext_noop("There is no decision that waits to leave."),
    "nobody_asked": gettext_noop("Nobody has asked that."),
    "asked_already": gettext_noop("That was asked already."),
    "sent_already": gettext_noop("The goods are already on their way back."),
    "nothing_sent_back": gettext_noop("Nothing has been sent back yet."),
    "contested_already": gettext_noop("You have already said what is wrong with the return."),
    "nothing_contested": gettext_noop("The seller has not said that anything is wrong with the return."),
    "labelled_already": gettext_noop("There is a label already."),
    "nothing_promised": gettext_noop("Nothing was promised that could be done."),
    "nothing_to_disclose": gettext_noop("Nothing was offered in this dispute, so there is nothing to disclose."),
    "done_already": gettext_noop("That has already been done."),
    "no_decision": gettext_noop("There is no decision that this could be about."),
    "no_appeal_left": gettext_noop("No further appeal is possible here."),
    "appeal_over": gettext_noop("The time to appeal is over."),
    "no_appeal": gettext_noop("There is no appeal."),
    "your_own_appeal": gettext_noop("It is your own appeal: the other side answers it."),
    "decided_it": gettext_noop("You decided this case or had it: somebody else hears the appeal."),
    "same_ground": gettext_noop("An appeal on that ground was already decided."),
    "not_by_silence": gettext_noop("Only a decision by silence can be set aside. Use an appeal."),
    "not_your_silence": gettext_noop("It was not your silence that decided."),
    "refused_already": gettext_noop("You have already asked for that, and it was refused."),
    "another_decided": gettext_noop("Only who decided can mend or explain the decision."),
    "your_own_draft": gettext_noop("A second agent reads the draft, not its author."),
    "not_offered_here": gettext_noop("The rules do not offer sealed bids."),
    "no_round_left": gettext_noop("There is no round of sealed bids left."),
    "passed_on_already": gettext_noop("The complaint has already been passed on to the carrier."),
    "no_claim": gettext_noop("There is no claim on the carrier that waits for an answer."),
    "not_open_yet": gettext_noop("A dispute for this reason cannot be opened yet."),
    "not_open_any_more": gettext_noop("The time to open a dispute for this reason is over."),
    "not_open_here": gettext_noop("A dispute for this reason cannot be opened about this order."),
    "no_pieces_left": gettext_noop("Every piece of that is already in a dispute or was refunded."),
    "number_needed": gettext_noop("Give the carrier and the tracking number: it counts from the first scan on."),
    "correction_over": gettext_noop("The time to correct the decision is over: only an appeal can change it now."),
    "set_aside_over": gettext_noop("The time to ask for that is over."),
    "return_too_late": gettext_noop("The time to send the goods back is over."),
}


def sentence(code: str) -> str:
    """Return the sentence of a code, in the language in force."""
    return _(_SENTENCES[code])
