"""Current status: where each client is now, and what needs attention."""
