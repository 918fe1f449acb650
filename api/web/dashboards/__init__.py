"""Dashboards and drill-downs."""
