"""The frame of every page: sign-in, guard, templates, preferences."""
