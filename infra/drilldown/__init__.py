"""Opening a number of a report: who is in it, the entries behind each, and whom they are shown to."""
