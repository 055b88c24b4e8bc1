import { describeThrown, shapeCheck } from '../../domain/index.js';
import { malformed } from './error.js';

/** How many decisions were compared with those of a bundle that is evaluated without effect, and how they came out. */
export interface ShadowCounts {
  readonly compared: number;
  readonly different: number;
  /** It could not decide. */
  readonly failed: number;
  /** They were to be compared and were not. */
  readonly skipped: number;
}

/** The counts of one shadow bundle. */
export interface ShadowReport extends ShadowCounts {
  readonly revision: string;
  readonly digest: string;
}

/** A revision without its bundle's name. */
export interface NamedRevision {
  readonly revision: string;
  readonly digest: string;
}

/** What an instance says of one bundle. */
export interface ReportedBundle {
  readonly name: string;
  /** What is in force; missing where nothing is. */
  readonly revision?: string;
  /** OPA does not tell it. */
  readonly digest?: string;
  readonly serial?: number;
  readonly channel?: string;
  /** RFC 3339. */
  readonly expires?: string;
  readonly fell_back_from?: NamedRevision;
  /** What is wrong with it now. */
  readonly code?: string;
  readonly message?: string;
  readonly shadow?: ShadowReport;
}

/** Something that is wrong beside the bundles: `discovery`, `decision_logs` or a plugin. */
export interface Problem {
  readonly of: string;
  readonly code: string;
  readonly message?: string;
}

/** What a gateway or an OPA tells of itself. */
export interface StatusReport {
  readonly instance: string;
  readonly version?: string;
  /** All others. */
  readonly labels: Readonly<Record<string, string>>;
  /** How often it reports at least; OPA does not tell it. */
  readonly intervalSeconds?: number;
  readonly bundles: readonly ReportedBundle[];
  readonly problems: readonly Problem[];
}

interface Condition {
  readonly code?: string;
  readonly message?: string;
}
type Named<Value> = Readonly<Record<string, Value>>;

/** OPA's UpdateRequestV1 (its `v1/plugins/status`), as far as it is looked at, and our addition to it. */
interface StatusUpdate {
  readonly labels: Named<string> & { readonly id: string; readonly version?: string };
  readonly bundles?: Named<
    Condition & { readonly active_revision?: string; readonly errors?: readonly unknown[] }
  >;
  readonly discovery?: Condition;
  readonly decision_logs?: Condition;
  readonly plugins?: Named<{ readonly state?: string; readonly message?: string }>;
  readonly regate?: {
    readonly interval_seconds?: number;
    readonly bundles?: Named<Omit<ReportedBundle, 'name' | 'revision' | 'code' | 'message'>>;
  };
}

/** Of a message, which may be a compiler's, so much is kept; all other texts are refused where they are longer. */
const MESSAGE_CHARACTERS = 500;
const TEXT = { type: 'string', maxLength: 4096 };
const DIGEST = { type: 'string', pattern: '^sha256:[0-9a-f]{64}$' };
const COUNT = { type: 'integer', minimum: 0, maximum: 1e15 };

const object = (properties: object, required: readonly string[] = []) => ({
  type: 'object',
  required,
  properties,
});
const named = (value: object) => ({
  type: 'object',
  maxProperties: 100,
  propertyNames: TEXT,
  additionalProperties: value,
});
const CONDITION = { code: TEXT, message: { type: 'string' } };
const SHADOW_COUNTS = { compared: COUNT, different: COUNT, failed: COUNT, skipped: COUNT };
const SHADOW = { revision: TEXT, digest: DIGEST, ...SHADOW_COUNTS };

const isStatusUpdate = shapeCheck<StatusUpdate>(
  object(
    {
      labels: {
        ...named(TEXT),
        required: ['id'],
        // Shown in tables and compared: nothing in it may look like something else.
        properties: { id: { type: 'string', pattern: '^[\\x21-\\x7e]{1,200}$' } },
      },
      bundles: named(object({ ...CONDITION, active_revision: TEXT, errors: { type: 'array' } })),
      discovery: object(CONDITION),
      decision_logs: object(CONDITION),
      plugins: named(object({ state: TEXT, message: { type: 'string' } })),
      regate: object({
        interval_seconds: { type: 'number', exclusiveMinimum: 0, maximum: 86400 },
        bundles: named(
          object({
            digest: DIGEST,
            serial: { type: 'integer', minimum: 0, maximum: Number.MAX_SAFE_INTEGER },
            channel: TEXT,
            expires: { type: 'string', maxLength: 64 },
            fell_back_from: object({ revision: TEXT, digest: DIGEST }, ['revision', 'digest']),
            shadow: object(SHADOW, Object.keys(SHADOW)),
          }),
        ),
      }),
    },
    ['labels'],
  ),
);

