import { describe, expect, it } from 'vitest';
import type { Delivery } from '../api/alerting';
import { deliveriesSentence, deliveryReason, deliveryTitle } from './delivery';

const message = (more: Partial<Delivery>): Delivery => ({
  id: 1,
  alert_id: 'g',
  channel: 'ops',
  dedup_key: 'msg_1',
  form: 'notification',
  payload: { title: 'Orders burn', reason: 'raised' },
  state: 'delivered',
  attempts: 1,
  due_at: '',
  created_at: '',
  finished_at: null,
  last_error: null,
  ...more,
});

describe('a message', () => {
  it('says what it is about and why it was sent', () => {
    expect([deliveryTitle(message({})), deliveryReason(message({}))]).toEqual(['Orders burn', 'it got worse']);
    const body = message({ form: 'body', payload: { type: 'capacity.step' } });
    expect([deliveryTitle(body), deliveryReason(body)]).toEqual(['capacity.step', null]);
    expect(deliveryTitle(message({ payload: 'odd' }))).toBe('msg_1');
  });
  it('of which one was given up is told first', () => {
    expect(deliveriesSentence([], '')).toBe('No message was sent yet.');
    expect(deliveriesSentence([], 'dead')).toBe('No message is dead.');
    expect(deliveriesSentence([message({})], '')).toBe('Of the newest 1 message none waits; none was given up.');
    const dead = message({ state: 'dead', last_error: '503' });
    expect(deliveriesSentence([message({ state: 'pending' }), dead, message({})], '')).toBe(
      'Of the newest 3 messages 1 waits; one was given up, the last to ops: 503.',
    );
  });
});
