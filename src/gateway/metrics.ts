import { Counter, Registry } from 'prom-client';
import type { GatewayParts } from './parts.js';

/**
 * What the gateway counts, for Prometheus to collect. The share of decisions that were remembered is
 * `regate_decisions_total{how="remembered"}` of their sum.
 */
export function createMetrics({ engine }: Pick<GatewayParts, 'engine'>): Registry {
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
  return registry;
}
