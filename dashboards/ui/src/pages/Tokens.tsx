import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useRef, type ReactNode, type SubmitEvent } from 'react';
import type { MadeToken, NewToken, Token, TokensBody } from '../api/administration';
import { post, remove } from '../api/client';
import { useApi } from '../api/hooks';
import type { Role } from '../api/types';
import { AdministrationTabs } from '../components/AdministrationTabs';
import { Badge } from '../components/Badge';
import { Page, Section } from '../components/Page';
import { RoleSelect } from '../components/RoleSelect';
import { Answer, Empty, Failed, Note } from '../components/State';
import { Table, type Column } from '../components/Table';
import { TOKEN_ROLES, tokensSentence } from '../lib/administration';
import { trimmed, typed } from '../lib/form';
import { formatAgo, formatDayMinute } from '../lib/format';
import { useCopy } from '../lib/use-copy';

const API = '/api/v1/admin/tokens';

const COLUMNS: readonly Column<Token>[] = [
  { id: 'name', head: 'Token', by: (r) => r.name, cell: (r) => r.name },
  { id: 'role', head: 'Role', by: (r) => r.role, cell: (r) => r.role },
  { id: 'tenant', head: 'Tenant', cell: (r) => r.tenant },
  {
    id: 'made',
    head: 'Made',
    by: (r) => r.created_at,
    cell: (r) => <span className="nowrap">{formatDayMinute(r.created_at)}</span>,
  },
  {
    id: 'used',
    head: 'Last used',
    how: 'To the hour',
    by: (r) => r.used_at,
    cell: (r) =>
      r.used_at === null ? (
        <span className="quiet">never</span>
      ) : (
        <span title={`${formatDayMinute(r.used_at)}, to the hour`}>{formatAgo(r.used_at, Date.now())}</span>
      ),
  },
  {
    id: 'state',
    head: 'State',
    by: (r) => r.revoked_at,
    cell: (r) =>
      r.revoked_at === null ? (
        <Badge state="ok">good</Badge>
      ) : (
        <Badge state="revoked">revoked {formatDayMinute(r.revoked_at)}</Badge>
      ),
  },
];

/** The one time that a token is shown. */
function Made({ made: { name, token } }: { made: MadeToken }): ReactNode {
  const [told, copy] = useCopy();
  return (
    <Note>
      This is {name}. It is not shown again: put it where the program finds it.
      <code className="below">{token}</code>
      <button className="plain" onClick={() => copy('token', token)}>
        Copy
      </button>{' '}
      <span role="status">{told}</span>
    </Note>
  );
}

/** Service accounts: programs come in with tokens. */
export default function Tokens(): ReactNode {
  const client = useQueryClient();
  const query = useApi<TokensBody>(API);
  const form = useRef<HTMLFormElement>(null);
  const onSettled = (): Promise<void> => client.invalidateQueries({ queryKey: [API] });
  const make = useMutation({
    mutationFn: (token: NewToken) => post<MadeToken>(API, token),
    onSuccess: () => form.current?.reset(),
    onSettled,
  });
  const revoke = useMutation({ mutationFn: (name: string) => remove(`${API}/${encodeURIComponent(name)}`), onSettled });
  const submit = (event: SubmitEvent<HTMLFormElement>): void => {
    event.preventDefault();
    const given = new FormData(event.currentTarget);
    make.mutate({ name: trimmed(given, 'name'), role: typed(given, 'role') as Role });
  };
  const columns: Column<Token>[] = [
    ...COLUMNS,
    {
      id: 'revoke',
      head: 'Revoke',
      spoken: true,
      cell: (r) =>
        r.revoked_at === null && (
          <button
            className="plain"
            disabled={revoke.isPending}
            aria-label={`Revoke ${r.name}`}
            onClick={() => revoke.mutate(r.name)}
          >
            Revoke
          </button>
        ),
    },
  ];
  return (
    <Page
      title="Tokens"
      sentence={query.data === undefined ? 'Reading the tokens\u2026' : tokensSentence(query.data)}
      aside={<AdministrationTabs at="/administration/tokens" />}
    >
      {revoke.error !== null && <Failed error={revoke.error} />}
      <Answer query={query} height={200}>
        {({ tokens, configured }) => (
          <>
            {tokens.length === 0 ? (
              <Empty>A program that sends telemetry or reads the API needs a token. Make one below.</Empty>
            ) : (
              <Table name="Tokens" columns={columns} rows={tokens} keyOf={(r) => r.name} />
            )}
            {configured.length > 0 && (
              <p className="quiet">
                The configuration lists {configured.join(', ')} in [[auth.tokens]]: they are revoked there.
              </p>
            )}
          </>
        )}
      </Answer>
      <Section title="Make a token" note="whoever has it may do what its role may">
        {make.error !== null && <Failed error={make.error} />}
        {make.data !== undefined && <Made made={make.data} />}
        <form className="row" ref={form} onSubmit={submit} aria-label="Make a token">
          <label className="field">
            Name
            <input name="name" autoComplete="off" spellCheck={false} maxLength={63} required />
          </label>
          <label className="field">
            Role
            <RoleSelect of={TOKEN_ROLES} first="ingest" />
          </label>
          <label className="field">
            {'\u00a0'}
            <button className="main-action" disabled={make.isPending}>
              Make the token
            </button>
          </label>
        </form>
      </Section>
    </Page>
  );
}
