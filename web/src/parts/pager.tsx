import type { ComponentChildren } from 'preact';
import { formatCount } from '../format.ts';
import { galleryPath } from '../router.ts';
import { NewerIcon, OlderIcon } from './icons.tsx';

/** Links to other pages of the gallery: the first, the last and those around this one. */
export function Pager({ number, pages }: { number: number; pages: number }) {
  if (pages <= 1) return null;
  return (
    <nav class="pager" aria-label="Pages">
      <Step to={number - 1} possible={number > 1} label="Newer" rel="prev">
        <NewerIcon />
        <span>Newer</span>
      </Step>
      <ol>
        {pagesAround(number, pages).map((page, index) =>
          page === null ? (
            <li key={`gap-${index < 3}`} aria-hidden="true">
              …
            </li>
          ) : (
            <li key={page}>
              <a href={galleryPath(page)} aria-label={`Page ${page}`} aria-current={page === number ? 'page' : undefined}>
                {formatCount(page)}
              </a>
            </li>
          ),
        )}
      </ol>
      <Step to={number + 1} possible={number < pages} label="Older" rel="next">
        <span>Older</span>
        <OlderIcon />
      </Step>
    </nav>
  );
}

function Step(props: { to: number; possible: boolean; label: string; rel: string; children: ComponentChildren }) {
  if (!props.possible) return <span class="step" />;
  return (
    <a class="step" href={galleryPath(props.to)} rel={props.rel} aria-label={props.label}>
      {props.children}
    </a>
  );
}

/** E.g. 1 … 4 5 6 … 20, with null for the gaps. */
function pagesAround(number: number, pages: number): (number | null)[] {
  const shown = [...new Set([1, number - 1, number, number + 1, pages])]
    .filter((page) => page >= 1 && page <= pages)
    .sort((a, b) => a - b);
  return shown.flatMap((page, index) => {
    const before = shown[index - 1] ?? 0;
    if (page - before > 2) return [null, page];
    return page - before === 2 ? [page - 1, page] : [page];
  });
}
