// The watchdog beside a Kafka consumer: signs of life and the lag come in, a verdict goes out when work waits and nothing moves.

/** Looks this many times in the given time, so that a process that was itself stopped for a while is not condemned at once. */
const LOOKS = 6;

export type StallWatch = {
  readonly afterMs: number;
  /** Grows with every sign of life. */
  moves(): number;
  /** Throws when the broker can't say, which is no stall: it will be back. */
  waiting(): Promise<bigint>;
  stalled(waiting: bigint): void;
};

export function watchForStall({ afterMs, moves, waiting, stalled }: StallWatch): { stop(): void } {
  let seen = moves();
  let quietLooks = 0;
  let looking = false;
  const look = async (): Promise<void> => {
    const before = moves();
    quietLooks = before === seen ? quietLooks + 1 : 0;
    seen = before;
    if (quietLooks < LOOKS) return;
    const count = await waiting().catch(() => 0n);
    if (count === 0n || moves() !== before) quietLooks = 0;
    else stalled(count);
  };
  const timer = setInterval(() => {
    if (looking) return;
    looking = true;
    void look().finally(() => (looking = false));
  }, afterMs / LOOKS);
  timer.unref();
  return { stop: () => clearInterval(timer) };
}
