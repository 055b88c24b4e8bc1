import { readFileSync } from 'node:fs';
import type { Kysely } from 'kysely';
import type { FleetStore, InstanceRecord } from '../bundles/index.js';
import { rowReader } from './parse.js';
import type { GatewayReportRow, Tables } from './schema.js';

const SCHEMA = new URL('../../schemas/instance-record.schema.json', import.meta.url);

const toRecord = rowReader<Pick<GatewayReportRow, 'report'>, InstanceRecord>(
  'the report of a gateway',
  JSON.parse(readFileSync(SCHEMA, 'utf8')),
  ({ report }, parse) => parse(report),
);

export function reportStore(db: Kysely<Tables>): FleetStore {
  const find = async (from: Kysely<Tables>, instance: string) => {
    const row = await from
      .selectFrom('gateway_reports')
      .select('report')
      .where('instance', '=', instance)
      .executeTakeFirst();
    return row && toRecord(row);
  };

  return {
    find: (instance) => find(db, instance),

    update: (instance, change) =>
      db.transaction().execute(async (tx) => {
        const record = change(await find(tx, instance));
        const row = { instance, reported_at: record.heard_at, report: JSON.stringify(record) };
        await tx.replaceInto('gateway_reports').values(row).execute();
        return record;
      }),

    async list() {
      const rows = await db.selectFrom('gateway_reports').select('report').execute();
      return rows.map(toRecord);
    },

    async count() {
      const { instances } = await db
        .selectFrom('gateway_reports')
        .select(({ fn }) => fn.countAll<number>().as('instances'))
        .executeTakeFirstOrThrow();
      return instances;
    },

    async forget(unheardSince) {
      await db.deleteFrom('gateway_reports').where('reported_at', '<', unheardSince).execute();
    },
  };
}
