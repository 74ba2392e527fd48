import { NestedSets } from '../parts/nested-sets.tsx';
import { viewPath } from '../router.ts';
import { mayOrder } from '../state/session.ts';
import { useTitle } from '../state/title.ts';

const UUID = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/i;
/** What people call our pages when they write addresses by hand. */
const MEANT: readonly (readonly [words: RegExp, path: string, name: string])[] = [
  [/explor/i, '/explore', 'the explorer'],
  [/order|new|create/i, '/new', 'the order form'],
  [/farm|worker|status/i, '/farm', 'the farm'],
  [/doc|api|openapi|swagger/i, '/docs', 'the reference of the API'],
  [/login|sign|token/i, '/signin', 'signing in'],
];

/** For addresses that mean nothing: what they may have meant. */
export function NothingPage({ path }: { path: string }) {
  useTitle('Not found');
  const [uuid] = UUID.exec(path) ?? [];
  const meant = MEANT.find(([words]) => words.test(path));
  return (
    <section class="message">
      <NestedSets broken />
      <p class="message-code">404</p>
      <h1>There is no page here</h1>
      <p>
        <code>{path}</code> is not an address of this service.{' '}
        {uuid !== undefined ? (
          <>
            Perhaps <a href={viewPath(uuid.toLowerCase())}>the fractal of that uuid</a> was meant.
          </>
        ) : meant ? (
          <>
            Perhaps <a href={meant[1]}>{meant[2]}</a> was meant.
          </>
        ) : (
          <>
            A fractal's page is <code>/view/</code> followed by its whole uuid.
          </>
        )}
      </p>
      <p class="actions">
        <a class="button" href="/">
          To the gallery
        </a>
        {mayOrder.value && (
          <a class="button quiet" href="/new">
            Order a fractal
          </a>
        )}
      </p>
    </section>
  );
}
