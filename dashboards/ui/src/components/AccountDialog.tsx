import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { ReactNode, SubmitEvent } from 'react';
import type { Account } from '../api/administration';
import { post, remove } from '../api/client';
import { ROLES } from '../lib/administration';
import { typed } from '../lib/form';
import { asSentence, plural } from '../lib/format';
import { Dialog } from './Dialog';
import { RoleSelect } from './RoleSelect';
import { Failed, Note } from './State';

export const ACCOUNTS = '/api/v1/admin/accounts';
/** The server takes none that is shorter. */
export const LEAST_LETTERS = 8;

/** One change of an account: what is said when it is done, and how it is done. */
interface Change {
  told: string;
  go: () => Promise<unknown>;
}

/** What an administrator does with an account. */
export function AccountDialog({ account, close }: { account: Account; close: () => void }): ReactNode {
  const { name, role, issuer, disabled_at: disabled, sessions } = account;
  const client = useQueryClient();
  const path = `${ACCOUNTS}/${encodeURIComponent(name)}`;
  const change = useMutation({
    mutationFn: async ({ told, go }: Change) => {
      await go();
      return told;
    },
    onSettled: () =>
      client.invalidateQueries({ predicate: ({ queryKey: [of] }) => String(of).startsWith('/api/v1/admin/') }),
  });
  const submit =
    (told: string, way: string, field: string) =>
    (event: SubmitEvent<HTMLFormElement>): void => {
      event.preventDefault();
      const form = event.currentTarget;
      const value = typed(new FormData(form), field);
      change.mutate({ told, go: () => post(`${path}/${way}`, { [field]: value }) }, { onSuccess: () => form.reset() });
    };
  const busy = change.isPending;
  return (
    <Dialog label={`Change ${name}`} close={close}>
      <h2>{name}</h2>
      {issuer === null ? (
        <>
          <form onSubmit={submit('The role is changed; it holds at once', 'role', 'role')} aria-label="Role">
            <label className="field">
              Role
              <RoleSelect key={role} of={ROLES} first={role} />
            </label>
            <div>
              <button disabled={busy}>Change the role</button>
            </div>
          </form>
          <form onSubmit={submit('The password is set; sessions ended', 'password', 'password')} aria-label="Password">
            <label className="field">
              New password
              <input name="password" type="password" autoComplete="new-password" minLength={LEAST_LETTERS} required />
            </label>
            <div>
              <button disabled={busy}>Set the password</button>
            </div>
          </form>
        </>
      ) : (
        <p className="quiet">{`Signs in at ${issuer}, which says the role at each sign-in and has the password.`}</p>
      )}
      {change.error !== null && <Failed error={change.error} />}
      {change.data !== undefined && !busy && <Note>{asSentence(change.data)}</Note>}
      <div className="row">
        {disabled === null ? (
          <button
            disabled={busy}
            onClick={() => change.mutate({ told: `${name} is shut out`, go: () => post(`${path}/disable`) })}
          >
            Shut out
          </button>
        ) : (
          <button
            disabled={busy}
            onClick={() => change.mutate({ told: `${name} may sign in again`, go: () => post(`${path}/enable`) })}
          >
            Let in again
          </button>
        )}
        <button
          disabled={busy || sessions === 0}
          onClick={() => change.mutate({ told: 'The sessions ended', go: () => remove(`${path}/sessions`) })}
        >
          End {plural(sessions, 'session', 'sessions')}
        </button>
        <button onClick={close}>Close</button>
      </div>
    </Dialog>
  );
}
