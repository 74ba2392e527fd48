import { type ReadonlySignal, type Signal, useSignal } from '@preact/signals';
import { type Fractal, getFractal } from '../api/client.ts';
import { type Bands, getBands, getWorkers, listInState, type Worker } from '../api/farm.ts';
import { formatCount, formatPercent, titleOf } from '../format.ts';
import { FirstOnes } from '../parts/first-ones.tsx';
import { viewPath } from '../router.ts';
import { HOSTS_IN_LEGEND, HostEntry } from './host-entry.tsx';
import { count, Mosaic, wordsOf } from './mosaic.tsx';
import { type Polled, usePolled } from './polled.ts';

const EVERY_MS = 2_500;
/** Mosaics on the page at a time. */
const SHOWN = 3;
const LOOKED_AT = 50;

/** Fractals that are being drawn, those in the hands of most workers first. @param inHand bands in work by uuid */
async function readWork(inHand: ReadonlyMap<string, number>): Promise<Fractal[]> {
  const { objects } = await listInState('rendering', LOOKED_AT);
  const known = new Set(objects.map(({ uuid }) => uuid));
  const older = [...inHand.keys()].filter((uuid) => !known.has(uuid)).slice(0, SHOWN);
  const found = await Promise.all(older.map((uuid) => getFractal(uuid).catch(() => null)));
  const all = [...objects, ...found.filter((fractal) => fractal?.state === 'rendering' || fractal?.state === 'assembling')];
  return (all as Fractal[]).toSorted((a, b) => (inHand.get(b.uuid) ?? 0) - (inHand.get(a.uuid) ?? 0) || b.progress - a.progress);
}

/** Bands in the hands of live workers, by fractal. */
function inHandOf(workers: readonly Worker[]): Map<string, number> {
  const inHand = new Map<string, number>();
  for (const { work, silent } of workers) {
    if (!silent) for (const { uuid } of work) inHand.set(uuid, (inHand.get(uuid) ?? 0) + 1);
  }
  return inHand;
}

/** @param crew who works, as far as that is known already */
export const useWork = (crew: ReadonlySignal<readonly Worker[] | undefined>): Polled<Fractal[]> =>
  usePolled('work', EVERY_MS, async () => readWork(inHandOf(crew.peek() ?? (await getWorkers()))));

/** The fractals in work, each a mosaic of its bands. */
export function Work({ fractals, isPaused }: { fractals: readonly Fractal[]; isPaused: boolean }) {
  const posters = fractals.filter(({ bands }) => bands > 1);
  const small = fractals.length - posters.length;
  return (
    <section class="farm-part" aria-labelledby="work-title">
      <h2 id="work-title">In work</h2>
      {fractals.length === 0 && (
        <p class="quiet-line">{isPaused ? 'Nothing is in work: the queue is paused.' : 'Nothing is in work.'}</p>
      )}
      {posters.slice(0, SHOWN).map((fractal) => (
        <InWork key={fractal.uuid} fractal={fractal} />
      ))}
      {small > 0 && (
        <p class="quiet-line">
          {posters.length > 0 ? 'And ' : ''}
          {small === 1 ? 'one small picture' : `${formatCount(small)} small pictures`} of one band each.
        </p>
      )}
      {posters.length > SHOWN && (
        <p class="quiet-line">And {formatCount(posters.length - SHOWN)} more of many bands, which fewer workers have in hand.</p>
      )}
    </section>
  );
}

function InWork({ fractal }: { fractal: Fractal }) {
  const { uuid, width, height, state, progress } = fractal;
  const { value } = usePolled<Bands>(uuid, EVERY_MS, () => getBands(uuid));
  const chosen = useSignal<string | null>(null);
  const pointed = useSignal<number | null>(null);
  const bands = value.value;
  return (
    <article class="in-work" data-uuid={uuid}>
      <header>
        <h3>
          <a href={viewPath(uuid)}>{titleOf(fractal)}</a>
        </h3>
        <p>
          {bands && pointed.value !== null
            ? wordsOf(bands, pointed.value)
            : `${formatCount(width)} × ${formatCount(height)}, ${formatCount(fractal.bands)} bands`}
        </p>
        <p class="share">{state === 'assembling' ? 'Joining its bands' : formatPercent(progress)}</p>
      </header>
      {bands && bands.states !== '' && (
        <>
          <Mosaic bands={bands} chosen={chosen} pointed={pointed} />
          <Legend bands={bands} chosen={chosen} />
        </>
      )}
    </article>
  );
}

/** Who has drawn how much of it; a press lets one stand out. */
function Legend({ bands, chosen }: { bands: Bands; chosen: Signal<string | null> }) {
  const hosts = bands.hosts
    .map((host, number) => {
      const theirs = bands.by.flatMap((by, band) => (by === number ? [bands.states[band]!] : [])).join('');
      return { host, drawn: count(theirs, 'd'), held: count(theirs, 'l') };
    })
    .sort((a, b) => b.drawn + b.held - a.drawn - a.held);
  const waits = count(bands.states, 'w');
  return (
    <ul class="legend" aria-label="Who draws it">
      <FirstOnes all={hosts} most={HOSTS_IN_LEGEND}>
        {({ host, drawn, held }) => (
          <HostEntry key={host} host={host} chosen={chosen}>
            {[drawn > 0 && `${formatCount(drawn)} drawn`, held > 0 && `${formatCount(held)} in work`].filter(Boolean).join(', ')}
          </HostEntry>
        )}
      </FirstOnes>
      {waits > 0 && (
        <li class="rest">
          <i class="waiting-cell" /> {formatCount(waits)} {waits === 1 ? 'waits' : 'wait'}
        </li>
      )}
    </ul>
  );
}
