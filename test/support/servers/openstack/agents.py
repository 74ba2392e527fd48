"""Stands in for the Open vSwitch agent and the L3 agent of one host, by their own RPC: says that they live, that every port is up, and that every floating IP is
active (or down, when nobody has it any more). Nothing is plugged in anywhere."""
import eventlet; eventlet.monkey_patch()
import sys
import oslo_messaging
from oslo_config import cfg
from oslo_log import log as logging
from neutron_lib import context, rpc as neutron_rpc
from neutron_lib.agent import topics
from neutron.common import config
from neutron.agent import rpc as agent_rpc
from neutron.agent.l3.agent import L3PluginApi
from neutron.conf.agent import common as agent_conf
from neutron.conf.plugins.ml2.drivers import driver_type

config.register_common_config_options()
agent_conf.register_agent_state_opts_helper(cfg.CONF)
config.init(sys.argv[1:])
config.setup_logging()
driver_type.register_ml2_drivers_flat_opts()
log = logging.getLogger('agents')
HOST = cfg.CONF.host
AGENT = 'ovs-agent-' + HOST
as_admin = context.get_admin_context_without_session()

OVS_STATE = {
    'binary': 'neutron-openvswitch-agent', 'agent_type': 'Open vSwitch agent', 'host': HOST, 'topic': 'N/A', 'start_flag': True,
    'configurations': {
        'bridge_mappings': {name: 'br-' + name for name in cfg.CONF.ml2_type_flat.flat_networks}, 'tunnel_types': ['vxlan'],
        'tunneling_ip': '127.0.0.1', 'l2_population': False, 'datapath_type': 'system', 'ovs_hybrid_plug': False,
        'integration_bridge': 'br-int', 'ovs_capabilities': {'datapath_types': [], 'iface_types': []}}}
L3_STATE = {
    'binary': 'neutron-l3-agent', 'agent_type': 'L3 agent', 'host': HOST, 'topic': topics.L3_AGENT, 'start_flag': True,
    'availability_zone': 'nova', 'configurations': {
        'agent_mode': 'legacy', 'handle_internal_only_routers': True, 'interface_driver': 'openvswitch', 'extensions': []}}


def report_up(port_id):
    try:
        plugin.get_device_details(as_admin, port_id, AGENT, HOST)
        plugin.update_device_up(as_admin, port_id, AGENT, HOST)
    except Exception:
        log.exception('port %s', port_id)


class Ports:
    target = oslo_messaging.Target(version='1.9')

    def port_update(self, context, port=None, **more):
        bound = port.get('binding:host_id') == HOST and port.get('binding:vif_type') not in ('unbound', 'binding_failed')
        if bound and port.get('status') != 'ACTIVE':
            eventlet.spawn_n(report_up, port['id'])

    def port_delete(self, context, **more): pass
    def network_update(self, context, **more): pass
    def network_delete(self, context, **more): pass


seen = {}  # floating IPs, by router


def look_after(router_ids=None):
    try:
        for router in l3.get_routers(as_admin, router_ids):
            now = {each['id']: 'ACTIVE' for each in router.get('_floatingips', [])}
            gone = {each: 'DOWN' for each in seen.get(router['id'], {}) if each not in now}
            if now or gone:
                l3.update_floatingip_statuses(as_admin, router['id'], {**now, **gone})
            seen[router['id']] = now
            gateway = [router['gw_port']] if router.get('gw_port') else []
            for port in gateway + router.get('_interfaces', []):
                if port.get('status') != 'ACTIVE':
                    report_up(port['id'])
    except Exception:
        log.exception('routers %s', router_ids)


class Routers:
    target = oslo_messaging.Target(version='1.9')

    def routers_updated(self, context, routers=None, **more): eventlet.spawn_n(look_after, routers)
    def router_added_to_agent(self, context, payload): eventlet.spawn_n(look_after, payload)
    def router_deleted(self, context, router_id=None, **more): seen.pop(router_id, None)
    def router_removed_from_agent(self, context, payload): seen.pop(payload.get('router_id'), None)
    def agent_updated(self, context, **more): pass
    def add_arp_entry(self, context, **more): pass
    def del_arp_entry(self, context, **more): pass


neutron_rpc.init(cfg.CONF)
state = agent_rpc.PluginReportStateAPI(topics.REPORTS)
plugin = agent_rpc.PluginApi(topics.PLUGIN)
l3 = L3PluginApi(topics.L3PLUGIN, HOST)
connection = neutron_rpc.Connection()
connection.create_consumer(topics.AGENT + '-port-update', [Ports()], fanout=True)
connection.create_consumer(topics.L3_AGENT, [Routers()], fanout=False)
connection.consume_in_threads()
is_known = False
while True:
    try:
        for each in (OVS_STATE, L3_STATE):
            state.report_state(as_admin, each, use_call=True)
            each.pop('start_flag', None)
        look_after()
        if not is_known:
            print('agents reported', flush=True)
        is_known = True
    except Exception:
        log.exception('report')
    eventlet.sleep(30 if is_known else 1)
