"""What happens in a stay, one file per kind of care."""
