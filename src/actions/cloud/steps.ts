import type { CloudGroup, CloudServer, RuleSource } from '../../domain/cloud-resources.ts';
import type { DeploymentHost, DeploymentPlan, GroupRule, PlanStep } from '../../domain/deployment.ts';
import { Fault } from '../../domain/fault.ts';
import { awaitGone, awaitServer } from './await-server.ts';
import type { CarryOutParts, Progress, StepOutcome } from './carry-out.ts';
import { fixedAddress } from './find-deployment.ts';
import { hostData } from './host-data.ts';
import { makeOnce } from './make-once.ts';
import { DEPLOYMENT_KEY, descriptionOf, isMarked, isOf, KIND_KEY, tagOf } from './marks.ts';
import { sameKey } from './same-key.ts';

/** Makes what a step is about, unless it is there. @returns which of both. @throws {Fault} */
export async function doStep(
  step: PlanStep,
  plan: DeploymentPlan,
  parts: CarryOutParts,
  progress: Progress,
): Promise<StepOutcome> {
  const doing = { plan, parts, progress };
  switch (step.kind) {
    case 'key-pair':
      return await ensureKeyPair(doing);
    case 'group':
      return await ensureGroup(step.group, doing);
    case 'rule':
      return await ensureRule(step.group, step.rule, doing);
    case 'credential':
      return await ensureCredential(step.name, doing);
    case 'server':
      return await ensureServer(step.host, doing);
    case 'boot':
      return await ensureBooted(step.host, doing);
    case 'address':
      return await ensureAddress(step.host, doing);
    case 'ready':
      await parts.awaitService(progress.entryAddress!, parts.signal);
      return 'there';
  }
}

interface Doing {
  readonly plan: DeploymentPlan;
  readonly parts: CarryOutParts;
  readonly progress: Progress;
}

async function ensureKeyPair({ plan: { wish }, parts: { project, noteKeyPair, signal } }: Doing): Promise<StepOutcome> {
  const find = async () => (await project.keyPairs.list()).find(({ name }) => name === wish.key.name) ?? null;
  const there = await find();
  if (there) {
    if (sameKey(there.publicKey, wish.key.publicKey)) return 'there';
    const how = `name another with --key, or remove it: openstack keypair delete ${wish.key.name}`;
    throw new Fault('conflict', `There is a key pair ${wish.key.name} already, of another key: ${how}.`);
  }
  await noteKeyPair(wish.key.name);
  await makeOnce(() => project.keyPairs.make(wish.key.name, wish.key.publicKey), find, signal);
  return 'made';
}

async function ensureGroup(name: string, { plan: { wish }, parts: { project, signal }, progress }: Doing): Promise<StepOutcome> {
  const isIt = (group: CloudGroup) => group.name === name && isMarked(wish.name, group);
  const find = async () => (await project.groups.list()).find(isIt) ?? null;
  const there = progress.found.groups.find(isIt);
  const description = descriptionOf(wish.name, `who may reach ${name}`);
  const group = there ?? (await makeOnce(() => project.groups.make(name, description), find, signal));
  progress.groupIds.set(name, group.id);
  if (!group.tags.includes(tagOf(wish.name))) await project.groups.tag(group.id, tagOf(wish.name));
  return there ? 'there' : 'made';
}

async function ensureRule(
  name: string,
  { port, from }: GroupRule,
  { parts: { project, signal }, progress }: Doing,
): Promise<StepOutcome> {
  const source: RuleSource = 'cidr' in from ? from : { groupId: progress.groupIds.get(from.group)! };
  const groupId = progress.groupIds.get(name)!;
  const isThere = (group: CloudGroup | undefined) =>
    group?.rules.some(
      (rule) => rule.direction === 'ingress' && rule.fromPort === port && rule.toPort === port && sameSource(rule.source, source),
    );
  if (isThere(progress.found.groups.find(({ id }) => id === groupId))) return 'there';
  const find = async () => (isThere((await project.groups.list()).find(({ id }) => id === groupId)) ? true : null);
  const allow = async () => {
    await project.groups.allow(groupId, port, source);
    return true;
  };
  await makeOnce(allow, find, signal);
  return 'made';
}

