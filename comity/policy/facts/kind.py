"""A kind of fact: what it says, what it is about, and its fields; and the fields that several kinds have."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class Field:
    """A field of a fact's data: its type, what it means, whether it must be there, and the values it may take.

    least, most   for whole numbers
    currency      a code of ISO 4217
    not_before    a moment that cannot lie before the fact itself
    names         kinds of what it names, as kind:id, such as buyer:123; several with spaces between
    several       how many it may hold, with spaces between, such as digests or keys; 0 for one text
    """

    type: type
    doc: str
    required: bool = True
    choices: tuple[str, ...] = ()
    least: int | None = None
    most: int | None = None
    currency: bool = False
    not_before: bool = False
    names: str = ""
    several: int = 0


ANYTHING = ("*",)


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of fact: what it says, which subjects it is about (ANYTHING for any), and its fields.

    matters  what it is judged under; where nothing else is said, a thing of the kinds that it is about, and what is
             said in a conversation also under the order that it is about
    parties  the roles whose matter it can be
    tells    who is told of it: buyer, seller, or the agent who has the case (holder)
    """

    name: str
    doc: str
    subjects: tuple[str, ...]
    fields: Mapping[str, Field]
    matters: tuple[str, ...]
    parties: tuple[str, ...]
    tells: tuple[str, ...] = ()
    #: False for what only the clock or an agent's verb may write, never an outside source.
    from_outside: bool = True


def kind(
    name: str,
    doc: str,
    subjects: str,
    *,
    matters: str = "",
    parties: tuple[str, ...] = ("seller",),
    from_outside: bool = True,
    tells: str = "",
    **fields: Field,
) -> Kind:
    """Return a kind of fact, as its room writes it down: subjects, matters and tells with spaces between."""
    under = tuple((matters or ("conversation order" if subjects == "conversation" else subjects)).split())
    return Kind(
        name, doc, tuple(subjects.split()), MappingProxyType(fields), under, parties, tuple(tells.split()), from_outside
    )


#: Pieces of an order, and money in minor units, at the most.
MAX_PIECES, MAX_AMOUNT = 100_000, 10**15
#: Carriers weigh parcels; in grams, at the most.
MAX_GRAMS = 100_000_000
#: Whose fault something can be.
FAULTS = ("buyer", "seller", "carrier", "nobody")
#: Who can pay for something.
PAYERS = ("buyer", "seller", "platform", "carrier")
WEIGHT = Field(int, "what the carrier weighed, in grams", required=False, least=0, most=MAX_GRAMS)
AMOUNT = Field(int, "in minor units of `currency`", required=False, least=0, most=MAX_AMOUNT)
#: Of what somebody wrote beside the act: nobody can say later that other words were written.
TEXT_DIGEST = Field(str, "salted digest of the text", required=False)
CURRENCY = Field(str, "ISO 4217 code", required=False, currency=True)
REQUEST = Field(str, "the request's id", required=False)
