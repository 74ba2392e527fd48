import { useState } from 'preact/hooks';
import type { OrderValues } from '../state/order-values.ts';
import { PRESETS } from '../state/presets.ts';

/** As many as do not push the form itself out of sight. */
const SHOWN_FIRST = 10;

/** Views to start from, by name; most of them on request. */
export function Presets({ onChoose }: { onChoose: (values: OrderValues) => void }) {
  const [all, setAll] = useState(false);
  const shown = all ? PRESETS : PRESETS.slice(0, SHOWN_FIRST);
  return (
    <div class="presets">
      <span id="presets">Start from</span>
      <ul aria-labelledby="presets">
        {shown.map(({ name, values }) => (
          <li key={name}>
            <button type="button" class="chip" onClick={() => onChoose(values)}>
              {name}
            </button>
          </li>
        ))}
        <li>
          <button type="button" class="chip more" aria-expanded={all} onClick={() => setAll(!all)}>
            {all ? 'Fewer' : `${PRESETS.length - SHOWN_FIRST} more`}
          </button>
        </li>
      </ul>
    </div>
  );
}