/** Neutron says nothing where everybody may come in. */
const sameSource = (one: RuleSource | null, other: RuleSource): boolean =>
  'groupId' in other
    ? one !== null && 'groupId' in one && one.groupId === other.groupId
    : (one === null ? '0.0.0.0/0' : 'cidr' in one ? one.cidr : '') === other.cidr;

async function ensureCredential(name: string, { plan: { wish }, parts, progress }: Doing): Promise<StepOutcome> {
  const { credentials } = parts.project;
  const there = progress.found.credentials[0];
  const find = async () => (await credentials.list()).find((each) => each.name === name) ?? null;
  const description = descriptionOf(wish.name, 'its API keeps pictures in Swift');
  const make = () => credentials.make(name, parts.secrets.storePassword, description);
  progress.credentialId = (there ?? (await makeOnce(make, find, parts.signal))).id;
  return there ? 'there' : 'made';
}

async function ensureServer(host: DeploymentHost, { plan, parts, progress }: Doing): Promise<StepOutcome> {
  const { wish } = plan;
  const { servers } = parts.project;
  const isIt = (server: CloudServer) => server.name === host.name && isOf(wish.name, server);
  const there = progress.found.servers.find(isIt);
  // What was taken down a moment ago makes room for another of its name.
  if (there?.isLeaving) await awaitGone(servers, [there.id], parts);
  else if (there) {
    progress.servers.set(host.name, there);
    return 'there';
  }
  const order = {
    name: host.name,
    imageId: wish.image.id,
    flavorId: wish.flavor.id,
    networkId: wish.network.id,
    groupIds: [progress.groupIds.get(host.group)!],
    keyName: wish.key.name,
    metadata: { [DEPLOYMENT_KEY]: wish.name, [KIND_KEY]: host.kind },
    userData: await dataOf(host, { plan, parts, progress }),
  };
  const find = async () => (await servers.list()).find((server) => isIt(server) && !server.isLeaving) ?? null;
  const { id } = await makeOnce(() => servers.make(order), find, parts.signal);
  const made = await servers.find(id);
  if (made === null) throw new Fault('unavailable', `compute: the instance ${host.name} was taken away while it was made.`);
  progress.servers.set(host.name, made);
  return 'made';
}

async function dataOf(host: DeploymentHost, { plan, parts, progress }: Doing): Promise<string> {
  return hostData(host, {
    wish: plan.wish,
    hosts: plan.hosts,
    entry: plan.entry,
    secrets: parts.secrets,
    addressOf: ({ name }) => fixedAddress(progress.servers.get(name)!)!,
    ...(host.kind === 'worker' && { token: await parts.enrolToken(progress.entryAddress!) }),
    ...(progress.credentialId !== null && { store: parts.storeVariables(progress.credentialId) }),
  });
}

async function ensureBooted(host: DeploymentHost, { parts, progress }: Doing): Promise<StepOutcome> {
  const before = progress.servers.get(host.name)!;
  const server = await awaitServer(parts.project.servers, before, parts);
  progress.servers.set(host.name, server);
  return before.status === 'ACTIVE' && fixedAddress(before) !== null ? 'there' : 'made';
}

async function ensureAddress(
  host: DeploymentHost,
  { plan: { wish }, parts: { project, signal }, progress }: Doing,
): Promise<StepOutcome> {
  const ports = await project.networks.portsOf(progress.servers.get(host.name)!.id);
  const port = ports.find(({ networkId }) => networkId === wish.network.id) ?? ports[0];
  if (!port) throw new Fault('unavailable', `network: the instance ${host.name} has no port.`);
  const description = descriptionOf(wish.name, `leads to ${host.name}`);
  const find = async () => (await project.floatingIps.list()).find((each) => each.description === description) ?? null;
  const there = progress.found.floatingIps.find((each) => each.description === description) ?? null;
  const ip = there ?? (await makeOnce(() => project.floatingIps.make(wish.external.id, description), find, signal));
  if (!ip.tags.includes(tagOf(wish.name))) await project.floatingIps.tag(ip.id, tagOf(wish.name));
  if (ip.portId !== port.id) await project.floatingIps.lead(ip.id, port.id);
  progress.entryAddress = ip.address;
  return there?.portId === port.id ? 'there' : 'made';
}
