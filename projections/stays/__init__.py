"""Stays and episodes, and what is counted over them: completion, length of stay, retention, census."""
