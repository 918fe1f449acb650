"""What operators look at: is everything in step, sealed, backed up; and what to do where it is not."""
