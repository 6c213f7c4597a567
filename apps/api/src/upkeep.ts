// What keeps a ledger going, over HTTP: the API's parts come in; controllers and what they share go out, for the module.

import type { Provider, Type } from '@nestjs/common';
import { Background } from './background.js';
import { Decks } from './decks.js';
import { DecksController } from './decks.controller.js';
import { ErasuresController } from './erasures.controller.js';
import { Letters } from './letters.js';
import { LettersController } from './letters.controller.js';
import type { ApiParts } from './parts.js';
import { ReadModelStore } from './read-model-store.js';
import { Rebuilds } from './rebuilds.js';
import { Rerates } from './rerates.js';
import { ReratesController } from './rerates.controller.js';
import { UpkeepController } from './upkeep.controller.js';
import { UpkeepStates } from './upkeep-state.js';
import { Verifications } from './verifications.js';

export const UPKEEP_CONTROLLERS: Type[] = [
  DecksController,
  UpkeepController,
  LettersController,
  ErasuresController,
  ReratesController,
];

export function upkeepProviders(parts: ApiParts): Provider[] {
  const background = new Background(parts);
  const store = new ReadModelStore(parts);
  const decks = new Decks(parts);
  return [
    { provide: Background, useValue: background },
    { provide: ReadModelStore, useValue: store },
    { provide: Decks, useValue: decks },
    { provide: UpkeepStates, useValue: new UpkeepStates(parts, store) },
    { provide: Rebuilds, useValue: new Rebuilds(parts, store, background) },
    { provide: Verifications, useValue: new Verifications(parts, store, background) },
    { provide: Letters, useValue: new Letters(parts, store) },
    { provide: Rerates, useValue: new Rerates(parts, decks, background) },
  ];
}
