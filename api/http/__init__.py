"""The JSON API: commands in, read models out, every error a problem document."""
