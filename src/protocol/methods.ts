import {
  type Direction,
  type Message,
  type NotificationMessage,
  PROTOCOL_VERSIONS,
  type ProtocolVersion,
  type RequestMessage,
  STATELESS,
  WITH_SESSIONS,
} from '../domain/index.js';
import { ProtocolError } from './error.js';

/** How one MCP method may travel. */
export interface MethodRule {
  readonly kind: 'request' | 'notification';
  /** The ways in which it may travel, each in the versions that have it; the answer to a request goes the other way. */
  readonly travels: Readonly<Partial<Record<Direction, readonly ProtocolVersion[]>>>;
  /** Why it may pass at all. */
  readonly why: string;
}

const EVERY = PROTOCOL_VERSIONS;
const since = (first: ProtocolVersion, versions: readonly ProtocolVersion[]) =>
  versions.slice(versions.indexOf(first));
const ELICITATION = since('2025-06-18', WITH_SESSIONS);
const ELICITATION_BY_URL = since('2025-11-25', WITH_SESSIONS);
/** Tasks are part of 2025-11-25, both ways, and an extension of 2026-07-28, in which only the client asks. */
const TASKS = since('2025-11-25', WITH_SESSIONS);
const TASKS_EXTENSION = since('2025-11-25', EVERY);

/**
 * Every method of MCP 2024-11-05 to 2026-07-28 and of its tasks extension. What a row does not say is refused; a method
 * that has no row is {@link UNLISTED}.
 */
export const METHODS = {
  initialize: { kind: 'request', travels: { to_server: WITH_SESSIONS }, why: 'opens a session' },
  'server/discover': {
    kind: 'request',
    travels: { to_server: [STATELESS] },
    why: 'asks which versions and features a server has',
  },
  ping: {
    kind: 'request',
    travels: { to_server: WITH_SESSIONS, to_client: WITH_SESSIONS },
    why: 'asks whether the other side lives',
  },
  'logging/setLevel': {
    kind: 'request',
    travels: { to_server: WITH_SESSIONS },
    why: 'chooses how much the server logs',
  },
  'completion/complete': {
    kind: 'request',
    travels: { to_server: EVERY },
    why: 'suggests values for an argument',
  },
  'tools/list': { kind: 'request', travels: { to_server: EVERY }, why: 'says which tools there are' },
  'tools/call': { kind: 'request', travels: { to_server: EVERY }, why: 'runs a tool' },
  'prompts/list': { kind: 'request', travels: { to_server: EVERY }, why: 'says which prompts there are' },
  'prompts/get': { kind: 'request', travels: { to_server: EVERY }, why: 'fills in a prompt' },
  'resources/list': { kind: 'request', travels: { to_server: EVERY }, why: 'says which resources there are' },
  'resources/templates/list': {
    kind: 'request',
    travels: { to_server: EVERY },
    why: 'says which resource templates there are',
  },
  'resources/read': { kind: 'request', travels: { to_server: EVERY }, why: 'reads a resource' },
  'resources/subscribe': {
    kind: 'request',
    travels: { to_server: WITH_SESSIONS },
    why: 'asks to hear of changes',
  },
  'resources/unsubscribe': {
    kind: 'request',
    travels: { to_server: WITH_SESSIONS },
    why: 'ends a subscription',
  },
  'subscriptions/listen': {
    kind: 'request',
    travels: { to_server: [STATELESS] },
    why: 'opens a stream of the changes it names',
  },
  'tasks/list': {
    kind: 'request',
    travels: { to_server: TASKS, to_client: TASKS },
    why: 'says which tasks there are',
  },
  'tasks/get': {
    kind: 'request',
    travels: { to_server: TASKS_EXTENSION, to_client: TASKS },
    why: 'asks how a task stands',
  },
  'tasks/result': {
    kind: 'request',
    travels: { to_server: TASKS, to_client: TASKS },
    why: "fetches a task's result",
  },
  'tasks/update': {
    kind: 'request',
    travels: { to_server: [STATELESS] },
    why: 'gives a task the input that it waits for',
  },
  'tasks/cancel': {
    kind: 'request',
    travels: { to_server: TASKS_EXTENSION, to_client: TASKS },
    why: 'stops a task',
  },
  'sampling/createMessage': {
    kind: 'request',
    travels: { to_client: WITH_SESSIONS },
    why: "asks the client's model",
  },
  'elicitation/create': {
    kind: 'request',
    travels: { to_client: ELICITATION },
    why: "asks the client's user",
  },
  'roots/list': {
    kind: 'request',
    travels: { to_client: WITH_SESSIONS },
    why: 'asks which folders the client offers',
  },

  'notifications/initialized': {
    kind: 'notification',
    travels: { to_server: WITH_SESSIONS },
    why: 'ends the handshake of a session',
  },
  'notifications/cancelled': {
    kind: 'notification',
    travels: { to_server: EVERY, to_client: EVERY },
    why: 'takes back a request',
  },
  'notifications/progress': {
    kind: 'notification',
    travels: { to_server: WITH_SESSIONS, to_client: EVERY },
    why: 'says how far a request has come',
  },
  'notifications/tasks/status': {
    kind: 'notification',
    travels: { to_server: TASKS, to_client: TASKS },
    why: 'says how a task stands',
  },
  'notifications/tasks': {
    kind: 'notification',
    travels: { to_client: [STATELESS] },
    why: 'says how a task stands, on a stream that asked for it',
  },
  'notifications/roots/list_changed': {
    kind: 'notification',
    travels: { to_server: WITH_SESSIONS },
    why: "says that the client's folders changed",
  },
  'notifications/message': {
    kind: 'notification',
    travels: { to_client: EVERY },
    why: 'carries a line of log',
  },
  'notifications/subscriptions/acknowledged': {
    kind: 'notification',
    travels: { to_client: [STATELESS] },
    why: 'says which changes a stream will tell of',
  },
  'notifications/tools/list_changed': {
    kind: 'notification',
    travels: { to_client: EVERY },
    why: 'says that the tools changed',
  },
  'notifications/prompts/list_changed': {
    kind: 'notification',
    travels: { to_client: EVERY },
    why: 'says that the prompts changed',
  },
  'notifications/resources/list_changed': {
    kind: 'notification',
    travels: { to_client: EVERY },
    why: 'says that the resources changed',
  },
  'notifications/resources/updated': {
    kind: 'notification',
    travels: { to_client: EVERY },
    why: 'says that a subscribed resource changed',
  },
  'notifications/elicitation/complete': {
    kind: 'notification',
    travels: { to_client: ELICITATION_BY_URL },
    why: 'says that an elicitation by URL is done',
  },
} as const satisfies Record<string, MethodRule>;

