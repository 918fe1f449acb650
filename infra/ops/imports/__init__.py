"""Imports from the browser: uploads kept for as long as they are worked on, tried and imported as long work."""
