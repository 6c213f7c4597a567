// A page that breaks, or of which a part cannot be fetched, does so within this fence: the navigation stays, and the reader is told.

import { Component, type ReactNode } from 'react';
import { Refusal } from '../data/http.js';
import { Failure } from '../parts/states.js';

type Fenced = { readonly children: ReactNode };

export class PageFence extends Component<Fenced, { readonly error: unknown }> {
  override state = { error: undefined };

  static getDerivedStateFromError(error: unknown): { readonly error: unknown } {
    return { error };
  }

  override render(): ReactNode {
    if (this.state.error === undefined) return this.props.children;
    return <Failure error={this.state.error} onRetry={() => void reload()} />;
  }
}

/** A page's part, which is a file of its own. */
export async function fetched<Part>(part: Promise<Part>): Promise<Part> {
  try {
    return await part;
  } catch {
    throw new Refusal(0, 'part-missing', '');
  }
}

/**
 * A part that a newer version has replaced is found after loading the page anew; but where nothing answers, the browser would put a page
 * of its own in the place of this one.
 */
async function reload(): Promise<void> {
  const answer = await fetch('/livez').catch(() => undefined);
  if (answer !== undefined) location.reload();
}
