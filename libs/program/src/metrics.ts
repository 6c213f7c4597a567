// Around the work of every program: a program's name comes in; a registry with the process's own metrics goes out.
import { Registry, collectDefaultMetrics } from 'prom-client';

/** A registry of its own, so that programs that share a process, as in standalone and in tests, do not share metrics. */
export function createMetrics(program: string): Registry {
  const registry = new Registry();
  registry.setDefaultLabels({ program });
  collectDefaultMetrics({ register: registry });
  return registry;
}
