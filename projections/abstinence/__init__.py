"""Abstinence: the weekly pattern of each stay and the measures read from it."""
