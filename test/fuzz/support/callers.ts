import { type AnonymousRole, ROLES } from '../../../src/domain/access.ts';
import { send } from '../../support/orders.ts';
import { type Operation, rightsTo } from './operations.ts';

/** Who asks. */
export interface Caller {
  readonly name: string;
  readonly token: string | null;
  readonly role: (typeof ROLES)[number] | AnonymousRole;
  /** the service that is asked, where it is another one than for the rest */
  readonly url?: string;
}

export function mayAsk(operation: Operation, { role }: Caller): boolean {
  const rights = rightsTo(operation);
  return rights === 'public' || rights.some((each) => each === role);
}

/** Closes access by giving each role a token. @returns those who hold them, and somebody who holds none */
export async function openToCallers(url: string): Promise<Caller[]> {
  const callers: Caller[] = [{ name: 'anonymous', token: null, role: 'none' }];
  let admin: string | null = null;
  // The admin first: whoever comes after has to show that token.
  for (const role of [...ROLES].reverse()) {
    const headers = { 'content-type': 'application/json', ...(admin && { authorization: `Bearer ${admin}` }) };
    const body = JSON.stringify({ name: `the-${role}`, role });
    const response = await fetch(`${url}/v1/tokens`, { method: 'POST', headers, body });
    if (response.status !== 201) throw new Error(`a token was answered ${response.status}: ${await response.text()}`);
    const { token } = (await response.json()) as { token: string };
    admin ??= token;
    callers.push({ name: role, token, role });
  }
  if ((await send(`${url}/v1/tokens`, 'POST', {})).status !== 401) throw new Error('access is not closed');
  return callers;
}
