// Crash test's reading of a dead letter: its headers come in; where the original stood, and why it was put aside, go out.

import type { SeenMessage } from './observed.js';

export function originalPlaceOf({ headers, place }: SeenMessage): string {
  const parts = ['topic', 'partition', 'offset'].map((part) => headers[`kafka_dlt-original-${part}`]);
  return parts.includes(undefined) ? place : parts.join('/');
}

export function reasonOf(letter: SeenMessage | undefined): string {
  return letter?.headers['kafka_dlt-exception-message'] ?? '';
}
