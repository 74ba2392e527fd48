import { computed, effect, signal } from '@preact/signals';
import { hasRole, MAY_ADMINISTER, MAY_LOOK, MAY_ORDER, mayChange } from '../../../src/domain/access.ts';
import { getSession, type Session, sessionDoubted, signInWith, signOutHere } from '../api/client.ts';
import { closeLive, openLive } from '../api/live.ts';

const TRY_AGAIN_MS = 3_000;

/** Who sits here; undefined until the service has said it. */
export const session = signal<Session | undefined>(undefined);
/** Why somebody who was signed in under this very page is so no longer; the page stays as it is behind the question. */
export const interrupted = signal<string | null>(null);

const may = (roles: Parameters<typeof hasRole>[0]) =>
  computed(() => session.value !== undefined && hasRole(roles, session.value));
export const mayLook = may(MAY_LOOK);
export const mayOrder = may(MAY_ORDER);
export const mayAdminister = may(MAY_ADMINISTER);

/** Whether to cancel, retry, delete and share it. */
export const mayChangeIt = ({ owner }: { readonly owner: string | null }): boolean =>
  session.value !== undefined && mayOrder.value && mayChange(session.value, owner);

/** Asks who sits here, and again when an answer says that it may be somebody else by now. Resolves when the service has said it. */
export function followSession(): Promise<void> {
  effect(() => {
    if (sessionDoubted.value > 0) void read();
  });
  effect(() => {
    if (mayLook.value) openLive();
    else closeLive();
  });
  return read();
}

async function read(): Promise<void> {
  const before = session.peek();
  try {
    const now = await getSession();
    // The picture behind the question stays; what may still be seen without a token goes on.
    if (before?.name && !now.name) interrupted.value = now.ended ?? 'You have signed out in another tab.';
    session.value = now;
  } catch {
    setTimeout(() => void read(), TRY_AGAIN_MS);
  }
}

/** @throws {Refusal} with what is wrong with the token */
export async function signIn(token: string): Promise<void> {
  session.value = await signInWith(token);
  interrupted.value = null;
}

export async function signOut(): Promise<void> {
  await signOutHere();
  // Nothing that only the holder may see is to be found by whoever comes next.
  location.assign('/');
}
