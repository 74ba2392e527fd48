import { createInterface } from 'node:readline/promises';
import { containerName } from '../actions/cloud/host-data.ts';
import { sameKey } from '../actions/cloud/same-key.ts';
import { type Removal, removalsOf, takeDown } from '../actions/cloud/take-down.ts';
import { type CloudSite, openSite } from './cloud-site.ts';
import { removeState } from './cloud-state.ts';
import { interruptible, interruption } from './interrupt.ts';
import { openCloud } from './open-cloud.ts';
import { complain, Failed } from './run.ts';
import { UsageError } from './usage-error.ts';

/** `faafo cloud down`: what is marked with the deployment's name, and nothing else. */
export async function cloudDown({ name, yes = false }: { name: string; yes?: boolean }): Promise<void> {
  const signal = interruption();
  await using opened = await openCloud();
  const site = await openSite(name, opened);
  const { project } = opened;
  const removals = removalsOf(await site.find(), await ownKeyPair(site));
  if (removals.length === 0) process.stderr.write(`There is nothing of the deployment ${name} in this project.\n`);
  else if (!yes) await confirm(name, removals);
  const onRemoved = ({ what, name: called }: Removal) => void process.stderr.write(`${what} ${called}: deleted\n`);
  await interruptible(signal, takeDown(project, removals, { signal, onRemoved })).catch((error) => {
    complain('The same command goes on from here.');
    throw error;
  });
  await removeState(site.path);
  if (site.state?.wish.swift)
    process.stderr.write(`The pictures stay in Swift: containers ${containerName(name)} and ${containerName(name)}_segments.\n`);
}

/** The key pair that was made for it, if it is still that one. */
async function ownKeyPair({ state, project }: CloudSite): Promise<string | null> {
  if (!state?.keyPair) return null;
  const { keyPair, wish } = state;
  const isIt = (await project.keyPairs.list()).some(
    ({ name, publicKey }) => name === keyPair && sameKey(publicKey, wish.key.publicKey),
  );
  return isIt ? keyPair : null;
}

/** @throws {Failed} unless somebody says yes */
async function confirm(name: string, removals: readonly Removal[]): Promise<void> {
  if (!process.stdin.isTTY) throw new UsageError('There is nobody to ask: say -y.');
  for (const { what, name: called } of removals) process.stderr.write(`${what} ${called}\n`);
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  const answer = await lines.question(`Delete all of this, the deployment ${name}? [y/N] `).finally(() => lines.close());
  if (/^y(es)?$/i.test(answer.trim())) return;
  complain('nothing was deleted.');
  throw new Failed();
}
