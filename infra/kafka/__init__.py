"""The log on Kafka: the relay that publishes it, and the workers that fold what is published."""
