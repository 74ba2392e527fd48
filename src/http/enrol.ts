import { Connection } from './connection.ts';
import { type EnrolmentBody, type TokenResource, tokenResource } from './token-schemas.ts';

/**
 * Exchanges an enrolment token. One try; may be repeated with the same body, and is the same exchange then.
 * @param endpointUrl http or https; a user and password in it are sent as basic authentication
 * @throws {Unreachable} when there is no answer, {Fault} when it is refused, or the reason of `stop`
 */
export async function enrol(endpointUrl: string, token: string, body: EnrolmentBody, stop: AbortSignal): Promise<TokenResource> {
  const api = new Connection(endpointUrl, { token, signal: stop });
  return await api.read(tokenResource, await api.send('/v1/enrolments', { method: 'POST', body: JSON.stringify(body) }));
}
