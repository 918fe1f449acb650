"""Retention: how long clients stay at a level, by Kaplan–Meier."""
