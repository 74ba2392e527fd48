import type { ComponentChildren } from 'preact';
import type { Fractal } from '../api/client.ts';
import { formatBytes, formatComplex, formatCount, formatNumber, formatSeconds } from '../format.ts';

/** The parameters of a fractal in a few lines, for cards. */
export function Facts({ fractal }: { fractal: Fractal }) {
  const { width, height, iterations, c_re, c_im, xa, xb, ya, yb, size, duration } = fractal;
  return (
    <dl class="facts">
      <Fact name="Pixels">
        {formatCount(width)} × {formatCount(height)}
      </Fact>
      <Fact name="Iterations">{formatCount(iterations)}</Fact>
      {c_re !== null && c_im !== null && <Fact name="c">{formatComplex(c_re, c_im, 7)}</Fact>}
      <Fact name="Real">{span(xa, xb)}</Fact>
      <Fact name="Imaginary">{span(ya, yb)}</Fact>
      <Fact name="Drawn in">{duration === null || size === null ? '—' : `${formatSeconds(duration)}, ${formatBytes(size)}`}</Fact>
    </dl>
  );
}

const span = (from: number, to: number): string => `${formatNumber(from, 6)} … ${formatNumber(to, 6)}`;

function Fact({ name, children }: { name: string; children: ComponentChildren }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}
