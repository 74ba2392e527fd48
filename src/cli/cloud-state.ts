import { randomBytes } from 'node:crypto';
import { mkdir, readFile, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { newAccessToken } from '../actions/access-token.ts';
import { type DeploymentSecrets, type DeploymentWish, TOPOLOGIES } from '../domain/deployment.ts';
import { Fault } from '../domain/fault.ts';
import { refuseUnwritable, replaceFile, sweepParts } from './replace-file.ts';

const NAMED = z.object({ id: z.string(), name: z.string() });
const STATE = z.object({
  version: z.literal(1),
  wish: z.object({
    name: z.string(),
    topology: z.enum(TOPOLOGIES),
    workers: z.number(),
    apis: z.number(),
    image: NAMED,
    flavor: NAMED,
    network: NAMED,
    external: NAMED,
    cidrs: z.array(z.string()),
    key: z.object({ name: z.string(), publicKey: z.string() }),
    sshFrom: z.string(),
    swift: z.boolean(),
    source: z.string(),
  }),
  secrets: z.object({
    brokerPassword: z.string(),
    workerBrokerPassword: z.string(),
    databasePassword: z.string(),
    storePassword: z.string(),
    adminToken: z.string(),
  }),
  /** one that was made for this deployment, and goes with it */
  keyPair: z.string().nullable(),
});

/** What is kept of a deployment where it was brought up: how it was wished for, and its secrets. */
export interface DeploymentState {
  readonly wish: DeploymentWish;
  readonly secrets: DeploymentSecrets;
  readonly keyPair: string | null;
}

/** Where it is kept: for each project, as names are its own. */
export function statePath(projectId: string, name: string, env: NodeJS.ProcessEnv = process.env): string {
  const home = env.XDG_STATE_HOME || join(env.HOME || homedir(), '.local', 'state');
  return join(home, 'faafo', 'deployments', projectId, `${name}.json`);
}

/** @returns null when there is none. @throws {Fault} when it is there and cannot be read */
export async function readState(path: string): Promise<DeploymentState | null> {
  const text = await readFile(path, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'ENOENT') return null;
    throw new Fault('unavailable', `${path} cannot be read (${cause.code}).`, { cause });
  });
  if (text === null) return null;
  const read = STATE.safeParse(parsed(text));
  if (read.success) return read.data;
  throw new Fault('invalid', `${path} is not what faafo cloud has written: put a copy back, or move it away.`);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** Writing it takes a moment: what is older was left by somebody who was killed. */
const WRITTEN_MS = 60_000;

/** Only its owner can read it. It is whole, and on the disk, when this resolves. */
export async function writeState(path: string, state: DeploymentState): Promise<void> {
  await sweepParts(path, WRITTEN_MS);
  await mkdir(dirname(path), { recursive: true, mode: 0o700 }).catch(refuseUnwritable(path));
  await replaceFile(path, async (file) => {
    await file.chmod(0o600);
    await file.writeFile(`${JSON.stringify({ version: 1, ...state }, null, 2)}\n`);
    await file.sync();
  }).catch(refuseUnwritable(path));
}

/** With what was being written in its place. */
export async function removeState(path: string): Promise<void> {
  await rm(path, { force: true });
  await sweepParts(path, 0);
}

/** New ones, of letters and digits, which need no quoting anywhere. */
export function newSecrets(): DeploymentSecrets {
  const password = () => randomBytes(24).toString('hex');
  return {
    brokerPassword: password(),
    workerBrokerPassword: password(),
    databasePassword: password(),
    storePassword: password(),
    adminToken: newAccessToken().text,
  };
}
