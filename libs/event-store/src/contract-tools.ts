// For tests of event stores: names nobody used, events to append, and everything of a stream in one list.

import { randomUUID } from 'node:crypto';
import { expect } from '@jest/globals';
import {
  EventStoreError,
  type EventStoreErrorCode,
  type EventToAppend,
  type JsonObject,
  type RecordedEvent,
} from './event-store.js';

/** The engine may be shared and old, so every test writes under a name nobody used before. */
export function freshPrefix(): string {
  return `contract${randomUUID().slice(0, 8)}-`;
}

export function someEvents(count: number, data: JsonObject = {}, type = 'Happened.v1'): readonly EventToAppend[] {
  return Array.from({ length: count }, (_, index) => ({
    id: randomUUID(),
    type,
    data: { index, ...data },
    metadata: { source: 'contract' },
  }));
}

export async function collect<Event = RecordedEvent>(pages: AsyncIterable<readonly Event[]>): Promise<readonly Event[]> {
  const all: Event[] = [];
  for await (const page of pages) {
    expect(page.length).toBeGreaterThan(0);
    all.push(...page);
  }
  return all;
}

export async function codeOf(work: Promise<unknown>): Promise<EventStoreErrorCode | 'no error'> {
  try {
    await work;
    return 'no error';
  } catch (error) {
    if (error instanceof EventStoreError) return error.code;
    throw error;
  }
}
