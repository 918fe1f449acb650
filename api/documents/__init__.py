"""A client's record on paper: summary and discharge summary, worded in the reader's language."""
