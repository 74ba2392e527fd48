/** How a whole control plane with one process of everything is configured; see startControlPlane. */
export interface PlanePlan {
  /** for state and configuration */
  readonly folder: string;
  /** with /v3 */
  readonly keystoneUrl: string;
  readonly region: string;
  /** of the users that the services have at Keystone */
  readonly servicePassword: string;
  /** amqp:// */
  readonly brokerUrl: string;
  /** host:port, of a MariaDB whose root needs no password */
  readonly database: string;
  readonly ports: Readonly<Record<PlanePort, number>>;
  /** of the network that floating IPs come from */
  readonly externalName: string;
  /** whether instances really boot */
  readonly hasGuests: boolean;
}

export const PLANE_PORTS = [
  'memcached',
  'glance',
  'placement',
  'nova',
  'metadata',
  'cinder',
  'neutron',
  'heat',
  'heatCfn',
  'signedUrls',
] as const;
type PlanePort = (typeof PLANE_PORTS)[number];

/** The one host that has everything: a fake hypervisor, and stand-ins for the agents of the network. */
export const CLOUD_HOST = 'cloud-host';

type Section = Readonly<Record<string, string | number | boolean>>;

export const ini = (sections: Readonly<Record<string, Section>>): string =>
  Object.entries(sections)
    .map(([name, section]) => `[${name}]\n${lines(section)}`)
    .join('');

const lines = (section: Section): string =>
  Object.entries(section)
    .map(([key, value]) => `${key} = ${value}\n`)
    .join('');

const databaseUrl = ({ database }: PlanePlan, name: string): string => `mysql+pymysql://root@${database}/${name}?charset=utf8`;

/** Few connections for each process: there are many, and one machine. */
const databaseSection = (plan: PlanePlan, name: string): Section => ({
  connection: databaseUrl(plan, name),
  max_pool_size: 5,
});

const login = (plan: PlanePlan, user: string): Section => ({
  auth_url: plan.keystoneUrl,
  www_authenticate_uri: plan.keystoneUrl,
  auth_type: 'password',
  username: user,
  password: plan.servicePassword,
  project_name: 'service',
  user_domain_name: 'Default',
  project_domain_name: 'Default',
  region_name: plan.region,
  memcached_servers: `127.0.0.1:${plan.ports.memcached}`,
  service_token_roles_required: true,
});

const rabbit = ({ brokerUrl }: PlanePlan): string => brokerUrl.replace('amqp:', 'rabbit:');

const sharedMemory = ({ ports }: PlanePlan): Section => ({
  enabled: true,
  backend: 'dogpile.cache.memcached',
  memcache_servers: `127.0.0.1:${ports.memcached}`,
});

export const glanceConfig = (plan: PlanePlan): string =>
  ini({
    DEFAULT: {
      bind_host: '127.0.0.1',
      bind_port: plan.ports.glance,
      workers: 0,
      use_stderr: true,
      node_staging_uri: `file://${plan.folder}/glance-staging`,
    },
    database: databaseSection(plan, 'glance'),
    keystone_authtoken: login(plan, 'glance'),
    paste_deploy: { flavor: 'keystone', config_file: '/etc/glance/glance-api-paste.ini' },
    glance_store: { stores: 'file', default_store: 'file', filesystem_store_datadir: `${plan.folder}/glance-images` },
    task: { work_dir: `${plan.folder}/glance-work` },
    oslo_concurrency: { lock_path: `${plan.folder}/locks` },
  });

export const placementConfig = (plan: PlanePlan): string =>
  ini({
    DEFAULT: { use_stderr: true },
    api: { auth_strategy: 'keystone' },
    keystone_authtoken: login(plan, 'placement'),
    placement_database: databaseSection(plan, 'placement'),
  });

export const novaConfig = (plan: PlanePlan): string =>
  ini({
    DEFAULT: {
      host: CLOUD_HOST,
      my_ip: '127.0.0.1',
      state_path: `${plan.folder}/nova`,
      use_stderr: true,
      transport_url: rabbit(plan),
      enabled_apis: 'osapi_compute',
      osapi_compute_listen: '127.0.0.1',
      osapi_compute_listen_port: plan.ports.nova,
      osapi_compute_workers: 1,
      compute_driver: 'fake.FakeDriver',
      // Nobody plugs anything in.
      vif_plugging_is_fatal: false,
      vif_plugging_timeout: 0,
      reserved_host_memory_mb: 0,
    },
    api: { auth_strategy: 'keystone' },
    api_database: databaseSection(plan, 'nova_api'),
    database: databaseSection(plan, 'nova'),
    conductor: { workers: 1 },
    scheduler: { workers: 1 },
    filter_scheduler: { enabled_filters: 'ComputeFilter,ComputeCapabilitiesFilter,ImagePropertiesFilter' },
    keystone_authtoken: login(plan, 'nova'),
    placement: login(plan, 'placement'),
    glance: { api_servers: `http://127.0.0.1:${plan.ports.glance}` },
    neutron: login(plan, 'neutron'),
    cinder: { catalog_info: 'volumev3:volumev3:publicURL', os_region_name: plan.region, ...login(plan, 'nova') },
    service_user: { send_service_user_token: true, ...login(plan, 'nova') },
    cache: sharedMemory(plan),
    oslo_concurrency: { lock_path: `${plan.folder}/locks` },
    wsgi: { api_paste_config: '/etc/nova/api-paste.ini' },
    vnc: { enabled: false },
  });

