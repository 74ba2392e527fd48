import { useEffect, useRef } from 'preact/hooks';
import { ORDER_BOUNDS } from '../../../src/domain/bounds.ts';
import { FORMULAS, type Formula, formulaFacts } from '../../../src/domain/formulas.ts';
import { formulaName } from '../format.ts';
import { ShareIcon } from '../parts/icons.tsx';
import { mayOrder } from '../state/session.ts';
import { ColourControls } from './colour-controls.tsx';
import { isNarrow } from './covered.ts';
import type { Explorer } from './explorer.ts';
import { CloseIcon } from './icons.tsx';
import { NumberField } from './number-field.tsx';
import { PlacesList } from './places-list.tsx';
import { PresetsList } from './presets-list.tsx';
import type { Tools } from './tools.ts';
import { homeOf, iterationsOf } from './view.ts';

interface PanelProps {
  readonly explorer: Explorer;
  readonly tools: Tools;
}

/** What is drawn and how, places to go to, and the way to a large picture: beside the picture, or below it on a telephone. */
export function Panel(props: PanelProps) {
  return props.tools.isPanelOpen.value ? <OpenPanel {...props} /> : null;
}

function OpenPanel({ explorer, tools }: PanelProps) {
  const close = useRef<HTMLButtonElement>(null);
  // On a telephone it lies over what opened it: whoever goes by keyboard goes on in it, and afterwards where they were.
  useEffect(() => {
    if (!isNarrow()) return;
    close.current?.focus({ preventScroll: true });
    return () => requestAnimationFrame(() => document.querySelector<HTMLElement>('.explorer-foot [aria-pressed]')?.focus());
  }, []);
  return (
    <aside class="panel" aria-label="What is drawn">
      <button
        type="button"
        ref={close}
        class="tool small panel-close"
        aria-label="Hide the panel"
        title="Hide the panel (P)"
        onClick={() => {
          tools.isPanelOpen.value = false;
        }}
      >
        <CloseIcon />
      </button>
      <div class="panel-body">
        <FormulaControls explorer={explorer} tools={tools} />
        <ColourControls explorer={explorer} />
        <PresetsList explorer={explorer} tools={tools} />
        <PlacesList explorer={explorer} tools={tools} />
      </div>
      <div class="panel-foot">
        {mayOrder.value && (
          <button
            type="button"
            class="button"
            onClick={() => {
              tools.dialog.value = 'order';
            }}
          >
            Order this view
          </button>
        )}
        <button type="button" class="button quiet" onClick={tools.copyLink}>
          <ShareIcon />
          Copy link
        </button>
      </div>
    </aside>
  );
}

function FormulaControls({ explorer, tools }: PanelProps) {
  const view = explorer.view.value;
  const { formula, power, c, iterations } = view;
  const setC = (changed: Partial<{ re: number; im: number }>): void => {
    if (c) explorer.change({ c: { ...c, ...changed } });
  };
  return (
    <section class="panel-section">
      <label class="panel-field">
        <span>Formula</span>
        <select
          value={formula}
          onChange={(event) => tools.leap(homeOf(event.currentTarget.value as Formula, { power, colours: view }))}
        >
          {FORMULAS.map((each) => (
            <option key={each} value={each}>
              {formulaName(each)}
            </option>
          ))}
        </select>
      </label>
      {formulaFacts(formula).powers && (
        <NumberField
          label="Power of z"
          value={power}
          bounds={ORDER_BOUNDS.power}
          onChange={(value) => explorer.show(homeOf(formula, { power: value, c, colours: view }))}
        />
      )}
      {c && (
        <div class="panel-pair">
          <NumberField label="c, real part" value={c.re} bounds={ORDER_BOUNDS.c_re} onChange={(re) => setC({ re })} />
          <NumberField label="c, imaginary" value={c.im} bounds={ORDER_BOUNDS.c_im} onChange={(im) => setC({ im })} />
        </div>
      )}
      <div class="panel-pair">
        <NumberField
          label="Iterations"
          value={iterationsOf(view)}
          bounds={ORDER_BOUNDS.iterations}
          onChange={(value) => explorer.change({ iterations: value })}
        />
        <label class="panel-switch">
          <input
            type="checkbox"
            role="switch"
            aria-checked={iterations === null}
            checked={iterations === null}
            onChange={(event) => explorer.change({ iterations: event.currentTarget.checked ? null : iterationsOf(view) })}
          />
          <span>By depth</span>
        </label>
      </div>
    </section>
  );
}
