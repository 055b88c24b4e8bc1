import { readFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { jest } from '@jest/globals';
import { ROOT } from '../architecture/law.js';
import { SIGNING, startBundleServer } from './bundle-server.js';

// Each command is a process of its own.
jest.setTimeout(120_000);

const PAGE = readFileSync(join(ROOT, 'docs/bundle-server.md'), 'utf8');
const SERVER = 'https://bundles.example.com';
const KEY_OPTIONS = '--key keys/bundle.pem --key-id 2026-11';

/** The page's commands, each with what it prints. */
const shown = [...PAGE.matchAll(/^```console\n([\s\S]*?)^```$/gm)]
  .flatMap(([, session = '']) => session.split(/^\$ /m).slice(1))
  .map((block) => {
    const [command = '', ...lines] = block.split('\n');
    return { command, output: lines.join('\n') };
  });

test('what the page on the bundle server shows is what happens', async () => {
  const server = await startBundleServer({ publishers: [{ groups: ['policy-releasers'] }] });
  try {
    for (const [revision, serial] of Object.entries({ r41: 41, r42: 42 })) {
      await server.build(revision, serial);
      renameSync(
        join(server.directory, `${revision}.tar.gz`),
        join(server.directory, `starter-${revision}.tar.gz`),
      );
    }
    const token = await server.token({ sub: 'ann', repository: 'policy-releasers' });
    for (const { command, output } of shown) {
      const [program, ...args] = command
        .replace(SERVER, server.url)
        .replace(KEY_OPTIONS, SIGNING.join(' '))
        .split(' ');
      expect(program).toBe('regate');
      const { stdout, stderr } = await server.regate({ REGATE_TOKEN: token }, ...args);
      const printed = (stdout + stderr).replaceAll(server.issuer.url, 'https://login.example.com');
      expect({ command, output: lasting(printed) }).toEqual({ command, output: lasting(output) });
    }
    expect(shown).toHaveLength(6);
  } finally {
    await server.stop();
  }
});

/** Digests and times differ from run to run, and with them the width of their columns. */
function lasting(output: string): string {
  return output
    .replace(/sha256:[0-9a-f]+…?/g, 'sha256:…')
    .replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, '…')
    .replace(/serial \d{10}/g, 'serial …')
    .replace(/ {2,}(?=\S)/g, '  ');
}
