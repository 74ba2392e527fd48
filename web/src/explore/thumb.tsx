import { useEffect, useRef } from 'preact/hooks';
import type { Explorer } from './explorer.ts';
import type { View } from './view.ts';

const WIDTH = 132;
const HEIGHT = 88;

/** A small picture of a view, drawn when nobody has anything better to do. */
export function Thumb({ explorer, view, name }: { explorer: Explorer; view: View; name: string }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    void explorer.sketches.draw(view, { width: WIDTH, height: HEIGHT }).then((image) => {
      if (image) canvas.current?.getContext('2d', { alpha: false })?.drawImage(image, 0, 0);
      image?.close();
    });
    // The name stands for the view.
  }, [explorer, name]);
  return <canvas ref={canvas} class="thumb" width={WIDTH} height={HEIGHT} />;
}
