"""History: read models as of a recorded time, and changes between two."""
