"""The schema reporting of PostgreSQL: publications as tables for tools outside."""
