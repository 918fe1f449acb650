"""Knowledge time: every report as it would have been answered at a moment, and what changed between two moments."""
