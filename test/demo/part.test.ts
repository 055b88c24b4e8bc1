import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startPart } from '../../src/demo/part.js';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'regate-part-'));
});

afterEach(() => rmSync(folder, { recursive: true }));

const command = (program: string, readyUrl = 'http://127.0.0.1:9/') => ({
  name: 'backoffice' as const,
  args: ['-e', program],
  readyUrl,
  logFile: join(folder, 'part.log'),
});

test('a part that ends before it is ready is shown with its last lines', async () => {
  const starting = startPart(
    command('console.error("no such file"); process.exit(3)'),
    new AbortController().signal,
  );
  await expect(starting).rejects.toMatchObject({
    code: 'part_ended',
    message: expect.stringMatching(/backoffice ended with exit code 3\.[\s\S]*no such file/),
    nextStep: expect.stringContaining('part.log'),
  });
});

test('a start that is given up ends the part', async () => {
  const giveUp = new AbortController();
  const starting = startPart(command('setInterval(() => undefined, 1000)'), giveUp.signal);
  giveUp.abort(new Error('interrupted'));
  await expect(starting).rejects.toThrow();
});
