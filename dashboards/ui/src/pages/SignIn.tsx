import { useEffect, useState, type SubmitEvent, type ReactNode } from 'react';
import { useQueryClient } from '@tanstack/react-query';
import { ApiError, post } from '../api/client';
import type { Session } from '../api/types';
import { typed } from '../lib/form';
import { asSentence } from '../lib/format';

/** The way to the provider, where there is one. Without an answer there is none: passwords do. */
function Elsewhere(): ReactNode {
  const [button, setButton] = useState<string | null>(null);
  useEffect(() => {
    const asking = new AbortController();
    fetch('/sign-in/methods', { signal: asking.signal })
      .then(async (answer) => setButton(((await answer.json()) as { oidc: string | null }).oidc))
      .catch(() => setButton(null));
    return () => asking.abort();
  }, []);
  if (button === null) return null;
  return (
    <p>
      <a href="/sign-in/oidc">{button}</a>
    </p>
  );
}

export function SignIn(): ReactNode {
  const client = useQueryClient();
  const [fault, setFault] = useState('');
  const [busy, setBusy] = useState(false);
  const submit = async (event: SubmitEvent<HTMLFormElement>): Promise<void> => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    setBusy(true);
    try {
      await post<Session>('/api/v1/session', { user: typed(form, 'user'), password: typed(form, 'password') });
      await client.refetchQueries({ queryKey: ['session'] });
    } catch (error) {
      setFault(
        error instanceof ApiError ? [error.message, error.hint].map(asSentence).join(' ') : 'Signing in failed.',
      );
      setBusy(false);
    }
  };
  return (
    <main className="sign-in">
      <div className="opening">
        <h1>Headroom</h1>
        <p className="sentence">Sign in to see how the platform is doing.</p>
      </div>
      <form onSubmit={(event) => void submit(event)}>
        <label className="field">
          User
          <input name="user" autoComplete="username" required autoFocus spellCheck={false} />
        </label>
        <label className="field">
          Password
          <input name="password" type="password" autoComplete="current-password" required />
        </label>
        {fault !== '' && (
          <p className="red" role="alert">
            {fault}
          </p>
        )}
        <div>
          <button className="main-action" disabled={busy}>
            {busy ? 'Signing in' : 'Sign in'}
          </button>
        </div>
      </form>
      <Elsewhere />
    </main>
  );
}
