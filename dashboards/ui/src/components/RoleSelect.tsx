import type { ReactNode } from 'react';
import type { Role } from '../api/types';

interface Props {
  of: readonly (readonly [Role, string])[];
  /** The role that is chosen at first. */
  first: Role;
  /** To those who do not see what stands above it. */
  label?: string;
}

/** A field `role` of a form. */
export const RoleSelect = ({ of, first, label }: Props): ReactNode => (
  <select name="role" defaultValue={first} aria-label={label}>
    {of.map(([role, words]) => (
      <option key={role} value={role}>
        {words}
      </option>
    ))}
  </select>
);
