"""Facts of a record, each said once for every reader: page, summary, status, measures and exports."""
