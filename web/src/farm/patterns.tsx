import type { ComponentChildren } from 'preact';
import { type Badge, badgeOf, PATTERNS } from './crew.ts';

/** Strokes over a host's colour. */
const STROKES: Readonly<Record<Badge['pattern'], ComponentChildren>> = {
  plain: null,
  slants: <path d="M-1 7L7 -1M3 9L9 3M-3 3L3 -3" />,
  dots: <path d="M2 2h.01M6 6h.01" class="dots" />,
  backslants: <path d="M-1 1L5 7M1 -1L7 5M5 -3L11 3" />,
  rows: <path d="M0 1.5H8M0 5.5H8" />,
  checks: <path d="M2 0V8M0 2H8" />,
};

/** The patterns of all hosts, once on the page. */
export function Patterns() {
  return (
    <svg class="patterns" width="0" height="0" aria-hidden="true">
      <defs>
        {PATTERNS.map((name) => (
          <pattern key={name} id={`band-${name}`} width="8" height="8" patternUnits="userSpaceOnUse">
            {STROKES[name]}
          </pattern>
        ))}
      </defs>
    </svg>
  );
}

/** A host's number on its colour and pattern, to be found again in the mosaics. */
export function HostBadge({ host }: { host: string }) {
  const { number, colour, pattern } = badgeOf(host);
  return (
    <svg class={`host-badge crew-${colour}`} viewBox="0 0 24 24" width="24" height="24" aria-hidden="true">
      <rect width="24" height="24" rx="5" class="colour" />
      <rect width="24" height="24" rx="5" fill={`url(#band-${pattern})`} />
      <circle cx="12" cy="12" r="8" class="behind" />
      <text x="12" y="16">
        {number}
      </text>
    </svg>
  );
}
