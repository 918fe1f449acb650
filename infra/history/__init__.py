"""What was known when: read models as of a moment, and what changed between two."""
