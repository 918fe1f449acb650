"""Import in the browser: a file is uploaded, a table's columns are given their meaning, it is tried, then imported."""
