import { useSignalEffect } from '@preact/signals';
import { useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import { formulaName } from '../format.ts';
import { useTitle } from '../state/title.ts';
import { pixelRatio, takeBeginning } from './early.ts';
import { Explorer } from './explorer.ts';
import type { Size } from './frame.ts';
import { JuliaInset } from './julia-inset.tsx';
import { OrderView } from './order-view.tsx';
import { Panel } from './panel.tsx';
import { Toolbar } from './toolbar.tsx';
import { useTools } from './tools.ts';
import './explore.css';

/** The fractal fills the window, and one goes about in it. */
export function ExplorePage() {
  const room = useRef<HTMLDivElement>(null);
  const [opened, setOpened] = useState<{ explorer: Explorer; canvas: HTMLCanvasElement } | null>(null);
  useLayoutEffect(() => {
    const element = room.current!;
    const beginning = takeBeginning(sizeOf(element));
    const { canvas } = beginning;
    element.prepend(canvas);
    const explorer = new Explorer(beginning);
    setOpened({ explorer, canvas });
    const observer = new ResizeObserver(() => explorer.resize(sizeOf(element)));
    observer.observe(element);
    return () => {
      observer.disconnect();
      explorer.close();
      canvas.remove();
    };
  }, []);
  return (
    <div class="explorer" ref={room} data-phase={opened?.explorer.phase.value ?? 'begun'}>
      {opened && <Furniture {...opened} />}
    </div>
  );
}

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
    </>
  );
}

function rectangleStyle(rectangle: readonly [x: number, y: number, width: number, height: number] | null) {
  if (!rectangle) return {};
  const [left, top, width, height] = rectangle.map((length) => `${length}px`);
  return { left, top, width, height };
}
