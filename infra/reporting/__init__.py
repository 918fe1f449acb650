"""The schema `reporting` on PostgreSQL: suppressed reports as documented views, for a login that sees nothing else."""
