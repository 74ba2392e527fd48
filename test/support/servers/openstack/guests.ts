import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { needProgram, runProgram } from '../private-server.ts';
import { agentsConfig, QEMU_CONFIG } from './guest-configs.ts';
import { type Cast, serve } from './serve.ts';

/** The hypervisor. Its files lie where it expects them: only for a run that has a mount namespace of its own. */
export async function startLibvirt({ keep }: Cast): Promise<void> {
  await writeFile('/etc/libvirt/qemu.conf', QEMU_CONFIG);
  const virsh = needProgram('/usr/bin/virsh', 'libvirt-clients');
  const answers = async () => (await runProgram([virsh, '-c', 'qemu:///system', 'version'])) !== '';
  await keep(
    'virtlogd',
    serve('virtlogd', ['/usr/sbin/virtlogd', 'libvirt-daemon'], async () => true),
  );
  await keep('libvirt', serve('libvirtd', ['/usr/sbin/libvirtd', 'libvirt-daemon'], answers));
}

const AGENTS = ['neutron-linuxbridge-agent', 'neutron-dhcp-agent', 'neutron-l3-agent', 'neutron-metadata-agent'];

/** Who plugs guests in, gives them addresses, leads floating IPs to them, and tells them who they are. */
export async function startGuestAgents({ plan, keep }: Cast, config: readonly string[]): Promise<void> {
  const path = join(plan.folder, 'agents.conf');
  await writeFile(path, agentsConfig(plan));
  const more = ['--config-file', path];
  await Promise.all(
    // That they are up is known when they have reported: see seed.
    AGENTS.map((name) =>
      keep(
        `Neutron, ${name.slice('neutron-'.length)}`,
        serve(name, [name, name, ...config, ...more], async () => true),
      ),
    ),
  );
}
