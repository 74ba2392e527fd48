import { isIPv4 } from 'node:net';
import { isDeploymentName, NAME_RULE } from '../actions/cloud/marks.ts';
import { resolveName, resolveOnly } from '../actions/cloud/resolve.ts';
import type { CloudProject } from '../domain/cloud-resources.ts';
import type { DeploymentWish, Topology } from '../domain/deployment.ts';
import { Fault } from '../domain/fault.ts';
import { readPublicKey } from './public-key.ts';
import { UsageError } from './usage-error.ts';

/** What `faafo cloud up` was told. */
export interface UpFlags {
  readonly name: string;
  readonly topology: Topology;
  readonly workers?: number;
  readonly apis?: number;
  readonly image?: string;
  readonly flavor?: string;
  readonly key: string;
  readonly publicKey?: string;
  readonly network?: string;
  readonly external?: string;
  readonly store?: 'swift';
  readonly sshFrom: string;
  readonly source: string;
}

/** As the guide has them. */
const USUAL_WORKERS: Readonly<Record<Topology, number>> = { 'all-in-one': 0, split: 1, scaled: 3 };
const USUAL_APIS: Readonly<Record<Topology, number>> = { 'all-in-one': 1, split: 1, scaled: 2 };

/** @throws {UsageError} for what is wrong in itself, before anybody is asked */
export function checkFlags({ name, topology, workers, apis, sshFrom }: UpFlags): void {
  checkName(name);
  if (topology === 'all-in-one' && workers !== undefined)
    throw new UsageError('--workers: all-in-one has one worker, beside its API; choose --topology split or scaled.');
  if (topology !== 'scaled' && apis !== undefined)
    throw new UsageError(`--apis: ${topology} has one API; choose --topology scaled.`);
  const [address = '', length = '', ...more] = sshFrom.split('/');
  if (!isIPv4(address) || !/^\d{1,2}$/.test(length) || Number(length) > 32 || more.length > 0)
    throw new UsageError(`--ssh-from: must be addresses such as 203.0.113.0/24 or 198.51.100.7/32, not '${sshFrom}'.`);
}

/** @throws {UsageError} */
export function checkName(name: string): void {
  if (!isDeploymentName(name)) throw new UsageError(`--name: ${NAME_RULE}, not '${name}'.`);
}

/** Finds what the flags name. @throws {Fault} with what there is, where something is not there or not clear */
export async function wishOf(flags: UpFlags, project: CloudProject): Promise<DeploymentWish> {
  checkFlags(flags);
  const [images, flavors, networks, keyPairs] = await Promise.all([
    project.images.list(),
    project.flavors.list(),
    project.networks.list(),
    project.keyPairs.list(),
  ]);
  const image = chosen(images, flags.image, 'image', '--image');
  if (image.status !== 'active') throw new Fault('conflict', `The image ${image.name} is ${image.status}, and cannot be booted.`);
  const flavor = chosen(flavors, flags.flavor, 'flavor', '--flavor');
  if (flavor.memoryMib < image.minMemoryMib || (flavor.diskGib > 0 && flavor.diskGib < image.minDiskGib)) {
    const needs = `${image.minMemoryMib} MiB of memory and ${image.minDiskGib} GiB of disk`;
    throw new Fault('invalid', `The flavor ${flavor.name} is too small for the image ${image.name}, which needs ${needs}.`);
  }
  const network = chosen(
    networks.filter(({ isExternal }) => !isExternal),
    flags.network,
    'network',
    '--network',
  );
  const external = chosen(
    networks.filter(({ isExternal }) => isExternal),
    flags.external,
    'external network',
    '--external',
  );
  const there = keyPairs.find((each) => each.name === flags.key);
  const publicKey = there && flags.publicKey === undefined ? there.publicKey : readPublicKey(flags.publicKey ?? null);
  const { name, topology, sshFrom, source, store } = flags;
  return {
    name,
    topology,
    workers: flags.workers ?? USUAL_WORKERS[topology],
    apis: flags.apis ?? USUAL_APIS[topology],
    image: named(image),
    flavor: named(flavor),
    network: named(network),
    external: named(external),
    cidrs: await project.networks.cidrsOf(network.id),
    key: { name: flags.key, publicKey },
    sshFrom,
    swift: store === 'swift',
    source,
  };
}

const chosen = <T extends { readonly id: string; readonly name: string }>(
  all: readonly T[],
  word: string | undefined,
  what: string,
  flag: string,
): T => (word === undefined ? resolveOnly(all, what, flag) : resolveName(all, word, what, flag));

const named = ({ id, name }: { readonly id: string; readonly name: string }) => ({ id, name });
