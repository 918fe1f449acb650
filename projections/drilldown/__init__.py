"""Drill-down: the rows of clients behind a number, from the tables that the number is counted from."""
