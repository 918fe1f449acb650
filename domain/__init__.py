"""What is true of care: events, journeys, rules. Pure: no I/O, no clock, no randomness."""
