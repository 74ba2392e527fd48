import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { type Fractal, pictureUrl, thumbnailUrl } from '../api/client.ts';
import { altTextOf, formatPercent } from '../format.ts';
import { LargePicture } from '../view/large-picture.tsx';

/** Larger ones are not loaded whole: one goes about in them. */
const MAX_SHOWN_PIXELS = 2 ** 22;
/** Drawn stripes repeat a ramp of colours, as the classic palette does. */
const SHADES = 8;
/** Smaller pictures are shown so much enlarged that their pixels are seen. */
const MAX_TINY_SIDE = 200;
/** More stripes than this cannot be told apart. */
const MAX_STRIPES = 48;

interface PlateProps {
  readonly fractal: Fractal;
  readonly eager?: boolean;
  /** the thumbnail will do */
  readonly small?: boolean;
  /** what can be done about it, below the reason, when it has failed */
  readonly remedy?: ComponentChildren;
}

/** The picture, or, as long as there is none, what is known of it: drawn stripe by stripe, as the bands come in. */
export function Plate({ fractal, eager = false, small = false, remedy }: PlateProps) {
  const { state, width, height } = fractal;
  if (state === 'done') {
    const isLarge = !small && width * height > MAX_SHOWN_PIXELS;
    return isLarge ? <LargePicture fractal={fractal} /> : <Picture fractal={fractal} eager={eager} small={small} />;
  }
  return (
    <div class={`plate ${state}`} style={{ '--ratio': width / height }}>
      <Pending fractal={fractal} remedy={remedy} />
    </div>
  );
}

function Picture({ fractal, eager, small }: Required<Omit<PlateProps, 'remedy'>>) {
  const [missing, setMissing] = useState(false);
  // Pictures drawn before there were thumbnails have none.
  const [whole, setWhole] = useState(!small);
  if (missing) {
    return (
      <div class="plate failed">
        <p class="plate-word">The picture cannot be loaded</p>
      </div>
    );
  }
  return (
    <img
      class={Math.max(fractal.width, fractal.height) <= MAX_TINY_SIDE ? 'picture tiny' : 'picture'}
      src={whole ? pictureUrl(fractal) : thumbnailUrl(fractal)}
      width={fractal.width}
      height={fractal.height}
      alt={altTextOf(fractal)}
      loading={eager ? 'eager' : 'lazy'}
      decoding="async"
      onError={() => (whole ? setMissing(true) : setWhole(true))}
    />
  );
}

const PENDING_WORDS = {
  queued: 'Waiting for a worker',
  rendering: 'Drawing',
  assembling: 'Putting it together',
  failed: 'Failed',
  cancelled: 'Cancelled',
  done: 'Done',
} as const;

function Pending({ fractal, remedy }: Pick<PlateProps, 'fractal' | 'remedy'>) {
  const { state, progress, bands, error } = fractal;
  const stripes = Math.min(bands, MAX_STRIPES);
  const drawn = Math.floor(progress * stripes + 1e-9);
  const running = state === 'queued' || state === 'rendering' || state === 'assembling';
  return (
    <>
      <div class="stripes" aria-hidden="true">
        {Array.from({ length: stripes }, (_, stripe) => (
          <i
            key={stripe}
            class={stripe < drawn ? 'drawn' : undefined}
            style={{ '--shade': `${((stripe % SHADES) + 2) * 10}%` }}
          />
        ))}
      </div>
      <div class="plate-word">
        <p>
          {PENDING_WORDS[state]}
          {state === 'rendering' && <b> {formatPercent(progress)}</b>}
        </p>
        {running && <progress value={progress} max={1} aria-label={`${PENDING_WORDS[state]}, ${formatPercent(progress)}`} />}
        {error !== null && <p class="reason">{error}</p>}
        {state === 'failed' && remedy}
      </div>
    </>
  );
}
