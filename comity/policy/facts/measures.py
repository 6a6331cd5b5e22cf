"""What is decided of measures and charges, and how a party was told of them."""

from comity.policy.facts.fact import PARTIES
from comity.policy.facts.kind import Field, Kind, kind

#: By what a party can have been told of a measure; "late": by us, later than what it counts from.
WAYS_OF_TELLING = ("late", "page", "mail", "webhook", "by_hand")
RESULTS = ("stands", "shortened", "falls")
_AGENT = Field(str, "who, as role:id")
_WORDS = Field(str, "digest of the words", required=False)
_FILES = Field(str, "digests of the files, with spaces between", required=False, several=10)


def _about_one(name: str, doc: str, **fields: Field) -> Kind:
    # An appeal is a matter of its own: the platform has a duty in it.
    matter = "appeal" if name.startswith("appeal.") else "sanction"
    return kind(
        name,
        doc,
        "sanction",
        matters=matter,
        parties=PARTIES,
        from_outside=False,
        tells="seller" if name == "appeal.decided" else "",
        **fields,
    )


ALL = (
    kind("sanction.asked", "An agent asked for a measure; another approves it.", "seller buyer", parties=PARTIES,
         from_outside=False,
         agent=_AGENT,
         measure=Field(str, "the measure"),
         rule=Field(str, "the conduct rule that it is for"),
         length=Field(int, "seconds that it is to last; 0: without end", required=False, least=0),
         notice=Field(int, "seconds of notice before it", required=False, least=0),
         of=Field(str, "the listings that it is about, with spaces between", required=False, several=100),
         words=_WORDS),
    _about_one("sanction.approved", "An agent approved a proposed measure.", agent=_AGENT, words=_WORDS),
    _about_one("sanction.declined", "An agent declined a proposed measure.", agent=_AGENT,
               reason=Field(str, "a code", required=False), words=_WORDS),
    _about_one("sanction.released", "An agent ended a measure before its time: this one alone.", agent=_AGENT,
               reason=Field(str, "a code", required=False), words=_WORDS),
    _about_one("sanction.told", "The party was told of a measure.",
               how=Field(str, "by what", choices=WAYS_OF_TELLING)),
    _about_one("sanction.unreached", "What told the party of a measure did not arrive.",
               because=Field(str, "a code, such as bounced")),
    _about_one("sanction.answered", "The party said what it has to say to a measure, before it takes effect.",
               words=_WORDS, files=_FILES),
    kind("charge.taken_off", "An agent took a charge off: what it was for brings it no more.", "seller buyer",
         parties=PARTIES, from_outside=False,
         agent=_AGENT,
         of=Field(str, "the charge's key"),
         reason=Field(str, "a code", required=False),
         words=_WORDS),
    _about_one("appeal.filed", "The party appealed against a measure.", words=_WORDS, files=_FILES),
    _about_one("appeal.added", "The party added to its appeal.", words=_WORDS, files=_FILES),
    _about_one("appeal.withdrawn", "The party took its appeal back."),
    _about_one("appeal.decided", "An agent who had no part in a measure decided the appeal against it.",
               agent=_AGENT,
               result=Field(str, "what became of the measure", choices=RESULTS),
               length=Field(int, "of one shortened, the seconds that it lasts", required=False, least=0),
               charges=Field(str, "keys of charges that it took off, with spaces between", required=False, several=100),
               words=_WORDS),
)  # fmt: skip
