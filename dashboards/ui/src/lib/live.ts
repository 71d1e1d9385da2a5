import type { Query } from '@tanstack/react-query';

/** What the server says that it changed; `/openapi.json` has them as `Topic`. */
export type Topic = 'minute' | 'alerts' | 'silences' | 'deliveries' | 'actions' | 'calendar' | 'accounts' | 'audit';

export interface Changed {
  topics: Topic[];
  /** How many alerts fire; null to who may not see them. */
  firing: number | null;
}

/** What is read again when a topic changes, by how its path begins. A closed minute moves live ranges on as well. */
const READ: Record<Topic, readonly string[]> = {
  minute: [],
  alerts: ['/api/v1/alerts', '/api/v1/overview', '/api/v1/slos', '/api/v1/silences'],
  silences: ['/api/v1/silences', '/api/v1/alerts'],
  deliveries: ['/api/v1/deliveries'],
  actions: ['/api/v1/actions'],
  calendar: ['/api/v1/calendar', '/api/v1/forecasts', '/api/v1/plan'],
  accounts: ['/api/v1/admin/'],
  audit: ['/api/v1/audit'],
};

/** Whether what was read is to be read again. */
export function changes(
  topics: readonly Topic[],
  { queryKey: [path], meta }: Pick<Query, 'queryKey' | 'meta'>,
): boolean {
  if (typeof path !== 'string') return false;
  return topics.some((topic) =>
    topic === 'minute' ? meta?.['live'] === true : READ[topic].some((begin) => path.startsWith(begin)),
  );
}

const FIRST_WAIT = 1_000;
const LONGEST_WAIT = 30_000;
/** Milliseconds until the stream is asked for again, after so many failures in a row. */
export const waitAfter = (failures: number): number =>
  Math.min(FIRST_WAIT * 2 ** Math.max(0, failures - 1), LONGEST_WAIT);

/** A stream that ends by itself is there again within this time: nothing is said of it. */
export const UNSAID_MS = 5_000;
