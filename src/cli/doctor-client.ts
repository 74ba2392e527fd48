import { judgeToken } from '../actions/access-token.ts';
import { Fault } from '../domain/fault.ts';
import { parseFractalId } from '../domain/ids.ts';
import { ENGINE_VERSION } from '../engine/version.ts';
import { exchange } from '../http/exchange.ts';
import { folderCheck } from './doctor-machine.ts';
import { type Check, fail, ok, warn } from './doctor-report.ts';
import { ownTokenFile } from './enrol-worker.ts';
import { readOwnToken } from './own-token.ts';
import type { ClientSettings, WorkerSettings } from './settings.ts';
import { maskUrl } from './urls.ts';
import { VERSION } from './version.ts';

/* What can be seen of an API from outside. */

const CLOCK_MS = 5_000;
const TIMEOUT_MS = 5_000;

export function clientChecks({ endpoint_url, token }: Pick<ClientSettings, 'endpoint_url' | 'token'>): Check[] {
  const { api, ask } = apiCheck(endpoint_url);
  return [api, readinessCheck(ask), versionCheck(ask), tokenCheck(ask, token)];
}

export function workerChecks(settings: Pick<WorkerSettings, 'endpoint_url' | 'token' | 'state_dir'>): Check[] {
  const { api, ask } = apiCheck(settings.endpoint_url);
  const isToBeEnrolled = judgeToken(settings.token) === 'enrolment';
  return [api, ...(isToBeEnrolled ? [folderCheck('state folder', settings.state_dir)] : []), workerTokenCheck(ask, settings)];
}

const API_MEND = 'Start faafo-api there, or correct endpoint_url.';

function apiCheck(endpoint_url: string): { readonly api: Check; readonly ask: Ask } {
  const name = maskUrl(endpoint_url);
  const url = new URL(endpoint_url);
  const endpoint = `${url.origin}${url.pathname}`.replace(/\/+$/, '');
  const basic: Record<string, string> =
    url.username === ''
      ? {}
      : { authorization: `Basic ${btoa(`${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`)}` };
  const ask: Ask = (path, { headers = {}, ...init } = {}) =>
    exchange(endpoint, path, { timeoutMs: TIMEOUT_MS, ...init, headers: { ...basic, ...headers } });
  const api: Check = {
    name: 'api',
    mend: API_MEND,
    look: async () => {
      const before = performance.now();
      const response = await ask('/healthz');
      await response.body?.cancel();
      const off = Math.abs(Date.parse(response.headers.get('date') ?? '') - Date.now());
      return [
        ok(`${name} answers, in ${Math.round(performance.now() - before)} ms`),
        off > CLOCK_MS
          ? warn(
              `its clock and this machine's differ by ${(off / 1000).toFixed(0)} s`,
              'Keep both right: systemctl enable --now chrony',
            )
          : ok(`its clock and this machine's agree to the second`),
      ];
    },
  };
  return { api, ask };
}

interface Asked {
  readonly method?: string;
  readonly body?: string;
  readonly headers?: Record<string, string>;
}

type Ask = (path: string, asked?: Asked) => Promise<Response>;

const readinessCheck = (ask: Ask): Check => ({
  name: 'readiness',
  needs: 'api',
  mend: API_MEND,
  look: async () => {
    const { status, dependencies } = await readinessOf(ask);
    const away = Object.entries(dependencies).filter(([, each]) => each.status !== 'ok');
    if (status === 'ok' || away.length === 0) return [ok(`ready: ${Object.keys(dependencies).join(', ')}`)];
    const tell = (which: string, detail = 'away') => `${which}: ${detail.replace(/\.$/, '')}`;
    return away.map(([which, { detail }]) =>
      status === 'impaired'
        ? warn(tell(which, detail), 'Orders are kept; run faafo doctor where faafo-api runs.')
        : fail(tell(which, detail), 'Nothing can be ordered until then; run faafo doctor where faafo-api runs.'),
    );
  },
});

interface Readiness {
  readonly status: 'ok' | 'impaired' | 'unavailable';
  readonly dependencies: Record<string, { readonly status: string; readonly detail?: string }>;
}

/** Also that of an API that is not ready, which says so with a refusal. @throws {Fault} */
async function readinessOf(ask: Ask): Promise<Readiness> {
  try {
    return (await (await ask('/readyz')).json()) as Readiness;
  } catch (error) {
    const members: Record<string, unknown> = error instanceof Fault ? (error.details.members ?? {}) : {};
    if (typeof members.dependencies !== 'object' || members.dependencies === null) throw error;
    return { status: 'unavailable', dependencies: members.dependencies as Readiness['dependencies'] };
  }
}

const versionCheck = (ask: Ask): Check => ({
  name: 'version',
  needs: 'api',
  mend: API_MEND,
  look: async () => {
    const { info } = (await (await ask('/openapi.json')).json()) as { info: { version: string } };
    if (info.version === VERSION) return [ok(`both are faafo ${VERSION}`)];
    return [warn(`the API is faafo ${info.version}, this is ${VERSION}`, 'Install the same release here.')];
  },
});

const bearer = (token: string): Record<string, string> => (token === '' ? {} : { authorization: `Bearer ${token}` });

const tokenCheck = (ask: Ask, token: string): Check => ({
  name: 'token',
  needs: 'api',
  mend: 'Ask whoever runs the service for a token, and put it into FAAFO_TOKEN or a token_file.',
  look: async () => {
    await (await ask('/v1/status', { headers: bearer(token) })).body?.cancel();
    return [ok(token === '' ? 'none is needed to look' : 'it is valid')];
  },
});

/** Null for an enrolment token that nothing was got for yet. */
const tokenToShow = async ({ token, state_dir }: Pick<WorkerSettings, 'token' | 'state_dir'>): Promise<string | null> =>
  judgeToken(token) === 'enrolment' ? await readOwnToken(ownTokenFile(state_dir, token)) : token;

/** Claims a band that there is not: that changes nothing, and is answered only to workers. */
const workerTokenCheck = (ask: Ask, settings: Pick<WorkerSettings, 'token' | 'state_dir'>): Check => ({
  name: 'token',
  needs: 'api',
  mend: 'faafo token create NAME --role worker makes one; put it into FAAFO_TOKEN or a token_file.',
  look: async () => {
    const token = await tokenToShow(settings);
    if (token === null) return [ok('an enrolment token: faafo-worker exchanges it when it starts')];
    const body = { fractal: parseFractalId(crypto.randomUUID()), band: 0, host: 'doctor', engine_version: ENGINE_VERSION };
    const headers = { 'content-type': 'application/json', ...bearer(token) };
    try {
      await (await ask('/v1/work/claim', { method: 'POST', body: JSON.stringify(body), headers })).body?.cancel();
    } catch (error) {
      if (!(error instanceof Fault) || error.code !== 'not_found') throw error;
      return [fail('no workers are let in there', "Correct endpoint_url: the API's address, or its worker_listen_address.")];
    }
    return [ok(token === '' ? 'workers are let in without one' : 'it is a worker’s')];
  },
});
