"""Opening a number: the rows of clients that it counts, from the tables that the number itself is counted from."""
