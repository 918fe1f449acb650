"""Changes between two recorded times, and their attribution to entries."""
