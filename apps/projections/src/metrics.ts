// What the projections program counts, for `/metrics`.

import { Counter, Gauge, type Registry } from 'prom-client';

export type ProjectionsMetrics = {
  onPublished(publisher: string, messages: number): void;
  onPosition(feed: string, position: bigint, caughtUp: boolean): void;
};

export function projectionsMetrics(registry: Registry): ProjectionsMetrics {
  const registers = [registry];
  const published = new Counter({
    name: 'tollkeeper_messages_published_total',
    help: 'CloudEvents published, by publisher',
    labelNames: ['publisher'],
    registers,
  });
  const position = new Gauge({
    name: 'tollkeeper_feed_position',
    help: 'Position in the event store up to which a feed has come',
    labelNames: ['feed'],
    registers,
  });
  const live = new Gauge({
    name: 'tollkeeper_feed_caught_up',
    help: '1 when nothing more was waiting at the last batch',
    labelNames: ['feed'],
    registers,
  });
  return {
    onPublished: (publisher, messages) => published.inc({ publisher }, messages),
    onPosition(feed, at, caughtUp) {
      position.set({ feed }, Number(at));
      live.set({ feed }, caughtUp ? 1 : 0);
    },
  };
}
