/**
 * Says a secret of its own on each channel that is recorded of a process, so that the search must find them: where it
 * does not, nothing is heard there any more. Run by `npm test` as the processes of tests are.
 */
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { channel } from 'node:diagnostics_channel';
import { once } from 'node:events';
import express from 'express';
import Database from 'libsql';

/** @param {string} name of a channel */
function canary(name) {
  const value = randomBytes(16).toString('hex');
  channel('regate.test.secret').publish({ kind: 'canary', value, canary: name });
  return value;
}

process.stdout.write(`${canary('stdout')}\n`);
process.stderr.write(`${canary('stderr')}\n`);
new Database(':memory:').prepare('SELECT ?').get(canary('sql'));

const server = express()
  .use((_request, response) => response.status(500).json({ error: canary('answers') }))
  .listen(0, '127.0.0.1');
await once(server, 'listening');
await (await fetch(`http://127.0.0.1:${server.address().port}`)).text();
server.close();
server.closeAllConnections();

for (const [name, redirection] of [
  ['child-stdout', ''],
  ['child-stderr', ' >&2'],
]) {
  const child = spawn('/bin/sh', ['-c', `echo ${canary(name)}${redirection}`], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  child.stdout.resume();
  child.stderr.resume();
  await once(child, 'close');
}
