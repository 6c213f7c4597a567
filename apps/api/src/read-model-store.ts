// HTTP's way to the read models for whoever operates them: their tables are made where no program has made them yet, when work is
// begun; a look takes them as they are.

import { MIGRATIONS, type Tables } from '@tollkeeper/read-models';
import type { ReadStore } from '@tollkeeper/read-store';
import type { ApiParts } from './parts.js';

export class ReadModelStore {
  readonly #readStore: ReadStore<Tables>;
  #made: Promise<void> | undefined;

  constructor({ readStore }: Pick<ApiParts, 'readStore'>) {
    // The API's own table stands beside them; a query's type is of all tables at once.
    this.#readStore = readStore as unknown as ReadStore<Tables>;
  }

  /** For a look: it makes no tables, and says not-migrated where there are none. */
  get asTheyAre(): ReadStore<Tables> {
    return this.#readStore;
  }

  /** For work that is asked for. At first use, not at start: a read store that is down must not keep the API from starting. */
  async ready(): Promise<ReadStore<Tables>> {
    this.#made ??= this.#readStore.migrate(MIGRATIONS).catch((error: unknown) => {
      this.#made = undefined;
      throw error;
    });
    await this.#made;
    return this.#readStore;
  }
}
