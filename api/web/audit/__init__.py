"""Pages for auditors and operators: history, access, integrity, operations."""
