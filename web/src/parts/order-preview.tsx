import type { ComponentChildren } from 'preact';
import { useMemo } from 'preact/hooks';
import { costOf, type Spec } from '../../../src/domain/spec.ts';
import { formatCount, formatSteps } from '../format.ts';
import { Sketch } from './sketch.tsx';

/** Pixels of the small picture, at most. */
const LONGEST = 480;
const MOST_PIXELS = 2 ** 17;
/** A glance does not wait for more. */
const MOST_ITERATIONS = 20_000;

interface OrderPreviewProps {
  /** null while something is wrong */
  readonly spec: Spec | null;
  /** how long it is likely to take, in words */
  readonly estimate: (spec: Spec) => string;
  readonly children: ComponentChildren;
}

/** What an order will look like, cost and take, beside the form. */
export function OrderPreview({ spec, estimate, children }: OrderPreviewProps) {
  const small = useMemo(() => spec && smallOf(spec), [spec]);
  const cost = spec ? Number(costOf(spec)) : 0;
  return (
    <aside class="preview" aria-label="What is ordered">
      <div class="preview-frame">
        {small ? (
          <Sketch spec={small} label="What the picture will look like, small" />
        ) : (
          <p class="preview-word">Something is not right yet</p>
        )}
      </div>
      <dl class="order-facts">
        <div>
          <dt>Picture</dt>
          <dd>{spec ? `${formatCount(spec.width)} × ${formatCount(spec.height)} pixels` : '—'}</dd>
        </div>
        <div>
          <dt>Cost, at most</dt>
          <dd>{spec ? `${formatSteps(cost)} steps` : '—'}</dd>
        </div>
        <div>
          <dt>Expected time</dt>
          <dd>{spec ? estimate(spec) : '—'}</dd>
        </div>
      </dl>
      {children}
    </aside>
  );
}

/** The same window in few pixels. */
function smallOf(spec: Spec): Spec {
  const { width, height } = spec;
  const times = Math.min(1, LONGEST / Math.max(width, height), Math.sqrt(MOST_PIXELS / (width * height)));
  const side = (pixels: number): number => Math.max(1, Math.round(pixels * times));
  return {
    ...spec,
    width: side(width),
    height: side(height),
    iterations: Math.min(spec.iterations, MOST_ITERATIONS),
    samples: 2,
  };
}
