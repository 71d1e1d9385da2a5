import { QueryCache, QueryClient, QueryClientProvider, useQuery } from '@tanstack/react-query';
import { useEffect, type ReactNode } from 'react';
import { ApiError, get } from './api/client';
import { questionOf } from './api/hooks';
import type { Session } from './api/types';
import { Failed, Skeleton } from './components/State';
import { Router } from './Router';
import { firstQuestion } from './lib/first-question';
import { SessionContext } from './lib/session';
import { SignIn } from './pages/SignIn';

const expired = (error: Error): boolean => error instanceof ApiError && error.status === 401;

/** A refusal is final; a network fault or a busy server is asked once more. */
const again = (failures: number, error: Error): boolean =>
  failures < 1 && error instanceof ApiError && (error.status === 0 || error.status >= 429);

const client: QueryClient = new QueryClient({
  queryCache: new QueryCache({
    onError: (error, query) => {
      if (expired(error) && query.queryKey[0] !== 'session') client.setQueryData(['session'], null);
    },
  }),
  defaultOptions: { queries: { retry: again, staleTime: 10_000, gcTime: 120_000, refetchOnWindowFocus: false } },
});

async function readSession(): Promise<Session | null> {
  try {
    return await get<Session>('/api/v1/session');
  } catch (error) {
    if (error instanceof Error && expired(error)) return null;
    throw error;
  }
}

const SESSION = { queryKey: ['session'], queryFn: readSession, staleTime: Infinity };

/** Asks who is signed in, and for what the page at this address shows, before anything is drawn. */
export function askAhead(): void {
  // Who shows it asks again, and tells what went wrong.
  const ignore = (): undefined => undefined;
  void client.query(SESSION).catch(ignore);
  const question = firstQuestion(window.location.pathname, new URLSearchParams(window.location.search), Date.now());
  if (question !== null) void client.query(questionOf(question.path, question.params)).catch(ignore);
}

function Gate(): ReactNode {
  const { data, error, refetch } = useQuery(SESSION);
  useEffect(() => {
    if (data === null) document.title = 'Sign in - Headroom';
  }, [data]);
  if (data === undefined) {
    return (
      <main className="main">
        {error === null ? <Skeleton height={240} /> : <Failed error={error} retry={() => void refetch()} />}
      </main>
    );
  }
  if (data === null) return <SignIn />;
  return (
    <SessionContext.Provider value={data}>
      <Router />
    </SessionContext.Provider>
  );
}

export const App = (): ReactNode => (
  <QueryClientProvider client={client}>
    <Gate />
  </QueryClientProvider>
);
