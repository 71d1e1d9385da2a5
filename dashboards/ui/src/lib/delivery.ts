import type { Delivery } from '../api/alerting';
import type { Json } from '../api/types';
import { plural } from './format';

const field = (value: Json, name: string): Json | undefined =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? value[name] : undefined;
const text = (value: Json, name: string): string | null => {
  const found = field(value, name);
  return typeof found === 'string' && found !== '' ? found : null;
};

/** What a message says, in a line. */
export const deliveryTitle = ({ payload, form, dedup_key: key }: Delivery): string =>
  (form === 'notification' ? text(payload, 'title') : text(payload, 'type')) ?? key;

const REASONS: Record<string, string> = {
  first: 'it began',
  new_alerts: 'more alerts joined',
  some_resolved: 'some ended',
  all_resolved: 'it ended',
  repeat: 'it still holds',
  raised: 'it got worse',
  escalated: 'nobody answered',
  acknowledged: 'somebody took it',
};

/** Why a message was sent; null where it does not say. */
export const deliveryReason = ({ payload }: Delivery): string | null => REASONS[text(payload, 'reason') ?? ''] ?? null;

export function deliveriesSentence(deliveries: readonly Delivery[], state: string): string {
  if (deliveries.length === 0) return state === '' ? 'No message was sent yet.' : `No message is ${state}.`;
  const dead = deliveries.filter((one) => one.state === 'dead');
  const waiting = deliveries.filter((one) => one.state === 'pending' || one.state === 'leased').length;
  const all = plural(deliveries.length, 'message');
  const given = dead[0];
  const lost =
    given === undefined
      ? 'none was given up'
      : `${dead.length === 1 ? 'one was' : `${dead.length} were`} given up, the last to ${given.channel}: ${given.last_error ?? 'without a reason'}`;
  return `Of the newest ${all} ${waiting === 0 ? 'none waits' : `${waiting} ${waiting === 1 ? 'waits' : 'wait'}`}; ${lost}.`;
}
