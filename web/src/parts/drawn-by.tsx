import type { ComponentType } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import type { OneFractal } from '../api/client.ts';
import { loadDrawn } from '../farm/load.ts';
import { formatCount, formatSeconds } from '../format.ts';
import { FirstOnes } from './first-ones.tsx';

const LISTED = 12;

export type Shares = NonNullable<OneFractal['drawn_by']>;
interface DrawnByProps {
  readonly uuid: string;
  readonly shares: Shares;
  /** of the whole picture */
  readonly bands: number;
}

/** Which hosts drew how much of it, and which bands, where that is known and there is more than one. */
export function DrawnBy(props: DrawnByProps) {
  const { shares, bands } = props;
  const isMosaic = bands > 1 && shares.every(({ ranges }) => ranges !== null);
  const [mosaic, setMosaic] = useState<{ Drawn: ComponentType<DrawnByProps> } | null>(null);
  useEffect(() => {
    // Without it the page still says who drew how much.
    if (isMosaic)
      loadDrawn().then(
        ({ Drawn }) => setMosaic({ Drawn }),
        () => undefined,
      );
  }, [isMosaic]);
  return (
    <section class="drawn-by" aria-labelledby="drawn-by">
      <h2 class="section" id="drawn-by">
        Drawn by
      </h2>
      {isMosaic && mosaic ? <mosaic.Drawn {...props} /> : <List shares={shares} />}
    </section>
  );
}

function List({ shares }: { shares: Shares }) {
  const all = shares.reduce((sum, { bands }) => sum + bands, 0);
  return (
    <ul class="drawn-shares">
      <FirstOnes all={shares} most={LISTED}>
        {({ host, bands, seconds }) => (
          <li key={host}>
            <span>{host}</span>
            <span>
              {formatCount(bands)} {bands === 1 ? 'band' : 'bands'}
            </span>
            <span>{formatSeconds(seconds)}</span>
            {shares.length > 1 && <meter min={0} max={all} value={bands} aria-label={`${host}: ${bands} of ${all} bands`} />}
          </li>
        )}
      </FirstOnes>
    </ul>
  );
}
