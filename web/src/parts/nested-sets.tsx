/** The outlines of the Mandelbrot set's bulbs, as an ornament; `broken` where something is missing. */
export function NestedSets({ broken = false }: { broken?: boolean }) {
  return (
    <svg
      class={broken ? 'ornament broken' : 'ornament'}
      viewBox="-2.1 -1.15 2.65 2.3"
      width="212"
      height="184"
      aria-hidden="true"
    >
      <path d={cardioid()} />
      <circle cx="-1" cy="0" r="0.25" />
      <circle cx="-1.309" cy="0" r="0.059" />
      <circle cx="-0.122" cy="0.745" r="0.094" />
      <circle cx="-0.122" cy="-0.745" r="0.094" />
      <circle cx="0.282" cy="0.53" r="0.044" />
      <circle cx="0.282" cy="-0.53" r="0.044" />
      <circle cx="-0.504" cy="0.563" r="0.036" />
      <circle cx="-0.504" cy="-0.563" r="0.036" />
      <path d="M-2 0H-1.37M-0.156 0.84V1.03M-0.156 -0.84V-1.03" />
    </svg>
  );
}

/** c = e^it / 2 - e^2it / 4: the boundary of the main cardioid. */
function cardioid(): string {
  const points = Array.from({ length: 97 }, (_, step) => {
    const t = (step / 96) * 2 * Math.PI;
    const re = Math.cos(t) / 2 - Math.cos(2 * t) / 4;
    const im = Math.sin(t) / 2 - Math.sin(2 * t) / 4;
    return `${re.toFixed(4)} ${im.toFixed(4)}`;
  });
  return `M${points.join('L')}Z`;
}
