/** Where what a process says can be heard. Each tap hands on what it hears and changes nothing else. */
const childProcess = require('node:child_process');
const fs = require('node:fs');
const http = require('node:http');
const Module = require('node:module');
const { inspect } = require('node:util');

/** @typedef {(channel: string, chunk: string | Uint8Array, encoding?: BufferEncoding) => void} Record */

const SAID_WHOLE = { depth: null, breakLength: Infinity, maxStringLength: null, maxArrayLength: null };

/**
 * What the process writes itself, and what Node writes when it ends or warns, which goes past its streams.
 *
 * @param {Record} record
 */
function tapProcess(record) {
  for (const channel of ['stdout', 'stderr']) {
    const stream = process[channel];
    const { write } = stream;
    stream.write = function (chunk, encoding, ...rest) {
      record(channel, chunk, typeof encoding === 'string' ? encoding : undefined);
      return write.call(this, chunk, encoding, ...rest);
    };
  }
  const { writeSync } = fs;
  fs.writeSync = (fd, chunk, ...rest) => {
    if (fd === 1 || fd === 2) record(fd === 1 ? 'stdout' : 'stderr', chunk);
    return writeSync(fd, chunk, ...rest);
  };
  Module.syncBuiltinESMExports();
  process.on('uncaughtExceptionMonitor', (error) => record('stderr', `${inspect(error, SAID_WHOLE)}\n`));
  process.on('warning', (warning) => record('stderr', `${inspect(warning, SAID_WHOLE)}\n`));
}

/**
 * What a child prints that does not record itself: it is no Node, or has an environment of its own.
 *
 * @param {Record} record
 */
function tapChildren(record) {
  const { prototype } = childProcess.ChildProcess;
  const { spawn } = prototype;
  prototype.spawn = function (options) {
    const answer = spawn.call(this, options);
    if (recordsItself(options)) return answer;
    for (const name of ['stdout', 'stderr']) if (this[name]) tapStream(this[name], `child-${name}`, record);
    return answer;
  };
}

/** @param {{file: string, envPairs?: readonly string[]}} options as Node starts a child with them */
function recordsItself({ file, envPairs = [] }) {
  const has = (pattern) => envPairs.some((pair) => pattern.test(pair));
  return file === process.execPath && has(/^REGATE_TEST_OUTPUT=./) && has(/^NODE_OPTIONS=.*record\.cjs/);
}

function tapStream(stream, channel, record) {
  const { push } = stream;
  stream.push = function (chunk, ...rest) {
    if (chunk !== null) record(channel, chunk);
    return push.call(this, chunk, ...rest);
  };
}

/**
 * What Express, and so the gateway and the bundle server, answers where something is wrong: with a status of 400 or
 * more, or with an error in the body.
 *
 * @param {Record} record
 */
function tapResponses(record) {
  const { prototype } = http.ServerResponse;
  const { write, end } = prototype;
  const hear = (response, chunk, encoding) => {
    if (response.app === undefined || (typeof chunk !== 'string' && !Buffer.isBuffer(chunk))) return;
    if (response.statusCode >= 400 || chunk.includes('"error"'))
      record('answers', `${chunk.toString(typeof encoding === 'string' ? encoding : 'utf8')}\n`);
  };
  prototype.write = function (chunk, encoding, ...rest) {
    hear(this, chunk, encoding);
    return write.call(this, chunk, encoding, ...rest);
  };
  prototype.end = function (chunk, encoding, ...rest) {
    hear(this, chunk, encoding);
    const answer = end.call(this, chunk, encoding, ...rest);
    if (this.app !== undefined && this.statusCode >= 400) record('answers', `${this._header}\n`);
    return answer;
  };
}

/**
 * Texts that are bound to statements of SQL: all that is kept in a store, audit events among it.
 *
 * @param {Record} record
 */
function tapDatabases(record) {
  const load = Module._load;
  Module._load = function (request, ...rest) {
    const loaded = load.call(this, request, ...rest);
    return isLibsql(request) ? tapDatabase(loaded, record) : loaded;
  };
}

function isLibsql(request) {
  return request === 'libsql' || /[\\/]node_modules[\\/]libsql[\\/]index\.js$/.test(request);
}

const tapped = new WeakSet();

/** @param {import('libsql')} Database @param {Record} record */
function tapDatabase(Database, record) {
  if (tapped.has(Database)) return Database;
  tapped.add(Database);
  const { prepare } = Database.prototype;
  Database.prototype.prepare = function (sql) {
    const statement = prepare.call(this, sql);
    for (const name of ['run', 'get', 'all', 'iterate']) {
      const bound = statement[name];
      statement[name] = function (...parameters) {
        for (const value of parameters.flat()) if (typeof value === 'string') record('sql', `${value}\n`);
        return bound.apply(this, parameters);
      };
    }
    return statement;
  };
  return Database;
}

module.exports = { SAID_WHOLE, tapChildren, tapDatabase, tapDatabases, tapProcess, tapResponses };
