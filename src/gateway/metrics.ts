import { Counter, Gauge, Registry } from 'prom-client';
import type { GatewayParts } from './parts.js';
import type { Shadow } from './shadow.js';

/**
 * What the gateway counts, for Prometheus to collect. The share of decisions that were remembered is
 * `regate_decisions_total{how="remembered"}` of their sum.
 */
export function createMetrics({
  engine,
  bundleStatus,
  shadow,
  deliveries,
}: Pick<GatewayParts, 'engine' | 'bundleStatus' | 'shadow' | 'deliveries'>): Registry {
  const registry = new Registry();
  new Counter({
    name: 'regate_decisions_total',
    help: "Decisions asked of the policy: remembered, evaluated on the gateway's own thread or by a worker, or failed.",
    labelNames: ['how'],
    registers: [registry],
    collect() {
      // The engine counts: this only hands it on.
      this.reset();
      for (const [how, count] of Object.entries(engine.counts)) this.inc({ how }, count);
    },
  });
  new Gauge({
    name: 'regate_bundle_expires_timestamp_seconds',
    help: 'When the policy bundle in force expires, in seconds since 1970; no value where it never does.',
    // Without a label there would be a 0 where it never expires.
    labelNames: ['bundle'],
    registers: [registry],
    collect() {
      this.reset();
      const { revision, expiry } = bundleStatus();
      if (revision !== undefined && expiry !== undefined) {
        this.set({ bundle: revision.bundle }, Date.parse(expiry.at) / 1000);
      }
    },
  });
  if (shadow !== undefined) countShadow(shadow, registry);
  if (deliveries !== undefined) countDeliveries(deliveries, registry);
  return registry;
}

function countDeliveries({ outcomes }: NonNullable<GatewayParts['deliveries']>, registry: Registry): void {
  new Counter({
    name: 'regate_approval_deliveries_total',
    help: 'Tries to tell webhooks and Slack of approvals: delivered, failed and tried again, given up; or dropped, since too many waited.',
    labelNames: ['outcome'],
    registers: [registry],
    collect() {
      this.reset();
      for (const [outcome, count] of Object.entries(outcomes)) this.inc({ outcome }, count);
    },
  });
}

function countShadow(shadow: Shadow, registry: Registry): void {
  new Counter({
    name: 'regate_shadow_decisions_total',
    help: "Decisions compared with the shadow bundle's: the same, different, or failed there; or skipped, since too many waited.",
    labelNames: ['outcome'],
    registers: [registry],
    collect() {
      this.reset();
      for (const [outcome, count] of Object.entries(shadow.outcomes)) this.inc({ outcome }, count);
    },
  });
}
