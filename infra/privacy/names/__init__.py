"""Names that can be searched and not be read: a keyed blind index beside the read models."""
