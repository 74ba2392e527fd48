import { useState } from 'preact/hooks';
import type { Fractal } from '../api/client.ts';
import { formatBytes, formatCount, formatMoment, formatNumber, formatSeconds, formulaName } from '../format.ts';
import { copyText } from '../state/copy-text.ts';
import { CheckIcon, CopyIcon } from './icons.tsx';

interface Row {
  readonly name: string;
  readonly shown: string;
  /** what Copy gives: exact, as the API and the command line take it */
  readonly exact: string;
  readonly long?: boolean;
}

/** Everything that is known of a fractal, each with a button that copies it. */
export function Parameters({ fractal }: { fractal: Fractal }) {
  return (
    <dl class="parameters">
      {rowsOf(fractal).map((row) => (
        <div key={row.name} class={row.long ? 'long' : undefined}>
          <dt>{row.name}</dt>
          <dd>
            <span>{row.shown}</span>
            <Copy name={row.name} text={row.exact} />
          </dd>
        </div>
      ))}
    </dl>
  );
}

const C_SOURCE_WORDS = { given: 'given', window: 'drawn from the window', fallback: 'drawn from [−2, 2] × [−1.5, 1.5]' } as const;

function rowsOf(fractal: Fractal): Row[] {
  const { c_source, duration, size, generated_by, finished_at } = fractal;
  const number = (name: string, value: number | null): Row[] =>
    value === null ? [] : [{ name, shown: formatNumber(value), exact: String(value) }];
  const text = (name: string, shown: string | null, exact = shown): Row[] =>
    shown === null || exact === null ? [] : [{ name, shown, exact }];
  return [
    ...text('formula', formulaName(fractal.formula), fractal.formula),
    ...(fractal.formula === 'multibrot' ? number('power', fractal.power) : []),
    ...text('palette', fractal.palette),
    ...(fractal.interior === null
      ? []
      : [
          ...number('density', fractal.density),
          ...number('offset', fractal.offset),
          ...text('interior', fractal.interior),
          ...number('shade', fractal.shade),
        ]),
    ...(fractal.samples > 1 ? number('samples', fractal.samples) : []),
    ...text(
      'dimensions',
      `${formatCount(fractal.width)} × ${formatCount(fractal.height)} pixels`,
      `${fractal.width}x${fractal.height}`,
    ),
    ...text('iterations', formatCount(fractal.iterations), String(fractal.iterations)),
    ...number('xa', fractal.xa),
    ...number('xb', fractal.xb),
    ...number('ya', fractal.ya),
    ...number('yb', fractal.yb),
    ...number('c_re', fractal.c_re),
    ...number('c_im', fractal.c_im),
    ...text('c was', c_source && C_SOURCE_WORDS[c_source], c_source),
    ...number('seed', fractal.seed),
    ...text('bands', formatCount(fractal.bands), String(fractal.bands)),
    ...(duration === null ? [] : text('duration', formatSeconds(duration), String(duration))),
    ...(size === null ? [] : text('size', formatBytes(size), String(size))),
    ...text('generated_by', generated_by && firstOf(generated_by.split(',')), generated_by),
    ...text('ordered', formatMoment(fractal.created_at), fractal.created_at),
    ...(finished_at === null ? [] : text('finished', formatMoment(finished_at), finished_at)),
    ...text('uuid', fractal.uuid).map((row) => ({ ...row, long: true })),
    ...text('checksum', fractal.checksum).map((row) => ({ ...row, name: 'checksum (SHA-256)', long: true })),
  ];
}

/** As many hosts as fit; who else there was is told below, where it is told which bands they drew. */
function firstOf(hosts: readonly string[]): string {
  if (hosts.length <= HOSTS_SHOWN + 1) return hosts.join(', ');
  return `${hosts.slice(0, HOSTS_SHOWN).join(', ')} and ${formatCount(hosts.length - HOSTS_SHOWN)} more`;
}

const HOSTS_SHOWN = 2;
const SHOWN_MS = 1_600;

function Copy({ name, text }: { name: string; text: string }) {
  const [copied, setCopied] = useState(false);
  const copy = async (): Promise<void> => {
    if (!(await copyText(text))) return;
    setCopied(true);
    setTimeout(() => setCopied(false), SHOWN_MS);
  };
  return (
    <button
      type="button"
      class="copy"
      onClick={copy}
      aria-label={copied ? `Copied ${name}` : `Copy ${name}`}
      title={`Copy ${text}`}
    >
      {copied ? <CheckIcon /> : <CopyIcon />}
    </button>
  );
}
