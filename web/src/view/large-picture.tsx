import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { Fractal } from '../api/client.ts';
import { altTextOf } from '../format.ts';
import { MinusIcon, PlusIcon, WholeIcon } from '../parts/icons.tsx';
import { useShortcuts } from '../state/shortcuts.ts';
import { specOfFractal } from './spec-of.ts';
import type { Zoom } from './zoom.ts';

const STEP = 1.6;
const MOVES: Readonly<Record<string, readonly [dx: number, dy: number]>> = {
  'Shift+ArrowLeft': [-0.25, 0],
  'Shift+ArrowRight': [0.25, 0],
  'Shift+ArrowUp': [0, -0.25],
  'Shift+ArrowDown': [0, 0.25],
};

/** A picture too large to be loaded whole: one goes about in it, and this browser draws what is in sight. */
export function LargePicture({ fractal }: { fractal: Fractal }) {
  const room = useRef<HTMLDivElement>(null);
  const zoom = useRef<Zoom | null>(null);
  const [isFull, setFull] = useState(false);
  const [failed, setFailed] = useState(false);
  const spec = useMemo(() => specOfFractal(fractal), [fractal.uuid]);
  useEffect(() => {
    let isOver = false;
    import('./zoom.ts').then(
      ({ openZoom }) => {
        if (!isOver && room.current) zoom.current = openZoom(room.current, spec, setFull);
      },
      () => setFailed(true),
    );
    return () => {
      isOver = true;
      zoom.current?.close();
    };
  }, [spec]);
  const by = (factor: number): void => zoom.current?.by(factor);
  const home = (): void => zoom.current?.home();
  useShortcuts('In the picture', [
    {
      keys: Object.keys(MOVES),
      shown: 'Drag, Shift and arrow keys',
      meaning: 'move',
      run: ({ key }) => zoom.current?.move(...MOVES[`Shift+${key}`]!),
    },
    {
      keys: ['+', '=', '-'],
      shown: 'Wheel, pinch, + and −',
      meaning: 'zoom in and out',
      run: ({ key }) => by(key === '-' ? 1 / STEP : STEP),
    },
    { keys: ['0'], shown: '0', meaning: 'show all of it', run: home },
  ]);
  if (failed) return <p class="plate-word">The viewer cannot be loaded: load the page again.</p>;
  return (
    <>
      <div class="zoom-room" ref={room} role="img" aria-label={altTextOf(fractal)} />
      <p class="zoom-word">
        {isFull ? 'Full size, drawn here by the farm’s own kernel' : 'Drawn here; zoom in to the full size'}
      </p>
      <div class="zoom-tools">
        <button type="button" aria-label="Zoom in" title="Zoom in (+)" onClick={() => by(STEP)}>
          <PlusIcon />
        </button>
        <button type="button" aria-label="Zoom out" title="Zoom out (−)" onClick={() => by(1 / STEP)}>
          <MinusIcon />
        </button>
        <button type="button" aria-label="Show all of it" title="Show all of it (0)" onClick={home}>
          <WholeIcon />
        </button>
      </div>
    </>
  );
}
