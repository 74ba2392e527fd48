import { useEffect, useRef } from 'preact/hooks';
import type { Spec } from '../../../src/domain/spec.ts';

/** While somebody types, not every digit is drawn. */
const SETTLE_MS = 60;

/** A picture that the browser draws by itself, with the farm's kernel. @param spec of at most 2^18 pixels; a ready-made thing, so that the same is not drawn twice */
export function Sketch({ spec, label }: { spec: Spec; label: string }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    let cancel = (): void => undefined;
    const timer = setTimeout(async () => {
      const { painter } = await import('../explore/painter.ts');
      const painting = painter.paint(spec);
      cancel = painting.cancel;
      const image = await painting.image;
      const element = canvas.current;
      if (!image || !element) return;
      // The last one stays until there is this one.
      [element.width, element.height] = [spec.width, spec.height];
      element.getContext('2d', { alpha: false })?.drawImage(image, 0, 0);
      element.dataset.drawn = `${spec.width} x ${spec.height}`;
      image.close();
    }, SETTLE_MS);
    return () => {
      clearTimeout(timer);
      cancel();
    };
  }, [spec]);
  const ratio = { '--ratio': spec.width / spec.height };
  return label === '' ? (
    <canvas ref={canvas} class="sketch" style={ratio} width={1} height={1} />
  ) : (
    <canvas ref={canvas} class="sketch" style={ratio} width={1} height={1} role="img" aria-label={label} />
  );
}
