// Bench, memory of the programs that the path does not load: payments and the API, started and ready, come in; MiB go out.

import { MIGRATIONS, type Tables } from '@tollkeeper/read-models';
import { openReadStore } from '@tollkeeper/read-store';
import { ratingFiles, type Ground } from './ground.js';
import { memoryOf } from './processes.js';
import { progress } from './progress.js';
import type { Figure } from './report.js';

export async function idleMemory(ground: Ground): Promise<readonly Figure[]> {
  progress('memory of payments and the API');
  const [cdrs, commands] = [await ground.topic('idle-cdr'), await ground.topic('idle-command')];
  await ground.topic('idle-command.dlt');
  const readModels = await ground.schema();
  const readStore = await openReadStore<Tables>(readModels);
  await readStore.migrate(MIGRATIONS);
  await readStore.close();
  const payments = await ground.start('payments', {
    DATABASE_URL: readModels,
    PAYMENT_GATEWAY_URL: 'http://127.0.0.1:9',
    RECHARGE_COMMAND_TOPIC: commands,
    CONSUMER_GROUP: `${commands}-group`,
  });
  const api = await ground.start('api', { DATABASE_URL: readModels, CDR_TOPIC: cdrs, ...ratingFiles(ground, cdrs) });
  await Promise.all([payments.waitReady(), api.waitReady()]);
  const figures = [payments, api].map(({ name, pid }): Figure => {
    return { id: `RSS ${name}`, what: `${name}'s memory at most, ready and idle`, value: memoryOf(pid).peakRssMiB, unit: 'MiB' };
  });
  await Promise.all([payments.kill('SIGTERM'), api.kill('SIGTERM')]);
  return figures;
}
