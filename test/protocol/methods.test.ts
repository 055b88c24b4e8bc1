import {
  ClientNotificationSchema,
  ClientRequestSchema,
  ServerNotificationSchema,
  ServerRequestSchema,
} from '@modelcontextprotocol/sdk/types.js';
import type { Direction, Message } from '../../src/domain/index.js';
import { decodeMessage, METHODS, mayTravel, methodRule, readJson } from '../../src/protocol/index.js';
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

test('the table holds the methods of the official SDK, each in its kind and directions', () => {
  const ours = Object.entries(METHODS).flatMap(([method, { kind, directions }]) =>
    directions.map((direction) => `${kind} ${direction} ${method}`),
  );
  expect(ours.sort()).toEqual(official);
});

test.each(Object.entries(METHODS))('%s travels as its row says, and says why', (method, rule) => {
  expect(rule.why).not.toBe('');
  for (const direction of ['to_server', 'to_client'] as const satisfies Direction[]) {
    const refusal = refusalOf(() => mayTravel(message(rule.kind, method), direction));
    const may = (rule.directions as readonly Direction[]).includes(direction);
    expect(refusal?.code).toBe(may ? undefined : 'method_direction');
  }
});

test.each(['acme/do', 'Tools/call', 'tools/call ', '', '__proto__', 'constructor', 'notifications/acme'])(
  'the method "%s" has no row and travels nowhere',
  (method) => {
    expect(methodRule(method)).toBeUndefined();
    const unknown = message(method.startsWith('notifications/') ? 'notification' : 'request', method);
    expect(refusalOf(() => mayTravel(unknown, 'to_server'))?.code).toBe('method_unknown');
    expect(refusalOf(() => mayTravel(unknown, 'to_client'))?.code).toBe('method_unknown');
  },
);

test('an answer may travel either way', () => {
  const answer = decodeMessage(readJson(Buffer.from('{"jsonrpc":"2.0","id":1,"result":{}}')));
  mayTravel(answer, 'to_server');
  mayTravel(answer, 'to_client');
});
