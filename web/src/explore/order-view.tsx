import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import { ORDER_BOUNDS } from '../../../src/domain/bounds.ts';
import { checkOrder, type LooseOrder } from '../../../src/domain/check-order.ts';
import type { FractalId } from '../../../src/domain/ids.ts';
import { pictureText } from '../../../src/domain/picture-text.ts';
import { costOf } from '../../../src/domain/spec.ts';
import { orderFractal } from '../api/client.ts';
import { formatCount, formatSteps } from '../format.ts';
import { Choice } from '../parts/choice.tsx';
import { navigate, viewPath } from '../router.ts';
import { useFarm } from '../state/use-farm.ts';
import { newUuid } from '../state/uuid.ts';
import { remember } from '../state/watched.ts';
import type { Explorer } from './explorer.ts';
import { frameOf, type Size, viewportOf } from './frame.ts';
import { NumberField } from './number-field.tsx';
import { specOf } from './view.ts';

const SIZES = [
  { value: 'window', label: 'This window' },
  { value: '1920x1080', label: '1080p' },
  { value: '3840x2160', label: '4K' },
  { value: '4961x3508', label: 'A3, 300 dpi' },
  { value: '9933x7016', label: 'A1, 300 dpi' },
  { value: 'own', label: 'Your own' },
] as const;
type SizeName = (typeof SIZES)[number]['value'];
const SAMPLES = ['1', '2', '3', '4'].map((value) => ({ value, label: `${value} × ${value}` }));

/** Has the farm draw what the explorer shows, at any size, and shows how it comes in. */
export function OrderView({ explorer, close }: { explorer: Explorer; close: () => void }) {
  const dialog = useRef<HTMLDialogElement>(null);
  const attempt = useRef({ body: '', uuid: '' });
  const [name, setName] = useState<SizeName>('window');
  const [own, setOwn] = useState<Size>({ width: 6000, height: 4000 });
  const [samples, setSamples] = useState('2');
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<Error | null>(null);
  useLayoutEffect(() => dialog.current?.showModal(), []);
  const size = sizeOf(name, own, explorer.frame);
  const view = explorer.view.value;
  const spec = specOf(view, viewportOf(frameOf(view, size)), { ...size, samples: Number(samples) });
  const cost = Number(costOf(spec));
  const { estimate, limits } = useFarm();
  const body = pictureText(spec);
  // Said before it is sent; the API has the last word.
  const [objection] = Object.values(checkOrder(newUuid() as FractalId, JSON.parse(body) as LooseOrder, limits).errors);
  const send = async (): Promise<void> => {
    // Pressed again after an answer got lost, the same order keeps its uuid: it is drawn once.
    if (attempt.current.body !== body) attempt.current = { body, uuid: newUuid() };
    setBusy(true);
    setFailure(null);
    try {
      const fractal = await orderFractal({ ...JSON.parse(body), uuid: attempt.current.uuid });
      remember(fractal.uuid, fractal);
      navigate(viewPath(fractal.uuid));
    } catch (error) {
      setFailure(error as Error);
      setBusy(false);
    }
  };
  return (
    <dialog ref={dialog} class="order-view" onClose={close} aria-labelledby="order-view-title">
      <article>
        <h2 id="order-view-title">Order this view</h2>
        <Choice legend="Size" name="order-size" value={name} options={SIZES} onChoose={setName} />
        {name === 'own' && (
          <div class="panel-pair">
            <NumberField
              label="Width, pixels"
              value={own.width}
              bounds={ORDER_BOUNDS.width}
              onChange={(width) => setOwn({ ...own, width })}
            />
            <NumberField
              label="Height, pixels"
              value={own.height}
              bounds={ORDER_BOUNDS.height}
              onChange={(height) => setOwn({ ...own, height })}
            />
          </div>
        )}
        <Choice
          legend="Samples a pixel"
          name="order-samples"
          value={samples}
          options={SAMPLES}
          hint="More of them make edges smoother, and take as many times longer."
          onChoose={setSamples}
        />
        <dl class="order-facts">
          <div>
            <dt>Picture</dt>
            <dd>
              {formatCount(size.width)} × {formatCount(size.height)} pixels
            </dd>
          </div>
          <div>
            <dt>Cost, at most</dt>
            <dd>{formatSteps(cost)} steps</dd>
          </div>
          <div>
            <dt>Expected time</dt>
            <dd>{objection === undefined ? estimate(spec) : '—'}</dd>
          </div>
        </dl>
        {(objection ?? failure) && (
          <p role="alert" class="field-error">
            {objection ?? failure?.message}
          </p>
        )}
        <p class="actions">
          <button type="button" class="button quiet" onClick={() => dialog.current?.close()}>
            Cancel
          </button>
          <button type="button" class="button" aria-busy={busy} disabled={busy || objection !== undefined} onClick={send}>
            {busy ? 'Ordering' : 'Order'}
          </button>
        </p>
      </article>
    </dialog>
  );
}

function sizeOf(name: SizeName, own: Size, { width, height }: Size): Size {
  if (name === 'own') return own;
  if (name === 'window') return { width, height };
  const [long, short] = name.split('x').map(Number) as [number, number];
  return width >= height ? { width: long, height: short } : { width: short, height: long };
}
