"""The agenda: appointments, groups, planned arrivals, hand-offs."""
