import { setTimeout as sleep } from 'node:timers/promises';
import { Fault } from '../domain/fault.ts';

const POLL_MS = 2_000;
const ANSWER_MS = 5_000;
/** Longer than the largest deployment takes to come up; then it is worth nothing. */
const ENROLMENT_S = 2 * 3600;

/** How a service is, just now, as it says at its address. */
export interface ServiceHealth {
  readonly isReady: boolean;
  /** for people */
  readonly text: string;
  /** what it stands on, as it sees it: `ok` or `unavailable`, by name */
  readonly dependencies: Readonly<Record<string, string>>;
}

interface Said {
  readonly status?: string;
  readonly detail?: string;
  readonly dependencies?: Readonly<Record<string, { readonly status: string }>>;
}

/** Never rejects. */
export async function healthAt(address: string): Promise<ServiceHealth> {
  try {
    const answer = await fetch(`http://${address}/readyz`, { signal: AbortSignal.timeout(ANSWER_MS) });
    const said = (await answer.json()) as Said;
    const dependencies = Object.fromEntries(Object.entries(said.dependencies ?? {}).map(([name, { status }]) => [name, status]));
    if (answer.ok) return { isReady: true, text: said.status ?? 'ok', dependencies };
    return { isReady: false, text: said.detail ?? `status ${answer.status}`, dependencies };
  } catch (error) {
    const { message, cause, name } = error as Error & { cause?: { code?: string } };
    const why = name === 'TimeoutError' ? `no answer within ${ANSWER_MS / 1000} s` : (cause?.code ?? message);
    return { isReady: false, text: why, dependencies: {} };
  }
}

/** Resolves when the service there can take orders. @throws {Fault} `unavailable` when it does not become so in time */
export async function awaitService(address: string, patienceS: number, signal: AbortSignal): Promise<void> {
  const deadline = performance.now() + patienceS * 1000;
  for (;;) {
    const { isReady, text } = await healthAt(address);
    if (isReady) return;
    if (performance.now() > deadline) {
      const look = 'faafo cloud logs NAME shows how far its installation came; run this again to wait longer';
      throw new Fault(
        'unavailable',
        `The service at http://${address}/ does not answer after ${patienceS} s (${text}): ${look}.`,
      );
    }
    await sleep(POLL_MS, undefined, { signal });
  }
}

/** A token with which one worker enrols, within two hours: nobody enrols with what another's user data hold, nor with what an end left unused. */
export async function enrolTokenAt(
  address: string,
  { adminToken, name, signal }: { adminToken: string; name: string; signal: AbortSignal },
): Promise<string> {
  const { Client } = await import('../http/client.ts');
  const client = new Client(`http://${address}`, { token: adminToken, signal });
  const { token } = await client.createToken({ name, role: 'worker', expires_in: ENROLMENT_S, uses: 1 });
  return token;
}
