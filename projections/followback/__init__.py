"""Timeline follow-back: what clients report of their days with and without use."""
