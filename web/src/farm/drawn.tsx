import { useSignal } from '@preact/signals';
import type { Bands } from '../api/farm.ts';
import { formatCount, formatSeconds } from '../format.ts';
import type { Shares } from '../parts/drawn-by.tsx';
import { FirstOnes } from '../parts/first-ones.tsx';
import { HOSTS_IN_LEGEND, HostEntry } from './host-entry.tsx';
import { Mosaic, wordsOf } from './mosaic.tsx';
import { Patterns } from './patterns.tsx';

interface DrawnProps {
  readonly uuid: string;
  readonly shares: Shares;
  /** of the whole picture */
  readonly bands: number;
}

/** Which bands of a finished picture each host drew, and how long it took; a press lets one stand out. */
export function Drawn({ uuid, shares, bands: count }: DrawnProps) {
  const chosen = useSignal<string | null>(null);
  const pointed = useSignal<number | null>(null);
  const bands = bandsOf(uuid, shares, count);
  return (
    <>
      <Patterns />
      <div class="drawn-mosaic">
        <p>{pointed.value === null ? `${formatCount(count)} bands, from top to bottom` : wordsOf(bands, pointed.value)}</p>
        <Mosaic bands={bands} chosen={chosen} pointed={pointed} />
      </div>
      <ul class="legend" aria-label="Who drew it">
        <FirstOnes all={shares} most={HOSTS_IN_LEGEND}>
          {({ host, bands: theirs, seconds }) => (
            <HostEntry key={host} host={host} chosen={chosen}>
              {formatCount(theirs)} {theirs === 1 ? 'band' : 'bands'}, {formatSeconds(seconds)}
            </HostEntry>
          )}
        </FirstOnes>
      </ul>
    </>
  );
}

/** As the API tells it of a picture in work. Bands of hosts that are not named have no host. */
function bandsOf(uuid: string, shares: Shares, count: number): Bands {
  const by: (number | null)[] = Array.from({ length: count }, () => null);
  for (const [number, { ranges }] of shares.entries())
    for (const [first = 0, last = first] of ranges ?? []) by.fill(number, first, last + 1);
  return { uuid, states: 'd'.repeat(count), hosts: shares.map(({ host }) => host), by };
}
