"""What a clinician hands over: the facts of a chart for a summary and a discharge summary, folded when it is read."""
