import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { type Fractal, type FractalPage, retryFractal } from '../api/client.ts';
import { listInState } from '../api/farm.ts';
import { subscribe } from '../api/live.ts';
import { formatAgo, formatCount, titleOf } from '../format.ts';
import { RetryIcon } from '../parts/icons.tsx';
import { viewPath } from '../router.ts';
import { now } from '../state/clock.ts';
import { mayAdminister, mayChangeIt, mayOrder } from '../state/session.ts';
import { usePolled } from './polled.ts';
import { RetryAll } from './retry-all.tsx';

const EVERY_MS = 15_000;
const SHOWN = 6;

/** What has failed, why, and the way to try it again. */
export function Failures() {
  const { value, again } = usePolled<FractalPage>('failed', EVERY_MS, () => listInState('failed', SHOWN));
  useEffect(
    () =>
      subscribe((event) => {
        if (event.type === 'failed' || event.type === 'deleted') again();
      }),
    [again],
  );
  const page = value.value;
  if (page === undefined) return null;
  const more = page.num_results - page.objects.length;
  return (
    <section class="farm-part" aria-labelledby="failures-title">
      <div class="part-head">
        <h2 id="failures-title">Failures</h2>
        {page.num_results > 1 && mayOrder.value && <RetryAll mine={!mayAdminister.value} onRetried={again} />}
      </div>
      {page.num_results === 0 && <p class="quiet-line">Nothing has failed.</p>}
      <ul class="failures">
        {page.objects.map((fractal) => (
          <Failure key={fractal.uuid} fractal={fractal} onRetried={again} />
        ))}
      </ul>
      {more > 0 && <p class="quiet-line">And {formatCount(more)} older.</p>}
    </section>
  );
}

function Failure({ fractal, onRetried }: { fractal: Fractal; onRetried: () => void }) {
  const { uuid, error, finished_at, owner } = fractal;
  const busy = useSignal(false);
  const refusal = useSignal<string | null>(null);
  const retry = async (): Promise<void> => {
    busy.value = true;
    refusal.value = null;
    await retryFractal(uuid).then(onRetried, ({ message }: Error) => {
      refusal.value = message;
    });
    busy.value = false;
  };
  return (
    <li data-uuid={uuid}>
      <div>
        <p>
          <a href={viewPath(uuid)}>{titleOf(fractal)}</a> <code>{uuid.slice(0, 8)}</code>
        </p>
        <p class="why">{error ?? 'It did not say why.'}</p>
        <p class="hint">
          {finished_at && formatAgo(finished_at, now.value)}
          {owner !== null && `, ordered by ${owner}`}
        </p>
        {refusal.value !== null && (
          <p role="alert" class="field-error">
            {refusal.value}
          </p>
        )}
      </div>
      {mayChangeIt(fractal) && (
        <button
          type="button"
          class="button quiet"
          aria-label={`Retry ${titleOf(fractal)}`}
          aria-busy={busy.value}
          disabled={busy.value}
          onClick={retry}
        >
          <RetryIcon />
          Retry
        </button>
      )}
    </li>
  );
}
