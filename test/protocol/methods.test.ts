import {
  ClientNotificationSchema,
  ClientRequestSchema,
  ServerNotificationSchema,
  ServerRequestSchema,
} from '@modelcontextprotocol/sdk/types.js';
import {
  type Direction,
  type Message,
  PROTOCOL_VERSIONS,
  type ProtocolVersion,
} from '../../src/domain/index.js';
import {
  decodeMessage,
  METHODS,
  type MethodRule,
  mayTravel,
  methodRule,
  readJson,
  UNLISTED,
} from '../../src/protocol/index.js';
import { refusalOf } from './cases.js';

const methodsOf = (schema: { options: readonly { shape: { method: { value: string } } }[] }) =>
  schema.options.map(({ shape }) => shape.method.value);

/** Each way of each method, as `kind direction method`. */
const official = [
  ...methodsOf(ClientRequestSchema).map((method) => `request to_server ${method}`),
  ...methodsOf(ServerRequestSchema).map((method) => `request to_client ${method}`),
  ...methodsOf(ClientNotificationSchema).map((method) => `notification to_server ${method}`),
  ...methodsOf(ServerNotificationSchema).map((method) => `notification to_client ${method}`),
].sort();

function message(kind: string, method: string): Message {
  const id = kind === 'request' ? '"id":1,' : '';
  return decodeMessage(readJson(Buffer.from(`{"jsonrpc":"2.0",${id}"method":"${method}"}`)));
}

/** The ways that the table knows in a version. */
function ways(version: ProtocolVersion): string[] {
  return Object.entries<MethodRule>(METHODS)
    .flatMap(([method, { kind, travels }]) =>
      (['to_server', 'to_client'] as const)
        .filter((direction) => travels[direction]?.includes(version))
        .map((direction) => `${kind} ${direction} ${method}`),
    )
    .sort();
}

test('2025-11-25 has the methods of the official SDK, each in its kind and directions', () => {
  expect(ways('2025-11-25')).toEqual(official);
});

test('2026-07-28 has no session, nothing that a server asks by itself, and the tasks extension', () => {
  expect(ways('2026-07-28')).toEqual([
    'notification to_client notifications/cancelled',
    'notification to_client notifications/message',
    'notification to_client notifications/progress',
    'notification to_client notifications/prompts/list_changed',
    'notification to_client notifications/resources/list_changed',
    'notification to_client notifications/resources/updated',
    'notification to_client notifications/subscriptions/acknowledged',
    'notification to_client notifications/tasks',
    'notification to_client notifications/tools/list_changed',
    'notification to_server notifications/cancelled',
    'request to_server completion/complete',
    'request to_server prompts/get',
    'request to_server prompts/list',
    'request to_server resources/list',
    'request to_server resources/read',
    'request to_server resources/templates/list',
    'request to_server server/discover',
    'request to_server subscriptions/listen',
    'request to_server tasks/cancel',
    'request to_server tasks/get',
    'request to_server tasks/update',
    'request to_server tools/call',
    'request to_server tools/list',
  ]);
});

test('what a version added the version before does not have', () => {
  const added = PROTOCOL_VERSIONS.slice(1, -1).map((version, index) => {
    const before = ways(PROTOCOL_VERSIONS[index] ?? version);
    return ways(version).filter((way) => !before.includes(way));
  });
  expect(added).toEqual([
    [],
    ['request to_client elicitation/create'],
    [
      'notification to_client notifications/elicitation/complete',
      'notification to_client notifications/tasks/status',
      'notification to_server notifications/tasks/status',
      'request to_client tasks/cancel',
      'request to_client tasks/get',
      'request to_client tasks/list',
      'request to_client tasks/result',
      'request to_server tasks/cancel',
      'request to_server tasks/get',
      'request to_server tasks/list',
      'request to_server tasks/result',
    ],
  ]);
});

test.each(Object.entries<MethodRule>(METHODS))(
  '%s travels as its row says, and says why',
  (method, { kind, travels, why }) => {
    expect(why).not.toBe('');
    for (const direction of ['to_server', 'to_client'] as const satisfies Direction[]) {
      for (const version of PROTOCOL_VERSIONS) {
        const code = refusalOf(() => mayTravel(message(kind, method), direction, version))?.code;
        const opposite = direction === 'to_server' ? 'to_client' : 'to_server';
        const refusal = travels[opposite]?.includes(version) ? 'method_direction' : 'method_unknown';
        const expected = version === '2026-07-28' ? 'method_not_found' : refusal;
        expect(code).toBe(travels[direction]?.includes(version) ? undefined : expected);
      }
    }
  },
);

describe.each(['acme/do', 'notifications/acme', 'acme', 'tools/call/', '__proto__', 'constructor'])(
  'the method "%s", which no version knows',
  (method) => {
    test('has no row', () => expect(methodRule(method)).toBeUndefined());

    test.each(PROTOCOL_VERSIONS)(
      'may travel in %s, but for what a server asks without a session',
      (version) => {
        const isNotification = method.startsWith('notifications/');
        for (const kind of isNotification ? ['notification'] : ['notification', 'request']) {
          for (const direction of ['to_server', 'to_client'] as const satisfies Direction[]) {
            const code = refusalOf(() => mayTravel(message(kind, method), direction, version))?.code;
            const noWayBack = kind === 'request' && direction === 'to_client' && version === '2026-07-28';
            expect(code).toBe(noWayBack ? 'method_not_found' : undefined);
          }
        }
      },
    );
  },
);

test.each(Object.keys(METHODS))('no other spelling of %s travels anywhere', (method) => {
  const capital = method.replace(/[a-z]/, (letter) => letter.toUpperCase());
  const spellings = [capital, method.toUpperCase(), method.toLowerCase()].filter((name) => name !== method);
  for (const spelling of spellings) {
    for (const kind of spelling.startsWith('notifications/')
      ? ['notification']
      : ['request', 'notification']) {
      const other = message(kind, spelling);
      for (const direction of ['to_server', 'to_client'] as const satisfies Direction[]) {
        expect(refusalOf(() => mayTravel(other, direction, '2025-11-25'))?.code).toBe('method_unknown');
        expect(refusalOf(() => mayTravel(other, direction, '2026-07-28'))?.code).toBe('method_not_found');
      }
    }
  }
});

test('what may travel without a row says why', () => {
  expect(Object.values(UNLISTED).map(({ why }) => why)).not.toContain('');
});

test('an answer may travel either way', () => {
  const answer = decodeMessage(readJson(Buffer.from('{"jsonrpc":"2.0","id":1,"result":{}}')));
  mayTravel(answer, 'to_server', '2025-11-25');
  mayTravel(answer, 'to_client', '2026-07-28');
});
