import { awaitFractals, type Standing } from './await-fractals.ts';
import { ProgressBar } from './progress-bar.ts';
import { complain, Failed } from './run.ts';
import type { Session } from './session.ts';

/**
 * Waits until all are drawn: with a progress bar on a terminal, with a line for each that ends elsewhere (both on stderr).
 * @throws {Failed} when any failed, was cancelled or deleted
 */
export async function waitFor({ client, signal }: Session, uuids: readonly string[]): Promise<void> {
  const standings = new Map<string, Standing>(uuids.map((uuid) => [uuid, { state: 'queued', progress: 0 }]));
  const ended = new Set<string>();
  const lost: string[] = [];
  using bar = new ProgressBar();

  const onChange = (uuid: string, standing: Standing): void => {
    standings.set(uuid, standing);
    if (!['queued', 'rendering', 'assembling'].includes(standing.state)) {
      ended.add(uuid);
      if (standing.state !== 'done') lost.push(`${uuid} (${standing.state})`);
      if (!process.stderr.isTTY) process.stderr.write(`${uuid} ${standing.state} (${ended.size} of ${uuids.length})\n`);
    }
    bar.show(meanProgress(standings), `${ended.size} of ${uuids.length} drawn`);
  };
  bar.show(0, `0 of ${uuids.length} drawn`);
  await awaitFractals(client, uuids, onChange, signal);
  bar.clear();
  if (lost.length === 0) return;
  complain(`not drawn: ${lost.join(', ')}.`);
  throw new Failed();
}

/** What is over counts as whole, however it ended. */
function meanProgress(standings: ReadonlyMap<string, Standing>): number {
  const shares = [...standings.values()].map(({ state, progress }) =>
    /^(done|failed|cancelled|deleted)$/.test(state) ? 1 : progress,
  );
  return shares.reduce((sum, share) => sum + share, 0) / shares.length;
}
