import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runFaafo } from '../../support/run-faafo.ts';
import { type RunningApi, startApi } from '../../support/start-api.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { until } from '../../support/until.ts';
import type { Operator } from './faafo.ts';
import type { TestProject } from './project.ts';

/** What a guest would run, where its floating IP leads: the hosts of this cloud boot nobody, and its floating IPs lie on loopback. */
export interface StandIn extends AsyncDisposable {
  /** resolves when it answers */
  readonly up: Promise<RunningApi>;
}

/** A cloud that is asked without a rest has time for nobody else. */
const POLL_MS = 1_000;

/**
 * Waits until a floating IP leads to an instance, and starts a real API there, which knows the admin's token as the user data would tell it.
 * @param deployment whose floating IP
 * @param more what it is told beside
 */
export function standIn(
  project: TestProject,
  operator: Operator,
  deployment = 'faafo',
  more: () => Promise<{ readonly flags: readonly string[]; readonly env: Record<string, string> }> = async () => ({
    flags: [],
    env: {},
  }),
): StandIn {
  const undo = new AsyncDisposableStack();
  let isOver = false;
  const start = async (): Promise<RunningApi> => {
    const address = await until(
      async () => {
        if (isOver) throw new Error('nobody waits for it any more');
        // A cloud that is short of breath for a moment is asked again.
        const ips = await project.cloud.floatingIps.list().catch(() => []);
        return ips.find(({ portId, description }) => portId !== null && description.includes(` ${deployment}: `))?.address;
      },
      Number.POSITIVE_INFINITY,
      POLL_MS,
    );
    const folder = undo.use(await temporaryFolder());
    const { secrets } = (await operator.state(deployment))!;
    const token = join(folder.path, 'admin-token');
    await writeFile(token, secrets.adminToken);
    const words = ['token', 'create', 'admin', '--role', 'admin', '--token-from', token, '--data-dir', join(folder.path, 'data')];
    const { status, stderr } = await runFaafo('http://127.0.0.1:9', words);
    if (status !== 0) throw new Error(stderr);
    const { flags, env } = await more();
    const options = { dataDir: join(folder.path, 'data'), port: 80, flags: ['--listen-address', address, ...flags], env };
    return undo.use(await startApi(options));
  };
  const up = start();
  // Whoever waits for it is told; and whoever waits for something else sees why that does not come.
  up.catch((error: Error) => isOver || console.error(`the stand-in does not come up: ${error.message}`));
  return {
    up,
    [Symbol.asyncDispose]: async () => {
      isOver = true;
      await up.catch(() => undefined);
      await undo.disposeAsync();
    },
  };
}
