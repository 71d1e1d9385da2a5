import { useCallback, useContext, useMemo, useRef, useState, type ReactNode } from 'react';
import { useQueryClient } from '@tanstack/react-query';
import { remove } from '../api/client';
import { useKeys } from '../lib/keys';
import { placesOf } from '../lib/roles';
import { keepRange, navigate, useLocation } from '../lib/router';
import { useSession } from '../lib/session';
import { chooseTheme, useThemeChoice } from '../lib/theme';
import { LiveContext } from '../lib/use-live';
import { Find } from './Find';
import { KeyHelp } from './KeyHelp';
import { Link } from './Link';
import { RangePicker } from './RangePicker';
import { Stale } from './Stale';

const NEXT = { system: 'light', light: 'dark', dark: 'system' } as const;
const GROUPS = ['Now', 'Look closer', 'Look ahead', 'Tools'];

function Brand(): ReactNode {
  return (
    <span className="brand">
      <svg viewBox="0 0 16 16" aria-hidden="true">
        <path d="M2 2h12v2H2z" fill="var(--line-2)" />
        <path d="M2 14V9h3v5zM6.5 14V7h3v7zM11 14v-3h3v3z" fill="var(--accent)" />
      </svg>
      Headroom
    </span>
  );
}

function Who({ help }: { help: () => void }): ReactNode {
  const { user, role, tenant } = useSession();
  const theme = useThemeChoice();
  const client = useQueryClient();
  const leave = (): void =>
    void remove('/api/v1/session').finally(() => {
      client.clear();
      window.location.assign('/');
    });
  return (
    <div className="who">
      <span>
        <strong>{user}</strong>
        <br />
        {role} of {tenant}
      </span>
      <button
        className="plain"
        data-testid="theme"
        title="Colours: as the system has it, light, dark"
        onClick={() => chooseTheme(NEXT[theme])}
      >
        Colours: {theme}
      </button>
      <span className="row">
        <button className="plain" onClick={help}>
          Keys <kbd>?</kbd>
        </button>
        <button className="plain" onClick={leave}>
          Sign out
        </button>
      </span>
    </div>
  );
}

/** Navigation by role, the search box and the one range picker around a page. */
export function Shell({ children, ranged }: { children: ReactNode; ranged: boolean }): ReactNode {
  const { role } = useSession();
  const { path, search } = useLocation();
  const places = useMemo(() => placesOf(role), [role]);
  const [helping, setHelping] = useState(false);
  const input = useRef<HTMLInputElement>(null);
  const find = useCallback(() => input.current?.focus(), []);
  const help = useCallback(() => setHelping(true), []);
  const query = search.toString();
  const go = useCallback((to: string) => navigate(keepRange(to, new URLSearchParams(query))), [query]);
  const { firing } = useContext(LiveContext);
  useKeys(places, { find, help, go });
  return (
    <div className="shell">
      <a className="skip" href="#main">
        To the page
      </a>
      <aside className="side">
        <Brand />
        <nav aria-label="Pages" className="stack">
          {GROUPS.map((group) => ({ group, items: places.filter((place) => place.group === group) }))
            .filter(({ items }) => items.length > 0)
            .map(({ group, items }) => (
              <section key={group}>
                <h2>{group}</h2>
                {items.map(({ path: to, label, key }) => (
                  <Link
                    key={to}
                    to={to}
                    className="place"
                    title={`g ${key}`}
                    {...(to === '/alerts' && firing !== null && firing > 0
                      ? { 'data-count': firing, title: `${firing} firing; g ${key}` }
                      : {})}
                    aria-current={path === to || path.startsWith(`${to}/`) ? 'page' : undefined}
                  >
                    {label}
                  </Link>
                ))}
              </section>
            ))}
        </nav>
        <Who help={help} />
      </aside>
      <div>
        <header className="top">
          <Find input={input} />
          {ranged && <RangePicker />}
        </header>
        <Stale />
        {children}
      </div>
      {helping && <KeyHelp places={places} close={() => setHelping(false)} />}
    </div>
  );
}
