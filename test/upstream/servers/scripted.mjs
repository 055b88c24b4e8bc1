/**
 * An MCP server over stdio, with sessions and without, that does what the name of the called tool says, good or bad.
 * With `stubborn` it neither ends when its input does nor on SIGTERM; with `announced` it writes its process id to
 * standard error; with `greeted` it ends when anything but `initialize` comes first.
 */
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

if (process.argv.includes('stubborn')) {
  process.on('SIGTERM', () => undefined);
  setInterval(() => undefined, 1_000);
}

if (process.argv.includes('announced')) process.stderr.write(`my pid is ${process.pid}\n`);

const say = (message) => process.stdout.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`);
const text = (id, value) =>
  say({ id, result: { resultType: 'complete', content: [{ type: 'text', text: String(value) }] } });
const SUBSCRIPTION_ID = 'io.modelcontextprotocol/subscriptionId';
const of = (id) => ({ _meta: { [SUBSCRIPTION_ID]: id } });
/** Ids of the subscriptions that are open. */
const listening = new Set();
/** What waits for an answer of the client's, by the id of our request. */
const asked = new Map();
const held = [];
let initialized = 0;
let greeted = !process.argv.includes('greeted');

const TOOLS = {
  echo: ({ id, args }) => text(id, args.text),
  pid: ({ id }) => text(id, process.pid),
  line: ({ id, line }) => text(id, line),
  environment: ({ id }) => text(id, JSON.stringify(process.env)),
  folder: ({ id }) => text(id, process.cwd()),
  initialized: ({ id }) => text(id, initialized),
  exit: () => process.exit(3),
  die: () => process.kill(process.pid, 'SIGKILL'),
  hang: () => undefined,
  garbage: () => process.stdout.write('this is no JSON\n'),
  huge: ({ args }) => process.stdout.write('x'.repeat(args.bytes)),
  complain: ({ id, args }) => process.stderr.write(args.text, () => text(id, 'done')),
  hold: ({ id, args }) => held.push(() => text(id, args.text)),
  release: ({ id }) => {
    for (const answer of held.splice(0)) answer();
    text(id, 'released');
  },
  twice: ({ id }) => {
    text(id, 'first');
    text(id, 'second');
  },
  log: ({ id, args }) => {
    for (let sent = 0; sent < args.count; sent += 1)
      say({
        method: 'notifications/message',
        params: { level: 'info', data: `${sent} ${'x'.repeat(args.bytes)}` },
      });
    text(id, 'logged');
  },
  progress: ({ id, args, token }) => {
    for (let progress = 1; progress <= args.steps; progress += 1)
      say({ method: 'notifications/progress', params: { progressToken: token, progress } });
    text(id, 'done');
  },
  flood: ({ id, args, token }) => {
    const message = 'x'.repeat(args.bytes);
    for (let progress = 1; progress <= args.count; progress += 1)
      say({ method: 'notifications/progress', params: { progressToken: token, progress, message } });
    text(id, 'done');
  },
  changed: ({ id }) => {
    say({ method: 'notifications/tools/list_changed' });
    text(id, 'done');
  },
  ask: ({ id, args }) => {
    const own = `own-${id}`;
    asked.set(own, (answer) => text(id, JSON.stringify(answer)));
    say({ id: own, method: args?.method ?? 'roots/list', params: { _meta: { progressToken: own } } });
  },
  takeBack: ({ id }) => {
    say({ id: 'taken back', method: 'roots/list' });
    say({ method: 'notifications/cancelled', params: { requestId: 'taken back' } });
    text(id, 'done');
  },
  tell: ({ id, args }) => {
    say(args.message);
    text(id, 'told');
  },
  change: ({ id }) => {
    for (const own of listening) say({ method: 'notifications/tools/list_changed', params: of(own) });
    text(id, 'done');
  },
  endSubscriptions: ({ id, args }) => {
    for (const own of listening) {
      if (args.by === 'answer') say({ id: own, result: { resultType: 'complete', ...of(own) } });
      else say({ method: 'notifications/cancelled', params: { requestId: own } });
    }
    listening.clear();
    text(id, 'done');
  },
  child: ({ id }) => {
    const child = spawn(process.execPath, ['-e', 'setInterval(() => undefined, 1000)'], { stdio: 'ignore' });
    text(id, child.pid);
  },
};

createInterface({ input: process.stdin }).on('line', (line) => {
  const { id, method, params, ...answer } = JSON.parse(line);
  greeted ||= method === 'initialize';
  if (!greeted) process.exit(4);
  if (method === 'initialize') {
    say({
      id,
      result: {
        protocolVersion: params.protocolVersion,
        capabilities: {},
        serverInfo: { name: 's', version: '1' },
      },
    });
  } else if (method === 'server/discover') {
    const serverInfo = { name: 's', version: '1' };
    const result = { supportedVersions: ['2026-07-28'], capabilities: {}, ttlMs: 0, cacheScope: 'private' };
    const _meta = { 'io.modelcontextprotocol/serverInfo': serverInfo };
    say({ id, result: { resultType: 'complete', ...result, _meta } });
  } else if (method === 'subscriptions/listen') {
    listening.add(id);
    const agreed = { notifications: params.notifications, ...of(id) };
    say({ method: 'notifications/subscriptions/acknowledged', params: agreed });
  } else if (method === 'notifications/initialized') initialized += 1;
  else if (method === 'notifications/cancelled') {
    listening.delete(params.requestId);
    process.stderr.write(`cancelled ${params.requestId}\n`);
  } else if (method === 'notifications/vendor') process.stderr.write(`told ${params.text}\n`);
  else if (id !== undefined && method !== undefined && method !== 'tools/call')
    say({ id, error: { code: -32601, message: 'there is no such method' } });
  else if (method === 'tools/call')
    TOOLS[params.name]({ id, args: params.arguments, token: params._meta?.progressToken, line });
  else if (method === 'notifications/progress') process.stderr.write(`progress ${params.progressToken}\n`);
  else if (method === undefined) {
    asked.get(id)?.(answer);
    asked.delete(id);
  }
});
