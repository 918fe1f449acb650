"""The dashboards, and a number opened."""
