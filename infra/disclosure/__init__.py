"""Records that are opened or leave: the record guard, consents, and the accounting of disclosures."""
