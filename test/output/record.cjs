/**
 * Keeps a copy of all that a process says, for the search at the end of `npm test`. Preloaded by NODE_OPTIONS into
 * every Node process that a test run starts: jest and its workers, gateways, bundle servers, commands. It writes a file
 * for each process and channel, at once, since tests kill what they start. Without REGATE_TEST_OUTPUT it does nothing.
 */
const { randomBytes } = require('node:crypto');
const { subscribe } = require('node:diagnostics_channel');
const { appendFileSync, openSync, writeSync } = require('node:fs');
const { basename, join } = require('node:path');
const { isMainThread } = require('node:worker_threads');
const { tapChildren, tapDatabases, tapProcess, tapResponses } = require('./taps.cjs');

const FOLDER = process.env.REGATE_TEST_OUTPUT ?? '';
/** Begins a line that says who wrote what follows. */
const MARK = '\u001e by ';

// What a thread prints comes out by its process.
if (FOLDER !== '' && isMainThread) start();

function start() {
  const prefix = join(FOLDER, `${process.pid}-${randomBytes(4).toString('hex')}`);
  const command = process.argv.slice(1, 3).map((word) => basename(word));
  let speaker = { process: command.join(' '), test: process.env.REGATE_TEST_NAME };
  const files = new Map();

  /**
   * @param {string} channel
   * @param {string | Uint8Array} chunk
   * @param {BufferEncoding} [encoding]
   */
  function record(channel, chunk, encoding) {
    let file = files.get(channel);
    if (file === undefined) {
      file = { fd: openSync(`${prefix}.${channel}`, 'a', 0o600), speaker: undefined };
      files.set(channel, file);
    }
    if (file.speaker !== speaker) writeSync(file.fd, `\n${MARK}${JSON.stringify(speaker)}\n`);
    file.speaker = speaker;
    writeSync(file.fd, typeof chunk === 'string' ? Buffer.from(chunk, encoding) : chunk);
  }

  tapProcess(record);
  tapChildren(record);
  tapResponses(record);
  tapDatabases(record);
  // Tests run in jest's sandbox; these channels are the same inside and outside of it.
  subscribe('regate.test.said', ({ channel, text }) => record(channel, text));
  subscribe('regate.test.begins', (test) => {
    speaker = { ...speaker, ...test };
  });
  subscribe('regate.test.secret', (secret) =>
    appendFileSync(join(FOLDER, 'secrets.jsonl'), `${JSON.stringify(secret)}\n`, { mode: 0o600 }),
  );
}
