"""Lengths of the ids that come from the policy ring, in one place."""

from comity.policy.facts import MAX_ID_CHARS

#: Twenty hexadecimal digits, as `lib.ids.name_of` makes them.
KEY_CHARS = 20
NAME_CHARS = 40
#: A name with what kind of rule it is of, such as standard:late dispatch.
ORIGIN_CHARS = 60
REF_CHARS = 100
SUBJECT_CHARS = MAX_ID_CHARS
