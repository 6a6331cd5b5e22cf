"""Disputes and complaints."""

from django.utils.translation import gettext_lazy as _

from comity.web.common.words.said import Words

SENTENCES = {
    "dispute.inquired": Words("question", _("The buyer asked what is the matter with the order")),
    "dispute.opened": Words("alert", _("The buyer opened a dispute"), "warn"),
    "dispute.modified": Words("alert", _("The buyer changed what the dispute asks for")),
    "dispute.withdrawn": Words("undo", _("The buyer withdrew the dispute"), "good"),
    "dispute.answered": Words("chat", _("The seller answered the dispute: %(answer)s")),
    "dispute.said": Words("chat", _("%(by)s said what happened: %(says)s")),
    "dispute.offered": Words("scale", _("%(by)s made an offer: %(offer)s")),
    "dispute.offer_withdrawn": Words("undo", _("%(by)s took offer %(number)s back")),
    "dispute.offer_declined": Words("cross", _("%(by)s declined offer %(number)s")),
    "dispute.agreed": Words("check", _("%(by)s said yes to the mediator's proposal %(number)s")),
    "dispute.bid": Words("scale", _("%(by)s sealed a limit in round %(round)s")),
    "dispute.bids_apart": Words("scale", _("The sealed limits of round %(round)s were too far apart")),
    "dispute.settled": Words("check", _("The two sides agreed: %(offer)s"), "good"),
    "dispute.acted": Words("truck", _("What was promised is on its way: %(act)s")),
    "dispute.fulfilled": Words("check", _("What was promised was done: %(act)s"), "good"),
    "dispute.revived": Words("alert", _("What was promised was not done: the claim lives again"), "warn"),
    "dispute.escalated": Words("scale", _("The platform was asked to decide"), "warn"),
    "dispute.needed_asked": Words("question", _("Both sides were asked whether the platform is still needed")),
    "dispute.needed_answered": Words("chat", _("%(by)s said whether the platform is still needed")),
    "dispute.taken": Words("scale", _("An agent of the platform took the case")),
    "dispute.given_back": Words("undo", _("The case went back to the queue")),
    "dispute.handed_over": Words("scale", _("Another agent of the platform has the case")),
    "dispute.heard_in_private": Words("chat", _("The agent heard what was not said to both sides")),
    "dispute.information_asked": Words("question", _("%(of)s was asked for information")),
    "dispute.information_given": Words("chat", _("%(by)s gave the information")),
    "dispute.information_unavailable": Words("cross", _("%(by)s cannot give the information")),
    "dispute.evidence_given": Words("clip", _("%(by)s gave evidence")),
    "dispute.evidence_promised": Words("clock", _("%(by)s said when evidence will come, or that there is none")),
    "dispute.progress_told": Words("bell", _("The platform told how the case stands")),
    "dispute.joined": Words("scale", _("The case is decided together with another")),
    "dispute.record_closed": Words("book", _("Judging began: what comes now is marked as late")),
    "dispute.drafted": Words("pen", _("A decision is written and leaves on %(leaves_at)s")),
    "dispute.draft_stopped": Words("pause", _("The decision was stopped before it left")),
    "dispute.seconded": Words("check", _("A second agent stands by the decision")),
    "dispute.decided": Words("scale", _("The platform decided the dispute: %(outcome)s")),
    "dispute.corrected": Words("pen", _("A slip in the decision was corrected")),
    "dispute.clarified": Words("chat", _("Words of the decision were explained")),
    "dispute.appealed": Words("scale", _("%(by)s asked to look at the decision again")),
    "dispute.appeal_answered": Words("chat", _("%(by)s answered the appeal")),
    "dispute.appeal_taken": Words("scale", _("Another agent hears the appeal")),
    "dispute.appeal_decided": Words("scale", _("The appeal was decided: %(result)s")),
    "dispute.set_aside_asked": Words("scale", _("%(by)s asked to set the decision by silence aside")),
    "dispute.set_aside": Words("scale", _("The request to set the decision aside was answered")),
    "dispute.closed": Words("check", _("The dispute ended without a winner: %(because)s")),
    "return.labelled": Words("box", _("There is a label for the way back")),
    "return.contested": Words("alert", _("The seller says that something is wrong with the return: %(state)s"), "warn"),
    "return.contest_answered": Words("chat", _("The buyer answered what the seller says of the return")),
    "carrier.claimed": Words("truck", _("The seller passed the complaint on to the carrier")),
    "carrier.asked": Words("question", _("The carrier asked for information")),
    "carrier.told": Words("chat", _("The seller answered the carrier")),
    "carrier.answered": Words("truck", _("The carrier answered the claim")),
    "course.assigned": Words("book", _("A course is to be taken: %(course)s")),
    "complaint.received": Words("alert", _("A complaint was received"), "warn"),
    "complaint.answered": Words("chat", _("The complaint was answered")),
}
CODES = {
    # for whom it is decided
    "both": _("both"), "nobody": _("nobody"),
    # where a dispute stands
    "inquiry": _("a question"), "negotiation": _("the two sides talk"), "mediation": _("with the platform"),
    "settled": _("agreed, not done yet"), "returning": _("goods go back"), "carrying out": _("money is on its way"),
    "withdrawn": _("withdrawn"), "closed": _("closed"),
    # what is offered
    "partial refund": _("refund of a part"), "return and refund": _("return and refund"),
    "replacement": _("replacement"), "resend": _("sent once more"), 
    "discount": _("keep it, with a discount"), "nothing": _("nothing"), "proof": _("proof"),
    # the same, of an offer alone
    "offer:refund": _("refund"), "offer:repair": _("repair"), "wants:refund": _("refund"), "wants:repair": _("repair"),
    "act:repair": _("repair"), "in parts": _("not the same for all pieces"),
    # what became of a part of what was agreed
    "part:done": _("done"), "part:to_do": _("still to be done"), "part:on_its_way": _("on its way"),
    "part:goods_go_back": _("waits for the goods"), "part:money_on_its_way": _("money is on its way"),
    # what evidence is
    "evidence:file": _("a file"), "evidence:message": _("a message"), "evidence:scan": _("an event of the carrier"),
    "evidence:listing": _("what was ordered, as it stood then"), "evidence:statement": _("a statement"),
    # how expected evidence stands
    "proof:given": _("given"), "proof:later": _("comes later"), "proof:not_available": _("not to be had"),
    "proof:missing": _("missing"),
    # how an offer stands
    "offer_state:open": _("open"), "offer_state:withdrawn": _("taken back"), "offer_state:declined": _("declined"),
    "offer_state:overtaken": _("overtaken"), "offer_state:accepted": _("accepted"), "offer_state:expired": _("expired"),
    # by what a decision was made
    "because:mediator": _("by an agent of the platform"), "because:silence": _("by silence"),
    "because:facts": _("by the facts alone"), "because:appeal": _("on appeal"),
    "because:small_claim": _("a small claim, paid at once"),
    # what a side says happened
    "says_not_shipped": _("It was not sent."), "says_not_received": _("It did not arrive."),
    "says_late": _("It came too late."), "says_never_answered": _("The seller never answered."),
    "says_sent_back": _("It was sent back."), "says_contained": _("The goods were in it."),
    "says_got_empty_box": _("The box was empty."), "says_not_refunded": _("No refund came."),
    "says_shipped": _("It was sent."), "says_sent": _("It was sent."),
    "says_delivered": _("It was delivered."), "says_in_time": _("It came in time."),
    "says_answered": _("The buyer got an answer."),
    "says_never_asked": _("The buyer never asked."),
    "says_return_not_received": _("The return did not arrive."),
    "says_empty": _("The return was empty."), "says_refunded": _("It was refunded."),
    "says_address_changed": _("The address was changed."),
    "says_as_described": _("It was as described."), "says_replaced": _("It was replaced."),
    # how the seller answered, what became of an appeal
    "rejected": _("rejected"), "offered": _("with an offer"), "upheld": _("the decision stands"),
    "changed": _("the decision is changed"), "sent_back": _("the case is heard anew"),
    # what is wrong with a return
    "not_received": _("it did not arrive"), "damaged": _("damaged"), "empty": _("empty"),
    "different": _("something else was in it"), "incomplete": _("incomplete"),
    # why a dispute ended without a winner
    "nobody_asked": _("nobody asked the platform in time"), "paid_outside": _("the shop refunded it"),
    "cannot_judge": _("it cannot be judged"), "not_decided": _("it is not for the platform to decide"),
    "split_up": _("it was split up"), "arrived": _("it arrived"), "refunded_in_full": _("all was refunded"),
}  # fmt: skip
