// What follows from an alert or a spent budget, and what was deployed.
import { DAY, HOUR, MINUTE, SERVICES, deployAt, iso } from './world.mjs';

const STEPS = [
  ['owners', '25 % of the budget is left, or less', 'tell', 'The owners plan reliability work', 'Enough is left'],
  ['freeze', 'the budget is spent', 'freeze', 'Only fixes are released', 'Releases go on'],
].map(([step, when, effect, alert, ok]) => ({ step, when, effect, alert, ok }));
const began = ({ display_name: name, budget_remaining: left }, { alert }) =>
  `${name}: ${alert} (${Math.round(left * 100)} % of the budget is left)`;
const holds = (slo, { effect }) =>
  slo.budget_remaining !== null && slo.budget_remaining <= (effect === 'freeze' ? 0 : 0.25);

/** The policies of an objective with what holds of them, and what began and ended. */
export function policies(slo, now) {
  const since = iso(deployAt(now) + 9 * MINUTE);
  const steps = STEPS.map((step) => ({ ...step, since: holds(slo, step) ? since : null }));
  const time = (step, more) => ({
    id: `${slo.name}/${step.step}/${more.begun_at}`,
    tenant: 'demo',
    slo: slo.name,
    service: slo.service,
    policy: 'standard',
    step: step.step,
    freezes: step.effect === 'freeze',
    began: began(slo, step),
    ended: null,
    ended_at: null,
    ...more,
  });
  const over = {
    begun_at: iso(now - 9 * DAY),
    ended: `${slo.display_name}: Enough is left (40 % of the budget is left)`,
    ended_at: iso(now - 6 * DAY),
  };
  return {
    budget_policies: [{ policy: 'standard', steps }],
    budget_steps: [
      ...STEPS.filter((step) => holds(slo, step)).map((step) => time(step, { begun_at: since })),
      time(STEPS[0], over),
    ],
  };
}

/** The alerts that steps of policies are while they hold. */
export const policyAlerts = (slos, now) =>
  slos.flatMap((slo) =>
    policies(slo, now)
      .budget_steps.filter((one) => one.ended_at === null)
      .map((one) => ({
        id: `ext-${slo.name}-${one.step}`,
        slo: '',
        service: slo.service,
        severity: one.freezes ? 'major' : 'warning',
        state: 'firing',
        started_at: one.begun_at,
        resolved_at: null,
        burn_short: null,
        burn_long: null,
        threshold: null,
        windows: '',
        summary: one.began,
        acknowledged_by: null,
        causes: [],
        runbook: null,
        labels: {
          alertname: 'ErrorBudgetPolicy',
          effect: one.freezes ? 'freeze' : 'tell',
          policy: one.policy,
          service: slo.service,
          slo: slo.name,
          step: one.step,
        },
        context: null,
      })),
  );

const off = new Map();
const rule = (name, more) => ({
  name,
  matchers: ['service="order"', 'severity="critical"'],
  signals: ['burn', 'canary'],
  dry_run: true,
  cool_down_seconds: 1_800,
  most_per_hour: 2,
  verify_after_seconds: 900,
  runs_last_hour: 0,
  decisions: [],
  ...more,
});
const decision = (at, verdict, why, signals = {}) => ({
  at: iso(at),
  verdict,
  alert: 'a-1',
  service: 'order',
  why,
  signals,
});

export function actions(now) {
  const at = deployAt(now);
  const burn = 'Orders are accepted: Burning 17.4x too fast';
  const canary = '2.31.0 beside 2.30.4: errors are higher';
  const refused = (i) =>
    decision(now - i * DAY, 'refused_signals', 'it needs burn and canary, and there is no canary', { burn });
  const told = [
    decision(at + 9 * MINUTE, 'dry', `${burn}; ${canary}`, { burn, canary }),
    decision(at + 5 * MINUTE, 'refused_signals', 'it needs burn and canary, and there is no canary', { burn }),
    ...Array.from({ length: 9 }, (_, i) => refused(i + 1)),
  ];
  return {
    actions: [
      rule('rollback', { runs_last_hour: 1, decisions: told }),
      rule('flag-off', {
        dry_run: false,
        signals: ['burn', 'deploy'],
        decisions: [
          decision(now - 3 * DAY + 20 * MINUTE, 'helped', 'the alert is over'),
          decision(now - 3 * DAY, 'done', burn, { burn }),
        ],
      }),
    ].map((action) => ({ ...action, disabled: off.get(action.name) ?? null })),
  };
}

/** Turns one on or off; null where there is none. */
export function turn(name, on, by, why, now) {
  const found = actions(now).actions.find((one) => one.name === name);
  if (found === undefined) return null;
  if (on) off.delete(name);
  else off.set(name, { at: iso(now), by, why });
  return { ...found, disabled: off.get(name) ?? null };
}

const job = (number) => `https://ci.example.com/runs/${number}`;
/** What was deployed of a service, the oldest first. */
export const deployments = (service, { from, to, now }) =>
  (service === 'order'
    ? [
        [deployAt(now) - 9 * DAY, '2.29.0', 'finished', null, job(4)],
        [deployAt(now) - 3 * DAY, '2.30.3', 'failed', null, job(5)],
        [deployAt(now) - 3 * DAY + HOUR, '2.30.4', 'finished', 'fix', job(6)],
        [deployAt(now), '2.31.0', 'finished', null, job(7)],
      ]
    : service === 'gateway'
      ? [[now - 5 * DAY, '8.4.1', null, null, null]]
      : []
  )
    .filter(([at]) => at >= from && at < to)
    .map(([at, version, told, reason, url]) => ({ ts: iso(at), version, told, reason, url }));

function measured(service, range) {
  const all = deployments(service, range);
  const [failed, unplanned] = [
    all.filter((one) => one.told === 'failed').length,
    all.filter((one) => one.reason).length,
  ];
  const told = all.filter((one) => one.told !== null).length;
  const lead = told > 0 ? 26 * 3_600 : null;
  const unknown = {
    ...(all.length === 0 ? { change_fail_rate: 'nothing new was deployed', rework_rate: 'nothing was deployed' } : {}),
    ...(failed === 0 ? { recovery_seconds: 'no deployment failed' } : {}),
    ...(lead === null ? { lead_time_seconds: 'neither events nor the file of changes have changes of it' } : {}),
  };
  return {
    service,
    deployments: all.length,
    told,
    per_week: (all.length * 7 * DAY) / (range.to - range.from),
    pace: 'weekly',
    failed,
    change_fail_rate: all.length === 0 ? null : failed / all.length,
    change_fail_band: all.length === 0 ? null : failed / all.length <= 0.15 ? '0-15%' : '16-45%',
    recovery_seconds: failed === 0 ? null : 3_600,
    recovery_band: failed === 0 ? null : 'one_day',
    unplanned,
    rework_rate: all.length === 0 ? null : unplanned / all.length,
    lead_time_seconds: lead,
    lead_time_band: lead === null ? null : 'one_week',
    changes: told * 3,
    unknown,
  };
}

export const delivery = (range) => ({
  range: { from: iso(range.from), to: iso(range.to) },
  services: SERVICES.map(({ service }) => measured(service, range)),
  changes_unreadable: null,
});
