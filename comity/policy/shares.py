"""What a part of some money is worth: pieces of a line, its tax, parts of a bundle, payments in proportion.

All amounts are whole numbers of minor units. Nothing is rounded twice: what is split is split by `share`, so that parts
taken one after the other add up to the whole.
"""

from bisect import bisect_right
from collections.abc import Sequence


def share(total: int, part: int, whole: int) -> int:
    """Return the share of `total` that belongs to `part` of `whole`, rounded once, a half upwards.

    Shares taken one after the other are differences of this: `share(t, b, w) - share(t, a, w)` for what lies from a to
    b. Together they are `total`, whatever the parts. Raises ValueError where the part is no part of the whole.
    """
    if not 0 <= part <= whole:
        raise ValueError(f"{part} is no part of {whole}")
    return total if part == whole else (2 * total * part + whole) // (2 * whole)


def of_pieces(paid: int, quantity: int, taken_before: int, count: int) -> int:
    """Return what `count` pieces of a line are worth after `taken_before` of its `quantity`; `paid` for all."""
    return share(paid, taken_before + count, quantity) - share(paid, taken_before, quantity)


def left_of_pieces(paid: int, quantity: int, refunded: int, count: int) -> int:
    """Return the most that can go back for `count` pieces of a line of which `refunded` has gone back.

    Whole pieces that this pays for are taken before; a discount on one lowers what is left of the line, not of each.
    """
    left = max(paid - refunded, 0)
    taken = bisect_right(range(quantity + 1), refunded, key=lambda n: share(paid, n, quantity)) - 1
    return left if taken + count >= quantity else min(of_pieces(paid, quantity, taken, count), left)


def most_of_pieces(paid: int, quantity: int, count: int) -> int:
    """Return what `count` pieces of a line can be worth at the most, whichever they are: cents rounded their way."""
    return -(-paid * count // quantity)


def tax_of(tax: int, paid: int, refunded_before: int, tax_before: int, amount: int) -> int:
    """Return the tax in a refund of `amount`: in proportion to all that was refunded so far, less what went before.

    `paid` for the line, `tax` in it; `tax_before`: what went back of that. Of the last refund it is what is left, so
    that net and tax both end where they began.
    """
    return max(share(tax, min(refunded_before + amount, paid), paid) - tax_before, 0)


def of_parts(total: int, weights: Sequence[int]) -> list[int]:
    """Split `total` by `weights`, which may be all zero (then the last part has it): the parts add up to it."""
    parts, before, passed, whole = [], 0, 0, sum(weights)
    for weight in weights:
        passed += weight
        upto = share(total, passed, whole) if whole else 0
        parts.append(upto - before)
        before = upto
    if parts and not whole:
        parts[-1] = total
    return parts


#: In which order several payments are given back.
IN_PROPORTION, IN_ORDER = "in_proportion", "in_order"
ORDERS = (IN_PROPORTION, IN_ORDER)


def across(
    payments: Sequence[int], refunded_before: Sequence[int], amount: int, order: str = IN_PROPORTION
) -> list[int]:
    """Split a refund among the payments that were made: to none more than it gave.

    payments         what each gave; refunded_before: what each has been given back
    order            in_proportion to what they gave, all refunds so far taken together; or in_order, the first first

    Raises ValueError for more than is left of all.
    """
    left = [gave - back for gave, back in zip(payments, refunded_before, strict=True)]
    if amount > sum(left):
        raise ValueError(f"{amount} is more than the {sum(left)} that is left of all payments")
    if order == IN_ORDER:
        wanted = [0] * len(left)
    else:
        aims = of_parts(sum(refunded_before) + amount, payments)
        wanted = [max(0, min(aim - back, room)) for aim, back, room in zip(aims, refunded_before, left, strict=True)]
    missing = amount - sum(wanted)
    # What rounding, or a payment that has given all it had, left over: to the first with room, from the last with some.
    for place, room in enumerate(left):
        more = max(0, min(missing, room - wanted[place]))
        wanted[place] += more
        missing -= more
    for place in reversed(range(len(wanted))):
        less = max(0, min(-missing, wanted[place]))
        wanted[place] -= less
        missing += less
    return wanted
