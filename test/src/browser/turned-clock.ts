// Loaded into a program before its own code: its clock begins at the instant that `CLOCK_AT` names, goes on at the usual pace, and is turned
// by messages of the parent process. The program under test knows nothing of it.

const RealDate = Date;
const beganMs = RealDate.now();
let offsetMs = Date.parse(process.env['CLOCK_AT'] ?? new RealDate().toISOString()) - beganMs;

class TurnedDate extends RealDate {
  constructor(...given: readonly unknown[]) {
    super(...((given.length === 0 ? [TurnedDate.now()] : given) as [number]));
  }

  static override now(): number {
    return RealDate.now() + offsetMs;
  }
}

globalThis.Date = TurnedDate as DateConstructor;

process.on('message', (atMs: number) => {
  offsetMs = atMs - RealDate.now();
  process.send?.('turned');
});
// Listening alone keeps no program alive that has ended.
process.channel?.unref();
