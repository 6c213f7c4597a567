// The in-memory message bus keeps the contract.
import { messageBusContract } from './contract.js';
import { inMemoryMessageBus } from './in-memory.js';

messageBusContract('in-memory message bus', { open: inMemoryMessageBus, reopen: async (bus) => bus });
