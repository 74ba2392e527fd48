import { useEffect, useRef } from 'preact/hooks';
import { isSmooth, PALETTE_TABLE, PALETTES, type Palette } from '../../../src/domain/palettes.ts';
import { srgbTable } from '../../../src/kernel/oklab.ts';
import { GRADIENT_COLOURS, gradientOf } from '../../../src/kernel/palettes.ts';
import type { Explorer } from './explorer.ts';

const SWATCH_COLOURS = 64;
/** Of the slider: density is the power of two of it. */
const DENSITY_RANGE = 4;

/** How counts become colours; nothing is counted anew. */
export function ColourControls({ explorer }: { explorer: Explorer }) {
  const { palette, density, offset, shade, interior } = explorer.view.value;
  return (
    <section class="panel-section">
      <fieldset class="swatches">
        <legend>
          Colours <span class="hint">{PALETTE_TABLE[palette].title}</span>
        </legend>
        {PALETTES.map((each) => (
          <label key={each} title={PALETTE_TABLE[each].title}>
            <input
              type="radio"
              name="explorer-palette"
              value={each}
              checked={palette === each}
              onChange={() => explorer.change({ palette: each })}
            />
            <Swatch palette={each} />
            <span>{each}</span>
          </label>
        ))}
      </fieldset>
      {isSmooth(palette) && (
        <>
          <Slider
            label="Density"
            value={Math.log2(density)}
            min={-DENSITY_RANGE}
            max={DENSITY_RANGE}
            step={0.05}
            text={String(Number(density.toPrecision(3)))}
            onInput={(value) => explorer.change({ density: Number((2 ** value).toPrecision(3)) })}
          />
          <Slider
            label="Offset"
            value={offset}
            max={1}
            step={0.005}
            text={offset.toFixed(2)}
            onInput={(value) => explorer.change({ offset: value })}
          />
          <Slider
            label="Shade"
            value={shade}
            max={1}
            step={0.05}
            text={shade.toFixed(2)}
            onInput={(value) => explorer.change({ shade: value })}
          />
          <label class="panel-row">
            <span>Interior</span>
            <input
              type="color"
              value={interior}
              onInput={(event) => explorer.change({ interior: event.currentTarget.value.toLowerCase() })}
            />
          </label>
        </>
      )}
    </section>
  );
}

interface SliderProps {
  readonly label: string;
  readonly value: number;
  readonly min?: number;
  readonly max: number;
  readonly step: number;
  readonly text: string;
  readonly onInput: (value: number) => void;
}

function Slider({ label, value, min = 0, max, step, text, onInput }: SliderProps) {
  return (
    <label class="panel-row">
      <span>{label}</span>
      <input
        type="range"
        min={min}
        max={max}
        step={step}
        value={value}
        aria-valuetext={text}
        onInput={(event) => onInput(event.currentTarget.valueAsNumber)}
      />
      <output>{text}</output>
    </label>
  );
}

/** The palette itself, as the kernel has it. */
function Swatch({ palette }: { palette: Palette }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    // After the first picture: this takes a few milliseconds for each.
    const timer = setTimeout(() => {
      const image = new ImageData(swatchOf(palette), SWATCH_COLOURS, 1);
      canvas.current?.getContext('2d', { alpha: false })?.putImageData(image, 0, 0);
    }, 300);
    return () => clearTimeout(timer);
  }, [palette]);
  return <canvas ref={canvas} width={SWATCH_COLOURS} height={1} />;
}

const swatches = new Map<Palette, Uint8ClampedArray<ArrayBuffer>>();
let toSrgb: Uint8Array | null = null;

function swatchOf(palette: Palette): Uint8ClampedArray<ArrayBuffer> {
  const known = swatches.get(palette);
  if (known) return known;
  toSrgb ??= srgbTable();
  const gradient = gradientOf(palette);
  const colours = isSmooth(palette) ? GRADIENT_COLOURS : 32;
  const pixels = new Uint8ClampedArray(4 * SWATCH_COLOURS).fill(255);
  for (let i = 0; i < SWATCH_COLOURS; i++) {
    const from = 4 * Math.floor((i * colours) / SWATCH_COLOURS);
    for (let part = 0; part < 3; part++) pixels[4 * i + part] = toSrgb[gradient[from + part]!]!;
  }
  swatches.set(palette, pixels);
  return pixels;
}
