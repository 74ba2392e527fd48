import type { CloudAnswer, CloudRequest, CloudService } from '../domain/cloud.ts';
import type { Cloud } from './clouds.ts';
import { openConnection } from './connection.ts';
import { explain } from './explain.ts';
import { Keystone } from './keystone.ts';
import { type Outcome, withRetries } from './retries.ts';

/**
 * A service of a cloud. Nothing is asked before the first call.
 * @param type as the catalogue has it, such as `object-store`
 * @throws {Fault} `invalid` when a file that the cloud names cannot be read
 */
export function openService(cloud: Cloud, type: string): CloudService {
  const connection = openConnection(cloud);
  const keystone = new Keystone(cloud, connection);

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
      const { outcome, tries } = await withRetries(() => attempt(request), request.expected);
      if ('answer' in outcome && request.expected.includes(outcome.answer.status)) return outcome.answer;
      throw await explain({ service: type, call: `${request.method} ${request.path || '/'}`, tries }, outcome);
    },
    [Symbol.asyncDispose]: async () => connection[Symbol.dispose](),
  };
}
