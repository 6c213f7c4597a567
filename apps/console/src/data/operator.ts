// The operator's token: asked of a person once, when a request needs it, and kept for as long as the browser's tab.

import { useSyncExternalStore } from 'react';

const KEY = 'tollkeeper.operator-token';

/** Shows the dialog; undefined when the person leaves it. `wasWrong`: the last token was refused. */
type AskPerson = (wasWrong: boolean) => Promise<string | undefined>;

let askPerson: AskPerson | undefined;
let underWay: Promise<string | undefined> | undefined;
const listeners = new Set<() => void>();

export function operatorToken(): string | undefined {
  return sessionStorage.getItem(KEY) ?? undefined;
}

export function forgetOperator(): void {
  sessionStorage.removeItem(KEY);
  for (const listener of listeners) listener();
}

/** Requests that need it at once share one dialog. */
export async function askOperator(refused: string | undefined): Promise<string | undefined> {
  const held = operatorToken();
  if (held !== undefined && held !== refused) return held;
  underWay ??= ask(refused !== undefined).finally(() => (underWay = undefined));
  return underWay;
}

async function ask(wasWrong: boolean): Promise<string | undefined> {
  const token = await askPerson?.(wasWrong);
  if (token !== undefined) sessionStorage.setItem(KEY, token);
  for (const listener of listeners) listener();
  return token;
}

/** Whoever shows the dialog names itself here; the answer takes it back. */
export function showsOperatorDialog(shows: AskPerson): () => void {
  askPerson = shows;
  return () => {
    if (askPerson === shows) askPerson = undefined;
  };
}

export function useIsOperator(): boolean {
  return useSyncExternalStore(listen, () => operatorToken() !== undefined);
}

function listen(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
