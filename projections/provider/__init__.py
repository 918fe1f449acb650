"""Read model: what the provider says of its sites, programs, staff, groups and code lists, and since when."""