/** Its disks are told of, and lie nowhere: no guest is there to write on them. */
export const cinderConfig = (plan: PlanePlan): string =>
  ini({
    DEFAULT: {
      host: CLOUD_HOST,
      my_ip: '127.0.0.1',
      state_path: `${plan.folder}/cinder`,
      use_stderr: true,
      transport_url: rabbit(plan),
      auth_strategy: 'keystone',
      osapi_volume_listen: '127.0.0.1',
      osapi_volume_listen_port: plan.ports.cinder,
      osapi_volume_workers: 1,
      api_paste_config: '/etc/cinder/api-paste.ini',
      resource_query_filters_file: '/etc/cinder/resource_filters.json',
      // So that few volumes fill a page.
      osapi_max_limit: 2,
      enabled_backends: 'disks',
      // A machine under load is late with its reports.
      service_down_time: 600,
    },
    disks: {
      volume_driver: 'cinder.tests.fake_driver.FakeLoggingVolumeDriver',
      volume_backend_name: 'disks',
      target_helper: 'fake',
    },
    database: databaseSection(plan, 'cinder'),
    keystone_authtoken: login(plan, 'cinder'),
    service_user: { send_service_user_token: true, ...login(plan, 'cinder') },
    oslo_concurrency: { lock_path: `${plan.folder}/locks` },
    oslo_messaging_notifications: { driver: 'noop' },
  });

export const neutronConfig = (plan: PlanePlan): string =>
  ini({
    DEFAULT: {
      host: CLOUD_HOST,
      bind_host: '127.0.0.1',
      bind_port: plan.ports.neutron,
      state_path: `${plan.folder}/neutron`,
      use_stderr: true,
      transport_url: rabbit(plan),
      core_plugin: 'ml2',
      service_plugins: 'router',
      auth_strategy: 'keystone',
      api_workers: 1,
      rpc_workers: 1,
      rpc_state_report_workers: 0,
      api_paste_config: '/etc/neutron/api-paste.ini',
      // A machine under load is late with its heartbeats.
      agent_down_time: 600,
      dhcp_agent_notification: false,
    },
    database: databaseSection(plan, 'neutron'),
    keystone_authtoken: login(plan, 'neutron'),
    nova: login(plan, 'nova'),
    placement: login(plan, 'placement'),
    oslo_concurrency: { lock_path: `${plan.folder}/locks` },
    ml2: {
      type_drivers: 'flat,vxlan',
      tenant_network_types: 'vxlan',
      mechanism_drivers: 'openvswitch',
      extension_drivers: 'port_security',
    },
    ml2_type_flat: { flat_networks: plan.externalName },
    ml2_type_vxlan: { vni_ranges: '1:1000' },
    securitygroup: { enable_security_group: true },
  });

export const heatConfig = (plan: PlanePlan): string =>
  ini({
    DEFAULT: {
      use_stderr: true,
      transport_url: rabbit(plan),
      heat_metadata_server_url: `http://127.0.0.1:${plan.ports.heatCfn}`,
      heat_waitcondition_server_url: `http://127.0.0.1:${plan.ports.heatCfn}/v1/waitcondition`,
      heat_stack_user_role: 'heat_stack_user',
      stack_domain_admin: 'heat_domain_admin',
      stack_domain_admin_password: plan.servicePassword,
      stack_user_domain_name: 'heat',
      region_name_for_services: plan.region,
      num_engine_workers: 1,
      auth_encryption_key: '0123456789abcdef0123456789abcdef',
      deferred_auth_method: 'trusts',
    },
    database: databaseSection(plan, 'heat'),
    heat_all: { enabled_services: 'engine,api,api_cfn' },
    heat_api: { bind_host: '127.0.0.1', bind_port: plan.ports.heat, workers: 1 },
    heat_api_cfn: { bind_host: '127.0.0.1', bind_port: plan.ports.heatCfn, workers: 1 },
    keystone_authtoken: login(plan, 'heat'),
    // Without a project: what it may do comes from the trust.
    trustee: Object.fromEntries(Object.entries(login(plan, 'heat')).filter(([name]) => !name.startsWith('project_'))),
    clients_keystone: { auth_uri: plan.keystoneUrl },
    ec2authtoken: { auth_uri: `http://127.0.0.1:${plan.ports.signedUrls}/v3` },
    paste_deploy: { api_paste_config: '/etc/heat/api-paste.ini' },
    oslo_concurrency: { lock_path: `${plan.folder}/locks` },
    oslo_messaging_notifications: { driver: 'noop' },
  });