/**
 * Methods that no version of MCP knows: those of extensions and vendors. They have no schema of their own, and policy
 * lets none pass that it was not told of.
 */
export const UNLISTED = {
  request: {
    kind: 'request',
    // Since 2026-07-28 there is no way back for an answer to a server.
    travels: { to_server: EVERY, to_client: WITH_SESSIONS },
    why: 'an extension may define it; policy refuses what it does not name',
  },
  notification: {
    kind: 'notification',
    travels: { to_server: EVERY, to_client: EVERY },
    why: 'an extension may define it; policy refuses what it does not name',
  },
} as const satisfies Record<MethodRule['kind'], MethodRule>;

const RULES: ReadonlyMap<string, MethodRule> = new Map(Object.entries(METHODS));
const IN_LOWER_CASE: ReadonlySet<string> = new Set([...RULES.keys()].map((method) => method.toLowerCase()));

/** The row of a method, or undefined where it has none. */
export function methodRule(method: string): MethodRule | undefined {
  return RULES.get(method);
}

/**
 * Refuses a request or notification that the version in force does not let travel this way. An answer may travel
 * either way: whether anybody asked for it is for whoever knows the requests.
 *
 * @throws ProtocolError method_unknown, method_direction, method_not_found
 */
export function mayTravel(message: Message, direction: Direction, version: ProtocolVersion): void {
  if (message.kind === 'response') return;
  const travels = waysOf(message);
  if (travels[direction]?.includes(version)) return;
  // Its HTTP status is another in 2026-07-28, where 404 no longer means that a session was lost.
  if (version === STATELESS) throw new ProtocolError('method_not_found', `MCP ${version} has no such method`);
  const otherWay = direction === 'to_server' ? travels.to_client : travels.to_server;
  if (!otherWay?.includes(version))
    throw new ProtocolError('method_unknown', `MCP ${version} has no such method`);
  const receiver = direction === 'to_server' ? 'server' : 'client';
  throw new ProtocolError('method_direction', `${message.method} is not sent to a ${receiver}`);
}

/** Of a name that some receivers would take for that of a row, and policy for another's: none. */
function waysOf({ method, kind }: RequestMessage | NotificationMessage): MethodRule['travels'] {
  const rule = methodRule(method);
  if (rule !== undefined) return rule.travels;
  return IN_LOWER_CASE.has(method.toLowerCase()) ? {} : UNLISTED[kind].travels;
}
