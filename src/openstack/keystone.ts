import { z } from 'zod';
import { Fault } from '../domain/fault.ts';
import { textOf } from './answer-bytes.ts';
import type { Cloud } from './clouds.ts';
import type { Connection } from './connection.ts';
import { explain } from './explain.ts';
import { loginOf } from './login.ts';
import { type Outcome, withRetries } from './retries.ts';

/** A token is renewed so long before it expires, or a tenth of its life where that is shorter. */
const AHEAD_MS = 300_000;

/** Other names in the catalogues of older clouds. Source: https://service-types.openstack.org */
const ALIASES: Readonly<Record<string, readonly string[]>> = { 'block-storage': ['volumev3'] };

const TOKEN = z.object({
  token: z.object({
    issued_at: z.string(),
    expires_at: z.string(),
    project: z.object({ id: z.string(), name: z.string() }).optional(),
    user: z.object({ id: z.string() }).optional(),
    catalog: z
      .array(
        z.object({
          type: z.string(),
          endpoints: z.array(
            z.object({ interface: z.string(), region: z.string().nullish(), region_id: z.string().nullish(), url: z.string() }),
          ),
        }),
      )
      .default([]),
  }),
});

/** What Keystone gives to who has shown who they are. */
export interface Ticket {
  /** for X-Auth-Token */
  readonly id: string;
  /** by this process's clock (performance.now), milliseconds */
  readonly renewAt: number;
  readonly catalog: z.infer<typeof TOKEN>['token']['catalog'];
  readonly userId: string | null;
  /** of what it is for, where that is a project */
  readonly projectId: string | null;
}

/** Tokens of one cloud, version 3 of the identity API: asked for once, and again before they expire. */
export class Keystone {
  readonly #cloud: Cloud;
  readonly #connection: Connection;
  #ticket: Ticket | null = null;
  #asking: Promise<Ticket> | null = null;

  constructor(cloud: Cloud, connection: Connection) {
    this.#cloud = cloud;
    this.#connection = connection;
  }

  /** of the cloud, for messages */
  get name(): string {
    return this.#cloud.name;
  }

  /** @throws {Fault} `unavailable` */
  async ticket(): Promise<Ticket> {
    if (this.#ticket && performance.now() < this.#ticket.renewAt) return this.#ticket;
    // Those who come meanwhile wait for the same.
    this.#asking ??= this.#ask().finally(() => {
      this.#asking = null;
    });
    return await this.#asking;
  }

  /** That one is not known any more: it was revoked, or the clocks differ. */
  forget(ticket: Ticket): void {
    if (this.#ticket === ticket) this.#ticket = null;
  }

  /**
   * Where a service is, without a slash at the end.
   * @param type as in the catalogue, such as `object-store`
   * @throws {Fault} `unavailable` with what the catalogue has
   */
  async endpoint(type: string): Promise<string> {
    const override = this.#cloud.endpoints[type.replaceAll('-', '_')];
    if (override) return override.replace(/\/+$/, '');
    const { regionName, interface: face, name } = this.#cloud;
    const { catalog } = await this.ticket();
    const types = [type, ...(ALIASES[type] ?? [])];
    const endpoints = catalog.filter((service) => types.includes(service.type)).flatMap((service) => service.endpoints);
    const regionOf = (endpoint: (typeof endpoints)[number]) => endpoint.region_id ?? endpoint.region;
    const found = endpoints.find(
      (each) => each.interface === face && (regionName === undefined || regionOf(each) === regionName),
    );
    if (found) return found.url.replace(/\/+$/, '');
    const there = endpoints.map((each) => `${each.interface} in ${regionOf(each)}`).join(', ');
    const wanted = `${face}${regionName === undefined ? '' : ` in ${regionName}`}`;
    const has = there === '' ? `only ${catalog.map((service) => service.type).join(', ') || 'nothing'}` : there;
    throw new Fault('unavailable', `The cloud ${name} has no ${type} that is ${wanted}; its catalogue has ${has}.`);
  }

  async #ask(): Promise<Ticket> {
    const url = `${this.#cloud.auth.auth_url!.replace(/\/+$/, '').replace(/\/v3$/, '')}/v3/auth/tokens`;
    const request = {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(loginOf(this.#cloud)),
    } as const;
    const attempt = (): Promise<Outcome> =>
      this.#connection.send(url, request).then(
        (answer) => ({ answer }),
        (error: Error) => ({ error }),
      );
    const before = performance.now();
    const { outcome, tries } = await withRetries(attempt, [201]);
    const call = { service: `Keystone at ${new URL(url).host}`, call: 'POST /v3/auth/tokens' };
    if ('error' in outcome || outcome.answer.status !== 201) throw await explain({ ...call, tries }, outcome);
    const id = outcome.answer.headers['x-subject-token'];
    const read = TOKEN.safeParse(parseJson(await textOf(outcome.answer.bytes)));
    if (!id || !read.success)
      throw new Fault('unavailable', `${call.service}: ${call.call} was answered with something that is no token.`);
    const { issued_at, expires_at, catalog, project, user } = read.data.token;
    // Its life, and not when it ends: the clocks may differ.
    const lifeMs = Date.parse(expires_at) - Date.parse(issued_at);
    const renewAt = before + lifeMs - Math.min(AHEAD_MS, lifeMs / 10);
    this.#ticket = { id, renewAt, catalog, projectId: project?.id ?? null, userId: user?.id ?? null };
    return this.#ticket;
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
