/** Which requests a curve is of; all of a service where both are null. */
export interface Scope {
  operation: string | null;
  version: string | null;
}

const WHOLE = 'whole';
export const sameScope = (a: Scope, b: Scope): boolean => a.operation === b.operation && a.version === b.version;

/** A scope as one parameter of the address, and back. */
export function scopeText({ operation, version }: Scope): string {
  const text = new URLSearchParams();
  if (operation !== null) text.set('operation', operation);
  if (version !== null) text.set('version', version);
  return text.size === 0 ? WHOLE : text.toString();
}
export function parseScope(text: string | null): Scope | null {
  if (text === null) return null;
  const read = new URLSearchParams(text === WHOLE ? '' : text);
  const scope = { operation: read.get('operation'), version: read.get('version') };
  return text === WHOLE || scope.operation !== null || scope.version !== null ? scope : null;
}
