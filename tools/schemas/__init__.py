"""What other systems are told of the topic: a JSON Schema per event type and version, and the AsyncAPI document."""
