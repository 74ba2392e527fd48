import { formatCount } from '../format.ts';
import { type OrderValues, pixelAspect, toBody } from '../state/order-values.ts';

/** What the size amounts to, and whether the window is stretched to fit it. */
export function PictureSize({ values, onChange }: { values: OrderValues; onChange: (changed: Partial<OrderValues>) => void }) {
  const { width, height } = toBody(values);
  if (typeof width !== 'number' || typeof height !== 'number' || !(width > 0 && height > 0)) return null;
  const aspect = pixelAspect(values);
  const stretched = aspect !== undefined && Math.abs(Math.log(aspect)) > 0.01;
  const fitting = aspect === undefined ? 0 : Math.round(height / aspect);
  return (
    <p class="size-note">
      <span>{formatMegapixels(width * height)}.</span>{' '}
      {stretched && (
        <>
          <span>
            The window is stretched {(aspect > 1 ? aspect : 1 / aspect).toPrecision(2)} times in {aspect > 1 ? 'height' : 'width'}
            .
          </span>{' '}
          {fitting >= 1 && fitting <= 65_535 && (
            <button type="button" class="textual" onClick={() => onChange({ height: String(fitting) })}>
              Make it {formatCount(fitting)} high
            </button>
          )}
        </>
      )}
    </p>
  );
}

function formatMegapixels(pixels: number): string {
  if (pixels < 100_000) return `${formatCount(pixels)} pixels`;
  return `${Number((pixels / 1e6).toPrecision(2))} megapixels`;
}
