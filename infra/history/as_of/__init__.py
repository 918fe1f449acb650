"""As-of reports: answers as they would have been at a recorded time."""
