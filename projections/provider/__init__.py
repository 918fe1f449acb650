"""Read model: what the provider says of its sites, programs, staff, groups, lists and forms, and since when."""
