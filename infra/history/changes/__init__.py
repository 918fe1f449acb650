"""What became known between two moments: of a client, and behind a report's numbers."""
