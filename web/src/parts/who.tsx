import { session, signOut } from '../state/session.ts';

/** Who is signed in, and the way in or out. Nothing where everybody may do everything. */
export function Who() {
  const { access, name = null, role } = session.value ?? {};
  if (access !== 'closed') return null;
  if (name === null) {
    return (
      <a class="button quiet" href="/signin">
        Sign in
      </a>
    );
  }
  return (
    <>
      <button type="button" class="button quiet who" popovertarget="who-card" aria-label={`Signed in as ${name}`}>
        <span class="who-name">{name}</span>
      </button>
      <div id="who-card" class="who-card" popover="auto">
        <p>
          <strong>{name}</strong>
          <span class="hint">{role}</span>
        </p>
        <button type="button" class="button quiet" onClick={() => void signOut()}>
          Sign out
        </button>
      </div>
    </>
  );
}
