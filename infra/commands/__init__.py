"""Commands: load the chart, decide, append."""
