"""Agreement of self-report with drug screens."""
