import { locateOpa, readBundleDefinition } from '../../src/bundles/index.js';
import { inputReads } from '../../src/bundles/input-reads.js';
import { parseModules } from '../../src/bundles/modules.js';
import { prune } from '../policy/prune.js';
import { readCases } from './cases.js';
import { compile } from './compiled.js';

const ENTRYPOINT = 'regate/main/decision';

let reads: readonly (readonly string[])[];
beforeAll(async () => {
  const { sources } = await readBundleDefinition('.', 'starter');
  reads = inputReads(await parseModules(await locateOpa(), '.', sources), ENTRYPOINT);
});

test('the starter policy reads parts of a message, of its request and of a principal', () => {
  const named = reads.map((path) => path.join('.'));
  const whole = [
    '',
    'message',
    'message.params',
    'message.result',
    'message.error',
    'request',
    'request.params',
  ];
  expect(
    named.filter((path) => [...whole, 'principal', 'principal.claims', 'session', 'time'].includes(path)),
  ).toEqual([]);
});

test('it never asks what time it is, so that its decisions can be remembered', () => {
  expect(reads.filter(([part]) => part === 'time')).toEqual([]);
});

test('it decides every case without what it does not read', async () => {
  const ask = await compile(['rego'], [ENTRYPOINT], '--ignore=*_test.rego');
  for (const { file, why, input, expected } of readCases()) {
    expect([file, why, ask(prune(input, reads), ENTRYPOINT)]).toEqual([file, why, expected]);
  }
});
