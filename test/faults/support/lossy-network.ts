import { existsSync } from 'node:fs';
import { runProgram } from '../../support/servers/private-server.ts';
import { CannotInject } from './scene.ts';

const IPTABLES = '/usr/sbin/iptables';
/** Addresses for measuring networks, which no network uses. Source: RFC 2544, C.2.2 */
const PREFIX = '198.18';

/**
 * A network of its own, with one cable to this machine, in which packets can be lost. A program is in it that is started with `wrapper`. Nothing outside it
 * is touched; needs root.
 */
export class LossyNetwork implements AsyncDisposable {
  readonly #name: string;
  /** this machine, seen from within */
  readonly host: string;

  private constructor() {
    const number = Math.floor(Math.random() * 254) + 1;
    this.#name = `faafo-${process.pid}-${number}`;
    this.host = `${PREFIX}.${number}.1`;
  }

  /** @throws {CannotInject} */
  static async open(): Promise<LossyNetwork> {
    if (!existsSync(IPTABLES)) throw new CannotInject('iptables is missing: apt-get install iptables');
    const network = new LossyNetwork();
    try {
      await network.#lay();
      return network;
    } catch (error) {
      await network[Symbol.asyncDispose]();
      throw new CannotInject(`no network of its own: ${(error as Error).message.split('\n').at(1) ?? error}`);
    }
  }

  get wrapper(): readonly string[] {
    return ['ip', 'netns', 'exec', this.#name];
  }

  /** From now on each packet is lost with this probability, in either direction. */
  async lose(probability: number): Promise<void> {
    const lost = ['-m', 'statistic', '--mode', 'random', '--probability', String(probability), '-j', 'DROP'];
    for (const chain of ['INPUT', 'OUTPUT']) await runProgram([...this.wrapper, IPTABLES, '-A', chain, ...lost]);
  }

  async heal(): Promise<void> {
    await runProgram([...this.wrapper, IPTABLES, '-F']);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // Takes the cable along.
    await runProgram(['ip', 'netns', 'del', this.#name]).catch(() => undefined);
  }

  async #lay(): Promise<void> {
    const within = ['ip', '-n', this.#name];
    // Names of network devices have 15 characters at most.
    const [outer, inner] = ['a', 'b'].map((end) => `ff${process.pid}${end}`) as [string, string];
    await runProgram(['ip', 'netns', 'add', this.#name]);
    await runProgram(['ip', 'link', 'add', outer, 'type', 'veth', 'peer', 'name', inner, 'netns', this.#name]);
    await runProgram(['ip', 'address', 'add', `${this.host}/30`, 'dev', outer]);
    await runProgram(['ip', 'link', 'set', outer, 'up']);
    await runProgram([...within, 'address', 'add', `${this.host.replace(/1$/, '2')}/30`, 'dev', inner]);
    for (const device of ['lo', inner]) await runProgram([...within, 'link', 'set', device, 'up']);
    // Whether packets can be lost here is to be known before a worker relies on it.
    await this.lose(0);
    await this.heal();
  }
}
