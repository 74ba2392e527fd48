// Installs what is missing. Plain JavaScript without dependencies: runs under any Node from 20 on, before anything is installed.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('..', import.meta.url));
/** The Node that the project runs on, whatever the machine has: the npm package `node`. */
export const NODE = fileURLToPath(new URL('../node_modules/node/bin/node', import.meta.url));

const POSTGRESQL = '/usr/lib/postgresql';

/** Debian packages that the tests need, each with a file that shows that it is there. */
const DEBIAN_PACKAGES = [
  { name: 'chromium', proof: '/usr/bin/chromium' },
  { name: 'fonts-dejavu-core', proof: '/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf' },
  { name: 'haproxy', proof: '/usr/sbin/haproxy' },
  { name: 'iproute2', proof: '/sbin/ip' },
  { name: 'iptables', proof: '/usr/sbin/iptables' },
  { name: 'keystone', proof: '/usr/bin/keystone-manage' },
  {
    name: 'libfaketime',
    proof: () => readdirSync('/usr/lib').some((folder) => existsSync(`/usr/lib/${folder}/faketime/libfaketime.so.1`)),
  },
  { name: 'mariadb-server', proof: '/usr/sbin/mariadbd' },
  { name: 'memcached', proof: '/usr/bin/memcached' },
  { name: 'nginx', proof: '/usr/sbin/nginx' },
  { name: 'openssh-client', proof: '/usr/bin/ssh-keygen' },
  { name: 'openssl', proof: '/usr/bin/openssl' },
  // One folder for each version, in which there may be no more than a client.
  { name: 'postgresql', proof: () => existsSync(POSTGRESQL) && readdirSync(POSTGRESQL).some(hasPostgres) },
  { name: 'prometheus', proof: '/usr/bin/promtool' },
  { name: 'rabbitmq-server', proof: '/usr/lib/rabbitmq/bin/rabbitmq-server' },
  { name: 'shellcheck', proof: '/usr/bin/shellcheck' },
  { name: 'strace', proof: '/usr/bin/strace' },
  { name: 'swift-account', proof: '/usr/bin/swift-account-server' },
  { name: 'swift-container', proof: '/usr/bin/swift-container-server' },
  { name: 'swift-object', proof: '/usr/bin/swift-object-server' },
  { name: 'swift-proxy', proof: '/usr/bin/swift-proxy-server' },
];

/** What the tests on a real OpenStack need beside those. */
export const CLOUD_PACKAGES = [
  { name: 'cinder-api', proof: '/usr/bin/cinder-api' },
  { name: 'cinder-scheduler', proof: '/usr/bin/cinder-scheduler' },
  { name: 'cinder-volume', proof: '/usr/bin/cinder-volume' },
  { name: 'glance-api', proof: '/usr/bin/glance-api' },
  { name: 'heat-api', proof: '/usr/bin/heat-api' },
  { name: 'heat-engine', proof: '/usr/bin/heat-engine' },
  { name: 'neutron-server', proof: '/usr/bin/neutron-server' },
  { name: 'nova-api', proof: '/usr/bin/nova-api' },
  { name: 'nova-conductor', proof: '/usr/bin/nova-conductor' },
  { name: 'nova-scheduler', proof: '/usr/bin/nova-scheduler' },
  { name: 'placement-api', proof: '/usr/bin/placement-api' },
  { name: 'python3-heatclient', proof: '/usr/lib/python3/dist-packages/heatclient' },
  { name: 'python3-openstackclient', proof: '/usr/bin/openstack' },
];

/** What the tests of hosts and images need beside the usual ones. */
export const HOST_PACKAGES = [
  { name: 'buildah', proof: '/usr/bin/buildah' },
  { name: 'docker-compose', proof: '/usr/bin/docker-compose' },
  { name: 'mmdebstrap', proof: '/usr/bin/mmdebstrap' },
];

/** What those need beside them whose instances really boot. */
export const GUEST_PACKAGES = [
  { name: 'conntrack', proof: '/usr/sbin/conntrack' },
  { name: 'dnsmasq-base', proof: '/usr/sbin/dnsmasq' },
  { name: 'ebtables', proof: '/usr/sbin/ebtables' },
  { name: 'fdisk', proof: '/usr/sbin/sfdisk' },
  { name: 'ipset', proof: '/usr/sbin/ipset' },
  { name: 'iputils-arping', proof: '/usr/bin/arping' },
  { name: 'libvirt-clients', proof: '/usr/bin/virsh' },
  {
    name: 'libvirt-daemon-driver-qemu',
    proof: () =>
      readdirSync('/usr/lib').some((folder) => existsSync(`/usr/lib/${folder}/libvirt/connection-driver/libvirt_driver_qemu.so`)),
  },
  { name: 'libvirt-daemon-system', proof: '/usr/lib/systemd/system/libvirtd.service' },
  { name: 'mmdebstrap', proof: '/usr/bin/mmdebstrap' },
  { name: 'neutron-dhcp-agent', proof: '/usr/bin/neutron-dhcp-agent' },
  { name: 'neutron-l3-agent', proof: '/usr/bin/neutron-l3-agent' },
  { name: 'neutron-linuxbridge-agent', proof: '/usr/bin/neutron-linuxbridge-agent' },
  { name: 'neutron-metadata-agent', proof: '/usr/bin/neutron-metadata-agent' },
  { name: 'nova-compute-qemu', proof: () => existsSync('/usr/share/doc/nova-compute-qemu') },
  { name: 'openssh-client', proof: '/usr/bin/ssh' },
  { name: 'qemu-system-x86', proof: '/usr/bin/qemu-system-x86_64' },
  { name: 'qemu-utils', proof: '/usr/bin/qemu-img' },
];

