"""Process logs for process mining: XES (IEEE 1849-2016) and OCEL 2.0 JSON."""
