// The content of a rate deck on its way into events and back: text in, chunks that one append takes out.

export const CONTENT_STREAM_PREFIX = 'deckcontent-';

/** At most three bytes a character in UTF-8, so a chunk stays below the 768 KiB of an append. */
const MAX_CHUNK_CHARS = 250_000;

/** Keys stand in canonical order. */
export type DeckContent = { readonly chunk: number; readonly of: number; readonly text: string };

export function chunksOf(text: string): readonly DeckContent[] {
  const texts: string[] = [];
  for (let from = 0; from < text.length;) {
    let to = Math.min(from + MAX_CHUNK_CHARS, text.length);
    // Half a surrogate pair is no text and would not survive UTF-8.
    if (to < text.length && isHighSurrogate(text.charCodeAt(to - 1))) to -= 1;
    texts.push(text.slice(from, to));
    from = to;
  }
  return texts.map((part, at) => ({ chunk: at, of: texts.length, text: part }));
}

/** @throws Error where a chunk is missing. */
export function textOf(chunks: readonly DeckContent[], hash: string): string {
  const [first] = chunks;
  if (first === undefined || first.of !== chunks.length) {
    throw new Error(
      `${CONTENT_STREAM_PREFIX}${hash} holds ${chunks.length} of ${first?.of ?? 'its'} chunks; import the deck again`,
    );
  }
  return chunks.map(({ text }) => text).join('');
}

function isHighSurrogate(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdbff;
}
