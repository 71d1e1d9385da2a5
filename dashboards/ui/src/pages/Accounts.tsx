import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useRef, type ReactNode, type SubmitEvent } from 'react';
import type { Account, AccountsBody, NewAccount } from '../api/administration';
import { post } from '../api/client';
import { useApi } from '../api/hooks';
import type { Role } from '../api/types';
import { ACCOUNTS, AccountDialog, LEAST_LETTERS } from '../components/AccountDialog';
import { AdministrationTabs } from '../components/AdministrationTabs';
import { Badge } from '../components/Badge';
import { Link } from '../components/Link';
import { Page, Section } from '../components/Page';
import { RoleSelect } from '../components/RoleSelect';
import { Answer, Failed } from '../components/State';
import { Table, type Column } from '../components/Table';
import { accountsSentence, ROLES } from '../lib/administration';
import { trimmed, typed } from '../lib/form';
import { formatAgo, formatDayMinute, formatExact } from '../lib/format';
import { useParams } from '../lib/router';

const COLUMNS: readonly Column<Account>[] = [
  { id: 'name', head: 'Account', by: (r) => r.name, cell: (r) => r.name },
  { id: 'role', head: 'Role', by: (r) => r.role, cell: (r) => r.role },
  {
    id: 'where',
    head: 'Signs in',
    by: (r) => r.issuer ?? '',
    cell: (r) => r.issuer ?? <span className="quiet">here, with a password</span>,
  },
  {
    id: 'last',
    head: 'Last sign-in',
    by: (r) => r.signed_in_at,
    cell: (r) =>
      r.signed_in_at === null ? (
        <span className="quiet">never, or before it was kept</span>
      ) : (
        <span title={formatDayMinute(r.signed_in_at)}>{formatAgo(r.signed_in_at, Date.now())}</span>
      ),
  },
  { id: 'sessions', head: 'Sessions', num: true, by: (r) => r.sessions, cell: (r) => formatExact(r.sessions) },
  {
    id: 'state',
    head: 'State',
    by: (r) => r.disabled_at,
    cell: (r) =>
      r.disabled_at === null ? (
        <Badge state="ok">may sign in</Badge>
      ) : (
        <Badge state="shut">shut out {formatDayMinute(r.disabled_at)}</Badge>
      ),
  },
  {
    id: 'trail',
    head: 'Audit',
    spoken: true,
    cell: (r) => (
      <Link to="/audit" with={{ subject: r.name }} title={`What was done to ${r.name}`}>
        Audit
      </Link>
    ),
  },
];

/** An account to make. */
function NewAccountForm(): ReactNode {
  const client = useQueryClient();
  const form = useRef<HTMLFormElement>(null);
  const make = useMutation({
    mutationFn: async (account: NewAccount) => {
      await post(ACCOUNTS, account);
      return account.name;
    },
    onSuccess: () => form.current?.reset(),
    onSettled: () => client.invalidateQueries({ queryKey: [ACCOUNTS] }),
  });
  const submit = (event: SubmitEvent<HTMLFormElement>): void => {
    event.preventDefault();
    const given = new FormData(event.currentTarget);
    make.mutate({
      name: trimmed(given, 'name'),
      role: typed(given, 'role') as Role,
      password: typed(given, 'password'),
    });
  };
  return (
    <Section title="Make an account" note="who signs in at a provider needs none: it is made at the first sign-in">
      {make.error !== null && <Failed error={make.error} />}
      {make.data !== undefined && (
        <p className="small green" role="status">
          {make.data} may sign in.
        </p>
      )}
      <form className="row" ref={form} onSubmit={submit} aria-label="Make an account">
        <label className="field">
          Name
          <input name="name" autoComplete="off" spellCheck={false} maxLength={63} required />
        </label>
        <label className="field">
          Role
          <RoleSelect of={ROLES} first="agent" />
        </label>
        <label className="field">
          Password
          <input name="password" type="password" autoComplete="new-password" minLength={LEAST_LETTERS} required />
        </label>
        <label className="field">
          {'\u00a0'}
          <button className="main-action" disabled={make.isPending}>
            Make the account
          </button>
        </label>
      </form>
    </Section>
  );
}

/** Who may sign in, and as what. */
export default function Accounts(): ReactNode {
  const [search, set] = useParams();
  const query = useApi<AccountsBody>(ACCOUNTS);
  const chosen = query.data?.accounts.find(({ name }) => name === search.get('account'));
  const columns: Column<Account>[] = [
    ...COLUMNS,
    {
      id: 'change',
      head: 'Change',
      spoken: true,
      cell: (r) => (
        <button className="plain" aria-label={`Change ${r.name}`} onClick={() => set({ account: r.name })}>
          Change
        </button>
      ),
    },
  ];
  return (
    <Page
      title="Accounts"
      sentence={query.data === undefined ? 'Reading the accounts\u2026' : accountsSentence(query.data.accounts)}
      aside={<AdministrationTabs at="/administration" />}
    >
      <Answer query={query} height={240}>
        {({ accounts }) => <Table name="Accounts" columns={columns} rows={accounts} keyOf={(r) => r.name} />}
      </Answer>
      <NewAccountForm />
      {chosen !== undefined && (
        <AccountDialog key={chosen.name} account={chosen} close={() => set({ account: null }, true)} />
      )}
    </Page>
  );
}
