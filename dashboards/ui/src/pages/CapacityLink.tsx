import type { ReactNode } from 'react';
import { Link } from '../components/Link';
import { useLocation, withParams } from '../lib/router';

/** Where a wall of the page leads: the same page with the wall selected, and all else as it is. */
export function useWallPath(): (id: string) => string {
  const { path, search } = useLocation();
  return (id) => withParams(path, search, { wall: id });
}

export function WallLink({ id, children }: { id: string; children: ReactNode }): ReactNode {
  const to = useWallPath();
  return <Link to={to(id)}>{children}</Link>;
}
