"""Pages and papers of publications: what was published, and nothing that is live."""
