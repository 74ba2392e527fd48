/** Colours and patterns: see farm.css and patterns.tsx. */
const COLOURS = 8;
export const PATTERNS = ['plain', 'slants', 'dots', 'backslants', 'rows', 'checks'] as const;

/** How a host is drawn wherever it stands on this page. */
export interface Badge {
  /** from 1, in the order in which this page met them */
  readonly number: number;
  /** 0..7 */
  readonly colour: number;
  /** so that nobody has to tell colours apart; 48 hosts look different, the number tells all */
  readonly pattern: (typeof PATTERNS)[number];
}

const met = new Map<string, Badge>();

/** The badge of a host; the same one for as long as the page lives. */
export function badgeOf(host: string): Badge {
  const known = met.get(host);
  if (known) return known;
  const place = met.size;
  const colour = place % COLOURS;
  const pattern = PATTERNS[(colour + Math.floor(place / COLOURS)) % PATTERNS.length]!;
  const badge = { number: place + 1, colour, pattern };
  met.set(host, badge);
  return badge;
}
