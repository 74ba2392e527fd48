import { useRef, useState } from 'preact/hooks';
import { Refusal } from '../api/client.ts';
import { signIn } from '../state/session.ts';

/** Takes a token. A password field, so that browsers offer to keep it, and nobody reads it over a shoulder. */
export function SignIn({ onDone }: { onDone?: () => void }) {
  const input = useRef<HTMLInputElement>(null);
  const [busy, setBusy] = useState(false);
  const [trouble, setTrouble] = useState<string | null>(null);
  const send = async (event: Event): Promise<void> => {
    event.preventDefault();
    const token = input.current?.value.trim() ?? '';
    if (token === '') {
      setTrouble('Paste your token here first.');
      input.current?.focus();
      return;
    }
    setBusy(true);
    setTrouble(null);
    try {
      await signIn(token);
      onDone?.();
    } catch (error) {
      const { message } = error as Error;
      setTrouble(error instanceof Refusal ? message : `${message} Try again in a moment.`);
      setBusy(false);
      requestAnimationFrame(() => input.current?.select());
    }
  };
  return (
    <form class="sign-in" onSubmit={send} noValidate aria-busy={busy}>
      <div class="field">
        <label for="token">Your token</label>
        <input
          id="token"
          ref={input}
          name="token"
          type="password"
          autocomplete="current-password"
          spellcheck={false}
          placeholder="faafo_…"
          aria-invalid={trouble === null ? undefined : true}
          aria-describedby={trouble === null ? 'token-hint' : 'token-error token-hint'}
          onInput={() => setTrouble(null)}
        />
        {trouble !== null && (
          <p class="field-error" id="token-error" role="alert">
            {trouble}
          </p>
        )}
        <p class="hint" id="token-hint">
          It is kept for twelve hours at most, where no script can read it. An admin makes tokens:{' '}
          <code>faafo token create NAME --role creator</code>
        </p>
      </div>
      <button type="submit" class="button" aria-busy={busy} disabled={busy}>
        {busy ? 'Signing in' : 'Sign in'}
      </button>
    </form>
  );
}
