"""People and access: who is asking, what they may reach, and the sealed log of who read what and why."""
