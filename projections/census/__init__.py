"""Census: how many clients are at each level on any day, with admissions and discharges."""
