import { type ReadonlySignal, type Signal, useSignal } from '@preact/signals';
import { useLayoutEffect, useRef } from 'preact/hooks';
import type { Bands } from '../api/farm.ts';
import { formatCount } from '../format.ts';
import { badgeOf } from './crew.ts';
import { gridOf } from './grid.ts';
import './mosaic.css';

/** From here on a cell has room for the number of its host. */
const LABELLED = 18;

const STATE_WORDS = { w: 'waits', l: 'in work', d: 'drawn' } as const;

interface MosaicProps {
  readonly bands: Bands;
  /** a host whose bands alone stand out; null for all */
  readonly chosen: ReadonlySignal<string | null>;
  /** the band that is pointed at */
  readonly pointed: Signal<number | null>;
}

/** One cell for each band of a fractal, coloured by who has it or has drawn it. */
export function Mosaic({ bands, chosen, pointed }: MosaicProps) {
  const place = useRef<HTMLDivElement>(null);
  const width = useSignal(0);
  useLayoutEffect(() => {
    const element = place.current!;
    const measure = new ResizeObserver(() => {
      width.value = element.clientWidth;
    });
    width.value = element.clientWidth;
    measure.observe(element);
    return () => measure.disconnect();
  }, []);
  const grid = gridOf(bands.states.length, width.value || 320);
  const { cell, columns, rows } = grid;
  const gap = cell < 7 ? 1 : 2;
  const point = ({ offsetX, offsetY }: PointerEvent): void => {
    const band = Math.floor(offsetY / cell) * columns + Math.floor(offsetX / cell);
    pointed.value = offsetX < columns * cell && band < bands.states.length ? band : null;
  };
  const size = cell - gap;
  const at = (band: number) => ({ x: (band % columns) * cell, y: Math.floor(band / columns) * cell });
  const cells = (wanted: (band: number) => boolean): string => {
    let path = '';
    for (let band = 0; band < bands.states.length; band++) {
      if (!wanted(band)) continue;
      const { x, y } = at(band);
      path += `M${x} ${y}h${size}v${size}h${-size}z`;
    }
    return path;
  };
  const done = count(bands.states, 'd');
  const inWork = count(bands.states, 'l');
  return (
    <div class="mosaic" ref={place}>
      <svg
        role="img"
        aria-label={`${formatCount(done)} of ${formatCount(bands.states.length)} bands are drawn, ${inWork} in work`}
        width={columns * cell}
        height={rows * cell}
        onPointerMove={point}
        onPointerLeave={() => {
          pointed.value = null;
        }}
      >
        <path class="waits" d={cells((band) => bands.states[band] === 'w' || bands.by[band] === null)} />
        {bands.hosts.map((host, number) => {
          const { colour, pattern } = badgeOf(host);
          const faint = chosen.value !== null && chosen.value !== host ? ' faint' : '';
          const drawn = cells((band) => bands.by[band] === number && bands.states[band] === 'd');
          const held = cells((band) => bands.by[band] === number && bands.states[band] === 'l');
          return (
            <g key={host} class={`crew-${colour}${faint}`}>
              <path class="colour" d={drawn} />
              {cell >= 8 && <path d={drawn} fill={`url(#band-${pattern})`} />}
              <path class="held" d={held} />
            </g>
          );
        })}
        {cell >= LABELLED &&
          bands.by.map((number, band) => {
            const host = number === null ? undefined : bands.hosts[number];
            if (host === undefined) return null;
            const { x, y } = at(band);
            return (
              <text key={band} class={bands.states[band] === 'd' ? 'on-colour' : ''} x={x + size / 2} y={y + size / 2 + 4}>
                {badgeOf(host).number}
              </text>
            );
          })}
        {pointed.value !== null && <rect class="pointed" {...at(pointed.value)} width={size} height={size} />}
      </svg>
    </div>
  );
}

/** What is to be said of one band. */
export function wordsOf({ states, hosts, by }: Bands, band: number): string {
  const number = by[band];
  const host = number === null || number === undefined ? undefined : hosts[number];
  const state = STATE_WORDS[states[band] as keyof typeof STATE_WORDS];
  return `Band ${formatCount(band)}: ${state}${host === undefined ? '' : `, ${host}`}`;
}

export function count(states: string, letter: string): number {
  let n = 0;
  for (const each of states) if (each === letter) n++;
  return n;
}
