import type { ComponentType } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { loadExplorer } from '../explore/load.ts';

/** The explorer, whose script comes with the first look at it. */
export function ExplorePage() {
  const [page, setPage] = useState<{ Page: ComponentType } | null>(null);
  const [failed, setFailed] = useState(false);
  useEffect(() => {
    loadExplorer().then(
      ({ ExplorePage: Page }) => setPage({ Page }),
      () => setFailed(true),
    );
  }, []);
  if (failed) {
    return (
      <section class="message" role="alert">
        <h1>The explorer cannot be loaded</h1>
        <p>The service may be restarting, or have been upgraded under this page. Load the page again.</p>
      </section>
    );
  }
  return page ? <page.Page /> : <div class="explorer-begun" aria-busy="true" />;
}
