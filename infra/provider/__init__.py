"""The provider's own definitions: recorded, and asked of any moment."""
