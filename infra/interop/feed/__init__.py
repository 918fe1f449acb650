"""The feed: recorded entries from a position on, for whoever follows the log without a broker."""
