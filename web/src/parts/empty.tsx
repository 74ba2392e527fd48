import { useState } from 'preact/hooks';
import { PRESETS } from '../../../src/domain/presets.ts';
import type { Spec } from '../../../src/domain/spec.ts';
import { orderFractal } from '../api/client.ts';
import { toBody } from '../state/order-values.ts';
import { specOfPreset } from '../state/preset-spec.ts';
import { valuesOfPreset } from '../state/presets.ts';
import { mayOrder, session } from '../state/session.ts';
import { newUuid } from '../state/uuid.ts';
import { CompassIcon, PlusIcon } from './icons.tsx';
import { NestedSets } from './nested-sets.tsx';
import { Sketch } from './sketch.tsx';

/** One of each kind, good to look at when small. */
const SHOWN = ['feathers', 'seahorse-valley', 'burning-ship', 'snail', 'cubic-rabbit', 'tricorn'];
const SIZE = { width: 360, height: 240 };

/** The gallery before the first order. */
export function Empty() {
  const mayNot = session.value !== undefined && !mayOrder.value;
  return mayNot ? (
    <section class="message">
      <NestedSets />
      <h1>An empty gallery</h1>
      <p>Nothing has been ordered yet. To order takes the token of a creator; everybody may explore.</p>
      <p class="actions">
        <a class="button" href="/explore">
          <CompassIcon />
          Explore
        </a>
      </p>
    </section>
  ) : (
    <Invitation />
  );
}

function Invitation() {
  const [failure, setFailure] = useState<Error | null>(null);
  const [shown] = useState(presetsToShow);
  const [busy, setBusy] = useState<string | null>(null);
  // The gallery hears of it by itself, and shows how it comes in.
  const order = async ({ name, uuid }: Shown): Promise<void> => {
    setFailure(null);
    setBusy(name);
    const preset = PRESETS.find((each) => each.name === name)!;
    await orderFractal({ ...toBody(valuesOfPreset(preset)), uuid }).catch(setFailure);
    setBusy(null);
  };
  return (
    <section class="invitation">
      <h1>An empty gallery</h1>
      <p>Nothing has been ordered yet. Press one of these, and watch it come in, band by band.</p>
      <ul class="preset-tiles">
        {shown.map((each) => (
          <li key={each.name}>
            <button type="button" aria-busy={busy === each.name} onClick={() => void order(each)}>
              <Sketch spec={each.spec} label="" />
              <span>{each.title}</span>
            </button>
          </li>
        ))}
      </ul>
      {failure && (
        <p role="alert" class="form-error">
          {failure.message}
        </p>
      )}
      <p class="actions">
        <a class="button" href="/new">
          <PlusIcon />
          Order a fractal of your own
        </a>
        <a class="button quiet" href="/explore">
          <CompassIcon />
          Look for a place first
        </a>
      </p>
      <p class="hint">
        On the command line: <code>npx @faafo/faafo create</code>
      </p>
    </section>
  );
}

interface Shown {
  readonly name: string;
  readonly title: string;
  /** pressed twice it is ordered once */
  readonly uuid: string;
  readonly spec: Spec;
}

function presetsToShow(): Shown[] {
  const named = SHOWN.flatMap((name) => PRESETS.filter((preset) => preset.name === name));
  const presets = [...named, ...PRESETS.filter((preset) => !named.includes(preset))].slice(0, SHOWN.length);
  return presets.map((preset) => ({
    name: preset.name,
    title: preset.title,
    uuid: newUuid(),
    spec: specOfPreset(preset, { ...SIZE, samples: 2 }),
  }));
}
