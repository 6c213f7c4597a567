// Which partition a message goes to: a key comes in, a partition number goes out, the same in every engine and as in Kafka's
// own clients, so that moving from the embedded log to Kafka keeps every key in its partition.

/**
 * Kafka's 32-bit murmur2 of a key.
 * Source: `murmur2` in org.apache.kafka.common.utils.Utils; its test vector murmur2("foobar") = -790332482.
 */
export function murmur2(data: Uint8Array): number {
  const mix = 0x5bd1e995;
  const whole = data.length & ~3;
  const at = (index: number): number => data[index] ?? 0;
  let hash = 0x9747b28c ^ data.length;
  for (let i = 0; i < whole; i += 4) {
    let word = at(i) | (at(i + 1) << 8) | (at(i + 2) << 16) | (at(i + 3) << 24);
    word = Math.imul(word, mix);
    word = Math.imul(word ^ (word >>> 24), mix);
    hash = Math.imul(hash, mix) ^ word;
  }
  if (data.length > whole) {
    // Bytes past the end read as 0, which leaves the hash as it is.
    hash = Math.imul(hash ^ at(whole) ^ (at(whole + 1) << 8) ^ (at(whole + 2) << 16), mix);
  }
  hash = Math.imul(hash ^ (hash >>> 13), mix);
  return hash ^ (hash >>> 15);
}

/** Gives keyed messages their partition, and spreads those without a key evenly. */
export function createPartitioner(): (key: string | Uint8Array | null | undefined, partitions: number) => number {
  let turn = 0;
  return (key, partitions) => {
    if (key === null || key === undefined) return turn++ % partitions;
    return (murmur2(typeof key === 'string' ? Buffer.from(key) : key) & 0x7fffffff) % partitions;
  };
}
