import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { generateSigningKey } from '../../src/bundles/index.js';
import { loadConfig } from '../../src/config/index.js';
import { ROOT } from '../architecture/law.js';
import { call, errorOf, Harness } from './harness.js';

const run = promisify(execFile);
const page = readFileSync(join(ROOT, 'docs/approvals-page.md'), 'utf8');
const blocks = (language: string) =>
  [...page.matchAll(new RegExp(`^\`\`\`${language}\\n([^]*?)^\`\`\`$`, 'gm'))].map(([, code = '']) => code);

test('the configuration on the page is valid', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'regate-docs-'));
  const [yaml = ''] = blocks('yaml');
  writeFileSync(join(directory, 'regate.yaml'), yaml);
  writeFileSync(join(directory, 'bundle.pub.pem'), generateSigningKey('ES256').publicKeyPem);
  const { gateway } = await loadConfig(join(directory, 'regate.yaml'), {});
  expect(gateway?.approvals.page).toMatchObject({ clientId: 'regate-approvals', sessionMinutes: 480 });
});

test('each call on the page does what it says', async () => {
  const harness = await Harness.start();
  try {
    const { data } = await errorOf(await harness.post(call('held', {})));
    const env = {
      ...process.env,
      GATEWAY: harness.url,
      ID: (data['approval'] as { id: string }).id,
      TOKEN: await harness.token({ sub: 'alice', client_id: 'people', groups: ['approvers'] }),
    };
    const answers: string[] = [];
    for (const line of blocks('sh').flatMap((block) => block.trim().split('\n'))) {
      // The last one listens until its time is over, which curl says by its exit code.
      const { stdout } = await run('sh', ['-c', line], { env }).catch((thrown: { stdout: string }) => thrown);
      answers.push(stdout);
    }
    const [list = '', one = '', approved = '', events] = answers;
    expect(JSON.parse(list)).toMatchObject({ approvals: [{ id: env.ID, state: 'pending' }] });
    expect(JSON.parse(one)).toMatchObject({ id: env.ID, history: { approvals: [] } });
    expect(JSON.parse(approved)).toMatchObject({
      state: 'approved',
      votes: [{ note: 'checked with the customer' }],
    });
    expect(events).toBe('event: open\ndata: {}\n\n');
  } finally {
    await harness.close();
  }
});
