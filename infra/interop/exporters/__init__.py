"""Exports for other tools: flat tables (CSV, Parquet), TEDS records, process logs (XES, OCEL)."""
