"""Complaints by an open network: issues as its protocol has them, what we add to them, and what becomes of them here.

`integrations.igm` takes the network's messages in and sends ours.
"""
