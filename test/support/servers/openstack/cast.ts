import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { needProgram, runProgram } from '../private-server.ts';
import { cinderConfig, glanceConfig, heatConfig, neutronConfig, novaConfig, placementConfig } from './configs.ts';
import { neutronGuestConfig, novaGuestConfig } from './guest-configs.ts';
import { startGuestAgents, startLibvirt } from './guests.ts';
import { type Cast, ENVIRONMENT, serve } from './serve.ts';

const AGENTS = join(import.meta.dirname, 'agents.py');
const HEAT = join(import.meta.dirname, 'heat-all.py');
/** Makes the tables and starts the services, each as soon as its own tables are there. */
export async function startServices(cast: Cast): Promise<void> {
  const { plan } = cast;
  const write = async (name: string, text: string) => {
    await writeFile(join(plan.folder, name), text);
    return ['--config-file', join(plan.folder, name)];
  };
  const glance = await write('glance.conf', glanceConfig(plan));
  const nova = await write('nova.conf', novaConfig(plan));
  const neutron = await write('neutron.conf', neutronConfig(plan));
  if (plan.hasGuests) {
    nova.push(...(await write('nova-guests.conf', novaGuestConfig(plan))));
    neutron.push(...(await write('neutron-guests.conf', neutronGuestConfig(plan))));
    await startLibvirt(cast);
  }
  const heat = await write('heat.conf', heatConfig(plan));
  const cinder = await write('cinder.conf', cinderConfig(plan));
  await write('placement.conf', placementConfig(plan));
  await Promise.all([
    startNova(cast, nova),
    startNeutron(cast, neutron),
    startGlance(cast, glance),
    startPlacement(cast),
    // Memory is for guests, where there are some.
    ...(plan.hasGuests ? [] : [startHeat(cast, heat), startCinder(cast, cinder)]),
  ]);
}

async function startGlance({ plan, step, keep }: Cast, config: readonly string[]): Promise<void> {
  await step("Glance's tables", manage('glance-manage', 'glance-common', [...config, 'db_sync']));
  await keep('Glance', serve('glance', ['glance-api', 'glance-api', ...config], answers(plan.ports.glance)));
}

async function startPlacement({ plan, step, keep }: Cast): Promise<void> {
  const config = ['--config-file', join(plan.folder, 'placement.conf')];
  await step("Placement's tables", manage('placement-manage', 'placement-common', [...config, 'db', 'sync']));
  const words = ['--master', '--die-on-term', '--lazy-apps', '--need-app', '--enable-threads', '--buffer-size=65535'];
  const command = [
    ...['uwsgi_python3', 'placement-api', ...words],
    // It closes connections without saying so otherwise.
    ...[
      '--add-header=Connection: close',
      `--http-socket=127.0.0.1:${plan.ports.placement}`,
      '--wsgi-file=/usr/bin/placement-api',
    ],
  ];
  await keep('Placement', serve('placement', command, answers(plan.ports.placement), { OS_PLACEMENT_CONFIG_DIR: plan.folder }));
}

async function startNova({ plan, step, keep }: Cast, config: readonly string[]): Promise<void> {
  const novaManage = (...words: string[]) => manage('nova-manage', 'nova-common', [...config, ...words]);
  const cell0 = `mysql+pymysql://root@${plan.database}/nova_cell0?charset=utf8`;
  const makeTables = async () => {
    await novaManage('api_db', 'sync');
    await novaManage('cell_v2', 'map_cell0', '--database_connection', cell0);
    await novaManage('cell_v2', 'create_cell', '--name', 'cell1');
    await novaManage('db', 'sync');
  };
  await step("Nova's tables", makeTables());
  const said = (text: string) => async (log: string) => log.includes(text);
  const compute = "import sys; from nova.cmd.compute import main; sys.argv[0] = 'nova-compute'; main()";
  await Promise.all([
    keep('Nova, conductor', serve('nova-conductor', ['nova-conductor', 'nova-conductor', ...config], said('Starting conductor'))),
    keep('Nova, scheduler', serve('nova-scheduler', ['nova-scheduler', 'nova-scheduler', ...config], said('Starting scheduler'))),
    keep('Nova', serve('nova-api', ['nova-api', 'nova-api', ...config], answers(plan.ports.nova))),
    keep('Nova, compute', serve('nova-compute', ['python3', 'python3-nova', '-c', compute, ...config], said('Starting compute'))),
  ]);
}

async function startNeutron({ plan, step, keep }: Cast, config: readonly string[]): Promise<void> {
  await step("Neutron's tables", manage('neutron-db-manage', 'neutron-common', [...config, 'upgrade', 'heads']));
  const server = ['neutron-server', 'neutron-server', ...config];
  await keep('Neutron', serve('neutron', server, answers(plan.ports.neutron)));
  if (plan.hasGuests) return await startGuestAgents({ plan, step, keep }, config);
  const agents = ['python3', 'neutron-common', AGENTS, ...config];
  await keep(
    'Neutron, stand-ins for agents',
    serve('agents', agents, async (log) => log.includes('agents reported')),
  );
}

async function startHeat({ plan, step, keep }: Cast, config: readonly string[]): Promise<void> {
  await step("Heat's tables", manage('heat-manage', 'heat-common', [...config, 'db_sync']));
  await keep('Heat', serve('heat', ['python3', 'heat-engine', HEAT, ...config], answers(plan.ports.heat)));
}

async function startCinder({ plan, step, keep }: Cast, config: readonly string[]): Promise<void> {
  await step("Cinder's tables", manage('cinder-manage', 'cinder-common', [...config, 'db', 'sync']));
  const part = (name: string, isReady: (log: string) => Promise<boolean>) => serve(name, [name, name, ...config], isReady);
  await Promise.all([
    keep('Cinder', part('cinder-api', answers(plan.ports.cinder))),
    keep(
      'Cinder, scheduler',
      part('cinder-scheduler', async (log) => log.includes('Starting cinder-scheduler')),
    ),
    keep(
      'Cinder, volumes',
      part('cinder-volume', async (log) => log.includes('Driver initialization completed successfully')),
    ),
  ]);
}

const manage = async (name: string, debianPackage: string, words: readonly string[]): Promise<string> =>
  await runProgram([needProgram(`/usr/bin/${name}`, debianPackage), ...words], ENVIRONMENT);

const answers = (port: number) => async (): Promise<boolean> =>
  (await fetch(`http://127.0.0.1:${port}/`, { signal: AbortSignal.timeout(20_000) })).status < 500;
