"""Drill-down: cases behind a cell of a report, their entries, and who may see them."""
