import { randomInt } from 'node:crypto';
import { runProgram } from '../../support/servers/private-server.ts';
import { type Outlet, openOutlet } from './outlet.ts';

/** A network of its own on this machine, without a way out but the outlet. */
export interface HostNetwork extends AsyncDisposable {
  readonly bridge: string;
  /** its addresses: 198.18.7.0/24 */
  readonly cidr: string;
  /** this machine's own in it */
  readonly gateway: string;
  readonly outlet: Outlet;
  /** an address that nobody has yet, with its prefix: 198.18.7.2/24 */
  nextAddress(): string;
}

export const ip = (...words: string[]): Promise<string> => runProgram(['/sbin/ip', ...words]);

/** In the addresses that are set aside for benchmarks (RFC 2544). */
export async function openNetwork(): Promise<HostNetwork> {
  const net = `198.${randomInt(18, 20)}.${randomInt(256)}`;
  const bridge = `faafo${net.split('.').slice(1).join('x')}`;
  await ip('link', 'add', bridge, 'type', 'bridge');
  await ip('addr', 'add', `${net}.1/24`, 'dev', bridge);
  await ip('link', 'set', bridge, 'up');
  const outlet = await openOutlet(`${net}.1`);
  let last = 1;
  return {
    bridge,
    cidr: `${net}.0/24`,
    gateway: `${net}.1`,
    outlet,
    nextAddress: () => `${net}.${++last}/24`,
    [Symbol.asyncDispose]: async () => {
      await outlet[Symbol.asyncDispose]();
      await ip('link', 'del', bridge);
    },
  };
}

/** The bridge's end of the cable to an address. */
const outsideOf = (bridge: string, address: string): string => `${bridge.slice(0, 11)}h${address.split('.')[3]!.split('/')[0]}`;

/** Takes it away. The cable first: with its namespace it would go some time later, and be in the way of the next one. */
export async function disconnect(net: string, bridge: string, address: string): Promise<void> {
  await ip('link', 'del', outsideOf(bridge, address)).catch(() => '');
  await ip('netns', 'del', net);
}

/** A network namespace with an address on the bridge. */
export async function connect(net: string, bridge: string, address: string): Promise<void> {
  await ip('netns', 'add', net);
  const [inside, outside] = ['eth0', outsideOf(bridge, address)];
  await ip('link', 'add', outside, 'type', 'veth', 'peer', 'name', inside, 'netns', net);
  await ip('link', 'set', outside, 'master', bridge, 'up');
  await ip('-n', net, 'addr', 'add', address, 'dev', inside);
  await ip('-n', net, 'link', 'set', inside, 'up');
}
