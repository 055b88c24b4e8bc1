import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { tokensFrom } from '../../src/cli/credentials.js';
import { type LocalServer, localServer } from '../identity/issuer.js';
import { secret } from '../output/secret.js';

const directory = mkdtempSync(join(tmpdir(), 'regate-credentials-'));
let provider: LocalServer;
let given = 0;
let answer: object = {};
beforeAll(async () => {
  provider = await localServer();
  provider.handler = (request, response) => {
    request.resume();
    given += 1;
    response.writeHead(200, { 'Content-Type': 'application/json' });
    response.end(JSON.stringify({ access_token: `token ${given}`, ...answer }));
  };
});
afterAll(async () => {
  await provider.close();
  rmSync(directory, { recursive: true });
});
beforeEach(() => {
  given = 0;
});

function credentialsFile(): string {
  const file = join(directory, 'credentials.json');
  const credentials = {
    token_endpoint: `${provider.url}/token`,
    client_id: 'gateway',
    client_secret: secret('client secret', 'wq8-of-the-test'),
  };
  writeFileSync(file, JSON.stringify(credentials));
  return file;
}

test("a provider's token serves for most of its life", async () => {
  answer = { expires_in: 100 };
  let now = 1_000_000;
  const token = tokensFrom({ credentials: credentialsFile() }, () => now);
  expect([await token(), await token()]).toEqual(['token 1', 'token 1']);
  now += 79_999;
  expect(await token()).toBe('token 1');
  now += 1;
  expect(await token()).toBe('token 2');
});

test('a token of which nobody says how long it lives serves once', async () => {
  answer = {};
  const token = tokensFrom({ credentials: credentialsFile() });
  expect([await token(), await token()]).toEqual(['token 1', 'token 2']);
});

test('a file is read each time', async () => {
  const tokenFile = join(directory, 'token');
  const token = tokensFrom({ tokenFile });
  writeFileSync(tokenFile, 'one\n');
  expect(await token()).toBe('one');
  writeFileSync(tokenFile, 'two\n');
  expect(await token()).toBe('two');
});
