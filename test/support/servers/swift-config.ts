/** How a whole Swift with one copy of everything is configured; see startSwift. */
export interface SwiftPlan {
  readonly folder: string;
  readonly keystoneUrl: string;
  readonly servicePassword: string;
  readonly ports: Readonly<Record<'proxy' | SwiftPart | 'memcached', number>>;
}

/** What keeps a kind of thing, behind the proxy. */
export type SwiftPart = 'account' | 'container' | 'object';
export const SWIFT_PARTS = ['account', 'container', 'object'] as const;

const USER = process.getuid?.() === 0 ? 'root' : (process.env.USER ?? 'root');

const common = (folder: string, port: number) => `[DEFAULT]
bind_ip = 127.0.0.1
bind_port = ${port}
user = ${USER}
swift_dir = ${folder}
workers = 0
log_address = ${folder}/no-syslog
log_level = WARNING
`;

/** Of the server that keeps accounts, containers or objects. */
export const partConfig = ({ folder, ports }: SwiftPlan, part: SwiftPart): string => `${common(folder, ports[part])}
devices = ${folder}/node
mount_check = false
disable_fallocate = true
fallocate_reserve = 0
[pipeline:main]
pipeline = ${part}-server
[app:${part}-server]
use = egg:swift#${part}
`;

const login = ({ keystoneUrl, servicePassword }: SwiftPlan) => {
  const url = keystoneUrl.replace(/\/v3$/, '');
  return `auth_url = ${url}
www_authenticate_uri = ${url}
auth_type = password
project_domain_id = default
user_domain_id = default
project_name = service
username = swift
password = ${servicePassword}
delay_auth_decision = true`;
};

const PIPELINE =
  'catch_errors gatekeeper healthcheck cache listing_formats authtoken s3api s3token keystoneauth container-quotas account-quotas slo proxy-server';
const PLAIN_FILTERS = {
  catch_errors: 'catch_errors',
  gatekeeper: 'gatekeeper',
  healthcheck: 'healthcheck',
  listing_formats: 'listing_formats',
  'container-quotas': 'container_quotas',
  'account-quotas': 'account_quotas',
  slo: 'slo',
};

/** Of the proxy, which everybody talks to: Keystone's users, S3 in front, large objects. */
export const proxyConfig = (plan: SwiftPlan): string => `${common(plan.folder, plan.ports.proxy)}
[pipeline:main]
pipeline = ${PIPELINE}
[app:proxy-server]
use = egg:swift#proxy
account_autocreate = true
allow_account_management = true
[filter:cache]
use = egg:swift#memcache
memcache_servers = 127.0.0.1:${plan.ports.memcached}
[filter:authtoken]
paste.filter_factory = keystonemiddleware.auth_token:filter_factory
${login(plan)}
service_token_roles_required = true
# So that a token that was revoked is found out.
token_cache_time = 1
[filter:keystoneauth]
use = egg:swift#keystoneauth
operator_roles = admin, member
reseller_admin_role = admin
[filter:s3api]
use = egg:swift#s3api
location = us-east-1
dns_compliant_bucket_names = false
[filter:s3token]
use = egg:swift#s3token
reseller_prefix = AUTH_
secret_cache_duration = 300
auth_uri = ${plan.keystoneUrl}
${login(plan)}
${Object.entries(PLAIN_FILTERS)
  .map(([name, egg]) => `[filter:${name}]\nuse = egg:swift#${egg}\n`)
  .join('')}`;

/** Makes the three rings: one device, one copy. Arguments: folder, then part:port. */
export const RING_SCRIPT = `
import sys
from swift.common.ring import RingBuilder
folder, *parts = sys.argv[1:]
for each in parts:
    part, port = each.split(':')
    ring = RingBuilder(4, 1, 0)
    where = dict(ip='127.0.0.1', port=int(port), replication_ip='127.0.0.1', replication_port=int(port))
    ring.add_dev(dict(id=0, region=1, zone=1, device='d1', weight=1.0, meta='', **where))
    ring.rebalance()
    ring.get_ring().save(f'{folder}/{part}.ring.gz')
`;
