import { useSignalEffect } from '@preact/signals';
import { useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import { formulaName } from '../format.ts';
import { useTitle } from '../state/title.ts';
import { Explorer } from './explorer.ts';
import type { Size } from './frame.ts';
import { JuliaInset } from './julia-inset.tsx';
import { OrderView } from './order-view.tsx';
import { Panel } from './panel.tsx';
import { Shortcuts } from './shortcuts.tsx';
import { Toolbar } from './toolbar.tsx';
import { coveredAt, useTools } from './tools.ts';
import { hasPlace, viewOfQuery } from './view-text.ts';
import './explore.css';

/** More would cost time that nobody sees. */
const MAX_PIXEL_RATIO = 2;

/** The fractal fills the window, and one goes about in it. */
export function ExplorePage() {
  const canvas = useRef<HTMLCanvasElement>(null);
  const [explorer, setExplorer] = useState<Explorer | null>(null);
  useLayoutEffect(() => {
    const element = canvas.current!;
    const opened = new Explorer(
      element,
      viewOfQuery(location.search),
      sizeOf(element),
      hasPlace(location.search) ? null : coveredAt(pixelRatio()),
    );
    setExplorer(opened);
    const observer = new ResizeObserver(() => opened.resize(sizeOf(element)));
    observer.observe(element);
    return () => {
      observer.disconnect();
      opened.close();
    };
  }, []);
  return (
    <div class="explorer" data-phase={explorer?.phase.value ?? 'begun'}>
      {/* biome-ignore lint/a11y/noInteractiveElementToNoninteractiveRole: an application is what passes arrow keys on to the page. */}
      <canvas
        ref={canvas}
        tabIndex={0}
        role="application"
        aria-label="The fractal. Arrow keys move, plus and minus zoom, question mark shows all keys."
        aria-describedby="explorer-place"
      />
      {explorer && <Furniture explorer={explorer} canvas={canvas.current!} />}
    </div>
  );
}

const pixelRatio = (): number => Math.min(MAX_PIXEL_RATIO, devicePixelRatio || 1);

function sizeOf(element: HTMLElement): Size {
  const ratio = pixelRatio();
  const pixels = (length: number): number => Math.max(2, Math.round(length * ratio));
  return { width: pixels(element.clientWidth), height: pixels(element.clientHeight) };
}

/** Everything that stands about the picture. */
function Furniture({ explorer, canvas }: { explorer: Explorer; canvas: HTMLCanvasElement }) {
  const tools = useTools(explorer, canvas);
  const rectangle = tools.rectangle.value;
  const { formula, c } = explorer.view.value;
  useTitle(`Explore: ${c && formula !== 'julia' ? `a Julia set of the ${formulaName(formula)}` : formulaName(formula)}`);
  useSignalEffect(() => {
    canvas.dataset.pointing = String(tools.preview.value !== null);
  });
  const corner = useMemo(() => rectangleStyle(rectangle), [rectangle]);
  return (
    <>
      {rectangle && <div class="zoom-rectangle" style={corner} />}
      <JuliaInset explorer={explorer} tools={tools} />
      <Panel explorer={explorer} tools={tools} />
      <Toolbar explorer={explorer} tools={tools} />
      {tools.dialog.value === 'order' && <OrderView explorer={explorer} close={tools.closeDialog} />}
      {tools.dialog.value === 'help' && <Shortcuts close={tools.closeDialog} />}
    </>
  );
}

function rectangleStyle(rectangle: readonly [x: number, y: number, width: number, height: number] | null) {
  if (!rectangle) return {};
  const [left, top, width, height] = rectangle.map((length) => `${length}px`);
  return { left, top, width, height };
}
