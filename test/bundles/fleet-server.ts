import express from 'express';
import {
  createReportsRouter,
  type FleetStore,
  openDecisionLog,
  openFleetDirectory,
  type ReportsOptions,
} from '../../src/bundles/index.js';
import { Refused, serve } from './http.js';
import { scratchPath } from './project.js';

/** A server that takes reports: `Bearer NAME` is the reporter NAME, `Bearer reader` the one who may see the fleet. */
export interface FleetServer {
  readonly url: string;
  readonly close: () => Promise<void>;
  readonly fleet: FleetStore;
  readonly decisions: string;
  readonly logged: readonly { readonly message: string; readonly details: object }[];
}

export async function fleetServer(change: Partial<ReportsOptions> = {}): Promise<FleetServer> {
  const decisions = await scratchPath();
  const fleet = openFleetDirectory(await scratchPath());
  const logged: { message: string; details: object }[] = [];
  const write = (message: string, details: object) => logged.push({ message, details });
  const as = (isReader: boolean) => async (authorization: string | undefined) => {
    const [scheme, name = ''] = authorization?.split(' ') ?? [];
    if (scheme !== 'Bearer' || name === '') throw new Refused(401);
    if (name === 'broken') throw new Error('secret detail');
    if ((name === 'reader') !== isReader) throw new Refused(403);
    return { principal: `issuer|${name}` };
  };
  const options: ReportsOptions = {
    fleet,
    authorizeReporter: as(false),
    authorizeReader: as(true),
    decisionLogs: openDecisionLog({ directory: decisions, mostBytes: 1024 * 1024 }),
    log: { info: write, error: write },
    ...change,
  };
  const app = express().use(createReportsRouter(options));
  return { ...(await serve(app)), fleet: options.fleet, decisions, logged };
}
