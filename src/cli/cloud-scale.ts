import { KIND_KEY } from '../actions/cloud/marks.ts';
import { planDeployment } from '../actions/cloud/plan-deployment.ts';
import { type DrainWatcher, removeWorkers, surplusOf } from '../actions/cloud/scale-down.ts';
import { Fault } from '../domain/fault.ts';
import { carryOutHere, openSite, stateOf } from './cloud-site.ts';
import { writeState } from './cloud-state.ts';
import { interruptible, interruption } from './interrupt.ts';
import { openCloud } from './open-cloud.ts';

/** `faafo cloud scale`: afterwards there are the workers 1 to so many. @throws {Fault} */
export async function cloudScale({ name, workers, wait }: { name: string; workers: number; wait: number }): Promise<void> {
  const signal = interruption();
  await using opened = await openCloud();
  const site = await openSite(name, opened);
  const state = stateOf(site);
  const { topology } = state.wish;
  if (topology === 'all-in-one')
    throw new Fault('invalid', 'All is in one instance here: bring up another deployment with --topology split or scaled.');
  const { servers } = await site.find();
  if (servers.length === 0)
    throw new Fault('not_found', `There is no deployment ${name} in this project: faafo cloud up makes one.`);
  const wish = { ...state.wish, workers };
  const surplus = surplusOf(
    servers.filter(({ metadata }) => metadata[KIND_KEY] === 'worker'),
    workers,
  );
  if (surplus.length > 0) {
    // Noted first: whoever goes on after an interruption means this many.
    await writeState(site.path, { ...state, wish });
    const watcher: DrainWatcher = {
      drained: ({ name: called }, inTime) =>
        process.stderr.write(`instance ${called}: ${inTime ? 'has ended' : 'does not end, and is deleted all the same'}\n`),
      removed: ({ name: called }) => process.stderr.write(`instance ${called}: deleted\n`),
    };
    await interruptible(signal, removeWorkers(opened.project, surplus, { signal }, watcher));
  }
  await carryOutHere(site, planDeployment(wish), { ...state, wish }, { patienceS: wait, signal });
  process.stderr.write(`${workers} worker${workers === 1 ? '' : 's'}.\n`);
}
