import { Component, type ComponentChildren } from 'preact';
import { NestedSets } from './nested-sets.tsx';

/** In place of a page whose own script has failed: what can be done, instead of nothing at all. */
export class Broken extends Component<{ children: ComponentChildren }, { failure: Error | null }> {
  override state: { failure: Error | null } = { failure: null };

  static override getDerivedStateFromError(failure: Error): { failure: Error } {
    return { failure };
  }

  override render() {
    const { failure } = this.state;
    if (!failure) return this.props.children;
    return (
      <section class="message" role="alert">
        <NestedSets broken />
        <h1>This page has gone wrong</h1>
        <p>
          Nothing is lost: what was ordered is drawn. Load the page again; if it goes wrong again, this is what it says of itself:
        </p>
        <p>
          <code>{failure.message}</code>
        </p>
        <p class="actions">
          <button type="button" class="button" onClick={() => location.reload()}>
            Load it again
          </button>
          <a class="button quiet" href="/">
            To the gallery
          </a>
        </p>
      </section>
    );
  }
}
