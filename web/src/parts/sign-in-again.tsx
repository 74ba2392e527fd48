import { useLayoutEffect, useRef } from 'preact/hooks';
import { interrupted, signOut } from '../state/session.ts';
import { SignIn } from './sign-in.tsx';

/** Over a page whose reader was signed in: what was typed there is not lost. */
export function SignInAgain({ reason }: { reason: string }) {
  const dialog = useRef<HTMLDialogElement>(null);
  useLayoutEffect(() => dialog.current?.showModal(), []);
  return (
    <dialog ref={dialog} aria-labelledby="again-title" onClose={() => interrupted.value !== null && void signOut()}>
      <article>
        <h2 id="again-title">Sign in again</h2>
        <p>{reason} What you see stays as it is.</p>
        <SignIn onDone={() => dialog.current?.close()} />
      </article>
    </dialog>
  );
}
