"""Olist: a real Brazilian marketplace of 2016 to 2018, published as tables, read as facts."""
