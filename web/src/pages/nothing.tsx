import { useTitle } from '../state/title.ts';

/** For addresses that mean nothing. */
export function NothingPage({ path }: { path: string }) {
  useTitle('Not found');
  return (
    <section class="message">
      <p class="message-code">404</p>
      <h1>There is no page here</h1>
      <p>
        <code>{path}</code> is not an address of this service. A fractal's page is <code>/view/</code> followed by its whole uuid.
      </p>
      <p class="actions">
        <a class="button" href="/">
          To the gallery
        </a>
        <a class="button quiet" href="/new">
          Order a fractal
        </a>
      </p>
    </section>
  );
}
