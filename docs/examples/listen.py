"""Listen to Care Journey's events: python listen.py HOST:PORT [TOPIC] — one line an event, from the first one on."""

import json
import sys

from kafka import KafkaConsumer

bootstrap, topic = sys.argv[1], (sys.argv[2:] or ["carejourney.events.v1"])[0]
consumer = KafkaConsumer(bootstrap_servers=bootstrap, group_id="my-system", auto_offset_reset="earliest")
seen: dict[str, int] = {}  # keep it where you keep what you make of the events, and in the same transaction
consumer.subscribe([topic])
consumer.partitions_for_topic(topic)
while True:
    for records in consumer.poll(timeout_ms=1000).values():
        for record in records:
            event = {name.removeprefix("ce_"): value.decode() for name, value in record.headers}
            client, sequence = event["subject"], int(event["sequence"])
            if sequence <= seen.get(client, 0):
                continue  # delivered before: records come at least once
            seen[client] = sequence
            print(client, sequence, event["type"], event["time"], json.loads(record.value).get("d"), flush=True)
