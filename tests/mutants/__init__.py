"""Planted bugs, each of which the directed tests have to find."""
