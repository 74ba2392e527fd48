import { type CloudAnswer, type CloudRequest, type CloudService, LostAnswer } from '../domain/cloud.ts';
import { Fault } from '../domain/fault.ts';
import type { Cloud } from './clouds.ts';
import { type Connection, openConnection } from './connection.ts';
import { explain } from './explain.ts';
import { Keystone } from './keystone.ts';
import { isLost, type Outcome, withRetries } from './retries.ts';

/**
 * A service of a cloud. Nothing is asked before the first call.
 * @param type as the catalogue has it, such as `object-store`
 * @throws {Fault} `invalid` when a file that the cloud names cannot be read
 */
export function openService(cloud: Cloud, type: string): CloudService {
  const connection = openConnection(cloud);
  const service = serviceOf(connection, new Keystone(cloud, connection), type);
  return { ...service, [Symbol.asyncDispose]: async () => connection[Symbol.dispose]() };
}

/** The same over a connection and with a login that others use, too. */
export function serviceOf(
  connection: Connection,
  keystone: Keystone,
  type: string,
): Omit<CloudService, typeof Symbol.asyncDispose> {
  const attempt = async ({ path, expected, ...request }: CloudRequest): Promise<Outcome> => {
    for (let renewed = false; ; renewed = true) {
      // Keystone has tried often enough by itself: what it throws is not tried again.
      const ticket = await keystone.ticket();
      const url = (await keystone.endpoint(type)) + path;
      try {
        const answer = await connection.send(url, { ...request, headers: { ...request.headers, 'x-auth-token': ticket.id } });
        if (answer.status !== 401 || renewed || expected.includes(401)) return { answer };
        await answer.bytes.return?.();
        keystone.forget(ticket);
      } catch (cause) {
        return { error: cause as Error };
      }
    }
  };

  return {
    async send(request: CloudRequest): Promise<CloudAnswer> {
      const { outcome, tries } = await withRetries(() => attempt(request), request.expected, request.makes);
      if ('answer' in outcome && request.expected.includes(outcome.answer.status)) return outcome.answer;
      const fault = await explain({ service: type, call: `${request.method} ${request.path || '/'}`, tries }, outcome);
      throw request.makes && isLost(outcome) ? new LostAnswer(fault.code, fault.message, fault.details) : fault;
    },
    async projectId() {
      const { projectId } = await keystone.ticket();
      if (projectId !== null) return projectId;
      throw new Fault(
        'invalid',
        `The cloud ${keystone.name} logs in to no project: set OS_PROJECT_NAME, or project_name in clouds.yaml.`,
      );
    },
  };
}
