"""What people want to see: each read model is a fold over one client's events, its tables and its queries."""
