import { useEffect, useRef } from 'preact/hooks';
import { formatComplex } from '../format.ts';
import type { Explorer } from './explorer.ts';
import type { Tools } from './tools.ts';
import { juliaOf } from './view.ts';

/** CSS pixels. */
const WIDTH = 208;
const HEIGHT = 140;
/** A glance: few iterations are enough. */
const ITERATIONS = 300;

/** The Julia set of the point under the pointer, small; pressing it goes there. */
export function JuliaInset({ explorer, tools }: { explorer: Explorer; tools: Tools }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const c = tools.preview.value;
  useEffect(() => {
    if (!c) return;
    // One that comes late is shown all the same: while the pointer moves, every one comes late.
    const view = { ...juliaOf(explorer.view.peek(), c), iterations: ITERATIONS, shade: 0 };
    void explorer.sketches.drawNow(view, { width: WIDTH, height: HEIGHT }).then((image) => {
      if (image) canvas.current?.getContext('2d', { alpha: false })?.drawImage(image, 0, 0);
      image?.close();
    });
  }, [c, explorer]);
  if (!c) return null;
  return (
    <button type="button" class={tools.isInTheWay.value ? 'julia-inset aside' : 'julia-inset'} onClick={tools.julia}>
      <canvas ref={canvas} width={WIDTH} height={HEIGHT} />
      <span class="julia-caption">
        <span class="off-screen">Go to the Julia set of </span>c = {formatComplex(c.re, c.im, 4)}
      </span>
    </button>
  );
}