/** Debian packages that would make databases of their own unless they are told not to. */
const SELF_MADE_DATABASES = ['cinder', 'glance', 'heat', 'keystone', 'neutron', 'nova', 'placement'];

const hasPostgres = (version) => existsSync(`${POSTGRESQL}/${version}/bin/postgres`);
const isThere = ({ proof }) => (typeof proof === 'string' ? existsSync(proof) : proof());

/** npm packages, exactly as in package-lock.json. */
export function installPackages() {
  if (packagesAreInstalled()) return;
  console.error('faafo: installing npm packages (once; about a minute) …');
  // Not `npm ci`: it refuses a lock file without the optional binaries of every platform, and some registries do not have all of those.
  // Without saving, this installs the locked versions as well and leaves the lock file alone.
  const args = ['install', '--no-save', '--no-audit', '--no-fund', '--loglevel=error'];
  run('npm', args, 'npm install failed: see above, mend it and run this again.');
  if (!existsSync(NODE)) {
    stop(
      'npm did not run the install script of the package `node`, which brings Node 24: allow it (npm config get ignore-scripts), remove node_modules and run this again.',
    );
  }
}

/** Debian packages for the tests, where this user may install them; else one line that says which command does. @param more beside the usual ones */
export function installDebianPackages(more = []) {
  const missing = [...DEBIAN_PACKAGES, ...more].filter((wanted) => !isThere(wanted)).map(({ name }) => name);
  if (missing.length === 0) return;
  const command = `apt-get install -y --no-install-recommends ${missing.join(' ')}`;
  if (process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get'))
    stop(`the tests need ${missing.join(', ')}; install with: sudo ${command}`);
  console.error(`faafo: installing Debian packages (once): ${missing.join(', ')} …`);
  const quiet = { stdio: ['ignore', 'ignore', 'inherit'], env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } };
  run('apt-get', ['update', '-q'], 'apt-get update failed.', quiet);
  const allowServices = keepServicesOff(missing);
  run('sh', ['-c', command], `this failed: ${command}`, quiet);
  allowServices();
}

/**
 * The tests start servers of their own: Debian is to start none of those that it installs, and to make no database cluster. What the
 * machine says about that already is left as it is.
 * @returns what undoes it; done by itself when this process ends before
 */
function keepServicesOff(packages) {
  const clusters = '/etc/postgresql-common/createcluster.conf';
  if (packages.includes('postgresql') && !existsSync(clusters)) {
    mkdirSync(dirname(clusters), { recursive: true });
    writeFileSync(clusters, 'create_main_cluster = false\n');
  }
  const owners = SELF_MADE_DATABASES.filter((name) => packages.some((each) => each.startsWith(name)));
  const answers = owners.map((name) => `${name === 'keystone' ? name : `${name}-common`} ${name}/configure_db boolean false\n`);
  if (answers.length > 0) spawnSync('debconf-set-selections', { input: answers.join('') });
  const policy = '/usr/sbin/policy-rc.d';
  if (existsSync(policy)) return () => {};
  writeFileSync(policy, '#!/bin/sh\nexit 101\n', { mode: 0o755 });
  const remove = () => rmSync(policy, { force: true });
  process.once('exit', remove);
  return () => {
    process.off('exit', remove);
    remove();
  };
}

/** Runs a program to its end. Ends this process with one line when it fails. */
export function run(program, args, complaint, options = { stdio: 'inherit' }) {
  const { status, error } = spawnSync(program, args, { cwd: ROOT, ...options });
  if (error || status !== 0) stop(complaint);
}

/** @returns {never} */
export function stop(message) {
  console.error(`faafo: ${message}`);
  process.exit(1);
}

/** Compares what npm noted in node_modules with the lock file; packages for other systems may be absent. */
function packagesAreInstalled() {
  const noted = new URL('../node_modules/.package-lock.json', import.meta.url);
  if (!existsSync(noted) || !existsSync(NODE)) return false;
  const installed = JSON.parse(readFileSync(noted, 'utf8')).packages;
  const wanted = JSON.parse(readFileSync(new URL('../package-lock.json', import.meta.url), 'utf8')).packages;
  return Object.entries(wanted).every(
    ([path, { version, optional }]) => path === '' || installed[path]?.version === version || (optional && !installed[path]),
  );
}
