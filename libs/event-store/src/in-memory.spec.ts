// The contract, in memory.

import { eventStoreContract } from './contract.js';
import { inMemoryEventStore } from './in-memory.js';

eventStoreContract('event store in memory', async () => inMemoryEventStore());
