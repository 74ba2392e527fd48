import { NestedSets } from '../parts/nested-sets.tsx';
import { SignIn } from '../parts/sign-in.tsx';
import { navigate, route } from '../router.ts';
import { session } from '../state/session.ts';
import { useTitle } from '../state/title.ts';

interface SignInPageProps {
  /** what somebody wanted to do here, after "to" */
  readonly to: string;
}

/** In place of what is not for everybody; the address stays, so that it is there afterwards. */
export function SignInPage({ to }: SignInPageProps) {
  useTitle('Sign in');
  const { name, role, ended } = session.value ?? { name: null, role: 'none', ended: null };
  const done = (): void => {
    if (route.value.page === 'signin') navigate('/', { replace: true });
  };
  return (
    <section class="message">
      <NestedSets />
      <h1>Sign in {to}</h1>
      <p>{sentence({ name, role, ended })}</p>
      <SignIn onDone={done} />
    </section>
  );
}

function sentence({ name, role, ended }: { name: string | null; role: string; ended: string | null }): string {
  if (ended !== null) return ended;
  if (name !== null) return `You are signed in as ${name}, a ${role}. To order takes the token of a creator.`;
  return role === 'none' ? 'This service is not open to everybody.' : 'Looking is for everybody here; this is not.';
}
