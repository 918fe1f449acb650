#!/bin/bash
# Starts the broker with the password from its secret; formats an empty data folder first.
set -euo pipefail
home=${KAFKA_HOME:-/opt/kafka}
settings=/tmp/broker.properties
word=$(cat /run/secrets/carejourney_kafka_sasl_password)
umask 077
{
  cat /etc/carejourney/broker.properties
  printf 'listener.name.clients.plain.sasl.jaas.config=%s required username="carejourney" password="%s" user_carejourney="%s";\n' \
    org.apache.kafka.common.security.plain.PlainLoginModule "$word" "$word"
} >"$settings"
"$home/bin/kafka-storage.sh" format --ignore-formatted --cluster-id "$CLUSTER_ID" --config "$settings"
exec "$home/bin/kafka-server-start.sh" "$settings"
