import type { FractalPage, FractalResource, OrderBody } from '../../src/http/schemas.ts';
import { until } from './until.ts';

/**
 * Inside a Siegel disc, where orbits neither leave nor, in doubles, come back to where they were for more than 10^8 steps: no shortcut
 * applies. Source: docs/references.md#siegel-disc
 */
export const SIEGEL_DISC = {
  formula: 'julia',
  c_re: -0.3905408702184,
  c_im: -0.5867879073469687,
  xa: -0.4,
  xb: -0.34,
  ya: -0.36,
  yb: -0.32,
} as const;

/** A small Julia set; override what matters to the test. */
export function anOrder(override: Partial<OrderBody> = {}): OrderBody {
  return { width: 64, height: 48, iterations: 100, xa: -2, xb: 2, ya: -1.5, yb: 1.5, ...override };
}

export async function send(url: string, method: string, body?: unknown, headers: Record<string, string> = {}): Promise<Response> {
  if (body === undefined) return await fetch(url, { method, headers });
  return await fetch(url, { method, body: JSON.stringify(body), headers: { ...headers, 'content-type': 'application/json' } });
}

/** Orders and expects 201. */
export async function order(api: string, override: Partial<OrderBody> = {}): Promise<FractalResource> {
  const response = await send(`${api}/v1/fractal`, 'POST', anOrder(override));
  if (response.status !== 201) throw new Error(`order was answered ${response.status}: ${await response.text()}`);
  return (await response.json()) as FractalResource;
}

export async function look(api: string, uuid: string): Promise<FractalResource> {
  const response = await fetch(`${api}/v1/fractal/${uuid}`);
  if (response.status !== 200) throw new Error(`fractal ${uuid} was answered ${response.status}: ${await response.text()}`);
  return (await response.json()) as FractalResource;
}

/** Waits until it is in the state (done by default). @throws when it ends in another */
export async function finished(api: string, uuid: string, state = 'done', timeoutMs = 20_000): Promise<FractalResource> {
  return await until(async () => {
    const fractal = await look(api, uuid);
    if (fractal.state === state) return fractal;
    if (['done', 'failed', 'cancelled'].includes(fractal.state))
      throw new Error(`fractal ${uuid} is ${fractal.state}: ${fractal.error}`);
    return null;
  }, timeoutMs);
}

/** Every fractal there is, through cursors. */
export async function everyFractal(api: string): Promise<FractalResource[]> {
  const all: FractalResource[] = [];
  let cursor: string | null = null;
  do {
    const response: Response = await fetch(`${api}/v1/fractal?results_per_page=100${cursor ? `&cursor=${cursor}` : ''}`);
    const page = (await response.json()) as FractalPage;
    all.push(...page.objects);
    cursor = page.next_cursor;
  } while (cursor);
  return all;
}
