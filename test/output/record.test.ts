import { randomBytes } from 'node:crypto';
import { channel } from 'node:diagnostics_channel';
import Database from 'libsql';
import { createLogger } from 'winston';
import { secret } from './secret.js';

/** A text that the search at the end of `npm test` must find on one channel. */
function canary(name: string): string {
  const value = randomBytes(16).toString('hex');
  channel('regate.test.secret').publish({ kind: 'canary', value, canary: name });
  return value;
}

test('what is logged here is recorded, whatever becomes of it', () => {
  createLogger({ silent: true }).info('said', { deep: { error: new Error(canary('log')) } });
});

test('what is kept here is recorded', () => {
  const value = canary('sandbox-sql');
  const database = new Database(':memory:');
  expect(database.prepare('SELECT ? AS kept').get(value)).toMatchObject({ kept: value });
  database.close();
});

test('a secret that others could write by chance is not registered', () => {
  expect(() => secret('token', 'a.b.c \n')).toThrow(RangeError);
});
