import { createContext, useContext } from 'react';
import type { Session } from '../api/types';
import { may, type Area } from './roles';

export const SessionContext = createContext<Session | null>(null);

export function useSession(): Session {
  const session = useContext(SessionContext);
  if (session === null) throw new Error('useSession outside of a signed-in page');
  return session;
}

/** Whether the person signed in may open `area`. */
export const useMay = (area: Area): boolean => may(useSession().role, area);
