import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { jest } from '@jest/globals';
import { parse, stringify } from 'yaml';
import { generateSigningKey } from '../../src/bundles/index.js';
import { ROOT } from '../architecture/law.js';
import { regateIn } from '../command.js';
import { Installation } from '../end-to-end/process.js';

// Bundles are built, and each is tested first.
jest.setTimeout(300_000);

const PAGE = readFileSync(join(ROOT, 'docs/replay.md'), 'utf8');
const BLOCKS = /^(?:`(?<path>[^`\n]+)`\n\n)?```(?<language>rego|yaml|sh|console)\n(?<text>[\s\S]*?)^```$/gm;
const SHOWN = /^\$ regate (?<command>.*)\n(?<output>(?:(?!\$ ).*\n)*)/gm;

let gateway: Installation;
beforeAll(async () => {
  gateway = await Installation.create();
});
afterAll(() => gateway.stop());

/** Runs `regate …` in a folder to its end; what it wrote. */
async function regate(directory: string, command: string): Promise<string> {
  const { output } = await regateIn({ directory })(...command.trim().split(/ +/));
  return output;
}

/** Has the gateway run the starter policy, built from here, and be asked a few things. */
async function recordTraffic(): Promise<void> {
  const { directory, configuration } = gateway;
  const key = generateSigningKey('RS256');
  mkdirSync(join(directory, 'keys'));
  writeFileSync(join(directory, 'keys/bundle.pem'), key.privateKeyPem, { mode: 0o600 });
  writeFileSync(join(directory, 'keys/bundle.pub.pem'), key.publicKeyPem);
  for (const part of ['rego', 'bundles', 'schemas'])
    cpSync(join(ROOT, part), join(directory, part), { recursive: true });
  const build =
    'build starter --revision r41 --serial 41 --key keys/bundle.pem --key-id 2026-11 --out starter-41.tar.gz';
  expect(await regate(directory, build)).toContain('built starter r41');
  gateway.serveBundle(readFileSync(join(directory, 'starter-41.tar.gz')));
  const config = parse(readFileSync(configuration, 'utf8'));
  config.gateway.bundle.keys = [
    { id: '2026-11', algorithm: 'RS256', public_key: 'file:keys/bundle.pub.pem' },
  ];
  const [audit] = blocks('yaml').filter((text) => text.startsWith('audit:'));
  writeFileSync(configuration, stringify({ ...config, ...parse(audit ?? '') }));

  const answer = { content: [{ type: 'text', text: 'done' }] };
  gateway.upstream.handler = (request, response) => {
    request.resume();
    response.writeHead(200, { 'Content-Type': 'application/json' });
    response.end(JSON.stringify({ jsonrpc: '2.0', id: 1, result: answer }));
  };
  await gateway.start();
  await gateway.ready();
  const refund = (amount: number, note?: string) =>
    gateway.call('refund_payment', {
      payment_id: 'pay_1',
      amount,
      currency: 'EUR',
      ...(note !== undefined && { note }),
    });
  await refund(20, 'broken lid');
  await refund(30, 'asked by ada.lovelace@analytical.example');
  await refund(40);
  await refund(50);
  await refund(700);
  await gateway.call('run_command', { command: 'rm -rf /' });
}

function blocks(language: string): string[] {
  return [...PAGE.matchAll(BLOCKS)].flatMap(({ groups }) =>
    groups?.['language'] === language ? [groups['text'] ?? ''] : [],
  );
}

test('what the page on replaying shows is what happens', async () => {
  await recordTraffic();
  const { directory } = gateway;
  let commands = 0;
  for (const { groups: { path, language, text = '' } = {} } of PAGE.matchAll(BLOCKS)) {
    if (path !== undefined) {
      const file = join(directory, path);
      if (path.includes('recorded')) expect(constant(readFileSync(file, 'utf8'))).toContain(constant(text));
      else {
        mkdirSync(dirname(file), { recursive: true });
        writeFileSync(file, text);
      }
    } else if (language === 'sh' && text.startsWith('regate build')) {
      expect(await regate(directory, text.replace('regate ', ''))).toContain('built starter r42');
    } else if (language === 'console') {
      for (const { groups: { command = '', output = '' } = {} } of text.matchAll(SHOWN)) {
        expect(constant(await regate(directory, command))).toBe(constant(output));
        commands += 1;
      }
    }
  }
  expect(commands).toBe(COMMANDS);
});

const COMMANDS = PAGE.split('\n').filter((line) => line.startsWith('$ regate')).length;

/** Without what is another in each run; what stands in columns is as wide as what it stands for. */
function constant(output: string): string {
  return output
    .replace(/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, 'an id')
    .replace(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z/g, 'a time')
    .replace(/\b\d{19}\b/g, 'an instant')
    .replace(/\d+ bytes|\d+ → \d+ bytes/g, 'bytes')
    .replace(/\d+\.\d ms */g, '… ms ')
    .replace(/OPA +WASM$/gm, 'OPA WASM');
}
