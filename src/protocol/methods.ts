import type { Direction, Message } from '../domain/index.js';
import { ProtocolError } from './error.js';

/** How one MCP method may travel. */
export interface MethodRule {
  readonly kind: 'request' | 'notification';
  /** The ways in which it may travel; the answer to a request goes the other way. */
  readonly directions: readonly Direction[];
  /** Why it may pass at all. */
  readonly why: string;
}

/**
 * Every method of MCP 2024-11-05 to 2025-11-25. A method that has no row is refused: what nobody looked at does
 * not pass.
 */
export const METHODS = {
  initialize: { kind: 'request', directions: ['to_server'], why: 'opens a session' },
  ping: { kind: 'request', directions: ['to_server', 'to_client'], why: 'asks whether the other side lives' },
  'logging/setLevel': { kind: 'request', directions: ['to_server'], why: 'chooses how much the server logs' },
  'completion/complete': {
    kind: 'request',
    directions: ['to_server'],
    why: 'suggests values for an argument',
  },
  'tools/list': { kind: 'request', directions: ['to_server'], why: 'says which tools there are' },
  'tools/call': { kind: 'request', directions: ['to_server'], why: 'runs a tool' },
  'prompts/list': { kind: 'request', directions: ['to_server'], why: 'says which prompts there are' },
  'prompts/get': { kind: 'request', directions: ['to_server'], why: 'fills in a prompt' },
  'resources/list': { kind: 'request', directions: ['to_server'], why: 'says which resources there are' },
  'resources/templates/list': {
    kind: 'request',
    directions: ['to_server'],
    why: 'says which resource templates there are',
  },
  'resources/read': { kind: 'request', directions: ['to_server'], why: 'reads a resource' },
  'resources/subscribe': { kind: 'request', directions: ['to_server'], why: 'asks to hear of changes' },
  'resources/unsubscribe': { kind: 'request', directions: ['to_server'], why: 'ends a subscription' },
  'tasks/list': {
    kind: 'request',
    directions: ['to_server', 'to_client'],
    why: 'says which tasks there are',
  },
  'tasks/get': { kind: 'request', directions: ['to_server', 'to_client'], why: 'asks how a task stands' },
  'tasks/result': { kind: 'request', directions: ['to_server', 'to_client'], why: "fetches a task's result" },
  'tasks/cancel': { kind: 'request', directions: ['to_server', 'to_client'], why: 'stops a task' },
  'sampling/createMessage': { kind: 'request', directions: ['to_client'], why: "asks the client's model" },
  'elicitation/create': { kind: 'request', directions: ['to_client'], why: "asks the client's user" },
  'roots/list': { kind: 'request', directions: ['to_client'], why: 'asks which folders the client offers' },

  'notifications/initialized': {
    kind: 'notification',
    directions: ['to_server'],
    why: 'ends the handshake of a session',
  },
  'notifications/cancelled': {
    kind: 'notification',
    directions: ['to_server', 'to_client'],
    why: 'takes back a request',
  },
  'notifications/progress': {
    kind: 'notification',
    directions: ['to_server', 'to_client'],
    why: 'says how far a request has come',
  },
  'notifications/tasks/status': {
    kind: 'notification',
    directions: ['to_server', 'to_client'],
    why: 'says how a task stands',
  },
  'notifications/roots/list_changed': {
    kind: 'notification',
    directions: ['to_server'],
    why: "says that the client's folders changed",
  },
  'notifications/message': { kind: 'notification', directions: ['to_client'], why: 'carries a line of log' },
  'notifications/tools/list_changed': {
    kind: 'notification',
    directions: ['to_client'],
    why: 'says that the tools changed',
  },
  'notifications/prompts/list_changed': {
    kind: 'notification',
    directions: ['to_client'],
    why: 'says that the prompts changed',
  },
  'notifications/resources/list_changed': {
    kind: 'notification',
    directions: ['to_client'],
    why: 'says that the resources changed',
  },
  'notifications/resources/updated': {
    kind: 'notification',
    directions: ['to_client'],
    why: 'says that a subscribed resource changed',
  },
  'notifications/elicitation/complete': {
    kind: 'notification',
    directions: ['to_client'],
    why: 'says that an elicitation by URL is done',
  },
} as const satisfies Record<string, MethodRule>;

const RULES: ReadonlyMap<string, MethodRule> = new Map(Object.entries(METHODS));

/** The row of a method, or undefined where it has none and is refused. */
export function methodRule(method: string): MethodRule | undefined {
  return RULES.get(method);
}

/**
 * Refuses a request or notification that MCP does not let travel this way. An answer may travel either way: whether
 * anybody asked for it is for whoever knows the requests.
 *
 * @throws ProtocolError method_unknown, method_direction
 */
export function mayTravel(message: Message, direction: Direction): void {
  if (message.kind === 'response') return;
  const rule = methodRule(message.method);
  if (rule === undefined) throw new ProtocolError('method_unknown', 'MCP has no such method');
  if (!rule.directions.includes(direction)) {
    const receiver = direction === 'to_server' ? 'server' : 'client';
    throw new ProtocolError('method_direction', `${message.method} is not sent to a ${receiver}`);
  }
}
