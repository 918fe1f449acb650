"""What is published: reports as divisions of units, their tables, and how small groups are combined in them."""
