import type { ComponentType } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { loadFarm } from '../farm/load.ts';

/** The farm, whose script comes with the first look at it. */
export function FarmPage() {
  const [page, setPage] = useState<{ Page: ComponentType } | null>(null);
  const [failed, setFailed] = useState(false);
  useEffect(() => {
    loadFarm().then(
      ({ FarmPage: Page }) => setPage({ Page }),
      () => setFailed(true),
    );
  }, []);
  if (failed) {
    return (
      <section class="message" role="alert">
        <h1>This page cannot be loaded</h1>
        <p>The service may be restarting, or have been upgraded under it. Load the page again.</p>
      </section>
    );
  }
  return page ? <page.Page /> : <div class="stage" aria-busy="true" />;
}
