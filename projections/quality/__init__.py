"""Quality: published measures of process, each with its window and its censoring."""
