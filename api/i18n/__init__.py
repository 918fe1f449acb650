"""Languages: the words of a request's reader, and how numbers, days and times are written."""
