"""Import tables of other systems (CSV) by a mapping file that says what each column means."""
