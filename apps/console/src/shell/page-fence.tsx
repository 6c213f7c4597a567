// A page that breaks does so within this fence: the navigation stays, and the reader is told.

import { Component, type ReactNode } from 'react';
import { Failure } from '../parts/states.js';

type Fenced = { readonly children: ReactNode };

export class PageFence extends Component<Fenced, { readonly error: unknown }> {
  override state = { error: undefined };

  static getDerivedStateFromError(error: unknown): { readonly error: unknown } {
    return { error };
  }

  override render(): ReactNode {
    if (this.state.error === undefined) return this.props.children;
    // A part that a newer version has replaced is found after loading the page anew.
    return <Failure error={this.state.error} onRetry={() => location.reload()} />;
  }
}