/**
 * Reads a status update as OPA 1.22 posts it (https://www.openpolicyagent.org/docs/management-status), with or without
 * what a Regate gateway adds below `regate`. What it does not know it passes over.
 *
 * @throws ReportError `report_malformed`
 */
export function readStatusReport(body: Buffer): StatusReport {
  const update = parseJson(body);
  if (!isStatusUpdate(update)) {
    throw malformed(cut(isStatusUpdate.problem('status')));
  }
  const { id, version, ...labels } = update.labels;
  const interval = update.regate?.interval_seconds;
  return {
    instance: id,
    ...(version !== undefined && { version }),
    labels,
    ...(interval !== undefined && { intervalSeconds: interval }),
    bundles: bundlesOf(update),
    problems: problemsOf(update),
  };
}

/** Reads exactly one JSON text in UTF-8. @throws ReportError `report_malformed` */
export function parseJson(body: Buffer): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
  } catch (thrown) {
    throw malformed(`it is no JSON (${cut(describeThrown(thrown))})`, thrown);
  }
}

function bundlesOf({ bundles = {}, regate = {} }: StatusUpdate): ReportedBundle[] {
  const ours = new Map(Object.entries(regate.bundles ?? {}));
  return Object.entries(bundles).map(([name, { active_revision: revision, errors = [], ...condition }]) => {
    // Member by member: what else stands there is not to be kept.
    const { digest, serial, channel, expires, fell_back_from: from, shadow } = ours.get(name) ?? {};
    return {
      name,
      ...(revision !== undefined && { revision }),
      ...(digest !== undefined && { digest }),
      ...(serial !== undefined && { serial }),
      ...(channel !== undefined && { channel }),
      ...(expires !== undefined && { expires }),
      ...(from !== undefined && { fell_back_from: { revision: from.revision, digest: from.digest } }),
      ...conditionOf(condition, errors),
      ...(shadow !== undefined && { shadow: shadowOf(shadow) }),
    };
  });
}

function shadowOf({ revision, digest, compared, different, failed, skipped }: ShadowReport): ShadowReport {
  return { revision, digest, compared, different, failed, skipped };
}

/** OPA says of a policy that does not compile only that it does not; why stands in `errors`. */
function conditionOf({ code, message = '' }: Condition, errors: readonly unknown[]): Condition {
  if (code === undefined || code === '') return {};
  const details = errors.slice(0, 10).map(messageOf);
  const told = cut([message, ...details].filter((text) => text !== '').join(': '));
  return { code, ...(told !== '' && { message: told }) };
}

function messageOf(error: unknown): string {
  if (typeof error !== 'object' || error === null || !('message' in error)) return '';
  return typeof error.message === 'string' ? error.message : '';
}

function problemsOf({ discovery = {}, decision_logs = {}, plugins = {} }: StatusUpdate): Problem[] {
  const wrong = Object.entries(plugins)
    .filter(([, { state }]) => state === 'ERROR' || state === 'WARN')
    .map(([name, { state = '', message }]) => ({
      of: `plugin ${name}`,
      ...conditionOf({ code: state, ...(message !== undefined && { message }) }, []),
    }));
  return [
    { of: 'discovery', ...conditionOf(discovery, []) },
    { of: 'decision_logs', ...conditionOf(decision_logs, []) },
    ...wrong,
  ].filter((problem): problem is Problem => 'code' in problem && problem.code !== undefined);
}

function cut(text: string): string {
  return text.length <= MESSAGE_CHARACTERS ? text : `${text.slice(0, MESSAGE_CHARACTERS - 1)}…`;
}
