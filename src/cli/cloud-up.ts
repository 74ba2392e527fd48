import { isNothing } from '../actions/cloud/find-deployment.ts';
import { hostData } from '../actions/cloud/host-data.ts';
import { describeStep, planDeployment } from '../actions/cloud/plan-deployment.ts';
import { stepsWithStanding } from '../actions/cloud/standing.ts';
import { strayRules } from '../actions/cloud/stray-rules.ts';
import type { DeploymentPlan, DeploymentSecrets, DeploymentWish } from '../domain/deployment.ts';
import { Fault } from '../domain/fault.ts';
import { type CloudSite, carryOutHere, openSite } from './cloud-site.ts';
import { type DeploymentState, newSecrets } from './cloud-state.ts';
import { checkFlags, type UpFlags, wishOf } from './cloud-wish.ts';
import { interruption } from './interrupt.ts';
import { openCloud } from './open-cloud.ts';
import { type Column, type FormatOptions, formatList } from './output.ts';
import { complain } from './run.ts';

interface UpOptions extends UpFlags, FormatOptions {
  readonly dryRun?: boolean;
  readonly wait: number;
}

/** Long enough for any address. */
const SOME_ADDRESS = '255.255.255.255';
const SOME_TOKEN = `faafo_enrol_${'0'.repeat(58)}`;

/** `faafo cloud up`. @throws {UsageError} before anybody is asked, {Fault} */
export async function cloudUp(options: UpOptions): Promise<void> {
  checkFlags(options);
  const signal = interruption();
  await using opened = await openCloud();
  const site = await openSite(options.name, opened);
  const plan = planDeployment(await wishOf(options, site.project));
  const state = await stateFor(site, plan);
  checkData(plan, state.secrets);
  if (options.dryRun) {
    process.stdout.write(await showPlan(site, plan, options));
    return;
  }
  const address = await carryOutHere(site, plan, state, { patienceS: options.wait, signal });
  for (const { group, rule, text } of strayRules(plan, (await site.find()).groups))
    complain(
      `${group} also lets in ${text}, which is not in the plan; to end that: openstack security group rule delete ${rule.id}`,
    );
  process.stdout.write(`http://${address}/\n`);
  process.stderr.write(
    `The application is at http://${address}/. To sign in as its admin: export FAAFO_TOKEN=$(faafo cloud token${named(options.name)})\n`,
  );
}

const named = (name: string): string => (name === 'faafo' ? '' : ` --name ${name}`);

/** What those who are there already were told, and cannot be told again. */
const LASTING: readonly { of(wish: DeploymentWish): string }[] = [
  { of: ({ topology }) => `is ${topology}` },
  { of: ({ apis }) => `has ${apis} API${apis === 1 ? '' : 's'}` },
  { of: ({ swift }) => (swift ? 'keeps its pictures in Swift' : 'keeps its pictures without Swift') },
];

/** What is kept already, with the newest wish; new secrets for what is new. @throws {Fault} `conflict`, `not_found` */
async function stateFor(site: CloudSite, { wish }: DeploymentPlan): Promise<DeploymentState> {
  const { name, path, state } = site;
  const nothing = isNothing(await site.find());
  if (state === null) {
    if (nothing) return { wish, secrets: newSecrets(), keyPair: null };
    const how = `copy ${path} from where it was brought up, or choose another name with --name`;
    throw new Fault('conflict', `There is a deployment ${name} in this project, whose secrets are not here: ${how}.`);
  }
  const other = nothing ? undefined : LASTING.find(({ of }) => of(state.wish) !== of(wish));
  if (other) {
    const how = `choose another name with --name, or take it down: faafo cloud down${named(name)}`;
    throw new Fault('conflict', `The deployment ${name} ${other.of(state.wish)}; this one ${other.of(wish)}: ${how}.`);
  }
  return { ...state, wish };
}

/** Text that does not fit is found before anything is made. @throws {Fault} `invalid` */
function checkData({ wish, hosts, entry }: DeploymentPlan, secrets: DeploymentSecrets): void {
  const store = wish.swift ? { OS_AUTH_URL: 'x'.repeat(200) } : undefined;
  for (const host of hosts)
    hostData(host, { wish, hosts, entry, secrets, addressOf: () => SOME_ADDRESS, token: SOME_TOKEN, ...(store && { store }) });
}

type Row = Awaited<ReturnType<typeof stepsWithStanding>>[number] & { readonly number: number; readonly plan: DeploymentPlan };

const COLUMNS: readonly Column<Row>[] = [
  { name: 'Step', cell: ({ number }) => number },
  { name: 'What', cell: ({ step, plan }) => describeStep(step, plan).what },
  { name: 'Name', cell: ({ step, plan }) => describeStep(step, plan).name },
  { name: 'How', cell: ({ step, plan }) => describeStep(step, plan).how },
  { name: 'State', cell: ({ standing }) => standing },
];

async function showPlan({ project }: CloudSite, plan: DeploymentPlan, format: FormatOptions): Promise<string> {
  const steps = await stepsWithStanding(plan, project);
  const rows = steps.map((each, i) => ({ ...each, number: i + 1, plan }));
  return await formatList(rows, COLUMNS, format);
}
