import { useState } from 'preact/hooks';
import { PRESETS } from '../../../src/domain/presets.ts';
import type { Explorer } from './explorer.ts';
import { Thumb } from './thumb.tsx';
import type { Tools } from './tools.ts';
import { viewOfPreset } from './view.ts';

/** Views worth starting from; drawn only when they are looked at. */
export function PresetsList({ explorer, tools }: { explorer: Explorer; tools: Tools }) {
  const [isOpen, setOpen] = useState(false);
  return (
    <details class="panel-section" onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>Presets</summary>
      {isOpen && (
        <ul class="thumbs">
          {PRESETS.map((preset) => (
            <li key={preset.name}>
              <button type="button" onClick={() => tools.leap(viewOfPreset(preset))}>
                <Thumb explorer={explorer} view={viewOfPreset(preset)} name={preset.name} />
                <span>{preset.title}</span>
              </button>
            </li>
          ))}
        </ul>
      )}
    </details>
  );
}
