import { ini, type PlanePlan } from './configs.ts';

/*
 * What is different where guests really boot: a hypervisor, and the agents of the network, all in the network namespace of the run. Each file is read after that
 * of configs.ts, and wins. Source: https://docs.openstack.org/neutron/zed/admin/deploy-lb.html
 */

/** What Nova and the metadata agent prove themselves with to each other. */
const METADATA_SECRET = 'metadata-secret';
/** The end of a cable in the run's namespace; the address of the other end is the gateway of the external network. */
export const OUTER_CABLE = { plugged: 'outside', host: 'outside-host' } as const;

const helper = (file: string): string => `env privsep-helper --config-file ${file}`;

export function novaGuestConfig({ folder, ports }: PlanePlan): string {
  const asRoot = { helper_command: helper(`${folder}/nova.conf`) };
  return ini({
    DEFAULT: {
      enabled_apis: 'osapi_compute,metadata',
      metadata_listen: '127.0.0.1',
      metadata_listen_port: ports.metadata,
      metadata_workers: 1,
      compute_driver: 'libvirt.LibvirtDriver',
      vif_plugging_is_fatal: true,
      vif_plugging_timeout: 600,
      force_raw_images: false,
      // Two guests draw on two processors, and the machine does more beside.
      cpu_allocation_ratio: 16,
    },
    neutron: { service_metadata_proxy: true, metadata_proxy_shared_secret: METADATA_SECRET },
    // Guests are emulated: not every machine lends them its processor.
    libvirt: {
      virt_type: 'qemu',
      cpu_mode: 'custom',
      cpu_models: 'Nehalem',
      inject_partition: -2,
      connection_uri: 'qemu:///system',
    },
    privsep_osbrick: asRoot,
    nova_sys_admin: asRoot,
    vif_plug_linux_bridge_privileged: asRoot,
    vif_plug_ovs_privileged: asRoot,
  });
}

export const neutronGuestConfig = (plan: PlanePlan): string =>
  ini({
    DEFAULT: { dhcp_agent_notification: true },
    ml2: { type_drivers: 'flat,local', tenant_network_types: 'local', mechanism_drivers: 'linuxbridge' },
    experimental: { linuxbridge: true },
    agent: { root_helper: 'env' },
    securitygroup: { enable_security_group: true, firewall_driver: 'iptables' },
    linux_bridge: { physical_interface_mappings: `${plan.externalName}:${OUTER_CABLE.plugged}` },
    vxlan: { enable_vxlan: false },
  });

/** Of the agents for DHCP, routers and metadata. */
export const agentsConfig = ({ ports }: PlanePlan): string =>
  ini({
    DEFAULT: {
      interface_driver: 'linuxbridge',
      dhcp_driver: 'neutron.agent.linux.dhcp.Dnsmasq',
      enable_isolated_metadata: true,
      nova_metadata_host: '127.0.0.1',
      nova_metadata_port: ports.metadata,
      metadata_proxy_shared_secret: METADATA_SECRET,
      metadata_workers: 1,
    },
  });

/** Of libvirt's driver for QEMU. */
export const QEMU_CONFIG = `user = "root"
group = "root"
security_driver = "none"
cgroup_controllers = []
namespaces = []
remember_owner = 0
stdio_handler = "file"
`;
