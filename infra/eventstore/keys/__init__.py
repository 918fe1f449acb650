"""Master keys: where they come from, which one wraps what, and how one takes over from another."""
