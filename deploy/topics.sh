#!/usr/bin/env bash
# Makes Tollkeeper's topics on a Kafka cluster, leaving those that exist as they are. Needs Kafka's own tools on the PATH.
#   topics.sh BROKER:PORT [PARTITIONS] [REPLICAS]
set -euo pipefail
bootstrap=${1:?usage: topics.sh BROKER:PORT [PARTITIONS] [REPLICAS]}
partitions=${2:-6}
replicas=${3:-1}
day_ms=86400000
cdr_bytes=1048588

make_topic() {
  local name=$1; shift
  local settings=()
  for setting in "$@"; do settings+=(--config "$setting"); done
  kafka-topics.sh --bootstrap-server "$bootstrap" --create --if-not-exists --topic "$name" \
    --partitions "$partitions" --replication-factor "$replicas" "${settings[@]}"
}

# CDRs stay longer than the intake window, so that a bill can be explained from the bytes.
make_topic telephony.cdr.v1 "max.message.bytes=$cdr_bytes" "retention.ms=$((40 * day_ms))"
# What is put aside keeps its bytes and headers, whatever its size, until somebody has dealt with it.
make_topic telephony.cdr.v1.dlt "max.message.bytes=$((2 * cdr_bytes))" retention.ms=-1
make_topic telephony.cdr.v1.parked "max.message.bytes=$((2 * cdr_bytes))" retention.ms=-1
make_topic credit.balance.v1 "retention.ms=$((7 * day_ms))"
make_topic credit.alert.v1 "retention.ms=$((7 * day_ms))"
make_topic credit.recharge-command.v1 "retention.ms=$((40 * day_ms))"
make_topic credit.recharge-command.v1.dlt retention.ms=-1
