"""The Transparency Database of the European Union: statements of reasons are sent there (EU 2022/2065 art. 24(5)).

`statements` makes one of a measure and its reasons; `sending` sends them, in batches that are taken whole or not at
all.
"""
