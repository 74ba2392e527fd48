import type { ComponentChildren } from 'preact';
import { formatComplex, formatCount } from '../format.ts';
import { CopyIcon } from '../parts/icons.tsx';
import { isHelpOpen } from '../state/shortcuts.ts';
import type { Explorer } from './explorer.ts';
import { FullscreenIcon, HelpIcon, HomeIcon, MinusIcon, PanelIcon, PlusIcon, RedoIcon, UndoIcon } from './icons.tsx';
import type { Tools } from './tools.ts';
import { HOME, iterationsOf, type View } from './view.ts';

/** Where one is, and the ways about. */
export function Toolbar({ explorer, tools }: { explorer: Explorer; tools: Tools }) {
  const view = explorer.view.value;
  const { steps } = tools;
  return (
    <div class="explorer-foot">
      <p class="explorer-place" id="explorer-place">
        <span class="coordinates">{coordinatesText(view)}</span>
        <span class="depth">
          {magnificationText(view)} · {formatCount(iterationsOf(view))} iterations
        </span>
        <button
          type="button"
          class="tool small"
          aria-label="Copy the coordinates"
          title="Copy the coordinates (Ctrl C)"
          onClick={tools.copyPlace}
        >
          <CopyIcon />
        </button>
      </p>
      {explorer.atTheEnd.value && (
        <p class="explorer-hint" role="status">
          As deep as double precision goes. Deeper, neighbouring points would be the same number.
        </p>
      )}
      <div class="tools" role="toolbar" aria-label="Ways about">
        <Tool label="Zoom in (+)" onClick={() => explorer.zoomBy(2)}>
          <PlusIcon />
        </Tool>
        <Tool label="Zoom out (−)" onClick={() => explorer.zoomBy(0.5)}>
          <MinusIcon />
        </Tool>
        <Tool label="Show all of it (0)" onClick={tools.home}>
          <HomeIcon />
        </Tool>
        <Tool label="Undo (Ctrl Z)" disabled={!steps.canUndo.value} onClick={tools.undo}>
          <UndoIcon />
        </Tool>
        <Tool label="Redo (Shift Ctrl Z)" disabled={!steps.canRedo.value} onClick={tools.redo}>
          <RedoIcon />
        </Tool>
        <Tool label="Fill the screen (F)" wide onClick={tools.fullscreen}>
          <FullscreenIcon />
        </Tool>
        <Tool
          label="Keys and gestures (?)"
          wide
          onClick={() => {
            isHelpOpen.value = true;
          }}
        >
          <HelpIcon />
        </Tool>
        <Tool
          label={tools.isPanelOpen.value ? 'Hide the panel (P)' : 'Show the panel (P)'}
          pressed={tools.isPanelOpen.value}
          onClick={() => {
            tools.isPanelOpen.value = !tools.isPanelOpen.value;
          }}
        >
          <PanelIcon />
        </Tool>
      </div>
    </div>
  );
}

interface ToolProps {
  readonly label: string;
  readonly disabled?: boolean;
  readonly pressed?: boolean;
  /** left out where there is little room */
  readonly wide?: boolean;
  readonly onClick: () => void;
  readonly children: ComponentChildren;
}

function Tool({ label, disabled = false, pressed, wide = false, onClick, children }: ToolProps) {
  return (
    <button
      type="button"
      class={wide ? 'tool wide' : 'tool'}
      aria-label={label}
      title={label}
      aria-pressed={pressed}
      disabled={disabled}
      onClick={onClick}
    >
      {children}
    </button>
  );
}

/** As many decimals as the depth makes worth reading. */
function coordinatesText({ centre, halfWidth }: View): string {
  const decimals = Math.min(17, Math.max(2, 3 - Math.floor(Math.log10(halfWidth))));
  const shown = (value: number): number => Number(value.toFixed(decimals));
  return formatComplex(shown(centre.re), shown(centre.im));
}

function magnificationText({ halfWidth }: View): string {
  const times = HOME.halfWidth / halfWidth;
  if (times < 1e6) return `× ${formatCount(Number(times.toPrecision(3)))}`;
  const power = Math.floor(Math.log10(times));
  return `× ${(times / 10 ** power).toFixed(1)} · 10${superscript(power)}`;
}

const superscript = (power: number): string => [...String(power)].map((digit) => '⁰¹²³⁴⁵⁶⁷⁸⁹'[Number(digit)]).join('');
