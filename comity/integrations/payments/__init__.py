"""Payments: giving buyers their money back by the payment system that took it."""
