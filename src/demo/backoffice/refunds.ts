import { randomUUID } from 'node:crypto';
import { appendFile, mkdir } from 'node:fs/promises';
import { join } from 'node:path';

/** A refund as it was asked for. */
export interface RefundOrder {
  readonly payment_id: string;
  /** In the currency's main unit. */
  readonly amount: number;
  /** ISO 4217. */
  readonly currency: string;
  readonly reason?: string;
}

export interface Receipt extends RefundOrder {
  readonly refund_id: string;
  readonly time: string;
}

/** Where the refunds below a folder are written: one JSON object a line, one line for each time it really happened. */
export function refundsFile(folder: string): string {
  return join(folder, 'refunds.jsonl');
}

export async function refund(order: RefundOrder, folder: string): Promise<Receipt> {
  const receipt = { refund_id: `re-${randomUUID()}`, ...order, time: new Date().toISOString() };
  await mkdir(folder, { recursive: true });
  await appendFile(refundsFile(folder), `${JSON.stringify(receipt)}\n`);
  return receipt;
}
