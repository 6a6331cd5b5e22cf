"""Disputes: when one may be opened, what each side may do, what a case is worth, and how it is decided.

The times of a dispute are duties like any other (a seller's silence is a breached duty whose consequence decides or
escalates); here is the rest. Pure functions of the matter's facts.
"""
