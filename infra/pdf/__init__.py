"""Documents on paper: what one says, and the PDF it becomes."""
